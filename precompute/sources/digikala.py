"""The article's data: more than 6,000 product pictures of the shop Digikala, sorted by colour.

The article puts them all into one folder. Here too the colour is an attribute and no category.
"""

import contextlib
import io
import os
from pathlib import Path, PurePosixPath
from typing import Any

from rich.console import Console
from rich.text import Text

from precompute.network import reach
from precompute.progress import say
from precompute.sources.base import Get, Published
from similarity.errors import SimilarityError, reason_of

DATASET = "masouduut94/digikala-color-classification"
PAGE = f"https://www.kaggle.com/datasets/{DATASET}"
API = "https://api.kaggle.com"
ARCHIVE = DATASET.split("/")[1] + ".zip"  # as Kaggle's client calls it
FROM = "python -m precompute --catalogue digikala"
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
    """What fetches the archive, with a progress bar of Kaggle's own.

    Raises SimilarityError where the user has no token for Kaggle, or there is no network.
    """
    if not has_token():
        console.print(Text(STEPS), soft_wrap=True)
        raise SimilarityError("There is no token for Kaggle here: the steps above get one.")
    reach([API], otherwise=BY_HAND)

    def get(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            log_in(console).dataset_download_files(DATASET, path=str(folder), quiet=False)
        except SimilarityError:
            raise
        except Exception as error:  # what requests and the client raise is a wide range
            raise SimilarityError(
                f"Kaggle did not give {DATASET}: {reason_of(error)}. Run the same command again: "
                f"it goes on where it stopped. Or {BY_HAND}"
            ) from error
        return folder / ARCHIVE

    return get


def has_token() -> bool:
    """Whether there is anything that Kaggle's client would log in with: asked before it is loaded,
    since it logs in as soon as it is."""
    from kagglesdk.kaggle_env import get_access_token_from_env

    settings = os.environ.get("XDG_CONFIG_HOME", "~/.config")
    homes = [os.environ.get("KAGGLE_CONFIG_DIR"), "~/.kaggle", f"{settings}/kaggle"]
    places = [Path(home).expanduser() for home in homes if home]
    return (
        bool(get_access_token_from_env()[0])
        or {"KAGGLE_USERNAME", "KAGGLE_KEY"} <= os.environ.keys()
        or any((p / name).is_file() for p in places for name in ("kaggle.json", "credentials.json"))
    )


def log_in(console: Console) -> Any:
    """Kaggle's client with the user's token. Raises SimilarityError if that is refused."""
    told = io.StringIO()
    try:
        # It prints advice for its own command line; STEPS says it for this one.
        with contextlib.redirect_stdout(told):
            from kaggle.api.kaggle_api_extended import KaggleApi

            client = KaggleApi()
            client.authenticate()
    except SystemExit as error:
        console.print(Text(STEPS), soft_wrap=True)
        raise SimilarityError("Kaggle takes no token that is here: get one as above.") from error
    for line in dict.fromkeys(told.getvalue().splitlines()):  # such as: who else can read the token
        say(console, line, "yellow")
    return client


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
