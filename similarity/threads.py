"""Limit queries to one thread, and run a build's work ahead in several threads.

A task of a few milliseconds gains little from a second thread, and on a busy machine it waits until
the scheduler provides one.
"""

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import TypeVar

from threadpoolctl import ThreadpoolController

from similarity.loading import find_imported

WORKERS = min(8, os.cpu_count() or 1)  # also limits how many files are open at once

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def one_thread() -> Iterator[None]:
    """Run FAISS and torch calls in the calling thread only.

    Both use OpenMP, whose thread count is per calling thread, so other threads are not affected.
    numpy's BLAS has one thread count for the whole process: don't multiply large matrices inside.
    """
    torch = find_imported("torch")
    if torch:
        torch.get_num_threads()  # torch sets the thread count of a new thread on first use
    with _openmp(torch is not None).limit(limits=1):
        yield


@cache  # searching for libraries takes a millisecond; torch is loaded later and brings its own
def _openmp(torch: bool) -> ThreadpoolController:
    return ThreadpoolController().select(user_api="openmp")


def map_ahead(work: Callable[[T], R], items: Iterable[T], limit: int = 2 * WORKERS) -> Generator[R]:
    """Apply a function to items in worker threads, and yield the results in order.

    At most `limit` items are in progress or finished ahead of the consumer.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        remaining = iter(items)
        futures = [pool.submit(work, item) for item in islice(remaining, limit)]
        try:
            while futures:
                yield futures.pop(0).result()
                futures += [pool.submit(work, item) for item in islice(remaining, 1)]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
