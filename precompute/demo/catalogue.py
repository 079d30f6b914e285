"""Making the catalogue: what each product is, its picture, and the files on disk."""

import csv
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from .captions import caption
from .kinds import KINDS, Kind
from .palette import jittered, second_for
from .svg import Picture, rendered


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


def write_demo(
    folder: Path,
    *,
    seed: int = 0,
    per_kind: int = 40,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Draws `per_kind` products of every kind into `folder`, then its metadata.csv.

    Pictures already there are kept, so that an interrupted run can be resumed; metadata.csv comes
    last, so that its presence means the demo is complete. `progress` gets (done, total).
    """
    total = len(KINDS) * per_kind
    products = []
    for kind in KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for number in range(per_kind):
            product, svg = designed(kind, number, seed)
            if not (folder / product.path).exists():
                _write_whole(folder / product.path, rendered(svg))
            products.append(product)
            if progress is not None:
                progress(len(products), total)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(field.name for field in fields(Product))
    writer.writerows(astuple(product) for product in products)
    _write_whole(folder / "metadata.csv", table.getvalue().encode())


def write_archive(
    place: Path,
    *,
    seed: int = 0,
    per_kind: int = 40,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes the same pictures as `write_demo` to a zip archive, in a folder for every colour.

    That is how the article's data comes: the colour is all that is told of a product.
    """
    total, done = len(KINDS) * per_kind, 0
    unfinished = place.with_name(place.name + ".part")
    with zipfile.ZipFile(unfinished, "w") as archive:  # PNG is packed already
        for kind in KINDS:
            for number in range(per_kind):
                product, svg = designed(kind, number, seed)
                archive.writestr(f"{product.colour}/{Path(product.path).name}", rendered(svg))
                done += 1
                if progress is not None:
                    progress(done, total)
    unfinished.replace(place)


def _write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that it is never seen half written."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
