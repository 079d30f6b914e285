"""Milvus for tests: a folder of Milvus Lite, the same behind an address, or a real server.

What is tested with an address is tested with the server of TEST_URI where that is set: see
test_milvus_server.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from similarity.indexes.milvus.database import connect, disconnect

TEST_URI = "SIMILARITY_TEST_MILVUS"


@contextmanager
def open_lite(folder: Path) -> Iterator[str]:
    """Yield the path of a Milvus Lite that this process closes afterwards."""
    yield str(folder)
    disconnect(str(folder))


@contextmanager
def serve_lite(folder: Path, port: int = 0) -> Iterator[str]:
    """Yield the address of Milvus Lite's own server, which is reached over the network."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    server, database, port = start_server_in_thread(str(folder), port=port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()
        database.close()


@contextmanager
def get_address(folder: Path) -> Iterator[str]:
    """Yield the address of a test server, emptied afterwards, or of one in this process."""
    server = os.environ.get(TEST_URI)
    if not server:
        with serve_lite(folder) as where:
            yield where
            disconnect(where)
        return
    yield server
    for name in connect(server).list_collections():
        connect(server).drop_collection(name)
    disconnect(server)


@contextmanager
def refuse_calls(code: grpc.StatusCode, message: str) -> Iterator[str]:
    """Yield the address of a gRPC server that refuses every call."""

    class Refuse(grpc.GenericRpcHandler):
        def service(self, call: Any) -> Any:
            def refuse(request: bytes, context: Any) -> None:
                context.abort(code, message)

            return grpc.unary_unary_rpc_method_handler(refuse)

    server = grpc.server(ThreadPoolExecutor(2), handlers=[Refuse()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop(None).wait()
