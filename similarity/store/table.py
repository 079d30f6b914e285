"""The table of a catalogue's products, and facts about its source."""

import io
import json
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd

from similarity.errors import SimilarityError
from similarity.store.generations import Generation
from similarity.store.paths import FACTS, PRODUCT_ID, TABLE

NUMBERS = ("picture_width", "picture_height", "copies")  # columns of numbers; all others are text
NOTE = "picture_note"  # what was wrong with the picture, if it could be read nevertheless
RESERVED_COLUMNS = ("path", *NUMBERS, NOTE)  # columns that a source can't provide


@dataclass(frozen=True)
class Facts:
    """Facts about a built catalogue that are not in its table."""

    source: str  # as the user named it: 'demo' or another known source, or a folder
    root: str  # the folder that product paths are relative to, itself relative to the catalogue
    skipped: int  # number of files
    duplicates: int  # number of files with the content of another
    title: str = ""  # the catalogue's name as the user wrote it; older catalogues have none


def serialise_table(products: pd.DataFrame, facts: Facts) -> dict[str, bytes]:
    """Return the table and its facts as file contents, by their paths in a generation."""
    table = io.BytesIO()
    products.to_parquet(table)
    return {TABLE: table.getvalue(), FACTS: json.dumps(asdict(facts), indent=1).encode()}


def load_table(generation: Generation) -> tuple[pd.DataFrame, Facts]:
    """Return a generation's table and facts. Raises SimilarityError that says what is wrong."""
    return _read_table(generation.read(TABLE)), _read_facts(generation.read(FACTS))


def _read_facts(content: bytes) -> Facts:
    types = {"source": str, "root": str, "skipped": int, "duplicates": int, "title": str}
    assert types.keys() == {field.name for field in fields(Facts)}
    try:
        values: Any = {"title": "", **json.loads(content)}
        if values.keys() == types.keys() and all(type(values[k]) is t for k, t in types.items()):
            return Facts(**values)
    except Exception as error:  # a hostile file may raise anything
        raise SimilarityError(f"{FACTS} is damaged ({type(error).__name__}: {error})") from error
    raise SimilarityError(f"{FACTS} doesn't have the facts of a catalogue")


def _read_table(content: bytes) -> pd.DataFrame:
    try:
        products = pd.read_parquet(io.BytesIO(content))
        texts = [column for column in products if column not in NUMBERS]
        is_valid = (
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
    except Exception as error:  # pandas and pyarrow may raise anything on a hostile table
        raise SimilarityError(f"{TABLE} is damaged ({type(error).__name__}: {error})") from error
    if not is_valid:
        raise SimilarityError(f"{TABLE} is not a table of products")
    return products
