"""Read and decode the pictures of a folder, without trusting any of its files."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image

from precompute.metadata import Metadata, read_metadata
from precompute.walk import Skipped, escape_path, list_files
from similarity.errors import SimilarityError
from similarity.pictures.limits import LARGE
from similarity.pictures.read import read_bytes, read_picture, read_size, read_with_note
from similarity.pictures.thumbnails import make_thumbnail, read_note
from similarity.store.files import write_atomically
from similarity.store.generations import Generation
from similarity.store.paths import compute_product_id, get_thumbnail_path
from similarity.threads import map_ahead

MAX_AHEAD = 96  # products that may be decoded before they are consumed

T = TypeVar("T")


@dataclass(frozen=True)
class Inventory:
    """The files of a folder by name, before any picture is read, and the table next to them."""

    source: Path
    paths: list[str]
    skipped: list[Skipped]
    metadata: Metadata


@dataclass(frozen=True)
class Listing:
    """The files of a folder by content, before their pictures are decoded."""

    source: Path
    products: dict[str, str | Skipped]  # ids by relative path, in the order of the paths
    sizes: dict[str, tuple[int, int]]  # in pixels, for products known to be pictures
    picture_notes: dict[str, str]  # what was wrong with pictures that could be read, by product
    errors: dict[str, str]  # why other products are not pictures
    skipped: list[Skipped]
    attributes: dict[str, dict[str, str]]

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

    def read_note(self, product: str) -> str | None:
        """Return the note of a complete thumbnail, in the base or from an interrupted run.

        Returns None if there is none, or if pictures are read in another way now.
        """
        if self._base is not None:
            try:
                note = read_note(self._base.read(get_thumbnail_path(product)))
                self.reusable.add(product)
                return note
            except SimilarityError:
                pass
        try:
            content = read_bytes(self.get_path(product))
            read_picture(content)
            return read_note(content)
        except SimilarityError:
            return None

    def write(self, product: str, picture: Image.Image, note: str) -> None:
        """Write a new thumbnail, with a note on how the picture was read."""
        write_atomically(self.get_path(product), make_thumbnail(picture, note))


def take_inventory(source: Path, allow_unmatched: bool = False) -> Inventory:
    """List the files below `source`, and read the table next to them.

    Raises SimilarityError if the table can't be used, as `read_metadata`.
    """
    paths, skipped = list_files(source)
    return Inventory(source, paths, skipped, read_metadata(source, paths, allow_unmatched))


def list_pictures(
    inventory: Inventory,
    thumbnails: ThumbnailStore,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Listing:
    """List the content of files, without decoding them.

    A picture with a thumbnail has been decoded before, so reading its header is enough.
    """
    source, paths = inventory.source, inventory.paths
    attributes, skipped = inventory.metadata.attributes, list(inventory.skipped)
    listing = Listing(source, {}, {}, {}, {}, skipped, attributes)

    def read_header(path: str) -> tuple[str, tuple[int, int] | None, str] | Skipped:
        try:
            path.encode()
        except UnicodeEncodeError:
            return Skipped(escape_path(path), "the file's name is not valid UTF-8")
        try:
            content = read_bytes(source / path)
            product = compute_product_id(content)
            note = thumbnails.read_note(product)
            return product, None if note is None else read_size(content), note or ""
        except SimilarityError as error:
            return Skipped(path, str(error))

    for done, (path, result) in enumerate(
        zip(paths, map_ahead(read_header, paths), strict=True), 1
    ):
        report(done, len(paths))
        if isinstance(result, Skipped):
            listing.products[path] = result
            continue
        product, size, note = result
        listing.products[path] = product
        if size:
            listing.sizes[product] = size
            listing.picture_notes[product] = note
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

    def decode(product: str) -> tuple[tuple[int, int], str, T] | str:
        content = read_again(listing.source / paths[product], product)
        try:
            picture, note = read_with_note(content)
            # a picture above MAX_PIXELS was decoded smaller, and still has more than LARGE pixels
            is_large = picture.width * picture.height > LARGE
            size = read_size(content) if is_large else picture.size
        except SimilarityError as error:
            return str(error)
        if product not in listing.sizes:
            thumbnails.write(product, picture, note)
        return size, note, process(product, picture)

    for product, result in zip(selected, map_ahead(decode, selected, MAX_AHEAD), strict=True):
        if isinstance(result, str):
            listing.errors[product] = result
            yield product, None
        else:
            listing.sizes[product], listing.picture_notes[product], processed = result
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
