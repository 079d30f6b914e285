"""Who agrees: what every picture, column and pair of methods shows of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from similarity.catalogue import Catalogue, Hit
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.measures.metrics.verdict import listed
from similarity.measures.neighbours.agreement import (
    SOURCE,
    P,
    overlap,
    rank_biased_overlap,
    ranks,
)
from similarity.measures.neighbours.schema import WALKED, Neighbours
from similarity.methods import Method
from similarity.ui.shared import query as url
from similarity.ui.shared.building import is_building
from similarity.ui.shared.caches import shared_neighbours
from similarity.ui.shared.gallery import Agreement, Column, Pair, Picture
from similarity.ui.shared.plain import counted


def compared(columns: Sequence[Column], answers: Mapping[str, Sequence[Hit]]) -> list[Column]:
    """Columns whose pictures say which of the others found them too, and at which rank.

    `answers` holds the hits of those that have an answer: the others take no part.
    """
    if len(answers) < 2:
        return list(columns)
    shown = {
        column.key: {cell.id: cell.rank for cell in column.pictures}
        for column in columns
        if column.key in answers
    }
    titles = {column.key: column.title for column in columns}

    def said(key: str, cell: Picture) -> Picture:
        others = {other: ranks.get(cell.id) for other, ranks in shown.items() if other != key}
        having = sum(rank is not None for rank in others.values()) + 1
        elsewhere = [
            f"rank {rank} by {titles[other]}" if rank else f"not by {titles[other]}"
            for other, rank in others.items()
        ]
        found = "only here" if having == 1 else f"{having} of {len(shown)}"
        return replace(cell, found=found, only=having == 1, elsewhere=", ".join(elsewhere))

    made = []
    for column in columns:
        cells = [said(column.key, cell) for cell in column.pictures]
        only = sum(cell.only for cell in cells)
        alone = f"{only} only here" if column.key in shown else ""
        made.append(replace(column, pictures=cells, alone=alone))
    return made


def pairs(
    titles: Mapping[str, str], answers: Mapping[str, Sequence[Hit]], usual: Neighbours | None
) -> list[Pair]:
    """How far each two of the answers agree; `usual` tells what a build measured of others."""
    made = []
    for one, other in combinations(answers, 2):
        first, second = ranks(answers[one]), ranks(answers[other])
        shared, k = overlap(first, second), len(first)
        biased = rank_biased_overlap(first, second)
        facts = [
            f"Overlap at {k}: {titles[one]} and {titles[other]} have {shared} of their first {k} "
            "products in common.",
            f"Rank-biased overlap: {biased:.2f} on a scale from 0 to 1. A higher rank counts more: "
            f"with p = {P} the first ten have 86 % of the weight. Beyond the last that is shown, "
            "agreement is taken to go on as it is there; equal scores share a rank.",
            f"Source: {SOURCE}, extrapolated.",
        ]
        if usual and k <= usual.k and {one, other} <= usual.near.keys():
            facts.insert(1, _usually(usual, one, other, k))
        made.append(
            Pair(one, other, f"{titles[one]} · {titles[other]}", shared, k, f"{biased:.2f}", facts)
        )
    return made


def _usually(usual: Neighbours, one: str, other: str, k: int) -> str:
    means = usual.shared(one, other, k)
    low, high = (round(value) for value in np.quantile(means, [0.25, 0.75], method="nearest"))
    sample = counted(len(means), "product", "products")
    drawn = "drawn at random" if len(means) < len(usual.ids) else "in the catalogue"
    return f"Of {sample} {drawn}, the middle half have {low} to {high} of {k} in common."


def agreement(
    catalogue: Catalogue,
    query: url.Query,
    methods: list[Method],
    able: list[Method],
    answers: Mapping[str, Sequence[Hit]],
) -> Agreement | None:
    """The row above the columns, where several methods are chosen; it says who takes no part."""
    if len(methods) < 2:
        return None
    remarks = []
    if mute := [method.title for method in methods if method not in able]:
        remarks.append(f"Not compared: {listed(mute)} can't read words.")
    if refused := [method.title for method in able if method.key not in answers]:
        remarks.append(f"Not compared: no answer by {listed(refused)}.")
    usual: Neighbours | None = None
    try:
        usual = shared_neighbours(catalogue)
    except SimilarityError as error:
        told = "it is still measured." if is_building(catalogue) else explain_error(error)
        remarks.append(f"Where they differ is not known: {told}")
    titles = {method.key: method.title for method in able if method.key in answers}
    made = Agreement(pairs(titles, answers, usual), " ".join(remarks))
    keys = {method.key for method in methods}
    if usual is None or not usual.products or not keys <= usual.near.keys():
        return made
    sample = counted(len(usual.products), "product", "products")
    place = _walked(_least(usual, methods), query)
    return replace(
        made,
        differ="Where they differ" + (f": {place:,} of {len(usual.products):,}" if place else ""),
        about=f"Go through {sample}, from where the first {min(WALKED, usual.k)} have least in "
        "common",
    )


def _walked(products: list[str], query: url.Query) -> int:
    """The place from 1 of the query in a walk through these products; 0 if it is not in one."""
    place = url.number("differ", 0)
    return place if 0 < place <= len(products) and products[place - 1] == query.value else 0


def _least(usual: Neighbours, methods: list[Method]) -> list[str]:
    """The products in the order of how little the methods have in common."""
    return usual.least([method.key for method in methods])


def walk(catalogue: Catalogue, methods: list[Method], query: url.Query) -> None:
    """Ask for the next product in the order of how little the methods have in common."""
    products = _least(shared_neighbours(catalogue), methods)
    place = _walked(products, query) % len(products)
    url.ask("product", products[place], differ=str(place + 1))
