"""Read and decode the pictures of a folder, without trusting any file in it."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image

from precompute.metadata import read_metadata
from precompute.walk import Skipped, list_files, shown
from similarity.errors import SimilarityError
from similarity.pictures import read_bytes, read_picture, read_size, thumbnail
from similarity.store.files import write_whole
from similarity.store.generations import Generation
from similarity.store.paths import product_id, thumbnail_path
from similarity.threads import ahead

AHEAD = 96  # products whose pictures may be decoded before somebody asks for them

T = TypeVar("T")


@dataclass(frozen=True)
class Listing:
    """The files of a folder by their content, of which pictures are decoded afterwards."""

    source: Path
    products: dict[str, str | Skipped]  # ids by relative path, in the order of the paths
    sizes: dict[str, tuple[int, int]]  # in pixels, of products that are known to be pictures
    bad: dict[str, str]  # why other products are none
    skipped: list[Skipped]
    attributes: dict[str, dict[str, str]]
    notes: list[str]

    @property
    def paths(self) -> dict[str, str]:
        """The first path of each product."""
        found: dict[str, str] = {}
        for path, product in self.products.items():
            if isinstance(product, str):
                found.setdefault(product, path)
        return found


class Thumbnails:
    """The thumbnails of a build: those of the present generation, and new ones in a folder."""

    def __init__(self, folder: Path, old: Generation | None = None) -> None:
        self._folder, self._old = folder, old
        self.kept: set[str] = set()  # products whose thumbnail the present generation has

    def place(self, product: str) -> Path:
        """Where a new one is written."""
        return self._folder / thumbnail_path(product)

    def have(self, product: str) -> bool:
        """Whether there is a whole one, here or from a run that was interrupted."""
        if self._old is not None and self._old.intact(thumbnail_path(product)):
            self.kept.add(product)
            return True
        try:
            read_picture(read_bytes(self.place(product)))
        except SimilarityError:
            return False
        return True

    def make(self, product: str, picture: Image.Image) -> None:
        """Write a new one."""
        write_whole(self.place(product), thumbnail(picture))


def listed(
    source: Path,
    thumbnails: Thumbnails,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Listing:
    """The files below `source` and what the metadata says of them; nothing is decoded.

    A picture whose thumbnail is there was decoded before, so its header tells enough.
    Raises SimilarityError if the metadata can't be used.
    """
    paths, skipped = list_files(source)
    attributes, notes = read_metadata(source)
    found = Listing(source, {}, {}, {}, skipped, attributes, notes)

    def read(path: str) -> tuple[str, tuple[int, int] | None] | Skipped:
        try:
            path.encode()
        except UnicodeEncodeError:
            return Skipped(shown(path), "the file's name is not valid UTF-8: rename the file")
        try:
            content = read_bytes(source / path)
            product = product_id(content)
            return product, read_size(content) if thumbnails.have(product) else None
        except SimilarityError as error:
            return Skipped(path, str(error))

    for done, (path, result) in enumerate(zip(paths, ahead(read, paths), strict=True), 1):
        progress(done, len(paths))
        if isinstance(result, Skipped):
            found.products[path] = result
            continue
        product, size = result
        found.products[path] = product
        if size:
            found.sizes[product] = size
    return found


def decoded(
    listing: Listing,
    thumbnails: Thumbnails,
    lacking: Callable[[str], bool],
    make: Callable[[str, Image.Image], T],
) -> Generator[tuple[str, T | None]]:
    """Decode the products that lack their thumbnail or something else, each picture once.

    Threads do so ahead of who asks, make the thumbnail, and whatever else is to be made of the
    picture; the picture itself is let go then. Yields products and what was made, or None for what
    is no picture; the listing is told which they are. Raises SimilarityError for a file that
    changed since it was listed.
    """
    paths = listing.paths
    wanted = [product for product in paths if product not in listing.sizes or lacking(product)]

    def read(product: str) -> tuple[tuple[int, int], T] | str:
        content = reread(listing.source / paths[product], product)
        try:
            picture = read_picture(content)
        except SimilarityError as error:
            return str(error)
        if product not in listing.sizes:
            thumbnails.make(product, picture)
        return picture.size, make(product, picture)

    for product, result in zip(wanted, ahead(read, wanted, AHEAD), strict=True):
        if isinstance(result, str):
            listing.bad[product] = result
            yield product, None
        else:
            listing.sizes[product], made = result
            yield product, made


def reread(path: Path, product: str) -> bytes:
    """The file that was listed as this product. Raises SimilarityError if it is another now."""
    try:
        content = read_bytes(path)
        if product_id(content) == product:
            return content
        reason = "its content changed"
    except SimilarityError as error:
        reason = str(error)
    raise SimilarityError(f"'{path}' changed while it was read ({reason}): run the command again.")
