"""The table of products of a built catalogue, and what is known of where it came from."""

import io
import json
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd

from similarity.errors import SimilarityError
from similarity.store.generations import Generation
from similarity.store.paths import FACTS, PRODUCT_ID, TABLE

NUMBERS = ("picture_width", "picture_height", "copies")  # columns; all others are text
OURS = ("path", *NUMBERS)  # columns a source can't bring


@dataclass(frozen=True)
class Facts:
    """What is known of a built catalogue beside its table."""

    source: str  # as the user named it: 'demo' and its like, or a folder
    root: str  # the folder that the products' paths start from; relative ones to the catalogue
    skipped: int  # files
    duplicates: int  # files with the content of another


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
