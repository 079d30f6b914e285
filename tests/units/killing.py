"""Builds in a process of their own, killed at their n-th change to the disk, and a reader.

python -m tests.units.killing                  builds what standard input says
python -m tests.units.killing FOLDER STOP      reads until there is a file STOP
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import BuiltinFunctionType, FrameType
from typing import Any

from precompute import embed as embedding
from precompute.__main__ import main
from similarity import METHODS, Catalogue, open_catalogue, threads
from similarity.measures.metrics import costs
from tests.units.conftest import Fake

CHANGES = {
    "rename",
    "replace",
    "link",
    "mkdir",
    "unlink",
    "rmdir",
    "truncate",
    "write",
    "writelines",
}
BUILT = ("pixels", "tiny")


def register() -> Fake:
    """The quick method `tiny` in this process."""
    fake_method = Fake("tiny", False, "1")
    METHODS["tiny"] = fake_method.method
    return fake_method


def build(source: Path, root: Path, die_at: int) -> tuple[int, int, list[str]]:
    """Build `source` below `root`; die before the `die_at`-th change to the disk.

    Returns the exit code, how many pictures were embedded, and by which functions of the
    interpreter the disk was changed, in their order.
    """
    fake, done = register(), []

    def count(frame: FrameType, event: str, function: Any) -> None:
        if event == "c_call" and changes_disk(function):
            done.append(function.__name__)
            if len(done) == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    # Times are stored, and no two builds take the same.
    embedding.perf_counter = embedding.thread_time = costs.perf_counter = lambda: 0.0
    threads.WORKERS = 1  # so that the n-th change is always the same one
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    threading.setprofile(count)
    sys.setprofile(count)
    code = main(
        [
            "--catalogue",
            str(source),
            "--to",
            str(root),
            "--methods",
            ",".join(BUILT),
            "--allow-loss",
        ]
    )
    sys.setprofile(None)
    return code, sum(fake.batches), done


def changes_disk(function: BuiltinFunctionType) -> bool:
    """Whether a function of the interpreter changes a file or a folder."""
    owner = getattr(function, "__self__", None)
    of_files = getattr(owner, "__name__", "") == "posix" or type(owner).__module__ == "_io"
    return of_files and owner is not sys.stderr and function.__name__ in CHANGES


def check_whole(catalogue: Catalogue) -> None:
    """Every product's picture finds that product, by every method, among these products alone."""
    products = catalogue.products
    assert catalogue.methods == list(BUILT)
    for product in products.index:
        picture = catalogue.read_picture(product)
        for method in BUILT:
            hits = catalogue.search(method, image=picture, k=len(products))
            assert hits[0].product == product, method
            assert {hit.product for hit in hits} == set(products.index)


def read(folder: Path, stop: Path) -> None:
    """Open the catalogue again and again until `stop` is there; print a line for each time.

    The first one is kept open all the time and read again at the end.
    """
    register()
    first = open_catalogue(folder)
    while not stop.exists():
        try:
            opened = open_catalogue(folder)
            time.sleep(0.01)  # a publish may come between opening and searching
            check_whole(opened)
            print("whole", opened.generation.number, flush=True)
        except Exception as error:
            print(f"failed {type(error).__name__}: {error}", flush=True)
    check_whole(first)
    print("first", first.generation.number, flush=True)


def serve() -> None:
    """For each line on standard input (source, root, die_at): fork, build, tell how it went.

    A process that has run nothing yet forks at once and without threads, unlike the tests' own.
    """
    for line in sys.stdin:
        source, root, die_at = json.loads(line)
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writable, json.dumps(build(Path(source), Path(root), die_at)).encode())
            os._exit(0)
        os.close(writable)
        _, status = os.waitpid(child, 0)
        with os.fdopen(readable) as pipe:
            output = pipe.read()
        killed = [os.waitstatus_to_exitcode(status), 0, 0]
        print(output or json.dumps(killed), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        read(*map(Path, sys.argv[1:]))
    else:
        serve()
