"""Decode and embed pictures: threads prepare pictures ahead, so that networks never wait."""

from collections.abc import Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from time import perf_counter, thread_time
from typing import NamedTuple

import numpy as np
from PIL import Image

from precompute.plan import Plan, drop_failed
from precompute.products import Scan
from precompute.scan import Listing, ThumbnailStore, decode_pictures
from similarity.candidates.vector_file import Names, VectorFile
from similarity.embedding import embed_preprocessed, load_embedder
from similarity.failures import Failures
from similarity.indexes import get_row_kind
from similarity.inference import Network, Precision, load_network
from similarity.methods import Backbone, Method, MethodInputs
from similarity.methods.base import NetworkInputs, Preprocess, load_preprocessing
from similarity.store.progress import Step
from similarity.threads import WORKERS

BATCH = 32  # pictures
TIMED_PICTURES, FIRST_TIMED = 16, 4  # pictures of a batch that time a network alone
MIN_SECONDS = 0.05  # s: shorter times are too inaccurate


class PreparedPicture(NamedTuple):
    """What threads computed from a product's picture, by backbone or method key.

    `inputs` are the preprocessed pictures, and `seconds` the CPU time of each.
    """

    inputs: dict[str, MethodInputs]
    seconds: dict[str, float]


class Preprocessor(NamedTuple):
    """The preprocessing of a backbone or a method, and the plans that use it."""

    preprocess: Preprocess
    plans: list[Plan]


def embed(
    listing: Listing,
    thumbnails: ThumbnailStore,
    plans: list[Plan],
    precision: Precision,
    step: Step,
    failures: Failures,
) -> None:
    """Decode pictures where necessary, and embed every product that a method lacks.

    Skips a method once it has failed. Raises SimilarityError if all methods fail, or if the build
    itself can't continue.
    """

    def is_missing(some_plans: list[Plan], product: str) -> bool:
        return any(plan.method not in failures and not plan.has(product) for plan in some_plans)

    def is_needed(product: str) -> bool:
        return is_missing(plans, product)

    def is_pending(product: str) -> bool:
        return product not in listing.sizes or is_needed(product)

    def prepare(product: str, picture: Image.Image) -> PreparedPicture:
        prepared = PreparedPicture({}, {})
        for key, preprocessor in preprocessors.items():
            if is_missing(preprocessor.plans, product):
                with failures.catch(
                    list_methods(preprocessor.plans), f"at '{listing.paths[product]}'"
                ):
                    start = thread_time()
                    prepared.inputs[key] = preprocessor.preprocess(picture)
                    prepared.seconds[key] = thread_time() - start
        return prepared

    total = len(listing.paths)
    done = total - sum(map(is_pending, listing.paths))
    if done == total:
        return
    step("Embedding", done, total)
    preprocessors = load_preprocessors(
        [plan for plan in plans if not all(map(plan.has, listing.paths))], step, failures
    )
    drop_failed(plans, failures)
    failed = len(failures.causes)
    pictures = decode_pictures(listing, thumbnails, is_needed, prepare)
    with closing(pictures):
        largest: dict[str, tuple[Network, NetworkInputs]] = {}
        while chunk := list(islice(pictures, BATCH)):
            batch = {product: prepared for product, prepared in chunk if prepared}
            for backbone in dict.fromkeys(plan.method.backbone for plan in plans):
                sharing = [plan for plan in plans if plan.method.backbone == backbone]
                embed_batch(batch, sharing, backbone, precision, largest, step, failures)
            done += len(chunk)
            step("Embedding", done, total)
            if len(failures.causes) > failed:
                failed = len(failures.causes)
                drop_failed(plans, failures)
                if not any(map(is_pending, listing.paths)):
                    break  # the others were only needed by methods that failed
    for key, (network, inputs) in largest.items():
        sharing = [
            plan for plan in plans if plan.method.backbone and plan.method.backbone.key == key
        ]
        with failures.catch(list_methods(sharing)):
            seconds_per_picture = time_network(network, inputs)
            for plan in sharing:
                plan.seconds += seconds_per_picture * plan.embedded


def list_methods(plans: list[Plan]) -> list[Method]:
    """Return the methods of plans."""
    return [plan.method for plan in plans]


def load_preprocessors(
    plans: list[Plan], step: Step, failures: Failures
) -> dict[str, Preprocessor]:
    """Return the preprocessing functions by the key of the backbone or method.

    Imports and constructs them in this thread, before any other thread decodes a picture.
    """
    preprocessors: dict[str, Preprocessor] = {}
    for plan in plans:
        for owner in (plan.method.backbone, plan.method):
            if owner and owner.key in preprocessors:
                preprocessors[owner.key].plans.append(plan)
            elif owner and owner.make_preprocessing:
                step(f"Loading {plan.method.title}", 0, 0)
                with failures.catch([plan.method]):
                    preprocessors[owner.key] = Preprocessor(load_preprocessing(owner), [plan])
    return preprocessors


def time_network(network: Network, inputs: NetworkInputs) -> float:
    """Return the seconds per picture of a network while no thread decodes.

    Times a few pictures, or all of them if that is too short.
    """
    seconds, sample = 0.0, inputs
    for sample in (inputs[:FIRST_TIMED], inputs):
        start = perf_counter()
        network.features(sample)
        seconds = perf_counter() - start
        if seconds > MIN_SECONDS:
            break
    return seconds / len(sample)


def embed_batch(
    batch: dict[str, PreparedPicture],
    plans: list[Plan],
    backbone: Backbone | None,
    precision: Precision,
    largest: dict[str, tuple[Network, NetworkInputs]],
    step: Step,
    failures: Failures,
) -> None:
    """Embed the products of a batch that plans lack, for methods with the same backbone, or none.

    Stores the largest batch of the backbone, up to TIMED_PICTURES, in `largest`.
    """
    plans = [plan for plan in plans if plan.method not in failures]
    missing = {
        p: prepared for p, prepared in batch.items() if not all(plan.has(p) for plan in plans)
    }
    if not missing:
        return
    features, network = dict.fromkeys(missing, np.empty(0, np.float32)), None
    if backbone:
        if backbone.key not in largest:
            step(f"Loading {plans[0].method.title}", 0, 0)
        with failures.catch(list_methods(plans)):
            network = load_network(backbone, precision)
            inputs = np.stack([prepared.inputs[backbone.key] for prepared in missing.values()])
            features = dict(zip(missing, network.features(inputs), strict=True))
            if backbone.key not in largest or len(inputs) > len(largest[backbone.key][1]):
                largest[backbone.key] = network, inputs[:TIMED_PICTURES]
    for plan in plans:
        method = plan.method
        ids = [product for product in missing if not plan.has(product)]
        if not ids or method in failures:
            continue
        if not plan.embedded:
            step(f"Loading {method.title}", 0, 0)
            plan.run_by = network.description if network else ""
        no_inputs = np.empty(0, np.float32)
        with failures.catch([method]):
            load_embedder(method)
            own_inputs = np.stack(
                [missing[product].inputs.get(method.key, no_inputs) for product in ids]
            )
            own_features = np.stack([features[product] for product in ids])
            start = perf_counter()
            vectors = embed_preprocessed(method, own_inputs, own_features)
            plan.seconds += perf_counter() - start
        if method in failures:
            continue
        # Backbone time counts in full for every method that uses the backbone.
        names = {method.key, backbone.key if backbone else ""}
        seconds = sum(missing[p].seconds.get(name, 0) for p in ids for name in names)
        plan.seconds += seconds / WORKERS
        plan.embedded += len(ids)
        plan.new_rows.append(ids, get_row_kind(method).to_rows(vectors))


def copy_vectors(plans: list[Plan], listing: Listing, scan: Scan, failures: Failures) -> None:
    """Copy the rows of methods that are files of vectors, and add notes on the files to a scan.

    A method fails if a product has no vector.
    """
    names: dict[str, list[str]] = {product: [product] for product in scan.products.index}
    for path, product in listing.products.items():
        if product in names:
            names[product].insert(-1, path)
    for plan in plans:
        if not plan.method.has_model:
            with failures.catch([plan.method]):
                scan.notes.extend(_copy_file(plan, names))


def _copy_file(plan: Plan, names: Mapping[str, Names]) -> list[str]:
    """Copy the rows of a file, and return notes on it; `names` of products are by their id."""
    candidate = plan.method.candidate
    assert candidate is not None, "the user brought the file"
    missing = [product for product in names if not plan.has(product)]
    if not missing:
        return []
    vectors = VectorFile(Path(candidate.location))
    vectors.require(list(names.values()))
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        rows = vectors.read([names[product] for product in batch])
        plan.new_rows.append(batch, get_row_kind(plan.method).to_rows(rows))
    unused = vectors.count_unused([name for each in names.values() for name in each])
    return [f"{unused:,} vectors of {candidate.title} belong to no product here."] if unused else []
