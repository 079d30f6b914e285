"""A handful of products beside the one that the page is about."""

import pandas as pd

from similarity.catalogue import Catalogue
from similarity.ui.learn.matrix import Head
from similarity.ui.shared.browse import shuffled, sort_of
from similarity.ui.shared.gallery import name_of
from similarity.ui.shared.thumbnails import thumbnail_url

COUNT = 8
LOOKED = 1000  # products, drawn at random, among which the others are chosen


def eight(products: pd.DataFrame, product: str) -> list[str]:
    """The product and others, as different as the catalogue knows: eight if there are as many."""
    some = products.iloc[shuffled(len(products), 0)[:LOOKED]]
    some = some[some.index != product]
    sort = sort_of(products)
    others = some[some[sort] != products[sort][product]].drop_duplicates(sort)
    return list(dict.fromkeys([product, *others.index, *some.index]))[:COUNT]


def kin(products: pd.DataFrame, product: str, count: int) -> list[str]:
    """So many products of the same sort, drawn at random; fewer if there are no more."""
    sort = sort_of(products)
    same = products.index[products[sort] == products[sort][product]]
    some = same[shuffled(len(same), 0)[: count + 1]]  # the product may be among them
    return [one for one in some if one != product][:count]


def heads(catalogue: Catalogue, ids: list[str]) -> list[Head]:
    """Products as the heads of a matrix."""
    rows = catalogue.products.loc[ids].to_dict("records")
    return [
        Head(name_of(row), thumbnail_url(catalogue.name, one))
        for one, row in zip(ids, rows, strict=True)
    ]
