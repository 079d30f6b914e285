"""Milvus for tests: a folder of Milvus Lite, the same behind an address, or a real server.

What is tested with an address is tested with the server of TEST_URI where that is set: see
test_milvus_server.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from similarity.indexes.milvus.database import connect, disconnect

TEST_URI = "SIMILARITY_TEST_MILVUS"


@contextmanager
def lite(folder: Path) -> Iterator[str]:
    """The path of a Milvus Lite that this process lets go of afterwards."""
    yield str(folder)
    disconnect(str(folder))


@contextmanager
def served(folder: Path, port: int = 0) -> Iterator[str]:
    """The address of Milvus Lite's own server, which is as far away as any."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    server, database, port = start_server_in_thread(str(folder), port=port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()
        database.close()


@contextmanager
def addressed(folder: Path) -> Iterator[str]:
    """The server that was started for these tests, emptied afterwards, or one in this process."""
    given = os.environ.get(TEST_URI)
    if not given:
        with served(folder) as where:
            yield where
            disconnect(where)
        return
    yield given
    for name in connect(given).list_collections():
        connect(given).drop_collection(name)
    disconnect(given)


@contextmanager
def refusing(code: grpc.StatusCode, said: str) -> Iterator[str]:
    """The address of something that speaks gRPC and refuses every call."""

    class Refuse(grpc.GenericRpcHandler):
        def service(self, call: Any) -> Any:
            def refuse(request: bytes, context: Any) -> None:
                context.abort(code, said)

            return grpc.unary_unary_rpc_method_handler(refuse)

    server = grpc.server(ThreadPoolExecutor(2), handlers=[Refuse()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop(None).wait()


def failing_after(calls: int, error: Exception) -> Callable[[], None]:
    """Raises the error at every call but the first so many."""
    left = [calls]

    def count() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise error

    return count
