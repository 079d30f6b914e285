"""Making the catalogue: what each product is, its picture, and the files on disk."""

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path, PurePosixPath

from PIL import Image

from .captions import caption
from .kinds import KINDS, Kind
from .palette import jittered, second_for
from .svg import Picture, rendered

Progress = Callable[[int, int], None]  # gets (done, total)

PER_KIND = 40
QUALITY = 85  # of WebP: side by side nobody tells it from the drawing
TABLE = "metadata.csv"


@dataclass(frozen=True)
class Product:
    """One line of metadata.csv; path is relative to the demo folder."""

    path: str
    category: str
    department: str
    colour: str
    pattern: str
    caption: str


def designed(kind: str, number: int, seed: int) -> tuple[Product, str]:
    """The `number`-th product of a kind (from 0) and its picture as SVG text.

    It depends on these three alone, so that other kinds and a larger catalogue leave it alone.
    """
    record = KINDS[kind]
    rng = random.Random(f"{seed}/{kind}/{number}")
    colour, shape = _colour_and_shape(kind, record, number, seed)
    paint = jittered(colour, rng)
    second = second_for(paint, rng)
    patterns = record.own_patterns.get(shape, record.patterns)
    pattern = "plain" if rng.random() < 0.5 else rng.choice(patterns)
    picture = Picture(rng, paint, second, pattern)
    detail = record.draw(picture, shape)
    svg = picture.svg(tilt=record.tilt)
    text = caption(
        record.shapes[shape],
        paint,
        second,
        pattern,
        detail,
        material=record.material,
        plural=record.plural,
        rng=rng,
    )
    file = f"{kind.replace(' ', '-')}-{number + 1:04d}.png"
    return Product(f"{kind}/{file}", kind, record.department, colour, pattern, text), svg


def _colour_and_shape(kind: str, record: Kind, number: int, seed: int) -> tuple[str, str]:
    """Colours in turn; shapes in turn, one further on each round, so that every pair occurs."""
    colours, shapes = list(record.colours), list(record.shapes)
    random.Random(f"{seed}/{kind}").shuffle(colours)
    turn, place = divmod(number, len(colours))
    return colours[place], shapes[(place + turn) % len(shapes)]


def write_folder(
    folder: Path,
    *,
    seed: int = 0,
    per_kind: int = PER_KIND,
    progress: Progress | None = None,
) -> None:
    """Draw `per_kind` products of every kind as PNG files below `folder`, with its metadata.csv."""
    products = []
    for product, svg in designs(seed, per_kind, progress):
        place = folder / product.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(rendered(svg))
        products.append(product)
    (folder / TABLE).write_bytes(_as_csv(products))


def write_demo(place: Path, *, per_kind: int = PER_KIND, progress: Progress | None = None) -> None:
    """Draw the same products into a zip archive, as WebP files, with its metadata.csv.

    The same products make the same archive.
    """
    products = []
    with _archive(place) as archive:
        for product, svg in designs(0, per_kind, progress):
            content = io.BytesIO()
            picture = Image.open(io.BytesIO(rendered(svg))).convert("RGB")
            picture.save(content, "WEBP", quality=QUALITY, method=6)
            path = str(PurePosixPath(product.path).with_suffix(".webp"))
            archive.writestr(zipfile.ZipInfo(path), content.getvalue())
            products.append(replace(product, path=path))
        archive.writestr(zipfile.ZipInfo(TABLE), _as_csv(products), zipfile.ZIP_DEFLATED)


def write_digikala(
    place: Path, *, per_kind: int = PER_KIND, progress: Progress | None = None
) -> None:
    """Draw the same products into a zip archive, as PNG files in a folder for every colour.

    That is how the article's data comes: the colour is all that is told of a product.
    """
    with _archive(place) as archive:
        for product, svg in designs(0, per_kind, progress):
            archive.writestr(f"{product.colour}/{Path(product.path).name}", rendered(svg))


def designs(seed: int, per_kind: int, progress: Progress | None) -> Iterator[tuple[Product, str]]:
    """The products of every kind and their pictures as SVG text. `progress` gets (done, total)."""
    total = len(KINDS) * per_kind
    each = ((kind, number) for kind in KINDS for number in range(per_kind))
    for done, (kind, number) in enumerate(each, 1):
        yield designed(kind, number, seed)
        if progress is not None:
            progress(done, total)


def _as_csv(products: list[Product]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(field.name for field in fields(Product))
    writer.writerows(astuple(product) for product in products)
    return table.getvalue().encode()


@contextmanager
def _archive(place: Path) -> Iterator[zipfile.ZipFile]:
    """A new zip archive, which is at its place once it is complete."""
    unfinished = place.with_name(place.name + ".part")
    with zipfile.ZipFile(unfinished, "w") as archive:  # pictures are packed already
        yield archive
    unfinished.replace(place)
