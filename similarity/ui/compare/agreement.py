"""How far the results of methods agree, per picture, column and pair of methods."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import combinations

import numpy as np

from similarity.catalogue import Catalogue
from similarity.display.text import format_count
from similarity.errors import SimilarityError
from similarity.hits import Hit
from similarity.measures.metrics.verdict import join_names
from similarity.measures.neighbours.agreement import (
    SOURCE,
    P,
    count_common,
    rank_biased_overlap,
    rank_hits,
)
from similarity.measures.neighbours.schema import Neighbours
from similarity.ui.shared.caches import get_neighbours
from similarity.ui.shared.gallery import Agreement, Column, Pair, Picture


def add_agreement(columns: Sequence[Column], results: Mapping[str, Sequence[Hit]]) -> list[Column]:
    """Return columns whose pictures state which other methods found them, and at which rank.

    `results` has the hits of those methods that have an answer; the others are left unchanged.
    """
    if len(results) < 2:
        return list(columns)
    ranks_by_method = {
        column.key: {cell.id: cell.rank for cell in column.pictures}
        for column in columns
        if column.key in results
    }
    titles = {column.key: column.title for column in columns}

    def describe_cell(key: str, cell: Picture) -> Picture:
        others = {
            other: ranks.get(cell.id) for other, ranks in ranks_by_method.items() if other != key
        }
        count = sum(rank is not None for rank in others.values()) + 1
        other_ranks = [
            f"rank {rank} by {titles[other]}" if rank else f"not by {titles[other]}"
            for other, rank in others.items()
        ]
        shared_by = "unique" if count == 1 else f"{count} of {len(ranks_by_method)}"
        return replace(
            cell, shared_by=shared_by, is_unique=count == 1, other_ranks=", ".join(other_ranks)
        )

    columns_made = []
    for column in columns:
        cells = [describe_cell(column.key, cell) for cell in column.pictures]
        unique_count = sum(cell.is_unique for cell in cells)
        unique_note = f"{unique_count} unique" if column.key in ranks_by_method else ""
        columns_made.append(replace(column, pictures=cells, unique_note=unique_note))
    return columns_made


def compare_pairs(
    titles: Mapping[str, str], results: Mapping[str, Sequence[Hit]], neighbours: Neighbours | None
) -> list[Pair]:
    """Return how far each pair of results agrees, compared with the measured `neighbours`."""
    compared = []
    for one, other in combinations(results, 2):
        first, second = rank_hits(results[one]), rank_hits(results[other])
        overlap, k = count_common(first, second), len(first)
        rbo = rank_biased_overlap(first, second)
        facts = [
            f"Overlap at {k}: {titles[one]} and {titles[other]} share {overlap} of their first {k} "
            "results.",
            f"Rank-biased overlap: {rbo:.2f} on a scale from 0 to 1. A higher rank counts more: "
            f"with p = {P} the first ten have 86 % of the weight. Beyond the last that is shown, "
            "agreement is assumed to stay the same; equal scores share a rank.",
            f"Source: {SOURCE}, extrapolated.",
        ]
        if neighbours and k <= neighbours.k and {one, other} <= neighbours.by_method.keys():
            facts.insert(1, _describe_usual_overlap(neighbours, one, other, k))
        compared.append(
            Pair(one, other, f"{titles[one]} · {titles[other]}", overlap, k, f"{rbo:.2f}", facts)
        )
    return compared


def _describe_usual_overlap(neighbours: Neighbours, one: str, other: str, k: int) -> str:
    overlaps = neighbours.compute_overlap(one, other, k)
    low, high = (round(value) for value in np.quantile(overlaps, [0.25, 0.75], method="nearest"))
    sample = format_count(len(overlaps), "product", "products")
    origin = "drawn at random" if len(overlaps) < len(neighbours.ids) else "in the catalogue"
    return f"For the middle half of {sample} {origin}, they share {low} to {high} of {k} results."


def make_agreement(
    catalogue: Catalogue, columns: Sequence[Column], results: Mapping[str, Sequence[Hit]]
) -> Agreement | None:
    """Return the row above the columns, or None unless there are several."""
    if len(columns) < 2:
        return None
    remark = ""
    if failed := [column.title for column in columns if column.key not in results]:
        remark = f"No answer by {join_names(failed)}."
    neighbours: Neighbours | None = None
    with suppress(SimilarityError):
        neighbours = get_neighbours(catalogue)
    titles = {column.key: column.title for column in columns if column.key in results}
    return Agreement(compare_pairs(titles, results, neighbours), remark)
