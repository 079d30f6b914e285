"""The clothing dataset (small): photographs by sellers in ten classes, public domain (CC0)."""

from pathlib import Path, PurePosixPath

from rich.console import Console

from precompute.network import download, reach
from precompute.progress import Steps, megabytes_of
from precompute.sources.base import Get, Published

REPOSITORY = "https://github.com/alexeygrigorev/clothing-dataset-small"
COMMIT = "36364be1969242c019705255cd87aed00c73a939"
ADDRESS = f"{REPOSITORY}/archive/{COMMIT}.zip"
HOSTS = ("codeload.github.com",)  # to which GitHub sends on
SIZE = 110_000_000  # bytes, about: GitHub packs the archive as it sends it and tells no size
SPLITS = ("train", "validation", "test")
BY_HAND = f"get the archive from {REPOSITORY} in a browser and give it by --from ARCHIVE.zip"


def connect(console: Console) -> Get:
    """What fetches the archive. Raises SimilarityError where there is no network."""
    reach([ADDRESS], otherwise=BY_HAND)

    def get(folder: Path) -> Path:
        archive = folder / "clothing.zip"
        if not archive.is_file():
            with Steps(console) as step:
                told = megabytes_of("Downloading photographs", step, SIZE)
                download(ADDRESS, archive, told, HOSTS)
        return archive

    return get


def place(path: PurePosixPath) -> tuple[str, dict[str, str]] | None:
    """Of `.../train/dress/1.jpg`: `train/dress/1.jpg`, whose folder is the class."""
    parts = path.parts[-3:]
    return ("/".join(parts), {}) if parts[0] in SPLITS and len(parts) == 3 else None


CLOTHING = Published(
    key="clothing",
    version=1,
    about="CC0 photographs of clothes, 110 MB",
    connect=connect,
    place=place,
    layout="train, validation and test, and in each a folder for every class",
)
