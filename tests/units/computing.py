"""Measure how many threads serve a query: `python -m tests.units.computing CATALOGUE` prints JSON.

Run it with OMP_NUM_THREADS=2: libraries read that variable when they are loaded.
"""

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
from similarity.embedding import load_embedder
from similarity.threads import one_thread
from tests.units.drawing import draw

EMBEDDED = ("efficientnet", "simclr_small", "lit")


def measure_cores(work: Callable[[], object]) -> float:
    """Mean number of cores that `work` keeps busy. Load from other processes can only lower it."""
    time.sleep(0.3)  # idle OpenMP threads spin for a while before they sleep
    used, started = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - used) / (time.perf_counter() - started)


def measure_own_share(work: Callable[[], object]) -> float:
    """Share of the process's CPU time that the calling thread used itself."""
    time.sleep(0.3)
    used, thread_seconds = time.process_time(), time.thread_time()
    work()
    return (time.thread_time() - thread_seconds) / (time.process_time() - used)


def list_openmp_threads() -> list[int]:
    """The different thread counts of the loaded OpenMP pools, as the calling thread sees them."""
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "openmp"]
    return sorted({pool["num_threads"] for pool in pools})


def search_faiss() -> None:
    """Run enough queries in FAISS to occupy several threads."""
    vectors = np.random.default_rng(0).random((3000, 256), np.float32)
    index = faiss.IndexFlatIP(256)
    index.add(vectors)
    index.search(vectors, 10)


def measure_faiss() -> dict[str, float]:
    """The caller's share of a FAISS search, outside and inside one_thread."""
    outside = measure_own_share(search_faiss)
    with one_thread():
        return {"outside": outside, "inside": measure_own_share(search_faiss)}


def measure_searches(catalogue: Catalogue) -> dict[str, float]:
    """The caller's share of the catalogue's searches, by method."""

    def search(method: str) -> None:
        for product in catalogue.products.index:
            catalogue.search(method, product=product, k=5)

    return {method: measure_own_share(partial(search, method)) for method in catalogue.methods}


def measure_embedding(catalogue: Catalogue, method: str) -> dict[str, float]:
    """Cores that queries from a new thread keep busy, for pictures and for text.

    Not the caller's share: towhee embeds in threads of its own.
    """
    load_embedder(METHODS[method])
    cores: dict[str, float] = {}

    def embed() -> None:
        pictures = [draw(seed, (600, 400)) for seed in range(8)]
        cores["pictures"] = measure_cores(
            lambda: [catalogue.encode_query(METHODS[method], image=picture) for picture in pictures]
        )
        if METHODS[method].answers_text:
            cores["text"] = measure_cores(
                lambda: [catalogue.encode_query(METHODS[method], text="a hat") for _ in pictures]
            )

    thread = threading.Thread(target=embed)
    thread.start()
    thread.join()
    return cores


def record_thread_counts() -> dict[str, list[int]]:
    """OpenMP's thread counts around one_thread, inside it, and in another thread meanwhile."""
    counts = {"before": list_openmp_threads()}

    def record() -> None:
        counts["other thread"] = list_openmp_threads()

    try:
        with one_thread():
            thread = threading.Thread(target=record)
            thread.start()
            thread.join()
            counts["inside"] = list_openmp_threads()
            raise ValueError("inside")
    except ValueError:
        counts["after an error"] = list_openmp_threads()
    return counts


if __name__ == "__main__":
    catalogue = open_catalogue(Path(sys.argv[1]))
    measured = {
        "faiss": measure_faiss(),
        "searches": measure_searches(catalogue),
        "embedding": {method: measure_embedding(catalogue, method) for method in EMBEDDED},
        "thread counts": record_thread_counts(),
    }
    print(json.dumps(measured))
