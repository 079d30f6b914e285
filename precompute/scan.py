"""Read and decode the pictures of a folder, without trusting any of its files."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image

from precompute.metadata import read_metadata
from precompute.walk import Skipped, escape_path, list_files
from similarity.errors import SimilarityError
from similarity.pictures import make_thumbnail, read_bytes, read_picture, read_size
from similarity.store.files import write_atomically
from similarity.store.generations import Generation
from similarity.store.paths import compute_product_id, get_thumbnail_path
from similarity.threads import map_ahead

MAX_AHEAD = 96  # products that may be decoded before they are consumed

T = TypeVar("T")


@dataclass(frozen=True)
class Listing:
    """The files of a folder by content, before their pictures are decoded."""

    source: Path
    products: dict[str, str | Skipped]  # ids by relative path, in the order of the paths
    sizes: dict[str, tuple[int, int]]  # in pixels, for products known to be pictures
    errors: dict[str, str]  # why other products are not pictures
    skipped: list[Skipped]
    attributes: dict[str, dict[str, str]]
    notes: list[str]

    @property
    def paths(self) -> dict[str, str]:
        """The first path of each product."""
        first_paths: dict[str, str] = {}
        for path, product in self.products.items():
            if isinstance(product, str):
                first_paths.setdefault(product, path)
        return first_paths


class ThumbnailStore:
    """The thumbnails of a build: those of the base generation, and new ones in a folder."""

    def __init__(self, folder: Path, base: Generation | None = None) -> None:
        self._folder, self._base = folder, base
        self.reusable: set[str] = set()  # products whose thumbnail is in the base generation

    def get_path(self, product: str) -> Path:
        """Return the path of a new thumbnail."""
        return self._folder / get_thumbnail_path(product)

    def has(self, product: str) -> bool:
        """Return whether there is a complete one, in the base or from an interrupted run."""
        if self._base is not None and self._base.is_intact(get_thumbnail_path(product)):
            self.reusable.add(product)
            return True
        try:
            read_picture(read_bytes(self.get_path(product)))
        except SimilarityError:
            return False
        return True

    def write(self, product: str, picture: Image.Image) -> None:
        """Write a new thumbnail."""
        write_atomically(self.get_path(product), make_thumbnail(picture))


def list_pictures(
    source: Path,
    thumbnails: ThumbnailStore,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Listing:
    """List the files below `source` with their metadata, without decoding them.

    A picture with a thumbnail has been decoded before, so reading its header is enough. Raises
    SimilarityError if the metadata can't be used.
    """
    paths, skipped = list_files(source)
    attributes, notes = read_metadata(source)
    listing = Listing(source, {}, {}, {}, skipped, attributes, notes)

    def read_header(path: str) -> tuple[str, tuple[int, int] | None] | Skipped:
        try:
            path.encode()
        except UnicodeEncodeError:
            return Skipped(escape_path(path), "the file's name is not valid UTF-8")
        try:
            content = read_bytes(source / path)
            product = compute_product_id(content)
            return product, read_size(content) if thumbnails.has(product) else None
        except SimilarityError as error:
            return Skipped(path, str(error))

    for done, (path, result) in enumerate(
        zip(paths, map_ahead(read_header, paths), strict=True), 1
    ):
        report(done, len(paths))
        if isinstance(result, Skipped):
            listing.products[path] = result
            continue
        product, size = result
        listing.products[path] = product
        if size:
            listing.sizes[product] = size
    return listing


def decode_pictures(
    listing: Listing,
    thumbnails: ThumbnailStore,
    is_needed: Callable[[str], bool],
    process: Callable[[str, Image.Image], T],
) -> Generator[tuple[str, T | None]]:
    """Decode the products that lack a thumbnail or are needed, each picture once.

    Threads decode ahead of the consumer, write the thumbnail, and call `process`; the picture is
    then released. Yields products and what `process` returned, or None for files that are not
    pictures, which are recorded in the listing. Raises SimilarityError for a file that has changed
    since it was listed.
    """
    paths = listing.paths
    selected = [product for product in paths if product not in listing.sizes or is_needed(product)]

    def decode(product: str) -> tuple[tuple[int, int], T] | str:
        content = read_again(listing.source / paths[product], product)
        try:
            picture = read_picture(content)
        except SimilarityError as error:
            return str(error)
        if product not in listing.sizes:
            thumbnails.write(product, picture)
        return picture.size, process(product, picture)

    for product, result in zip(selected, map_ahead(decode, selected, MAX_AHEAD), strict=True):
        if isinstance(result, str):
            listing.errors[product] = result
            yield product, None
        else:
            listing.sizes[product], processed = result
            yield product, processed


def read_again(path: Path, product: str) -> bytes:
    """Read a listed file again. Raises SimilarityError if its content has changed."""
    try:
        content = read_bytes(path)
        if compute_product_id(content) == product:
            return content
        reason = "its content changed"
    except SimilarityError as error:
        reason = str(error)
    raise SimilarityError(f"'{path}' changed while it was read ({reason}). Run the command again.")
