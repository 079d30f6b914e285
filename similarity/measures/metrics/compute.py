"""Compute every method's metrics and neighbours: `compute_metrics` is what a build calls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import skew

from similarity.catalogue import ranked
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import (
    Positions,
    built_methods,
    fingerprint,
    open_built,
)
from similarity.measures.files import index_stamp, stamp
from similarity.measures.metrics import schema as metrics
from similarity.measures.metrics.costs import Rates, measure_costs
from similarity.measures.metrics.folds import assign_folds
from similarity.measures.metrics.groups import group_numbers, join_near_duplicates, near_duplicates
from similarity.measures.metrics.retrieval import AT, DEPTH
from similarity.measures.metrics.schema import (
    FORMAT,
    NEAREST,
    Agreed,
    Attribute,
    Figure,
    Hubs,
    Metrics,
)
from similarity.measures.metrics.tables import attribute_tables, number_labels
from similarity.measures.metrics.texts import compute_text_table
from similarity.measures.neighbours import schema as neighbours
from similarity.measures.neighbours.agreement import Answer, rank_biased_overlap
from similarity.measures.neighbours.schema import K, Neighbours
from similarity.measures.rankings import Rankings, rankings
from similarity.statistics.clusters import Numbers
from similarity.statistics.intervals import Values, intervals
from similarity.statistics.sampling import draw_sample
from similarity.store.generations import Generation
from similarity.store.progress import Step
from similarity.store.table import OURS

QUERIES = 1500  # products that are asked, drawn at random, or all there are
HUBS = 12  # products that are named
DOING = "Measuring"


def compute_metrics(
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
    methods = built_methods(generation, catalogue)
    stamps = {method.key: stamp(generation, method, catalogue) for method in methods}
    former, of = _former(generation), (catalogue, table, stamps)
    same = former and (former.catalogue, former.table, former.methods) == of
    drawn = draw_sample(len(ids), QUERIES)
    if len(ids) < 2:
        drawn = drawn[:0]
    if former and same and (kept := _kept(generation, ids, stamps)):
        if {m.key: index_stamp(generation, m) for m in methods} == former.indexes:
            return kept
        indexes = {method: open_built(generation, method, catalogue) for method in methods}
        kept[metrics.PLACE] = metrics.to_json(
            replace(former, **measure_costs(generation, indexes, rates, former, drawn))
        )
        return kept
    labels = number_labels(products)
    largest = max((int(counts.max()) for _, counts in labels.values()), default=0)
    depth = min(max(largest, 2 * K), DEPTH, len(ids) - 1)
    # so many more that as many are left where near-duplicates are taken away
    deeper = min(depth + NEAREST, len(ids) - 1)
    opened = []
    for number, method in enumerate(methods):

        def tell(done: int, number: int = number) -> None:
            step(DOING, number * len(drawn) + done, len(methods) * len(drawn))

        index = open_built(generation, method, catalogue)
        near, scores = rankings(index, index.read(drawn), drawn, deeper, tell)
        opened.append(Rankings(method, index, near, scores))
    twins = near_duplicates([(each.near, each.scores) for each in opened])
    groups = join_near_duplicates(group_numbers(products), drawn.tolist(), twins)
    folds = assign_folds(groups)
    words, texts = compute_text_table(opened, products, folds, step, failures)
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
        **measure_costs(generation, {o.method: o.index for o in opened}, rates, former, drawn),
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


def _figures(values: Values, groups: Numbers) -> list[Figure]:
    """Of each column."""
    limits = intervals(values, groups)
    return [
        Figure(float(mean), float(low), float(high))
        for mean, (low, high) in zip(values.mean(0), limits, strict=True)
    ]


def _table(products: pd.DataFrame) -> str:
    """A hash of what is known of the products."""
    texts = products[[name for name in products if name not in OURS]]
    return fingerprint([*texts.columns, *map(str, pd.util.hash_pandas_object(texts))])


def _agreed(one: Rankings, other: Rankings, groups: Numbers) -> Agreed:
    def answers(of: Rankings) -> Iterator[Answer]:
        for near, scores in zip(of.near[:, :AT].tolist(), of.scores[:, :AT], strict=True):
            yield dict(zip(map(str, near), ranked(scores)[0].tolist(), strict=True))

    both = list(zip(answers(one), answers(other), strict=True))
    values = [(len(a.keys() & b.keys()), rank_biased_overlap(a, b)) for a, b in both]
    shared, biased = _figures(np.array(values, np.float64), groups)
    return Agreed(one.method.key, other.method.key, shared, biased)


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
