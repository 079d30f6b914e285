"""Measure whether methods still find products whose pictures are distorted.

See similarity.measures.robustness.schema and similarity.perturbations.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from similarity import inference
from similarity.embedding import embed_preprocessed, load_embedder, preprocess
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import (
    Rows,
    Scores,
    VectorIndex,
    compute_fingerprint,
    get_row_kind,
    list_built_methods,
    open_built_index,
)
from similarity.measures.files import compute_stamp
from similarity.measures.metrics.groups import number_groups
from similarity.measures.rankings import rank_originals
from similarity.measures.robustness import schema as robustness
from similarity.measures.robustness.schema import (
    FORMAT,
    MIN_PRODUCTS,
    MethodCurves,
    Robustness,
    compute_definition_hash,
)
from similarity.measures.robustness.scores import (
    QUERIES,
    Counts,
    compare_scenes,
    compute_curves,
    compute_scenes,
)
from similarity.methods import Method, MethodInputs
from similarity.methods.base import NetworkInputs
from similarity.perturbations import PERTURBATIONS, SIDE, perturb
from similarity.pictures.thumbnails import shrink
from similarity.statistics.sampling import draw_sample
from similarity.store.generations import Generation
from similarity.store.progress import Step
from similarity.threads import WORKERS, map_ahead, one_thread

SAMPLE = 100  # random products
BATCH_SIZE = 25  # products whose rows are compared together
ACTIVITY = "Measuring robustness"

# numbers in the sample, and numbers of QUERIES
Queried = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


class DistortedPictures(NamedTuple):
    """A product's distorted pictures, prepared for networks and methods.

    `query_numbers` are those of QUERIES that the picture is suitable for. `network_inputs` are by
    backbone and `method_inputs` by method: (queries, …).
    """

    query_numbers: list[int]
    network_inputs: dict[str, NetworkInputs]
    method_inputs: dict[str, MethodInputs]


def compute_robustness(
    generation: Generation,
    products: pd.DataFrame,
    read_picture: Callable[[str], Image.Image],
    step: Step,
    failures: Failures,
) -> dict[str, bytes]:
    """Return the file of robustness by its path, with all methods that have an up-to-date index.

    Returns nothing for fewer than MIN_PRODUCTS products. `read_picture` takes a product's id.
    Measured methods of the generation are reused if nothing that they depend on has changed.
    """
    ids: list[str] = products.index.tolist()
    if len(ids) < MIN_PRODUCTS:
        return {}
    catalogue = compute_fingerprint(ids)
    sample = draw_sample(len(ids), SAMPLE).tolist()
    methods = list_built_methods(generation, catalogue)
    stamps = {method.key: compute_stamp(generation, method, catalogue) for method in methods}
    groups = number_groups(products)[sample]
    groups_hash = compute_fingerprint(list(map(str, groups)))
    measured_methods = {
        key: method_curves
        for key, method_curves in _read_previous(generation, catalogue, groups_hash).items()
        if stamps.get(key) == method_curves.stamp
    }
    missing = {
        method: open_built_index(generation, method, catalogue)
        for method in methods
        if method.key not in measured_methods and _can_embed(method, failures)
    }
    if missing:
        for method, results in _query_methods(
            missing, ids, sample, read_picture, step, failures
        ).items():
            pairs = missing[method].pairs["pictures"]
            measured_methods[method.key] = MethodCurves(
                stamps[method.key],
                compute_curves(*results, pairs, groups),
                compute_scenes(*results, [ids[i] for i in sample], groups),
            )
    methods_in_order = {
        method.key: measured_methods[method.key]
        for method in methods
        if method.key in measured_methods
    }
    content = robustness.to_json(
        Robustness(
            format=FORMAT,
            catalogue=catalogue,
            perturbations=compute_definition_hash(),
            products=len(ids),
            sample=len(sample),
            groups=len(np.unique(groups)),
            groups_hash=groups_hash,
            methods=methods_in_order,
            scene_differences=compare_scenes(methods_in_order, [ids[i] for i in sample], groups),
        )
    )
    return {robustness.PATH: content}


def _query_methods(
    indexes: Mapping[Method, VectorIndex],
    ids: Sequence[str],
    sample: Sequence[int],
    read_picture: Callable[[str], Image.Image],
    step: Step,
    failures: Failures,
) -> dict[Method, tuple[Scores, Counts]]:
    """Return each method's scores and counts of preceding products: (n, QUERIES)."""
    shape = len(sample), len(QUERIES)
    scores = {method: np.full(shape, np.nan) for method in indexes}
    counts_before = {method: np.full(shape, -1) for method in indexes}

    def distort(position: int) -> DistortedPictures | None:
        try:
            return distort_picture(read_picture(ids[position]), list(indexes), failures)
        except SimilarityError:
            return None

    def embed(
        pictures: Iterator[DistortedPictures | None],
    ) -> Iterator[tuple[Queried, dict[Method, Rows]]]:
        for start in range(0, len(sample), BATCH_SIZE):
            batch = dict(enumerate(islice(pictures, BATCH_SIZE), start))
            readable = {number: each for number, each in batch.items() if each}
            if readable:
                numbers = np.concatenate(
                    [np.full(len(e.query_numbers), n) for n, e in readable.items()]
                )
                places = np.concatenate([each.query_numbers for each in readable.values()])
                yield (
                    (numbers, places),
                    embed_distorted(list(readable.values()), list(indexes), failures),
                )
            step(ACTIVITY, start + len(batch), len(sample))

    def compare(batch: tuple[Queried, dict[Method, Rows]]) -> None:
        queried, rows = batch
        for method in list(rows):
            with one_thread():  # the network uses the other threads
                results = rank_originals(
                    indexes[method], rows.pop(method), np.array(sample)[queried[0]]
                )
            scores[method][queried], counts_before[method][queried] = results

    step(ACTIVITY, 0, len(sample))
    # Threads distort pictures, this thread runs networks, and another compares earlier vectors.
    with closing(map_ahead(distort, sample, WORKERS)) as pictures:
        for _ in map_ahead(compare, embed(pictures), 2):
            pass
    return {m: (scores[m], counts_before[m]) for m in indexes if m not in failures}


def distort_picture(
    picture: Image.Image, methods: Sequence[Method], failures: Failures
) -> DistortedPictures:
    """Apply all suitable perturbations to a picture, and prepare the results for methods."""
    small_picture = shrink(picture, SIDE)  # shared by all perturbations, with the same result
    applicable = {key for key, each in PERTURBATIONS.items() if each.applies_to(small_picture)}
    query_numbers = [place for place, amounts in enumerate(QUERIES) if amounts.keys() <= applicable]
    distorted = [
        perturb(small_picture, QUERIES[place]) if QUERIES[place] else picture
        for place in query_numbers
    ]
    inputs = DistortedPictures(query_numbers, {}, {})
    for method in methods:
        owner = method.pictures_by or method
        if method in failures:
            continue
        with failures.catch([method], ACTIVITY):
            if owner.backbone and owner.backbone.key not in inputs.network_inputs:
                inputs.network_inputs[owner.backbone.key] = inference.prepare_inputs(
                    owner.backbone, distorted
                )
            if owner.key not in inputs.method_inputs:
                inputs.method_inputs[owner.key] = preprocess(owner, distorted)
    return inputs


def embed_distorted(
    batch: Sequence[DistortedPictures], methods: Sequence[Method], failures: Failures
) -> dict[Method, Rows]:
    """Return each method's rows of distorted pictures, in sequence: (queries, dim).

    Methods that failed are left out.
    """
    count = sum(len(each.query_numbers) for each in batch)
    features = {"": np.empty((count, 0), np.float32)}
    rows: dict[Method, Rows] = {}
    for method in methods:
        if method in failures:
            continue
        owner, kind = method.pictures_by or method, get_row_kind(method)
        key = owner.backbone.key if owner.backbone else ""
        if owner.backbone and key not in features:
            sharing = [m for m in methods if (m.pictures_by or m).backbone == owner.backbone]
            with failures.catch(sharing, ACTIVITY):
                inputs = np.concatenate([each.network_inputs.pop(key) for each in batch])
                features[key] = inference.load_network(owner.backbone).features(inputs)
        if method in failures:
            continue
        with failures.catch([method], ACTIVITY):
            method_rows = np.empty((count, method.dim), kind.row_type)
            start = 0
            for each in batch:  # one at a time, because a picture's pixels as floats take megabytes
                target = slice(start, start + len(each.query_numbers))
                with one_thread():
                    vectors = embed_preprocessed(
                        owner, each.method_inputs[owner.key], features[key][target]
                    )
                method_rows[target] = kind.to_rows(vectors)
                start = target.stop
            rows[method] = method_rows
    return rows


def _can_embed(method: Method, failures: Failures) -> bool:
    """Return whether a method can embed; its weights may be gone."""
    owner = method.pictures_by or method
    with failures.catch([method], ACTIVITY), suppress(SimilarityError):
        load_embedder(owner)
        if owner.backbone:
            inference.load_network(owner.backbone)
        return True
    return False


def _read_previous(
    generation: Generation, catalogue: str, groups_hash: str
) -> dict[str, MethodCurves]:
    """Return what a previous build measured with the same products and settings."""
    try:
        previous = robustness.from_json(generation.read(robustness.PATH))
    except SimilarityError:
        return {}
    is_same = (previous.catalogue, previous.groups_hash) == (catalogue, groups_hash)
    return previous.methods if is_same else {}
