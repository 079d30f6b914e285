"""The table of products of a built catalogue, and what is known of where it came from."""

import hashlib
import io
import json
import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from similarity.errors import SimilarityError
from similarity.generations import CURRENT, GENERATIONS, Generation
from similarity.indexes import INDEXES
from similarity.methods import METHODS

FACTS = "facts.json"
TABLE = "products.parquet"
SKIPPED = "skipped.csv"
DUPLICATES = "duplicates.csv"
THUMBNAILS = "thumbs"
NUMBERS = ("picture_width", "picture_height", "copies")  # columns; all others are text
OURS = ("path", *NUMBERS)  # columns a source can't bring

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
PRODUCT_ID = re.compile(r"[0-9a-f]{20}")


@dataclass(frozen=True)
class Facts:
    """What is known of a built catalogue beside its table."""

    source: str  # as the user named it: 'demo' and its like, or a folder
    root: str  # the folder that the products' paths start from; relative ones to the catalogue
    skipped: int  # files
    duplicates: int  # files with the content of another


def catalogues_folder() -> Path:
    """Where built catalogues are: SIMILARITY_CATALOGUES, or assets/catalogues of the project."""
    place = os.environ.get("SIMILARITY_CATALOGUES")
    return Path(place) if place else Path(__file__).parents[2] / "assets" / "catalogues"


def product_id(content: bytes) -> str:
    """The first 80 bits of the content's SHA-256: the same picture is the same product."""
    return hashlib.sha256(content).hexdigest()[:20]


def thumbnail_path(product: str) -> str:
    """Where a generation keeps a product's thumbnail; spread over 256 folders."""
    return f"{THUMBNAILS}/{product[:2]}/{product}.webp"


def stored(products: pd.DataFrame, facts: Facts) -> dict[str, bytes]:
    """The table and its facts as files, by their paths in a generation."""
    table = io.BytesIO()
    products.to_parquet(table)
    return {TABLE: table.getvalue(), FACTS: json.dumps(asdict(facts), indent=1).encode()}


def load(generation: Generation) -> tuple[pd.DataFrame, Facts]:
    """The table of a generation and its facts. Raises SimilarityError that says what is wrong."""
    return _read_table(generation.read(TABLE)), _read_facts(generation.read(FACTS))


def _read_facts(content: bytes) -> Facts:
    types = {"source": str, "root": str, "skipped": int, "duplicates": int}
    assert types.keys() == {field.name for field in fields(Facts)}
    try:
        found: Any = json.loads(content)
        if found.keys() == types.keys() and all(type(found[k]) is t for k, t in types.items()):
            return Facts(**found)
    except Exception as error:  # a hostile file may raise anything
        raise SimilarityError(f"{FACTS} is damaged ({type(error).__name__}: {error})") from error
    raise SimilarityError(f"{FACTS} holds other facts than a catalogue has")


def _read_table(content: bytes) -> pd.DataFrame:
    try:
        products = pd.read_parquet(io.BytesIO(content))
        texts = [column for column in products if column not in NUMBERS]
        fits = (
            {"path", "category", *NUMBERS} <= set(products.columns)
            and products.columns.is_unique
            and pd.api.types.is_string_dtype(products.columns)
            and all(pd.api.types.is_string_dtype(products[column]) for column in texts)
            and not products[texts].isna().any(axis=None)
            and all(pd.api.types.is_integer_dtype(products[column]) for column in NUMBERS)
            and len(products) > 0
            and products.index.name == "id"
            and products.index.is_unique
            and bool(products.index.str.fullmatch(PRODUCT_ID.pattern).all())
        )
    except Exception as error:  # whatever pandas and pyarrow raise on a hostile table
        raise SimilarityError(f"{TABLE} is damaged ({type(error).__name__}: {error})") from error
    if not fits:
        raise SimilarityError(f"{TABLE} is no table of products")
    return products


def build_command(folder: Path, source: str, methods: Iterable[str]) -> str:
    """The command that builds a catalogue's indexes of some methods anew, or of all if none."""
    folder = folder.absolute()
    command = ["python", "-m", "precompute", "--catalogue", source]
    if source != folder.name:  # one that has a name is called by it
        command += ["--name", folder.name]
    if folder.parent.resolve() != catalogues_folder().resolve():
        command += ["--to", str(folder.parent)]
    keys = ",".join(methods)
    return shlex.join(command + (["--methods", keys] if keys else []))


def repair_command(folder: Path) -> str:
    """The command that builds a catalogue anew that can't be opened, from what can be read of it.

    Where nothing tells its source, FOLDER stands in for that.
    """
    source = source_of(folder) or ("demo" if folder.absolute().name == "demo" else "FOLDER")
    places = [folder / "methods", *folder.glob(f"{GENERATIONS}/*/{INDEXES}")]
    return build_command(
        folder, source, [key for key in METHODS if any((place / key).is_dir() for place in places)]
    )


def source_of(folder: Path) -> str | None:
    """What a catalogue was built from, also if it can't be opened; None if nothing tells.

    The facts of the present generation come first, then what names that generation, then the facts
    of others: a newer one may be an unfinished build's.
    """
    present = _json(folder / CURRENT)  # in format 1 it was all there was
    numbers = [p.name for p in folder.glob(f"{GENERATIONS}/*") if p.name.isdecimal()]
    places = [
        folder / GENERATIONS / name / FACTS for name in sorted(numbers, key=int, reverse=True)
    ]
    own = [p for p in places if p.parent.name == str(present.get("generation"))]
    for told in (*map(_json, own), present, *map(_json, places)):
        source = told.get("source")
        if isinstance(source, str) and source and "\0" not in source:
            return source
    return None


def _json(place: Path) -> dict[str, Any]:
    """What a JSON file holds, nothing if it can't be read or holds no names."""
    try:
        found = json.loads(place.read_bytes())
    except Exception:  # a damaged file may raise anything
        return {}
    return found if isinstance(found, dict) else {}
