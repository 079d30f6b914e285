"""A method's column of pictures: its heading, and hits as pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from similarity.catalogue import Catalogue
from similarity.display.colours import get_colour
from similarity.display.products import ProductRow
from similarity.hits import Hit
from similarity.indexes import RandomPairs
from similarity.methods import Method
from similarity.ui.shared.gallery import Column, Picture, make_pictures
from similarity.ui.shared.nearness import format_nearness, format_percent, is_weak


def make_heading(catalogue: Catalogue, method: Method) -> Column:
    """Return a method's column without pictures."""
    facts = [method.summary, method.weights, f"Licence: {method.licence}", *describe_labels(method)]
    return Column(
        method.key,
        title=method.title,
        colour=get_colour(catalogue, method.key),
        family=method.family,
        summary=method.summary,
        facts=facts,
    )


def describe_labels(method: Method) -> list[str]:
    """Warn that category figures favour a method that was trained with similar labels."""
    if not method.training_labels:
        return []
    return [
        f"Trained on {method.training_labels}; not a fair comparison with methods that never saw "
        "such labels."
    ]


def make_cells(
    catalogue: str,
    hits: Sequence[Hit],
    rows: Mapping[str, ProductRow],
    query: Mapping[str, str],
    random_pairs: RandomPairs,
    weak_threshold: int,
) -> list[Picture]:
    """Return hits as pictures. The rank of a hit with tied scores ends with '='.

    `rows` are the attributes of hits by product, and `query` has those of the query, if any. Hits
    are weak if less than `weak_threshold` percent of random pairs are no nearer.
    """
    cells = make_pictures(catalogue, {hit.product: rows[hit.product] for hit in hits}, query)
    return [
        replace(
            cell,
            rank=f"{hit.rank}{'=' if hit.tied else ''}",
            score=f"{hit.score:.3f}",
            folded=f"+{len(hit.folded)}" if hit.folded else "",
            nearness=format_nearness(random_pairs, hit.score),
            percent=format_percent(random_pairs, hit.score),
            is_weak=is_weak(random_pairs, hit.score, weak_threshold),
        )
        for cell, hit in zip(cells, hits, strict=True)
    ]
