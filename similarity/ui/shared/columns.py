"""A method's column of pictures: its heading, and hits as pictures."""

from collections.abc import Sequence
from dataclasses import replace

from similarity.catalogue import Catalogue, Hit
from similarity.indexes import RandomPairs
from similarity.methods import Method
from similarity.ui.shared import query as url
from similarity.ui.shared.gallery import Column, Picture, attributes, pictures
from similarity.ui.shared.nearness import is_weak, near, percent


def headed(method: Method) -> Column:
    """A method's column with its heading alone."""
    facts = [method.summary, method.weights, f"Licence: {method.licence}", *taught(method)]
    return Column(
        method.key, title=method.title, family=method.family, about=method.summary, facts=facts
    )


def taught(method: Method) -> list[str]:
    """That its share of a category flatters a method which was trained with labels like it."""
    if not method.labels:
        return []
    return [
        f"It was trained with {method.labels} (labels seen): how many answers are in the query's "
        "category is no fair win over methods that never saw such labels."
    ]


def cells(
    catalogue: Catalogue, hits: Sequence[Hit], query: url.Query, known: RandomPairs, weak: int
) -> list[Picture]:
    """Hits as pictures; a rank that is shared with an equal score, shown or not, says so by '='.

    Matches are weak that are not nearer than so many percent of the known random pairs.
    """
    products = catalogue.products
    like = attributes(products.loc[query.value].to_dict()) if query.kind == "product" else {}
    shown = pictures(catalogue.name, products, [hit.product for hit in hits], like)
    return [
        replace(
            cell,
            rank=f"{hit.rank}{'=' if hit.tied else ''}",
            score=f"{hit.score:.3f}",
            near=near(known, hit.score),
            percent=percent(known, hit.score),
            weak=is_weak(known, hit.score, weak),
        )
        for cell, hit in zip(shown, hits, strict=True)
    ]
