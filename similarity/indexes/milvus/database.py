"""A Milvus database: found by its address, asked with little patience, its errors as sentences.

An address is that of a server or cluster (http://host:19530), or a folder of this machine, which
is opened by Milvus Lite inside this process: by one process at a time.
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

from similarity.errors import Remedy, SimilarityError, Unavailable, reason_of
from similarity.loading import load_once

TOKEN = "MILVUS_TOKEN"  # the environment variable with a server's token, 'user:password' or a key
PATIENCE = 5.0  # seconds to wait for an answer
AGAIN = 5.0  # seconds until one that did not answer is asked again
# a new client connects anew: it does not wait as long as a failed one would have before it tries
OPTIONS = {"grpc.use_local_subchannel_pool": 1}
FACTS = "similarity"  # the property of a collection that says what it holds
NOT_FOUND, NOT_LOADED = 100, 101  # Milvus' codes
LOADING = "Milvus at {} is loading '{}': wait a moment."
DENIED = ("UNAUTHENTICATED", "PERMISSION_DENIED")
AWAY = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED")

_clients: dict[str, Any] = {}
_lites: dict[str, tuple[Any, Any, int]] = {}  # in this process: server, its database, port
_failed: dict[str, tuple[float, str]] = {}  # since when, and what was said of it
_connecting = threading.RLock()


class Away(Unavailable):
    """A database that does not answer; it may in a moment."""


def address(given: str) -> str:
    """An address as it is kept: a server's without a path, or a folder's whole path.

    Raises SimilarityError for one that holds a secret, or is neither.
    """
    if "://" not in given:
        return os.path.abspath(Path(given).expanduser())  # noqa: PTH100 (links stay as they are)
    try:
        parts = urlsplit(given)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise SimilarityError("That is no address of a Milvus server.") from None
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise SimilarityError(
            "An address is kept in the catalogue and shown: leave the secret out of it and put it "
            f"into the environment variable {TOKEN}."
        )
    if not known or parts.path not in ("", "/"):
        raise SimilarityError(
            f"'{given}' is no address of a Milvus server: write http://HOST:19530, https://HOST, "
            "or the path of a folder for Milvus Lite."
        )
    return f"{parts.scheme}://{parts.netloc}"


def is_folder(where: str) -> bool:
    """Whether it is Milvus Lite's."""
    return "://" not in where


def connect(where: str, create: bool = False) -> Any:
    """A pymilvus client of the database at an address, the same for all of this process.

    Raises Unavailable when it does not answer within PATIENCE, and at once for AGAIN seconds
    after that; SimilarityError when the packages are missing, it refuses the token, or the folder
    is none of Milvus Lite's. `create` makes the folder.
    """
    with _connecting:
        if where in _clients:
            return _clients[where]
        failed = _failed.get(where)
        if failed and time.monotonic() < failed[0] + AGAIN:
            raise Away(failed[1])
        with speaking(where):
            client = _lite(where, create) if is_folder(where) else _server(where)
        _clients[where] = client
        return client


def disconnect(where: str) -> None:
    """Let go of a database: another process may open its folder then."""
    with _connecting:
        client, lite = _clients.pop(where, None), _lites.pop(where, None)
        _failed.pop(where, None)
    if client:
        client.close()
    if lite:
        lite[0].stop(grace=1).wait()
        lite[1].close()


def stated(where: str, collection: str) -> dict[str, Any]:
    """What a collection says that it holds; nothing if it says nothing.

    Raises SimilarityError if it is not there, Unavailable as `connect`.
    """
    with speaking(where, collection):
        found = connect(where).describe_collection(collection, timeout=PATIENCE)
    facts = _parsed(found.get("properties") or {})
    dims = [field["params"].get("dim") for field in found["fields"] if field["name"] == "vector"]
    return facts | {"dim": int(dims[0])} if facts and dims and dims[0] else {}


def load(where: str, collection: str, patience: float | None = None) -> None:
    """Have a collection in memory, where it is searched. Raises Unavailable if that takes longer
    than so many seconds, PATIENCE if none are given: it goes on meanwhile."""
    started = time.monotonic()
    with speaking(where, collection):
        client = connect(where)
        while True:
            state = client.get_load_state(collection, timeout=PATIENCE)["state"].name
            if state == "Loaded":
                return
            if time.monotonic() > started + (patience or PATIENCE):
                raise Unavailable(LOADING.format(where, collection))
            if state == "NotLoad":
                client.load_collection(collection, timeout=PATIENCE, _async=True)
            time.sleep(0.05)


def _parsed(properties: Mapping[str, str]) -> dict[str, Any]:
    try:
        facts = json.loads(properties[FACTS])
    except (KeyError, TypeError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


@contextmanager
def speaking(where: str, collection: str = "") -> Iterator[None]:
    """Whatever goes wrong with a database inside of this, as a SimilarityError that says so."""
    try:
        yield
    except (SimilarityError, KeyboardInterrupt):
        raise
    except ImportError as error:
        raise SimilarityError(
            f"Milvus needs packages that are not installed ({reason_of(error)}).",
            Remedy("milvus"),
        ) from error
    except Exception as error:  # grpc, pymilvus and Milvus Lite have dozens of their own
        raise _said(error, where, collection) from error


def _said(error: Exception, where: str, collection: str) -> SimilarityError:
    kinds, text = _rpc_codes(error), _without_secret(_message(error))
    if "DataDirLockedError" in type(error).__name__ or "holds the lock" in text:
        return Unavailable(
            f"'{where}' is open in another process, such as the app or a build: stop that one. "
            "Only a Milvus server serves several."
        )
    if any(kind in DENIED for kind in kinds) or "auth check failure" in text:
        given = "the token in" if os.environ.get(TOKEN) else "to answer without a token:"
        return Unavailable(f"Milvus at {where} refuses {given} {TOKEN}. Set that to a valid one.")
    if any(kind in AWAY for kind in kinds) or getattr(error, "code", None) == 2:
        away = Away(
            f"Milvus at {where} does not answer. Start it, or see whether the network reaches it, "
            "then try again: nothing is lost."
        )
        with _connecting:
            _clients.pop(where, None)
            _failed[where] = time.monotonic(), str(away)
        return away
    if getattr(error, "code", None) == NOT_LOADED:
        with suppress(Exception):  # a restart may have left it on the disk
            connect(where).load_collection(collection, timeout=PATIENCE, _async=True)
        return Unavailable(LOADING.format(where, collection))
    if getattr(error, "code", None) == NOT_FOUND:
        return SimilarityError(
            f"the collection '{collection}' is not in Milvus at {where} any more"
        )
    if "No space left on device" in text or "Errno 28" in text:
        return Unavailable(
            f"The disk with '{where}' is full: make room, then run the same command again. It goes "
            "on where it stopped."
        )
    return SimilarityError(f"Milvus at {where} says: {text}")


def _rpc_codes(error: BaseException) -> list[str]:
    """The names of gRPC's codes in an exception and those that it came from."""
    found, seen = [], set[int]()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:  # pymilvus raises some from themselves
        seen.add(id(at))
        code = getattr(at, "code", None)
        found.append(str(getattr(code() if callable(code) else code, "name", "")))
        at = at.__cause__
    return found


def _message(error: Exception) -> str:
    text = getattr(error, "message", "") or reason_of(error)
    return " ".join(str(text).split())[:300]


def _without_secret(text: str) -> str:
    secret = os.environ.get(TOKEN, "")
    for part in (secret, secret.partition(":")[2]):
        text = text.replace(part, "…") if part else text
    return text


def _server(where: str) -> Any:
    client = _pymilvus()
    token = os.environ.get(TOKEN, "")
    return client(uri=where, token=token, timeout=PATIENCE, grpc_options=OPTIONS)


def _lite(folder: str, create: bool) -> Any:
    """A client of a Milvus Lite that serves a folder within this process, on a free local port."""
    if not create and not (Path(folder) / "collections").is_dir():
        raise Unavailable(f"There is no Milvus Lite database in '{folder}'.")
    client = _pymilvus()
    if folder not in _lites:
        _lites[folder] = _start_lite()(folder, host="127.0.0.1", port=0)
    here = f"http://127.0.0.1:{_lites[folder][2]}"
    options = OPTIONS | {"grpc.enable_http_proxy": 0}
    return client(uri=here, timeout=PATIENCE, grpc_options=options)


@load_once()
def _pymilvus() -> Any:
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # read when it is imported
    from pymilvus import MilvusClient

    # They print every error with its traceback, before anybody could say what it means.
    for name in ("pymilvus", "milvus_lite", "grpc._server"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return MilvusClient


@load_once()
def _start_lite() -> Any:
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    return start_server_in_thread


@atexit.register
def _close() -> None:
    for folder in list(_lites):
        disconnect(folder)
