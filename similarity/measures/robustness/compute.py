"""Measure how far methods find products again whose pictures are spoilt.

See similarity.measures.robustness.schema and similarity.perturbations.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import islice
from math import ceil, floor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from similarity import inference
from similarity.embedding import embed_prepared, embedder, prepared
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import (
    RandomPairs,
    Rows,
    Scores,
    VectorIndex,
    built_methods,
    fingerprint,
    index_class,
    open_built,
)
from similarity.measures.files import stamp
from similarity.measures.metrics.groups import group_numbers
from similarity.measures.metrics.schema import Figure
from similarity.measures.rankings import standings
from similarity.measures.robustness import schema as robustness
from similarity.measures.robustness.schema import (
    AMONG,
    FORMAT,
    LEAST,
    Curve,
    Measured,
    Middle,
    Point,
    Robustness,
    amounts,
    area_weights,
    definition,
)
from similarity.methods import Method, Prepared
from similarity.methods.base import Seen
from similarity.perturbations import PERTURBATIONS, SIDE, perturbed
from similarity.pictures import shrunk
from similarity.statistics.clusters import Numbers, clustered_share
from similarity.statistics.intervals import limits
from similarity.statistics.sampling import draw_sample
from similarity.store.generations import Generation
from similarity.store.progress import Step
from similarity.threads import WORKERS, ahead, one_thread

SAMPLE = 100  # products, drawn at random, or all there are
AT_ONCE = 25  # of them whose rows are compared together
DOING = "Measuring robustness"

# What is asked of every product: by a perturbation's key and an amount, first the product as it is.
QUERIES = [("", 0)]
QUERIES += [(key, amount) for key, each in PERTURBATIONS.items() for amount in each.measured]

Before = npt.NDArray[np.int64]
Asked = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]  # numbers in the sample, and places


class Spoilt(NamedTuple):
    """What methods see of a product's picture: of those QUERIES, by place, that it is fit for.

    By backbone what that sees, by method what it needs beside that: (places, …).
    """

    places: list[int]
    seen: dict[str, Seen]
    own: dict[str, Prepared]


def compute_robustness(
    generation: Generation,
    products: pd.DataFrame,
    picture: Callable[[str], Image.Image],
    step: Step,
    failures: Failures,
) -> dict[str, bytes]:
    """The file of robustness by its path, of all methods whose index is of these products.

    Nothing of fewer than LEAST products. `picture` reads a product's, by its id. What the
    generation has of a method already stays where nothing that it is of has changed.
    """
    ids: list[str] = products.index.tolist()
    if len(ids) < LEAST:
        return {}
    catalogue = fingerprint(ids)
    drawn = draw_sample(len(ids), SAMPLE).tolist()
    methods = built_methods(generation, catalogue)
    stamps = {method.key: stamp(generation, method, catalogue) for method in methods}
    groups = group_numbers(products)[drawn]
    grouped = fingerprint(list(map(str, groups)))
    measured = {
        key: each
        for key, each in _former(generation, catalogue, grouped).items()
        if stamps.get(key) == each.stamp
    }
    lacking = {
        method: open_built(generation, method, catalogue)
        for method in methods
        if method.key not in measured and _usable(method, failures)
    }
    if lacking:
        for method, found in _asked(lacking, ids, drawn, picture, step, failures).items():
            pairs = lacking[method].pairs["pictures"]
            measured[method.key] = Measured(stamps[method.key], curves(*found, pairs, groups))
    content = robustness.to_json(
        Robustness(
            format=FORMAT,
            catalogue=catalogue,
            perturbations=definition(),
            products=len(ids),
            sample=len(drawn),
            groups=len(np.unique(groups)),
            grouped=grouped,
            methods={m.key: measured[m.key] for m in methods if m.key in measured},
        )
    )
    return {robustness.PLACE: content}


def curves(scores: Scores, before: Before, pairs: RandomPairs, groups: Numbers) -> dict[str, Curve]:
    """One method's curves, each over the products that are fit for it.

    `scores` (n, QUERIES) are cosines with the product, NaN where its picture is not fit for that;
    `before` (n, QUERIES) says how many products stand before it. `groups` (n,) are the numbers of
    the products' groups.
    """
    made = {}
    for key, perturbation in PERTURBATIONS.items():
        at = amounts(perturbation)
        places = [QUERIES.index((key, amount) if amount else ("", 0)) for amount in at]
        fit = np.isfinite(scores[:, places]).all(1)
        if fit.sum() < LEAST:
            continue
        near, stands, of = scores[fit][:, places], before[fit][:, places], groups[fit]
        points = []
        for amount, cosines, places_before in zip(at, near.T, stands.T, strict=True):
            middle = median(cosines, of)
            points.append(
                Point(
                    amount,
                    similarity=middle,
                    near=_nearer(pairs, middle),
                    first=share(places_before == 0, of),
                    ten=share(places_before < AMONG, of),
                )
            )
        areas = (stands == 0) @ area_weights(perturbation)
        area = Figure(float(areas.mean()), *limits(areas, of))
        made[key] = Curve(int(fit.sum()), points, area)
    return made


def share(flags: npt.NDArray[np.bool_], groups: Numbers) -> Figure:
    """How many are so, with the 95 % interval over groups."""
    found = clustered_share(flags, [groups])
    return Figure(found.mean, found.low, found.high)


def median(values: Scores, groups: Numbers) -> Middle:
    """With the 95 % interval of Woodruff (1952): the values at the ranks at which the interval of
    the share of values up to the median begins and ends, and the next ones outside."""
    middle, n = float(np.median(values)), len(values)
    below = clustered_share(values <= middle, [groups])
    first, last = max(floor(below.low * n), 1), min(ceil(below.high * n) + 1, n)
    low, high = np.sort(values)[[first - 1, last - 1]].tolist()
    return Middle(middle, low, high)


def _nearer(pairs: RandomPairs, middle: Middle) -> Middle | None:
    """How many random pairs are less near: a median's share is the shares' median."""
    shares = [pairs.share_below(x) for x in (middle.median, middle.low, middle.high)]
    found = [share for share in shares if share is not None]
    return Middle(*found) if found else None


def _asked(
    lacking: Mapping[Method, VectorIndex],
    ids: Sequence[str],
    drawn: Sequence[int],
    picture: Callable[[str], Image.Image],
    step: Step,
    failures: Failures,
) -> dict[Method, tuple[Scores, Before]]:
    """By method the scores and places of all that is asked, (n, QUERIES): see `curves`.

    Methods that failed meanwhile are left out.
    """
    shape = len(drawn), len(QUERIES)
    scores = {method: np.full(shape, np.nan) for method in lacking}
    before = {method: np.full(shape, -1) for method in lacking}

    def spoil(position: int) -> Spoilt | None:
        try:
            return spoilt(picture(ids[position]), list(lacking), failures)
        except SimilarityError:
            return None

    def embedded(pictures: Iterator[Spoilt | None]) -> Iterator[tuple[Asked, dict[Method, Rows]]]:
        for start in range(0, len(drawn), AT_ONCE):
            found = dict(enumerate(islice(pictures, AT_ONCE), start))
            some = {number: each for number, each in found.items() if each}
            if some:
                numbers = np.concatenate([np.full(len(e.places), n) for n, e in some.items()])
                places = np.concatenate([each.places for each in some.values()])
                yield (numbers, places), rows_of(list(some.values()), list(lacking), failures)
            step(DOING, start + len(found), len(drawn))

    def compare(asked: tuple[Asked, dict[Method, Rows]]) -> None:
        at, rows = asked
        for method in list(rows):
            with one_thread():  # the network has the others
                found = standings(lacking[method], rows.pop(method), np.array(drawn)[at[0]])
            scores[method][at], before[method][at] = found

    step(DOING, 0, len(drawn))
    # Threads spoil pictures, networks run here, and a thread compares what they gave before.
    with closing(ahead(spoil, drawn, WORKERS)) as pictures:
        for _ in ahead(compare, embedded(pictures), 2):
            pass
    return {m: (scores[m], before[m]) for m in lacking if m not in failures}


def spoilt(picture: Image.Image, methods: Sequence[Method], failures: Failures) -> Spoilt:
    """A picture under all perturbations that it is fit for, prepared for these methods."""
    small = shrunk(picture, SIDE)  # once for all that is changed: that is the same
    fit = {key for key, each in PERTURBATIONS.items() if each.fits(small)}
    places = [place for place, (key, _) in enumerate(QUERIES) if not key or key in fit]
    changed = [
        perturbed(small, {key: amount}) if amount else picture
        for key, amount in (QUERIES[place] for place in places)
    ]
    made = Spoilt(places, {}, {})
    for method in methods:
        by = method.pictures_by or method
        if method in failures:
            continue
        with failures.catch([method], DOING):
            if by.backbone and by.backbone.key not in made.seen:
                made.seen[by.backbone.key] = inference.seen(by.backbone, changed)
            if by.key not in made.own:
                made.own[by.key] = prepared(by, changed)
    return made


def rows_of(
    some: Sequence[Spoilt], methods: Sequence[Method], failures: Failures
) -> dict[Method, Rows]:
    """By method the rows of products' spoilt pictures, one after the other: (queries, dim).

    Methods that failed are left out.
    """
    count = sum(len(each.places) for each in some)
    features = {"": np.empty((count, 0), np.float32)}
    rows: dict[Method, Rows] = {}
    for method in methods:
        if method in failures:
            continue
        by, kind = method.pictures_by or method, index_class(method)
        key = by.backbone.key if by.backbone else ""
        if by.backbone and key not in features:
            others = [m for m in methods if (m.pictures_by or m).backbone == by.backbone]
            with failures.catch(others, DOING):
                seen = np.concatenate([each.seen.pop(key) for each in some])
                features[key] = inference.network(by.backbone).features(seen)
        if method in failures:
            continue
        with failures.catch([method], DOING):
            made = np.empty((count, method.dim), kind.row_type)
            start = 0
            for each in some:  # not all at once: a picture's pixels are megabytes as numbers
                part = slice(start, start + len(each.places))
                with one_thread():
                    vectors = embed_prepared(by, each.own[by.key], features[key][part])
                made[part] = kind.rows(vectors)
                start = part.stop
            rows[method] = made
    return rows


def _usable(method: Method, failures: Failures) -> bool:
    """Whether it can embed: its index is as good where its weights are gone since."""
    by = method.pictures_by or method
    with failures.catch([method], DOING), suppress(SimilarityError):
        embedder(by)
        if by.backbone:
            inference.network(by.backbone)
        return True
    return False


def _former(generation: Generation, catalogue: str, grouped: str) -> dict[str, Measured]:
    """What a former build measured of these products, as it would be measured now."""
    try:
        found = robustness.from_json(generation.read(robustness.PLACE))
    except SimilarityError:
        return {}
    same = (found.catalogue, found.grouped) == (catalogue, grouped)
    return found.methods if same else {}
