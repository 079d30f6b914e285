"""Decode pictures and embed them: threads prepare ahead, networks never wait for them."""

from contextlib import closing
from itertools import islice
from time import perf_counter, thread_time
from typing import NamedTuple

import numpy as np
from PIL import Image

from precompute.plan import Plan
from precompute.progress import Step
from precompute.scan import WORKERS, Listing, Thumbnails, decoded
from similarity.indexes import index_class
from similarity.inference import Network, Precision, network
from similarity.methods import Backbone, Prepared
from similarity.methods.base import Seen
from similarity.search import embed_prepared, embedder

BATCH = 32  # pictures
TIMED, FEW = 16, 4  # of them, by a network alone
ENOUGH = 0.05  # s, to be told from nothing


class Ready(NamedTuple):
    """What threads made of a product's picture: by backbone what that sees, by method what it needs
    beside that, and the seconds of a core that each took."""

    seen: dict[str, Seen]
    own: dict[str, Prepared]
    took: dict[str, float]


def embed(
    listing: Listing,
    thumbnails: Thumbnails,
    plans: list[Plan],
    precision: Precision,
    step: Step,
) -> None:
    """Decode what has to be, and embed every product that a method does not have yet.

    Raises SimilarityError.
    """

    def lacks(product: str) -> bool:
        return not all(plan.has(product) for plan in plans)

    def make(product: str, picture: Image.Image) -> Ready:
        made = Ready({}, {}, {})
        for plan in plans:
            method = plan.method
            if plan.has(product):
                continue
            if method.backbone and method.backbone.key not in made.seen:
                key, start = method.backbone.key, thread_time()
                made.seen[key] = method.backbone.prepare(picture)
                made.took[key] = thread_time() - start
            if method.prepare:
                start = thread_time()
                made.own[method.key] = method.prepare(picture)
                made.took[method.key] = thread_time() - start
        return made

    total = len(listing.paths)
    done = total - sum(p not in listing.sizes or lacks(p) for p in listing.paths)
    if done == total:
        return
    step("Embedding", done, total)
    pictures = decoded(listing, thumbnails, lacks, make)
    with closing(pictures):
        largest: dict[str, tuple[Network, Seen]] = {}
        while some := list(islice(pictures, BATCH)):
            batch = {product: made for product, made in some if made}
            for backbone in dict.fromkeys(plan.method.backbone for plan in plans):
                ours = [plan for plan in plans if plan.method.backbone == backbone]
                embed_batch(batch, ours, backbone, precision, largest, step)
            done += len(some)
            step("Embedding", done, total)
    for key, (running, seen) in largest.items():
        a_picture = alone(running, seen)
        for plan in plans:
            if plan.method.backbone and plan.method.backbone.key == key:
                plan.seconds += a_picture * plan.embedded


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
) -> None:
    """Embed what plans whose methods have the same backbone, or none, lack of a batch.

    The largest batch that a backbone has seen, or TIMED pictures of it, is left in `largest`.
    """
    lacking = {p: made for p, made in batch.items() if not all(plan.has(p) for plan in plans)}
    if not lacking:
        return
    features, running = dict.fromkeys(lacking, np.empty(0, np.float32)), None
    if backbone:
        if backbone.key not in largest:
            step(f"Loading {plans[0].method.title}", 0, 0)
        running = network(backbone, precision)
        seen = np.stack([made.seen[backbone.key] for made in lacking.values()])
        if backbone.key not in largest or len(seen) > len(largest[backbone.key][1]):
            largest[backbone.key] = running, seen[:TIMED]
        features = dict(zip(lacking, running.features(seen), strict=True))
    for plan in plans:
        method = plan.method
        ids = [product for product in lacking if not plan.has(product)]
        if not ids:
            continue
        if not plan.embedded:
            step(f"Loading {method.title}", 0, 0)
            embedder(method)
            plan.how = running.how if running else ""
        nothing = np.empty(0, np.float32)
        own = np.stack([lacking[product].own.get(method.key, nothing) for product in ids])
        known = np.stack([features[product] for product in ids])
        start = perf_counter()
        vectors = embed_prepared(method, own, known)
        plan.seconds += perf_counter() - start
        # What backbones took counts whole for every method that needs them.
        names = {method.key, backbone.key if backbone else ""}
        took = sum(lacking[p].took.get(name, 0) for p in ids for name in names)
        plan.seconds += took / WORKERS
        plan.embedded += len(ids)
        plan.new.append(ids, index_class(method).rows(vectors))
