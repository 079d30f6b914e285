"""Measure what is built: see similarity.measures.neighbours and similarity.measures.metrics."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import skew

from precompute.failures import Failures
from precompute.groups import GROUP, group_numbers, join_near_duplicates
from precompute.progress import Step
from precompute.rankings import near_duplicates, rankings
from precompute.tables import attribute_tables, compared
from similarity.catalogue import ranked
from similarity.embedding import LONGEST_TEXT, embed_texts
from similarity.errors import SimilarityError
from similarity.indexes import (
    Positions,
    Scores,
    VectorIndex,
    as_built,
    fingerprint,
    index_class,
    index_place,
    open_index,
)
from similarity.indexes.milvus import MilvusIndex
from similarity.measures import metrics, neighbours
from similarity.measures.agreement import Answer, rank_biased_overlap
from similarity.measures.clusters import Numbers
from similarity.measures.folds import assign_folds, means_without_folds
from similarity.measures.intervals import Values, intervals
from similarity.measures.metrics import (
    FORMAT,
    NEAREST,
    Agreed,
    Attribute,
    Cost,
    Figure,
    Hubs,
    Metrics,
    Table,
)
from similarity.measures.neighbours import K, Neighbours
from similarity.measures.retrieval import (
    AT,
    DEPTH,
    OF_TEXTS,
    Flags,
    text_figures,
)
from similarity.measures.stored import index_stamp, stamp
from similarity.methods import METHODS, Method
from similarity.store.generations import Generation
from similarity.store.table import OURS
from similarity.threads import one_thread

QUERIES = 1500  # products that are asked, drawn at random, or all there are
TEXTS = 500  # different captions, or names of categories, that are asked
TIMED = 50  # searches, for K_TIMED products each
K_TIMED = 12
MOST = 8  # attributes
HUBS = 12  # products that are named
SEED = 0
DOING = "Measuring"

Rates = Mapping[str, tuple[int, float]]  # pictures embedded and the seconds that took, by key


@dataclass(frozen=True)
class Opened:
    """A method, its opened index, and what the rankings of the queries are by it."""

    method: Method
    index: VectorIndex
    near: Positions
    scores: Scores


def measure(
    generation: Generation,
    products: pd.DataFrame,
    rates: Rates,
    step: Step,
    failures: Failures,
) -> dict[str, bytes]:
    """The files of measures, by their paths, of all methods whose index is of these products.

    They are the generation's own where nothing that they are of has changed; where only the kind of
    an index has, only what searching costs is measured again.
    """
    ids: list[str] = products.index.tolist()
    catalogue, table = fingerprint(ids), _table(products)
    methods = built_here(generation, catalogue)
    stamps = {method.key: stamp(generation, method, catalogue) for method in methods}
    former, of = _former(generation), (catalogue, table, stamps)
    same = former and (former.catalogue, former.table, former.methods) == of
    drawn = np.sort(np.random.default_rng(SEED).permutation(len(ids))[:QUERIES])
    if len(ids) < 2:
        drawn = drawn[:0]
    if former and same and (kept := _kept(generation, ids, stamps)):
        if {m.key: index_stamp(generation, m) for m in methods} == former.indexes:
            return kept
        indexes = {method: opened_here(generation, method, catalogue) for method in methods}
        kept[metrics.PLACE] = metrics.to_json(
            replace(former, **_costs(generation, indexes, rates, former, drawn))
        )
        return kept
    labels = _labels(products)
    largest = max((int(counts.max()) for _, counts in labels.values()), default=0)
    depth = min(max(largest, 2 * K), DEPTH, len(ids) - 1)
    # so many more that as many are left where near-duplicates are taken away
    deeper = min(depth + NEAREST, len(ids) - 1)
    opened = []
    for number, method in enumerate(methods):

        def tell(done: int, number: int = number) -> None:
            step(DOING, number * len(drawn) + done, len(methods) * len(drawn))

        index = opened_here(generation, method, catalogue)
        near, scores = rankings(index, index.read(drawn), drawn, deeper, tell)
        opened.append(Opened(method, index, near, scores))
    twins = near_duplicates([(each.near, each.scores) for each in opened])
    groups = join_near_duplicates(group_numbers(products), drawn.tolist(), twins)
    folds = assign_folds(groups)
    words, texts = _texts(opened, products, folds, step, failures)
    answers = {each.method.key: each.near for each in opened}
    found = Metrics(
        format=FORMAT,
        catalogue=catalogue,
        table=table,
        methods=stamps,
        queries=len(drawn),
        products=len(ids),
        groups=len(np.unique(groups[drawn])),
        depth=depth,
        near=sum(map(bool, twins)),
        pairs=sum(map(len, twins)),
        attributes=[
            Attribute(
                name, len(counts), attribute_tables(answers, drawn, codes, twins, folds, depth)
            )
            for name, (codes, counts) in labels.items()
        ],
        words=words,
        texts=texts,
        agreed=[_agreed(*pair, groups[drawn]) for pair in combinations(opened, 2) if len(drawn)],
        hubs={o.method.key: hubs(o.near[:, :AT], ids) for o in opened if len(drawn)},
        **_costs(generation, {o.method: o.index for o in opened}, rates, former, drawn),
    )
    nearest = {each.method.key: each.near[:, :K] for each in opened}
    near_by = Neighbours(ids, stamps, drawn, nearest, folds)
    return {metrics.PLACE: metrics.to_json(found), neighbours.PLACE: neighbours.to_bytes(near_by)}


def hubs(near: Positions, ids: Sequence[str]) -> Hubs:
    """From the nearest of each query, (n, k): see metrics.Hubs.

    The skewness of k-occurrence is that of Radovanović, Nanopoulos and Ivanović (JMLR 11, 2010).
    """
    often = np.bincount(near.ravel(), minlength=len(ids))
    most = np.argsort(-often, kind="stable")[:HUBS]
    return Hubs(
        float(skew(often)) if np.ptp(often) else 0.0,
        float((often == 0).mean()),
        [(ids[i], int(often[i])) for i in most],
    )


def machine() -> str:
    """What the times were measured on."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):
        name = platform.machine()
    return f"{name}, {os.cpu_count()} cores"


def _figures(values: Values, groups: Numbers) -> list[Figure]:
    """Of each column."""
    limits = intervals(values, groups)
    return [
        Figure(float(mean), float(low), float(high))
        for mean, (low, high) in zip(values.mean(0), limits, strict=True)
    ]


def _labels(products: pd.DataFrame) -> dict[str, tuple[Positions, Positions]]:
    """The attributes that figures are given of: each product's value as a number, -1 where it has
    none, and how many have each.

    Those of at least two values, which most of the products that have one share with another.
    """
    names = [n for n in products if n not in (*OURS, "caption", GROUP)]
    names.sort(key=lambda name: name != "category")
    found = {}
    for name in names:
        texts = products[name]
        codes, values = pd.factorize(texts.where(texts != "", None))
        counts = np.bincount(codes[codes >= 0], minlength=len(values))
        if len(values) > 1 and 2 * counts[counts > 1].sum() > counts.sum():
            found[str(name)] = codes.astype(np.int64), counts
    return dict(list(found.items())[:MOST])


def _table(products: pd.DataFrame) -> str:
    """A hash of what is known of the products."""
    texts = products[[name for name in products if name not in OURS]]
    return fingerprint([*texts.columns, *map(str, pd.util.hash_pandas_object(texts))])


def _texts(
    opened: Sequence[Opened],
    products: pd.DataFrame,
    folds: Numbers,
    step: Step,
    failures: Failures,
) -> tuple[Literal["captions", "categories", ""], Table | None]:
    """How well words find the products that they are of."""
    captions = "caption" in products and bool((products["caption"].str.strip() != "").any())
    column = products["caption" if captions else "category"].str.strip().str[:LONGEST_TEXT]
    words = column.to_numpy(dtype=object)
    texts = sorted(set(words) - {""})
    if not texts:
        return "", None
    some = np.sort(np.random.default_rng(SEED).permutation(len(texts))[:TEXTS])
    asked = [texts[i] for i in some]
    by = np.zeros((len(asked), int(folds.max(initial=0)) + 1), np.int64)
    numbers = {text: i for i, text in enumerate(asked)}
    for product, word in enumerate(words):
        if word in numbers:
            by[numbers[word], folds[product]] += 1
    values, left_out = {}, {}
    for each in opened:
        if not each.method.answers_text:
            continue
        rows = None
        with (
            failures.catch([each.method], "measuring its words"),
            suppress(SimilarityError),  # its weights are gone since: its index is as good as before
        ):
            rows = index_class(each.method).rows(embed_texts(each.method, asked))
        if rows is None:
            continue
        own = np.full(len(asked), -1)
        near, _ = rankings(
            each.index,
            rows,
            own,
            min(DEPTH, len(products)),
            lambda done: step("Measuring words", done, len(asked)),
        )
        hits: Flags = words[near] == np.array(asked, dtype=object)[:, None]
        values[each.method.key] = text_figures(hits)
        left_out[each.method.key] = means_without_folds(
            hits, folds[near], own, by, lambda left, _: text_figures(left)
        )
    if not values:
        return "", None
    table = compared(values, left_out, OF_TEXTS)
    return "captions" if captions else "categories", table


def _agreed(one: Opened, other: Opened, groups: Numbers) -> Agreed:
    def answers(of: Opened) -> Iterator[Answer]:
        for near, scores in zip(of.near[:, :AT].tolist(), of.scores[:, :AT], strict=True):
            yield dict(zip(map(str, near), ranked(scores)[0].tolist(), strict=True))

    both = list(zip(answers(one), answers(other), strict=True))
    values = [(len(a.keys() & b.keys()), rank_biased_overlap(a, b)) for a, b in both]
    shared, biased = _figures(np.array(values, np.float64), groups)
    return Agreed(one.method.key, other.method.key, shared, biased)


def _costs(
    generation: Generation,
    indexes: Mapping[Method, VectorIndex],
    rates: Rates,
    former: Metrics | None,
    drawn: Positions,
) -> dict[str, Any]:
    """Those fields of Metrics that say what methods cost, and on which machine."""
    found = {}
    for method, index in indexes.items():
        key = method.key
        pictures, seconds = rates.get(key, (0, 0.0))
        rate, pictures = (pictures / seconds, pictures) if seconds else (None, 0)
        before = former.costs.get(key) if former and former.methods.get(key) else None
        if before and before.rate and before.pictures > pictures:
            rate, pictures = before.rate, before.pictures
        times = []
        with one_thread():
            for position in drawn[:: max(1, len(drawn) // TIMED)].tolist():
                row = index.row(position)
                start = perf_counter()
                index.search(row, min(K_TIMED, index.count), position)
                times.append(1000 * (perf_counter() - start))
        place = index_place(method, generation.sums)
        recall = index.recall.get("pictures")
        found[key] = Cost(
            kind=Path(place).name,
            rate=rate,
            pictures=pictures,
            median=float(np.median(times)) if times else 0.0,
            p95=float(np.quantile(times, 0.95)) if times else 0.0,
            size=None if isinstance(index, MilvusIndex) else _size(generation, place) / index.count,
            recall=Figure(recall.share, recall.low, recall.high) if recall else None,
        )
    stamps = {method.key: index_stamp(generation, method) for method in indexes}
    return {"indexes": stamps, "costs": found, "machine": machine()}


def _size(generation: Generation, place: str) -> int:
    """Bytes of an index's files."""
    total = 0
    for name in generation.part(place).names():
        with generation.open(f"{place}/{name}") as file:
            total += os.fstat(file.fileno()).st_size
    return total


def built_here(generation: Generation, catalogue: str) -> list[Method]:
    """The methods, as their indexes have them, of which there is one as they are now.

    `catalogue` is the fingerprint of the products that they have to be of.
    """
    found = []
    for method in METHODS.values():
        try:
            made = as_built(generation, method)
            opened_here(generation, made, catalogue)
            found.append(made)
        except SimilarityError:
            continue
    return found


def opened_here(generation: Generation, method: Method, catalogue: str) -> VectorIndex:
    """The index of a method of `built_here`."""
    files = generation.part(index_place(method, generation.sums))
    return open_index(files, method, catalogue)


def _kept(
    generation: Generation, ids: Sequence[str], stamps: Mapping[str, str]
) -> dict[str, bytes]:
    """Both files of a generation, if its neighbours are as readable and of these as well."""
    try:
        found = {path: generation.read(path) for path in (metrics.PLACE, neighbours.PLACE)}
        same = neighbours.from_bytes(found[neighbours.PLACE], ids).stamps == stamps
    except SimilarityError:
        return {}
    return found if same else {}


def _former(generation: Generation) -> Metrics | None:
    """What a former build measured, if it did."""
    try:
        return metrics.from_json(generation.read(metrics.PLACE))
    except SimilarityError:
        return None
