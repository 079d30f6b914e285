"""How many threads compute what a person waits for: `python -m tests.units.computing CATALOGUE`
tells it as JSON, with OMP_NUM_THREADS=2, which libraries read as they are loaded."""

import json
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import faiss
import numpy as np
from threadpoolctl import threadpool_info

from similarity import METHODS, Catalogue, open_catalogue
from similarity.search import embedder
from similarity.threads import one_thread
from tests.units.drawing import draw

EMBEDDED = ("efficientnet", "simclr_small", "lit")


def cores(work: Callable[[], object]) -> float:
    """How many cores were kept busy in the mean: no more because others keep them busy, too."""
    time.sleep(0.3)  # threads that have finished wait for more to do, and spin while they wait
    used, started = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - used) / (time.perf_counter() - started)


def own_share(work: Callable[[], object]) -> float:
    """The share of the processor's time that the calling thread spent itself."""
    time.sleep(0.3)
    used, own = time.process_time(), time.thread_time()
    work()
    return (time.thread_time() - own) / (time.process_time() - used)


def openmp_threads() -> list[int]:
    return sorted(
        {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"}
    )


def many_searches() -> None:
    vectors = np.random.default_rng(0).random((3000, 256), np.float32)
    index = faiss.IndexFlatIP(256)
    index.add(vectors)
    index.search(vectors, 10)


def searching() -> dict[str, float]:
    """The caller's share of what FAISS computes, outside of one_thread and inside."""
    found = {"outside": own_share(many_searches)}
    with one_thread():
        found["inside"] = own_share(many_searches)
    return found


def asking(shop: Catalogue) -> dict[str, float]:
    """The caller's share of what searches compute, by method."""

    def ask(method: str) -> None:
        for product in shop.products.index:
            shop.search(method, product=product, k=5)

    return {method: own_share(partial(ask, method)) for method in shop.methods}


def embedding(shop: Catalogue, method: str) -> dict[str, float]:
    """The cores that queries of a new thread keep busy, one by one: towhee has threads of its own,
    so that is not the share of the one that asks."""
    embedder(METHODS[method])
    found: dict[str, float] = {}

    def ask() -> None:
        pictures = [draw(seed, (600, 400)) for seed in range(8)]
        found["pictures"] = cores(lambda: [shop.query_row(method, image=p) for p in pictures])
        if METHODS[method].answers_text:
            found["words"] = cores(lambda: [shop.query_row(method, text="a hat") for _ in pictures])

    other = threading.Thread(target=ask)
    other.start()
    other.join()
    return found


def limited() -> dict[str, list[int]]:
    """How many threads OpenMP has before one_thread, in it, beside it, and after an error in it."""
    found = {"before": openmp_threads()}

    def beside() -> None:
        found["beside"] = openmp_threads()

    try:
        with one_thread():
            other = threading.Thread(target=beside)
            other.start()
            other.join()
            found["inside"] = openmp_threads()
            raise ValueError("inside")
    except ValueError:
        found["after"] = openmp_threads()
    return found


if __name__ == "__main__":
    shop = open_catalogue(Path(sys.argv[1]))
    told = {
        "searching": searching(),
        "asking": asking(shop),
        **{method: embedding(shop, method) for method in EMBEDDED},
        "limited": limited(),
    }
    print(json.dumps(told))
