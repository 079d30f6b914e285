"""Draw the maps: see similarity.measures.maps.schema."""

import logging
from collections.abc import Callable, Sequence
from importlib.metadata import version

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from similarity.errors import SimilarityError
from similarity.indexes import (
    Positions,
    Scores,
    VectorIndex,
    built_methods,
    fingerprint,
    open_built,
)
from similarity.measures.files import stamp
from similarity.measures.maps import schema as maps
from similarity.measures.maps.schema import (
    LEAST,
    MOST,
    K,
    Maps,
    Places,
    Quality,
    Ranked,
    aligned,
    judged,
)
from similarity.measures.metrics.schema import Figure
from similarity.measures.neighbours.schema import Neighbours
from similarity.measures.rankings import scores_of
from similarity.statistics.intervals import intervals
from similarity.statistics.sampling import draw_sample
from similarity.store.generations import Generation
from similarity.store.progress import Step

LANDMARKS = 500  # products that stand for the whole of a space
DIM = 100  # as many as PaCMAP itself reduces vectors to
JUDGED = 1500  # products that a map is judged by, drawn at random, or all there are
WORK = 6e12  # multiplications to compare all products of the maps with each other: some minutes
SEED = 0
DOING = "Drawing maps"


def compute_maps(generation: Generation, products: pd.DataFrame, step: Step) -> dict[str, bytes]:
    """The file of maps by its path, of all methods whose index is of these products.

    Nothing of fewer than LEAST products; of more than MOST, or than can be compared in some minutes
    by all these methods, so many that are drawn at random. A method's map stays as the
    generation has it where nothing that it is of has changed.
    """
    ids: list[str] = products.index.tolist()
    if len(ids) < LEAST:
        return {}
    catalogue = fingerprint(ids)
    methods = built_methods(generation, catalogue)
    if not methods:
        return {}
    most = min(MOST, int(np.sqrt(WORK / sum(method.dim for method in methods))))
    shown = draw_sample(len(ids), most)
    stamps = {method.key: stamp(generation, method, catalogue) for method in methods}
    former = _former(generation, ids, shown)
    kept = {key: former for key in stamps if former and former.near.stamps.get(key) == stamps[key]}
    near, places, quality = {}, {}, {}
    for number, method in enumerate(methods):
        key = method.key

        def tell(done: int, number: int = number) -> None:
            step(DOING, number * len(shown) + done, len(methods) * len(shown))

        tell(0)
        if key in kept:
            near[key] = kept[key].near.near[key]
            places[key], quality[key] = kept[key].places[key], kept[key].quality[key]
        else:
            ranked, vectors = survey(open_built(generation, method, catalogue), shown, tell)
            near[key] = shown[ranked.near]
            places[key] = drawn(ranked.near, vectors)
            quality[key] = assessed(places[key], ranked)
        first = next(iter(places))
        if key not in kept or kept[key].methods[0] != first or first not in kept:
            places[key] = aligned(places[key], places[first])
        tell(len(shown))
    found = Maps(Neighbours(ids, stamps, shown, near), places, quality, how())
    return {maps.PLACE: maps.to_bytes(found)}


def survey(
    index: VectorIndex, shown: Positions, tell: Callable[[int], None]
) -> tuple[Ranked, Scores]:
    """Compare all products of a map, at these positions, with each other.

    Returns what the map is judged by, and what PaCMAP is told of the whole space: (n, d), see
    `components`. Equal cosines stand in the catalogue's order. `tell` hears how many are done.
    """
    n = len(shown)
    rng = np.random.default_rng(SEED)
    some, landmarks = (np.sort(rng.permutation(n)[:most]) for most in (JUDGED, LANDMARKS))
    near, cosines = np.empty((n, K), np.int64), np.empty((n, len(landmarks)))
    ranks = np.empty((len(some), n), np.uint16)
    for part, scores in scores_of(index, shown):
        cosines[part] = scores[:, landmarks]
        own = np.arange(part.start, part.stop)
        scores[own - part.start, own] = -np.inf
        order = np.argsort(-scores, axis=1, kind="stable")
        near[part] = order[:, :K]
        low, high = np.searchsorted(some, [part.start, part.stop])
        those = order[some[low:high] - part.start]
        np.put_along_axis(ranks[low:high], those, np.arange(n, dtype=np.uint16)[None], 1)
        tell(part.stop)
    return Ranked(near, some, ranks), components(cosines, landmarks)


def components(cosines: Scores, landmarks: Positions) -> Scores:
    """Vectors of up to DIM numbers whose inner products are near the cosines: (n, d).

    `cosines` (n, m) are those with m landmarks, which are some of the n. By Nyström's method
    (Williams and Seeger 2001): what a space is to PaCMAP is then the same for every kind of index.
    """
    values, vectors = np.linalg.eigh(cosines[landmarks])
    most = values > values[-1] * 1e-6
    values, vectors = values[most][-DIM:], vectors[:, most][:, -DIM:]
    return cosines @ (vectors / np.sqrt(values))


def drawn(near: Positions, vectors: Scores) -> Places:
    """A map by PaCMAP (Wang, Huang, Rudin and Shaposhnik 2021): (n, 2).

    It pulls each product to its K nearest, `near` (n, K), and by `vectors` (n, d) to others that
    are half as near, and pushes the rest away. Where they are all the same, so are their places.
    """
    from pacmap import PaCMAP  # compiles for half a minute when it is first used

    logging.getLogger("pacmap").setLevel(logging.ERROR)  # it warns of being given a seed
    if not np.ptp(vectors, axis=0).any():
        return np.zeros((len(near), 2), np.float32)
    pairs = np.stack([np.repeat(np.arange(len(near)), K), near.ravel()], 1).astype(np.int32)
    method = PaCMAP(n_neighbors=K, pair_neighbors=pairs, apply_pca=False, random_state=SEED)
    return np.asarray(method.fit_transform(vectors), np.float32)


def assessed(places: Places, ranked: Ranked) -> Quality:
    """What a map keeps, in the mean, with 95 % intervals."""
    own = ranked.judged[:, None]
    near = NearestNeighbors(n_neighbors=K + 1).fit(places).kneighbors(places[ranked.judged])[1]
    # a product that shares its place with others need not be the nearest to itself
    first = np.argsort(near == own, axis=1, kind="stable")[:, :K]
    values = judged(np.take_along_axis(near, first, 1), ranked)
    trust, kept = (
        Figure(float(mean), float(low), float(high))
        for mean, (low, high) in zip(values.mean(0), intervals(values), strict=True)
    )
    return Quality(trust, kept, len(values))


def how() -> str:
    """What maps are drawn by: those that were drawn otherwise are drawn anew."""
    return f"PaCMAP {version('pacmap')}, {K} neighbours, seed {SEED}"


def _former(generation: Generation, ids: Sequence[str], shown: Positions) -> Maps | None:
    """A former build's maps of these products, as they would be drawn now."""
    try:
        found = maps.from_bytes(generation.read(maps.PLACE), ids)
    except SimilarityError:
        return None
    same = found.how == how() and np.array_equal(found.near.queries, shown)
    return found if same else None
