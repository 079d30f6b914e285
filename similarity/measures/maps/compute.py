"""Draw the maps that similarity.measures.maps.schema describes."""

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
    compute_fingerprint,
    list_built_methods,
    open_built_index,
)
from similarity.measures.files import compute_stamp
from similarity.measures.maps import schema as maps
from similarity.measures.maps.schema import (
    MAX_PRODUCTS,
    MIN_PRODUCTS,
    Coordinates,
    K,
    Maps,
    Quality,
    SpaceRanks,
    align,
    judge_map,
)
from similarity.measures.metrics.schema import Figure
from similarity.measures.neighbours.schema import Neighbours
from similarity.measures.rankings import compute_pairwise_cosines
from similarity.statistics.intervals import compute_intervals
from similarity.statistics.sampling import draw_sample
from similarity.store.generations import Generation
from similarity.store.progress import Step

LANDMARKS = 500  # products that represent the whole space
COMPONENTS = 100  # as many as PaCMAP itself reduces vectors to
JUDGED_PRODUCTS = 1500  # random products that a map is judged by
# multiplications for comparing all products of the maps with each other: some minutes
MAX_OPERATIONS = 6e12
SEED = 0
ACTIVITY = "Drawing maps"


def compute_maps(generation: Generation, products: pd.DataFrame, step: Step) -> dict[str, bytes]:
    """Return the file of maps by its path, with all methods that have an up-to-date index.

    Returns nothing for fewer than LEAST products. Maps show a random sample of at most MOST
    products, and of no more than can be compared in a few minutes with all these methods. A
    method's previous map is reused if nothing that it depends on has changed.
    """
    ids: list[str] = products.index.tolist()
    if len(ids) < MIN_PRODUCTS:
        return {}
    catalogue = compute_fingerprint(ids)
    methods = list_built_methods(generation, catalogue)
    if not methods:
        return {}
    limit = min(MAX_PRODUCTS, int(np.sqrt(MAX_OPERATIONS / sum(method.dim for method in methods))))
    sample = draw_sample(len(ids), limit)
    stamps = {method.key: compute_stamp(generation, method, catalogue) for method in methods}
    previous = _read_previous(generation, ids, sample)
    reusable = {
        key: previous
        for key in stamps
        if previous and previous.neighbours.stamps.get(key) == stamps[key]
    }
    neighbours_by_method, coordinates, quality = {}, {}, {}
    for number, method in enumerate(methods):
        key = method.key

        def report(done: int, number: int = number) -> None:
            step(ACTIVITY, number * len(sample) + done, len(methods) * len(sample))

        report(0)
        if key in reusable:
            neighbours_by_method[key] = reusable[key].neighbours.by_method[key]
            coordinates[key], quality[key] = (
                reusable[key].coordinates[key],
                reusable[key].quality[key],
            )
        else:
            space_ranks, vectors = rank_all(
                open_built_index(generation, method, catalogue), sample, report
            )
            neighbours_by_method[key] = sample[space_ranks.neighbours]
            coordinates[key] = draw_map(space_ranks.neighbours, vectors)
            quality[key] = assess_map(coordinates[key], space_ranks)
        first = next(iter(coordinates))
        if key not in reusable or reusable[key].methods[0] != first or first not in reusable:
            coordinates[key] = align(coordinates[key], coordinates[first])
        report(len(sample))
    drawn_maps = Maps(
        Neighbours(ids, stamps, sample, neighbours_by_method),
        coordinates,
        quality,
        describe_algorithm(),
    )
    return {maps.PATH: maps.to_bytes(drawn_maps)}


def rank_all(
    index: VectorIndex, sample: Positions, report: Callable[[int], None]
) -> tuple[SpaceRanks, Scores]:
    """Compare all products of a map, at the given positions, with each other.

    Returns what the map is judged by, and the components (n, d) that represent the space for
    PaCMAP: see `compute_components`. Equal cosines keep catalogue order. `report` is called with
    the number of products done.
    """
    n = len(sample)
    rng = np.random.default_rng(SEED)
    judged, landmarks = (
        np.sort(rng.permutation(n)[:size]) for size in (JUDGED_PRODUCTS, LANDMARKS)
    )
    neighbours, cosines = np.empty((n, K), np.int64), np.empty((n, len(landmarks)))
    ranks = np.empty((len(judged), n), np.uint16)
    for part, scores in compute_pairwise_cosines(index, sample):
        cosines[part] = scores[:, landmarks]
        positions = np.arange(part.start, part.stop)
        scores[positions - part.start, positions] = -np.inf
        order = np.argsort(-scores, axis=1, kind="stable")
        neighbours[part] = order[:, :K]
        low, high = np.searchsorted(judged, [part.start, part.stop])
        judged_order = order[judged[low:high] - part.start]
        np.put_along_axis(ranks[low:high], judged_order, np.arange(n, dtype=np.uint16)[None], 1)
        report(part.stop)
    return SpaceRanks(neighbours, judged, ranks), compute_components(cosines, landmarks)


def compute_components(cosines: Scores, landmarks: Positions) -> Scores:
    """Return vectors of up to COMPONENTS numbers whose inner products approximate cosines: (n, d).

    `cosines` (n, m) are those with m landmarks, which are among the n. Uses Nyström's method
    (Williams and Seeger 2001), so that PaCMAP gets the same input for every kind of index.
    """
    values, vectors = np.linalg.eigh(cosines[landmarks])
    is_large = values > values[-1] * 1e-6
    values, vectors = values[is_large][-COMPONENTS:], vectors[:, is_large][:, -COMPONENTS:]
    return cosines @ (vectors / np.sqrt(values))


def draw_map(neighbours: Positions, vectors: Scores) -> Coordinates:
    """Draw a map with PaCMAP (Wang, Huang, Rudin and Shaposhnik 2021): (n, 2).

    PaCMAP pulls each product towards its K nearest, `neighbours` (n, K), and, according to
    `vectors` (n, d), towards others at a medium distance, and pushes the rest away. Equal vectors
    get equal coordinates.
    """
    from pacmap import PaCMAP  # compiles for half a minute when it is first used

    logging.getLogger("pacmap").setLevel(logging.ERROR)  # it warns about a fixed seed
    if not np.ptp(vectors, axis=0).any():
        return np.zeros((len(neighbours), 2), np.float32)
    pairs = np.stack([np.repeat(np.arange(len(neighbours)), K), neighbours.ravel()], 1).astype(
        np.int32
    )
    method = PaCMAP(n_neighbors=K, pair_neighbors=pairs, apply_pca=False, random_state=SEED)
    return np.asarray(method.fit_transform(vectors), np.float32)


def assess_map(coordinates: Coordinates, space_ranks: SpaceRanks) -> Quality:
    """Return what a map preserves on average, with 95 % intervals."""
    judged_products = space_ranks.judged[:, None]
    neighbours = (
        NearestNeighbors(n_neighbors=K + 1)
        .fit(coordinates)
        .kneighbors(coordinates[space_ranks.judged])[1]
    )
    # a product that shares its coordinates with others may not be the nearest to itself
    first = np.argsort(neighbours == judged_products, axis=1, kind="stable")[:, :K]
    values = judge_map(np.take_along_axis(neighbours, first, 1), space_ranks)
    trust, overlap = (
        Figure(float(mean), float(low), float(high))
        for mean, (low, high) in zip(values.mean(0), compute_intervals(values), strict=True)
    )
    return Quality(trust, overlap, len(values))


def describe_algorithm() -> str:
    """Describe how maps are drawn; maps drawn differently are drawn again."""
    return f"PaCMAP {version('pacmap')}, {K} neighbours, seed {SEED}"


def _read_previous(generation: Generation, ids: Sequence[str], sample: Positions) -> Maps | None:
    """Return the maps of a previous build if they would be drawn the same way now."""
    try:
        previous = maps.from_bytes(generation.read(maps.PATH), ids)
    except SimilarityError:
        return None
    is_same = previous.algorithm == describe_algorithm() and np.array_equal(
        previous.neighbours.queries, sample
    )
    return previous if is_same else None
