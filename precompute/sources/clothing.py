"""The clothing dataset (small): photographs by sellers in ten classes, public domain (CC0)."""

from pathlib import Path, PurePosixPath

from rich.console import Console

from precompute.network import download, require_hosts
from precompute.progress import Steps, count_megabytes
from precompute.sources.base import Get, Published

REPOSITORY = "https://github.com/alexeygrigorev/clothing-dataset-small"
COMMIT = "36364be1969242c019705255cd87aed00c73a939"
URL = f"{REPOSITORY}/archive/{COMMIT}.zip"
HOSTS = ("codeload.github.com",)  # where GitHub redirects to
# bytes, approximately: GitHub packs the archive on the fly and doesn't state the size
EXPECTED_SIZE = 110_000_000
SPLITS = ("train", "validation", "test")
OFFLINE_REMEDY = (
    f"get the archive from {REPOSITORY} in a browser and pass it with --from ARCHIVE.zip"
)


def connect(console: Console) -> Get:
    """Return the function that fetches the archive. Raises SimilarityError without a network."""
    require_hosts([URL], remedy=OFFLINE_REMEDY)

    def fetch(folder: Path) -> Path:
        archive = folder / "clothing.zip"
        if not archive.is_file():
            with Steps(console) as step:
                report = count_megabytes("Downloading photographs", step, EXPECTED_SIZE)
                download(URL, archive, report, HOSTS)
        return archive

    return fetch


def get_target(path: PurePosixPath) -> tuple[str, dict[str, str]] | None:
    """Map `.../train/dress/1.jpg` to `train/dress/1.jpg`, whose folder is the class."""
    parts = path.parts[-3:]
    return ("/".join(parts), {}) if parts[0] in SPLITS and len(parts) == 3 else None


CLOTHING = Published(
    key="clothing",
    version="1",
    about="CC0 photographs of clothes, 110 MB",
    connect=connect,
    get_target=get_target,
    layout="train, validation and test, and in each a folder for every class",
)
