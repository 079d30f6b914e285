"""Measure where the built methods differ: see similarity.measures.overlaps."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from precompute.progress import Step
from precompute.scan import ahead
from similarity.errors import SimilarityError
from similarity.generations import Generation
from similarity.indexes import VectorIndex, fingerprint, index_place, open_index
from similarity.measures.overlaps import PLACE, K, Overlaps, facts, from_json, to_json
from similarity.methods import METHODS, Method
from similarity.search import as_built

SAMPLE = 500  # products
SEED = 0
DOING = "Comparing answers"


def overlaps(
    generation: Generation, old: Generation | None, ids: Sequence[str], step: Step
) -> bytes:
    """The file with the overlaps of every method whose index in `generation` is of these products.

    It is the old generation's where nothing that it is of has changed.
    """
    catalogue, k = fingerprint(ids), min(K, len(ids) - 1)
    built = [_as_built(generation, method, catalogue) for method in METHODS.values()]
    methods = [method for method in built if method]
    revisions = {method.key: method.revision for method in methods}
    if old and (content := _unchanged(old, facts(k, catalogue, revisions))):
        return content
    drawn = np.random.default_rng(SEED).permutation(len(ids))[: SAMPLE if k else 0]
    sample = [int(position) for position in np.sort(drawn)]
    answers: list[list[set[int]]] = []
    for number, method in enumerate(methods):
        index = _opened(generation, method, catalogue)

        def nearest(position: int, index: VectorIndex = index) -> set[int]:
            return set(index.search(index.row(position), k, leave_out=position)[0].tolist())

        found: list[set[int]] = []
        for answer in ahead(nearest, sample):
            found.append(answer)
            step(DOING, number * len(sample) + len(found), len(methods) * len(sample))
        answers.append(found)
    pairs = list(combinations(answers, 2))
    shared = np.zeros((len(pairs), len(sample)), np.int64)
    for row, (one, other) in enumerate(pairs):
        shared[row] = [len(a & b) for a, b in zip(one, other, strict=True)]
    return to_json(Overlaps(k, catalogue, revisions, [ids[i] for i in sample], shared))


def _as_built(generation: Generation, method: Method, catalogue: str) -> Method | None:
    """The method as its index has it, if there is one of it as it is now and of these products."""
    try:
        found = as_built(generation, method)
        _opened(generation, found, catalogue)
    except SimilarityError:
        return None
    return found


def _opened(generation: Generation, method: Method, catalogue: str) -> VectorIndex:
    files = generation.part(index_place(method, generation.sums))
    return open_index(files, method, catalogue)


def _unchanged(old: Generation, wanted: dict[str, object]) -> bytes:
    """What the old generation has, if it is of just that; else nothing."""
    try:
        content = old.read(PLACE)
        found = from_json(content)
    except SimilarityError:
        return b""
    return content if facts(found.k, found.catalogue, found.methods) == wanted else b""
