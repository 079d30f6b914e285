"""What a person waits for runs in one thread, whatever the machine has."""

import threading
import time
from collections.abc import Callable

import faiss
import numpy as np
import pytest
from threadpoolctl import threadpool_info

from similarity import METHODS, Catalogue, threads
from similarity.search import embedder
from similarity.threads import one_thread
from tests.units.drawing import draw


@pytest.fixture(autouse=True)
def fresh() -> None:
    """As in a process of its own: what other tests loaded has threads of its own."""
    threads._openmp.cache_clear()


def cores(work: Callable[[], object]) -> float:
    """How many cores were kept busy in the mean."""
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


def openmp_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"}


def many_searches() -> None:
    vectors = np.random.default_rng(0).random((3000, 256), np.float32)
    index = faiss.IndexFlatIP(256)
    index.add(vectors)
    index.search(vectors, 10)


def test_faiss_uses_other_threads_only_outside() -> None:
    if openmp_threads() == {1}:
        pytest.skip("this machine has one core: there is nothing to tell apart")
    assert own_share(many_searches) < 0.8
    with one_thread():
        assert own_share(many_searches) > 0.95
    assert own_share(many_searches) < 0.8


@pytest.mark.parametrize("method", ["efficientnet", "simclr_small", "conse", "lit"])
def test_a_query_is_embedded_in_one_thread_also_where_a_new_one_asks(
    shop: Catalogue, method: str
) -> None:
    """One, not the one that asks: towhee has threads of its own."""
    embedder(METHODS[method])
    found: list[float] = []

    def ask() -> None:
        pictures = [draw(seed, (600, 400)) for seed in range(8)]
        found.append(cores(lambda: [shop.query_row(method, image=p) for p in pictures]))
        if METHODS[method].answers_text:
            found.append(cores(lambda: [shop.query_row(method, text="a hat") for _ in pictures]))

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    assert max(found) < 1.1


def test_searches_run_in_the_thread_that_asks(shop: Catalogue) -> None:
    def ask(method: str) -> None:
        for product in shop.products.index:
            shop.search(method, product=product, k=5)

    for method in shop.methods:
        assert own_share(lambda method=method: ask(method)) > 0.95  # type: ignore[misc]


def test_other_threads_keep_theirs_and_an_error_restores_them() -> None:
    before, seen = openmp_threads(), []

    def work() -> None:
        other = threading.Thread(target=lambda: seen.append(openmp_threads()))
        other.start()
        other.join()
        seen.append(openmp_threads())
        raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"), one_thread():
        work()
    assert seen == [before, {1}]
    assert openmp_threads() == before
