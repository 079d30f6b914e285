"""Build a catalogue: scan its pictures, embed what is new, write the indexes, publish."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from precompute.rows import UnfinishedRows, finished
from similarity.catalogue import PRODUCT_ID, THUMBNAILS, Scan, ahead, product_id, scan, store
from similarity.errors import SimilarityError
from similarity.indexes import (
    Rows,
    VectorIndex,
    index_class,
    index_place,
    replace_folder,
    write_index,
)
from similarity.methods import Method
from similarity.pictures import read_bytes, read_picture
from similarity.search import embed_pictures, embedder

WORK = "work"
BATCH = 32  # pictures
BATCH_PIXELS = 32_000_000  # a batch of large photographs ends earlier: 100 MB of pixels

Step = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


@dataclass
class MethodResult:
    """What became of one method: products in its index, of which embedded now; bytes on disk."""

    method: Method
    products: int
    embedded: int
    size: int


@dataclass
class Plan:
    """Where one method's rows come from."""

    method: Method
    place: Path  # of the index
    new: UnfinishedRows
    old_ids: list[str] = field(init=False)
    old_positions: dict[str, int] = field(init=False)
    old: VectorIndex | None = field(init=False)

    def __post_init__(self) -> None:
        self.old_ids, self.old = finished(self.place, self.method)
        self.old_positions = {product: i for i, product in enumerate(self.old_ids)}

    def has(self, product: str) -> bool:
        return product in self.old_positions or product in self.new.positions

    def blocks(self, ids: list[str], size: int = 64) -> Iterator[Rows]:
        """The rows of all products in their order, a few at a time."""
        for start in range(0, len(ids), size):
            yield self._rows(ids[start : start + size])

    def _rows(self, ids: list[str]) -> Rows:
        # Mapped anew for every block: what was read of a mapped file counts as this process's
        # memory until it is closed, and pixels are gigabytes.
        new = self.new.read()
        return np.stack([self._row(product, new) for product in ids])

    def _row(self, product: str, new: Rows) -> Rows:
        if product in self.new.positions:
            return new[self.new.positions[product]]
        assert self.old is not None, f"{product} is in neither"
        return self.old.row(self.old_positions[product])


def build(
    source: Path, given: str, name: str, folder: Path, methods: list[Method], step: Step
) -> tuple[Scan, list[MethodResult]]:
    """Build or bring up to date the catalogue `name` in `folder` from the pictures in `source`.

    `given` is the source as the user named it. The app sees nothing of the build until all is
    complete. Raises SimilarityError; after an interruption the same call goes on.
    """
    check_places(source, folder)
    with locked(folder):
        found = scan(source, folder, lambda done, total: step("Reading pictures", done, total))
        ids = list(found.products.index)
        plans = [
            Plan(
                method,
                folder / index_place(method),
                UnfinishedRows(folder / WORK / f"{method.key}-{method.revision}", method),
            )
            for method in methods
        ]
        lacking = [sum(not plan.has(product) for product in ids) for plan in plans]
        embed(source, found, plans, step)

        results = []
        changed = [plan for plan in plans if plan.old_ids != ids]
        for done, plan in enumerate(changed):
            step("Writing indexes", done, len(changed))
            new = folder / WORK / "index" / plan.method.key
            shutil.rmtree(new, ignore_errors=True)
            write_index(new, plan.method, ids, plan.blocks(ids))
        for plan in changed:
            plan.place.parent.mkdir(parents=True, exist_ok=True)
            replace_folder(folder / WORK / "index" / plan.method.key, plan.place)
        store(found, folder, name, given, source)
        step("Writing indexes", len(changed), len(changed))

        for plan, embedded in zip(plans, lacking, strict=True):
            size = sum(file.stat().st_size for file in plan.place.iterdir())
            results.append(MethodResult(plan.method, len(ids), embedded, size))
            shutil.rmtree(folder / WORK / f"{plan.method.key}-{plan.method.revision}")
        remove_unused_thumbnails(folder, set(ids))
        return found, results


def check_places(source: Path, folder: Path) -> None:
    """Raises SimilarityError if there is no source, or if the catalogue would stand in it."""
    if not source.is_dir():
        raise SimilarityError(f"There is no folder '{source}': give a folder of pictures.")
    if folder.resolve().is_relative_to(source.resolve()):
        raise SimilarityError(
            f"The catalogue '{folder}' would stand among its own pictures: "
            "choose a place outside of them by --to."
        )


def embed(source: Path, found: Scan, plans: list[Plan], step: Step) -> None:
    """Embed every product that a method does not have yet, decoding each picture once for all."""
    missing = [p for p in found.products.index if not all(plan.has(p) for plan in plans)]
    if not missing:
        return
    for plan in plans:
        if not all(plan.has(product) for product in missing):
            step(f"Loading {plan.method.title}", 0, 0)
            embedder(plan.method)
    paths = found.products["path"]
    total, done = len(found.products), len(found.products) - len(missing)
    step("Embedding", done, total)
    pictures = ahead(lambda product: reread(source / paths[product], product), missing)
    for batch in batches(zip(missing, pictures, strict=True)):
        for plan in plans:
            lacking = [product for product in batch if not plan.has(product)]
            if lacking:
                vectors = embed_pictures(plan.method, [batch[product] for product in lacking])
                plan.new.append(lacking, index_class(plan.method).rows(vectors))
        done += len(batch)
        step("Embedding", done, total)


def reread(path: Path, product: str) -> Image.Image:
    """The picture that was scanned as this product. Raises SimilarityError if it is another now."""
    try:
        content = read_bytes(path)
        if product_id(content) == product:
            return read_picture(content)
        reason = "its content changed"
    except SimilarityError as error:
        reason = str(error)
    raise SimilarityError(f"'{path}' changed while it was read ({reason}): run the command again.")


def batches(pictures: Iterator[tuple[str, Image.Image]]) -> Iterator[dict[str, Image.Image]]:
    """Group pictures by count and by pixels, so that large ones never fill the memory."""
    batch: dict[str, Image.Image] = {}
    pixels = 0
    for product, picture in pictures:
        batch[product] = picture
        pixels += picture.width * picture.height
        if len(batch) == BATCH or pixels >= BATCH_PIXELS:
            yield batch
            batch, pixels = {}, 0
    if batch:
        yield batch


def remove_unused_thumbnails(folder: Path, ids: set[str]) -> None:
    """Delete the thumbnails of products that are gone, and what an interruption left half."""
    for path in (folder / THUMBNAILS).glob("*/*"):
        product = path.name.split(".")[0]
        if PRODUCT_ID.fullmatch(product) and (product not in ids or path.suffix == ".part"):
            path.unlink()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Only one build of a catalogue at a time. Raises SimilarityError if another is running."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SimilarityError(
                f"Another build of '{folder.name}' is running: wait for it, or stop it."
            ) from error
        yield
