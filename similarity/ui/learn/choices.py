"""Choose a few products to show next to the page's product."""

import pandas as pd

from similarity.catalogue import Catalogue
from similarity.display.products import get_name
from similarity.ui.learn.matrix import Head
from similarity.ui.shared.browse import find_kind_column, shuffle_positions
from similarity.ui.shared.thumbnails import thumbnail_url

PRODUCTS = 8
MAX_CANDIDATES = 1000  # random products from which others are chosen


def choose_different(products: pd.DataFrame, product: str) -> list[str]:
    """Return the product and others of different kinds, PRODUCTS in all if possible."""
    candidates = products.iloc[shuffle_positions(len(products), 0)[:MAX_CANDIDATES]]
    candidates = candidates[candidates.index != product]
    kind_column = find_kind_column(products)
    other_kinds = candidates[
        candidates[kind_column] != products[kind_column][product]
    ].drop_duplicates(kind_column)
    return list(dict.fromkeys([product, *other_kinds.index, *candidates.index]))[:PRODUCTS]


def choose_same_kind(products: pd.DataFrame, product: str, count: int) -> list[str]:
    """Return up to `count` random products of the same kind."""
    kind_column = find_kind_column(products)
    same_kind = products.index[products[kind_column] == products[kind_column][product]]
    # one more, as the product itself may be among them
    candidates = same_kind[shuffle_positions(len(same_kind), 0)[: count + 1]]
    return [candidate for candidate in candidates if candidate != product][:count]


def make_heads(catalogue: Catalogue, ids: list[str]) -> list[Head]:
    """Return products as the headings of a matrix."""
    rows = catalogue.products.loc[ids].to_dict("records")
    return [
        Head(get_name(row), thumbnail_url(catalogue.name, product))
        for product, row in zip(ids, rows, strict=True)
    ]
