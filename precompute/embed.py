"""Decode pictures and embed them: threads prepare ahead, networks never wait for them."""

from contextlib import closing
from itertools import islice
from time import perf_counter, thread_time
from typing import NamedTuple

import numpy as np
from PIL import Image

from precompute.plan import Plan, drop_failed
from precompute.scan import Listing, Thumbnails, decoded
from similarity.embedding import embed_prepared, embedder
from similarity.failures import Failures
from similarity.indexes import index_class
from similarity.inference import Network, Precision, network
from similarity.methods import Backbone, Method, Prepared
from similarity.methods.base import Prepare, Seen, load_preprocessing
from similarity.store.progress import Step
from similarity.threads import WORKERS

BATCH = 32  # pictures
TIMED, FEW = 16, 4  # of them, by a network alone
ENOUGH = 0.05  # s, to be told from nothing


class Ready(NamedTuple):
    """What threads made of a product's picture, by the key of the backbone or of the method that
    needs it, and the seconds of a core that each took."""

    of: dict[str, Prepared]
    took: dict[str, float]


class Need(NamedTuple):
    """What prepares pictures for a backbone or a method, and the plans that need it."""

    prepare: Prepare
    plans: list[Plan]


def embed(
    listing: Listing,
    thumbnails: Thumbnails,
    plans: list[Plan],
    precision: Precision,
    step: Step,
    failures: Failures,
) -> None:
    """Decode what has to be, and embed every product that a method does not have yet.

    Skips a method once it has failed. Raises SimilarityError if all methods fail, or if the build
    itself can't go on.
    """

    def lack(some: list[Plan], product: str) -> bool:
        return any(plan.method not in failures and not plan.has(product) for plan in some)

    def lacks(product: str) -> bool:
        return lack(plans, product)

    def make(product: str, picture: Image.Image) -> Ready:
        made = Ready({}, {})
        for key, need in needs.items():
            if lack(need.plans, product):
                with failures.catch(methods_of(need.plans), f"at '{listing.paths[product]}'"):
                    start = thread_time()
                    made.of[key] = need.prepare(picture)
                    made.took[key] = thread_time() - start
        return made

    total = len(listing.paths)
    done = total - sum(p not in listing.sizes or lacks(p) for p in listing.paths)
    if done == total:
        return
    step("Embedding", done, total)
    needs = load_needs([p for p in plans if not all(map(p.has, listing.paths))], step, failures)
    drop_failed(plans, failures)
    failed = len(failures.causes)
    pictures = decoded(listing, thumbnails, lacks, make)
    with closing(pictures):
        largest: dict[str, tuple[Network, Seen]] = {}
        while some := list(islice(pictures, BATCH)):
            batch = {product: made for product, made in some if made}
            for backbone in dict.fromkeys(plan.method.backbone for plan in plans):
                ours = [plan for plan in plans if plan.method.backbone == backbone]
                embed_batch(batch, ours, backbone, precision, largest, step, failures)
            done += len(some)
            step("Embedding", done, total)
            if len(failures.causes) > failed:
                failed = len(failures.causes)
                drop_failed(plans, failures)
                if not any(p not in listing.sizes or lacks(p) for p in listing.paths):
                    break  # the rest was to be decoded for what failed
    for key, (running, seen) in largest.items():
        ours = [p for p in plans if p.method.backbone and p.method.backbone.key == key]
        with failures.catch(methods_of(ours)):
            a_picture = alone(running, seen)
            for plan in ours:
                plan.seconds += a_picture * plan.embedded


def methods_of(plans: list[Plan]) -> list[Method]:
    """The methods of some plans."""
    return [plan.method for plan in plans]


def load_needs(plans: list[Plan], step: Step, failures: Failures) -> dict[str, Need]:
    """Return what prepares pictures, by the key of the backbone or of the method that needs it.

    Imports and constructs it in this thread, before any other decodes a picture.
    """
    needs: dict[str, Need] = {}
    for plan in plans:
        for each in (plan.method.backbone, plan.method):
            if each and each.key in needs:
                needs[each.key].plans.append(plan)
            elif each and each.preprocessing:
                step(f"Loading {plan.method.title}", 0, 0)
                with failures.catch([plan.method]):
                    needs[each.key] = Need(load_preprocessing(each), [plan])
    return needs


def alone(running: Network, seen: Seen) -> float:
    """Seconds that a network takes for a picture when no thread decodes beside it.

    Of a few pictures, of more where that is over at once.
    """
    took, few = 0.0, seen
    for few in (seen[:FEW], seen):
        start = perf_counter()
        running.features(few)
        took = perf_counter() - start
        if took > ENOUGH:
            break
    return took / len(few)


def embed_batch(
    batch: dict[str, Ready],
    plans: list[Plan],
    backbone: Backbone | None,
    precision: Precision,
    largest: dict[str, tuple[Network, Seen]],
    step: Step,
    failures: Failures,
) -> None:
    """Embed what plans whose methods have the same backbone, or none, lack of a batch.

    The largest batch that a backbone has seen, or TIMED pictures of it, is left in `largest`.
    """
    plans = [plan for plan in plans if plan.method not in failures]
    lacking = {p: made for p, made in batch.items() if not all(plan.has(p) for plan in plans)}
    if not lacking:
        return
    features, running = dict.fromkeys(lacking, np.empty(0, np.float32)), None
    if backbone:
        if backbone.key not in largest:
            step(f"Loading {plans[0].method.title}", 0, 0)
        with failures.catch(methods_of(plans)):
            running = network(backbone, precision)
            seen = np.stack([made.of[backbone.key] for made in lacking.values()])
            features = dict(zip(lacking, running.features(seen), strict=True))
            if backbone.key not in largest or len(seen) > len(largest[backbone.key][1]):
                largest[backbone.key] = running, seen[:TIMED]
    for plan in plans:
        method = plan.method
        ids = [product for product in lacking if not plan.has(product)]
        if not ids or method in failures:
            continue
        if not plan.embedded:
            step(f"Loading {method.title}", 0, 0)
            plan.how = running.how if running else ""
        nothing = np.empty(0, np.float32)
        with failures.catch([method]):
            embedder(method)
            own = np.stack([lacking[product].of.get(method.key, nothing) for product in ids])
            known = np.stack([features[product] for product in ids])
            start = perf_counter()
            vectors = embed_prepared(method, own, known)
            plan.seconds += perf_counter() - start
        if method in failures:
            continue
        # What backbones took counts whole for every method that needs them.
        names = {method.key, backbone.key if backbone else ""}
        took = sum(lacking[p].took.get(name, 0) for p in ids for name in names)
        plan.seconds += took / WORKERS
        plan.embedded += len(ids)
        plan.new.append(ids, index_class(method).rows(vectors))
