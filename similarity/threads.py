"""One thread for what a person waits for, and several that work ahead of a build.

What takes milliseconds gains little from a second thread, and on a busy machine it waits for the
scheduler to give one.
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

WORKERS = min(8, os.cpu_count() or 1)  # as many files are open at once at most

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def one_thread() -> Iterator[None]:
    """Run what FAISS and torch do inside of this in the calling thread alone.

    They share the work by OpenMP, which counts its threads for each calling thread, so others
    notice nothing. numpy's BLAS has one number for the whole process: what is inside should not
    multiply large matrices by it.
    """
    torch = find_imported("torch")
    if torch:
        torch.get_num_threads()  # torch sets a new thread's number when it is first asked for
    with _openmp(torch is not None).limit(limits=1):
        yield


@cache  # looking for them takes a millisecond; torch, which is loaded later, brings its own
def _openmp(torch: bool) -> ThreadpoolController:
    return ThreadpoolController().select(user_api="openmp")


def ahead(work: Callable[[T], R], items: Iterable[T], most: int = 2 * WORKERS) -> Generator[R]:
    """Results in order, `most` items at most being worked on, or ready, ahead of who asks."""
    with ThreadPoolExecutor(WORKERS) as pool:
        rest = iter(items)
        waiting = [pool.submit(work, item) for item in islice(rest, most)]
        try:
            while waiting:
                yield waiting.pop(0).result()
                waiting += [pool.submit(work, item) for item in islice(rest, 1)]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
