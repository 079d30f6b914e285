"""Connect to a Milvus database by its address, with short timeouts and readable errors.

An address is the URL of a server or cluster (http://host:19530), or a local folder, which Milvus
Lite opens inside this process. Only one process at a time can open a folder.
"""

import atexit
import json
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from similarity.errors import Remedy, SimilarityError, UnavailableError, get_reason
from similarity.loading import load_once

TOKEN = "MILVUS_TOKEN"  # environment variable with a server's token: 'user:password' or an API key
TIMEOUT = 5.0  # s to wait for an answer
RETRY_AFTER = 5.0  # s before an unreachable database is tried again
# a new client connects at once, without the waiting time of a previous failed connection
OPTIONS = {"grpc.use_local_subchannel_pool": 1}
FACTS = "similarity"  # the property of a collection that states what it holds
NOT_FOUND, NOT_LOADED = 100, 101  # Milvus's error codes
LOADING = "Milvus at {} is loading '{}': wait a moment."
DENIED = ("UNAUTHENTICATED", "PERMISSION_DENIED")
UNREACHABLE = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED")

_clients: dict[str, Any] = {}
# server, its database and port, of this process
_lite_servers: dict[str, tuple[Any, Any, int]] = {}
_failed: dict[str, tuple[float, str]] = {}  # time of the failure, and its message
_connecting = threading.RLock()


class UnreachableError(UnavailableError):
    """A database that doesn't answer at the moment."""


def parse_address(text: str) -> str:
    """Return an address in normal form: a server's URL without path, or a folder's full path.

    Raises SimilarityError for an invalid address, or one that contains a secret.
    """
    if "://" not in text:
        return os.path.abspath(Path(text).expanduser())  # noqa: PTH100 (links stay as they are)
    try:
        parts = urlsplit(text)
        is_supported = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise SimilarityError("That is not the address of a Milvus server.") from None
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise SimilarityError(
            "Don't put a password into the address, which is stored in the catalogue and shown. "
            f"Put it into the environment variable {TOKEN}."
        )
    if not is_supported or parts.path not in ("", "/"):
        raise SimilarityError(
            f"'{text}' is not the address of a Milvus server. Write http://HOST:19530, "
            "https://HOST, or the path of a folder for Milvus Lite."
        )
    return f"{parts.scheme}://{parts.netloc}"


def is_folder(address: str) -> bool:
    """Return whether an address is a folder of Milvus Lite."""
    return "://" not in address


def connect(address: str, create: bool = False) -> Any:
    """Return a pymilvus client of the database at an address, one per process.

    `create` creates the folder. Raises UnavailableError if the database doesn't answer within
    TIMEOUT, and for RETRY_AFTER seconds after that without trying. Raises SimilarityError if
    packages are missing, the token is refused, or the folder doesn't belong to Milvus Lite.
    """
    with _connecting:
        if address in _clients:
            return _clients[address]
        failed = _failed.get(address)
        if failed and time.monotonic() < failed[0] + RETRY_AFTER:
            raise UnreachableError(failed[1])
        with translate_errors(address):
            client = (
                _connect_lite(address, create) if is_folder(address) else _connect_server(address)
            )
        _clients[address] = client
        return client


def disconnect(address: str) -> None:
    """Close the connection to a database, so that another process may open its folder."""
    with _connecting:
        client, lite_server = _clients.pop(address, None), _lite_servers.pop(address, None)
        _failed.pop(address, None)
    if client:
        client.close()
    if lite_server:
        lite_server[0].stop(grace=1).wait()
        lite_server[1].close()


def read_properties(address: str, collection: str) -> dict[str, Any]:
    """Return what a collection states that it holds, or nothing.

    Raises SimilarityError if the collection is missing, and UnavailableError as `connect`.
    """
    with translate_errors(address, collection):
        description = connect(address).describe_collection(collection, timeout=TIMEOUT)
    facts = _parse_properties(description.get("properties") or {})
    dims = [
        field["params"].get("dim") for field in description["fields"] if field["name"] == "vector"
    ]
    return facts | {"dim": int(dims[0])} if facts and dims and dims[0] else {}


def load_collection(address: str, collection: str, timeout: float | None = None) -> None:
    """Load a collection into Milvus's memory, where it is searched.

    Raises UnavailableError if that takes longer than `timeout` seconds, TIMEOUT by default. Loading
    continues in the meantime.
    """
    started = time.monotonic()
    with translate_errors(address, collection):
        client = connect(address)
        while True:
            state = client.get_load_state(collection, timeout=TIMEOUT)["state"].name
            if state == "Loaded":
                return
            if time.monotonic() > started + (timeout or TIMEOUT):
                raise UnavailableError(LOADING.format(address, collection))
            if state == "NotLoad":
                client.load_collection(collection, timeout=TIMEOUT, _async=True)
            time.sleep(0.05)


def _parse_properties(properties: Mapping[str, str]) -> dict[str, Any]:
    try:
        facts = json.loads(properties[FACTS])
    except (KeyError, TypeError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


@contextmanager
def translate_errors(address: str, collection: str = "") -> Iterator[None]:
    """Translate any error of a database that is raised inside to a SimilarityError."""
    try:
        yield
    except (SimilarityError, KeyboardInterrupt):
        raise
    except ImportError as error:
        raise SimilarityError(
            f"Milvus needs packages that are not installed ({get_reason(error)}).",
            Remedy("milvus"),
        ) from error
    except Exception as error:  # grpc, pymilvus and Milvus Lite define dozens of exceptions
        raise _translate(error, address, collection) from error


def _translate(error: Exception, address: str, collection: str) -> SimilarityError:
    codes, text = _list_rpc_codes(error), _mask_secret(_format_message(error))
    if "DataDirLockedError" in type(error).__name__ or "holds the lock" in text:
        return UnavailableError(
            f"'{address}' is open in another process, such as the app or a build: stop that "
            "process. Only a Milvus server serves several."
        )
    if any(kind in DENIED for kind in codes) or "auth check failure" in text:
        detail = "the token in" if os.environ.get(TOKEN) else "to answer without a token:"
        return UnavailableError(
            f"Milvus at {address} refuses {detail} {TOKEN}. Set that to a valid one."
        )
    if any(kind in UNREACHABLE for kind in codes) or getattr(error, "code", None) == 2:
        unreachable = UnreachableError(
            f"Milvus at {address} doesn't answer. Start it or check the network, then try again; "
            "nothing is lost."
        )
        with _connecting:
            _clients.pop(address, None)
            _failed[address] = time.monotonic(), str(unreachable)
        return unreachable
    if getattr(error, "code", None) == NOT_LOADED:
        with suppress(Exception):  # after a restart the collection may be on disk only
            connect(address).load_collection(collection, timeout=TIMEOUT, _async=True)
        return UnavailableError(LOADING.format(address, collection))
    if getattr(error, "code", None) == NOT_FOUND:
        return SimilarityError(
            f"the collection '{collection}' no longer exists in Milvus at {address}"
        )
    if "No space left on device" in text or "Errno 28" in text:
        return UnavailableError(
            f"The disk with '{address}' is full. Free some space and run the same command again; "
            "it resumes."
        )
    return SimilarityError(f"Milvus at {address} reports: {text}")


def _list_rpc_codes(error: BaseException) -> list[str]:
    """Return the names of gRPC codes in an exception and its causes."""
    codes, visited = [], set[int]()
    current: BaseException | None = error
    # some of pymilvus's exceptions are their own cause
    while current is not None and id(current) not in visited:
        visited.add(id(current))
        code = getattr(current, "code", None)
        codes.append(str(getattr(code() if callable(code) else code, "name", "")))
        current = current.__cause__
    return codes


def _format_message(error: Exception) -> str:
    text = getattr(error, "message", "") or get_reason(error)
    return " ".join(str(text).split())[:300]


def _mask_secret(text: str) -> str:
    secret = os.environ.get(TOKEN, "")
    for part in (secret, secret.partition(":")[2]):
        text = text.replace(part, "…") if part else text
    return text


def _connect_server(address: str) -> Any:
    client_class = _load_pymilvus()
    token = os.environ.get(TOKEN, "")
    return client_class(uri=address, token=token, timeout=TIMEOUT, grpc_options=OPTIONS)


def _connect_lite(folder: str, create: bool) -> Any:
    """Return a client of Milvus Lite, which serves a folder inside this process on a local port."""
    if not create and not (Path(folder) / "collections").is_dir():
        raise UnavailableError(f"There is no Milvus Lite database in '{folder}'.")
    client_class = _load_pymilvus()
    if folder not in _lite_servers:
        _lite_servers[folder] = _load_lite_starter()(folder, host="127.0.0.1", port=0)
    uri = f"http://127.0.0.1:{_lite_servers[folder][2]}"
    options = OPTIONS | {"grpc.enable_http_proxy": 0}
    return client_class(uri=uri, timeout=TIMEOUT, grpc_options=options)


@load_once()
def _load_pymilvus() -> Any:
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC reads it on import
    from pymilvus import MilvusClient

    # These log every error with a traceback before it can be translated.
    for name in ("pymilvus", "milvus_lite", "grpc._server"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return MilvusClient


@load_once()
def _load_lite_starter() -> Any:
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    return start_server_in_thread


@atexit.register
def _disconnect_lite() -> None:
    for folder in list(_lite_servers):
        disconnect(folder)
