"""One thread for what a person waits for; builds keep all cores.

What takes milliseconds gains little from a second thread, and on a busy machine it waits for the
scheduler to give one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

from similarity.loading import find_imported


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
