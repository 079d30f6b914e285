"""The article's data: more than 6,000 product pictures of the shop Digikala, sorted by colour.

The article puts them all into one folder. Here too the colour is an attribute and no category.
"""

import os
from pathlib import Path, PurePosixPath
from typing import Any

from rich.console import Console
from rich.text import Text

from precompute.network import download, reach
from precompute.progress import Steps, megabytes_of
from precompute.sources.base import Get, Published
from similarity.commands import PRECOMPUTE
from similarity.errors import SimilarityError, reason_of

DATASET = "masouduut94/digikala-color-classification"
PAGE = f"https://www.kaggle.com/datasets/{DATASET}"
API = "https://api.kaggle.com"
ARCHIVE = "digikala.zip"
FROM = f"{PRECOMPUTE} --catalogue digikala"
BY_HAND = f"get the archive from {PAGE} in a browser and give it: {FROM} --from ARCHIVE.zip"
STEPS = f"""\
Kaggle gives Digikala's pictures to whoever has an account, which is free:
  1. Log in, or register: https://www.kaggle.com
  2. Open https://www.kaggle.com/settings/api and make a token. Either a
     legacy API key, as the article did, which is a file, kaggle.json:
       mkdir -p ~/.kaggle && mv ~/Downloads/kaggle.json ~/.kaggle/
       chmod 600 ~/.kaggle/kaggle.json
     or a new token, whose text goes into ~/.kaggle/access_token
  3. Run the same command again: {FROM}
Or without a token: log in and get the archive in a browser,
  {PAGE}
and give it: {FROM} --from ARCHIVE.zip"""


def connect(console: Console) -> Get:
    """Return the function that fetches the archive.

    Raises SimilarityError if there is no network, or Kaggle does not accept the user's token.
    """
    reach([API], otherwise=BY_HAND)
    address = locate(console)

    def get(folder: Path) -> Path:
        archive = folder / ARCHIVE
        if not archive.is_file():
            try:
                with Steps(console) as step:
                    download(address, archive, megabytes_of("Downloading from Kaggle", step))
            except (
                SimilarityError
            ) as error:  # whose text has the address, with the user's signature
                raise SimilarityError(
                    f"Kaggle did not send {DATASET} completely. Run the same command again; it "
                    f"resumes. Or {BY_HAND}"
                ) from error
        return archive

    return get


def locate(console: Console) -> str:
    """Return the address at which Kaggle serves the archive now, signed for the user.

    Raises SimilarityError if Kaggle refuses; the steps to a token are printed if that is why.
    """
    from kagglesdk import KaggleClient
    from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

    request = ApiDownloadDatasetRequest()
    request.owner_slug, request.dataset_slug = DATASET.split("/")
    name, key = os.environ.get("KAGGLE_USERNAME"), os.environ.get("KAGGLE_KEY")
    try:
        with KaggleClient(username=name, password=key) as client:
            answer: Any = client.datasets.dataset_api_client.download_dataset(request)
            answer.close()
            return answer.url
    except Exception as error:  # requests and the client raise many kinds
        answer = getattr(error, "response", None)
        if answer is not None and answer.status_code in (401, 403):
            console.print(Text(STEPS), soft_wrap=True)
            raise SimilarityError(
                "Kaggle accepts no token that is here: get one by the steps above."
            ) from error
        raise SimilarityError(
            f"Kaggle did not give {DATASET}: {reason_of(error)}. Try again later, or {BY_HAND}"
        ) from error


def place(path: PurePosixPath) -> tuple[str, dict[str, str]] | None:
    """Of `black/1.jpg`: `black-1.jpg`, all in one folder, and the colour."""
    return "-".join(path.parts), {"colour": path.parent.name}


DIGIKALA = Published(
    key="digikala",
    version=1,
    about="the article's data, by a Kaggle account",
    connect=connect,
    place=place,
    layout="a folder of pictures for every colour",
)
