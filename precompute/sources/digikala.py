"""The article's data: more than 6,000 product pictures of the shop Digikala, sorted by colour.

The article flattens them into one folder. Here, too, the colour is an attribute and not a category.
"""

import os
from pathlib import Path, PurePosixPath
from typing import Any

from rich.console import Console
from rich.text import Text

from precompute.network import download, require_hosts
from precompute.progress import Steps, count_megabytes
from precompute.sources.base import Get, Published
from similarity.commands import PRECOMPUTE
from similarity.errors import SimilarityError, get_reason

DATASET = "masouduut94/digikala-color-classification"
PAGE = f"https://www.kaggle.com/datasets/{DATASET}"
API = "https://api.kaggle.com"
ARCHIVE = "digikala.zip"
COMMAND = f"{PRECOMPUTE} --catalogue digikala"
OFFLINE_REMEDY = (
    f"get the archive from {PAGE} in a browser and pass it: {COMMAND} --from ARCHIVE.zip"
)
TOKEN_STEPS = f"""\
Kaggle gives Digikala's pictures to everybody with a free account:
  1. Log in, or register: https://www.kaggle.com
  2. Open https://www.kaggle.com/settings/api and create a token. Either a
     legacy API key, as in the article, which is a file, kaggle.json:
       mkdir -p ~/.kaggle && mv ~/Downloads/kaggle.json ~/.kaggle/
       chmod 600 ~/.kaggle/kaggle.json
     or a new token, whose text goes into ~/.kaggle/access_token
  3. Run the same command again: {COMMAND}
Or without a token: log in and get the archive in a browser,
  {PAGE}
and pass it: {COMMAND} --from ARCHIVE.zip"""


def connect(console: Console) -> Get:
    """Return the function that fetches the archive.

    Raises SimilarityError if there is no network, or Kaggle does not accept the user's token.
    """
    require_hosts([API], remedy=OFFLINE_REMEDY)
    url = get_signed_url(console)

    def fetch(folder: Path) -> Path:
        archive = folder / ARCHIVE
        if not archive.is_file():
            try:
                with Steps(console) as step:
                    download(url, archive, count_megabytes("Downloading from Kaggle", step))
            except (
                SimilarityError
            ) as error:  # whose text contains the URL with the user's signature
                raise SimilarityError(
                    f"Kaggle did not send {DATASET} completely. Run the same command again; it "
                    f"resumes. Or {OFFLINE_REMEDY}"
                ) from error
        return archive

    return fetch


def get_signed_url(console: Console) -> str:
    """Return the URL at which Kaggle serves the archive, signed for the user.

    Raises SimilarityError if Kaggle refuses; prints the steps to a token if that is the reason.
    """
    from kagglesdk import KaggleClient
    from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

    request = ApiDownloadDatasetRequest()
    request.owner_slug, request.dataset_slug = DATASET.split("/")
    name, key = os.environ.get("KAGGLE_USERNAME"), os.environ.get("KAGGLE_KEY")
    try:
        with KaggleClient(username=name, password=key) as client:
            response: Any = client.datasets.dataset_api_client.download_dataset(request)
            response.close()
            return response.url
    except Exception as error:  # requests and the client raise many kinds
        response = getattr(error, "response", None)
        if response is not None and response.status_code in (401, 403):
            console.print(Text(TOKEN_STEPS), soft_wrap=True)
            raise SimilarityError(
                "Kaggle accepted no token. Get one by the steps above."
            ) from error
        raise SimilarityError(
            f"Kaggle did not provide {DATASET}: {get_reason(error)}. Try again later, or "
            f"{OFFLINE_REMEDY}"
        ) from error


def get_target(path: PurePosixPath) -> tuple[str, dict[str, str]] | None:
    """Map `black/1.jpg` to `black-1.jpg`, all in one folder, and the colour."""
    return "-".join(path.parts), {"colour": path.parent.name}


DIGIKALA = Published(
    key="digikala",
    version="1",
    about="the article's data, by a Kaggle account",
    connect=connect,
    get_target=get_target,
    layout="a folder of pictures for every colour",
)
