"""A web server on this machine that serves, breaks off, lies, hangs and sends elsewhere."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "c" * 40


@dataclass
class Server:
    """A hub and a plain web server in one; it misbehaves as it is told to."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    sends: Callable[[bytes], bytes] = bytes
    breaks_off: int = 0  # so many answers end in their middle
    hangs: bool = False
    ranges: bool = True  # whether it can go on where it stopped
    moved: dict[str, str] = field(default_factory=dict)  # the address that a file is at now
    keys: dict[str, str] = field(default_factory=dict)  # what has to come as Authorization
    gated: bool = False  # a licence has to be accepted first
    requests: list[tuple[str, str, str]] = field(default_factory=list)  # command, path, range

    def hash(self, name: str) -> str:
        return hashlib.sha256(self.files[name]).hexdigest()


@contextmanager
def serving() -> Iterator[Server]:
    """The server, for as long as it is needed."""
    server, over = Server(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            ranged = self.headers.get("Range", "")
            server.requests.append((self.command, self.path, ranged))
            name = self.path.rsplit("/", 1)[-1]
            content = server.files.get(name)
            if server.hangs and body:
                over.wait(30)
                self.close_connection = True
                return
            if server.gated:
                self.respond_empty(401, **{"X-Error-Code": "GatedRepo"})
                return
            if self.headers.get("Authorization", "") != server.keys.get(name, ""):
                self.respond_empty(401)
                return
            if name in server.moved:
                self.respond_empty(302, Location=server.moved[name])
                return
            if content is None:
                self.respond_empty(404)
                return
            tag = f'"{server.hash(name)}"'
            is_current = self.headers.get("If-Range", tag) == tag and server.ranges
            first = int(ranged.removeprefix("bytes=").rstrip("-")) if ranged and is_current else 0
            if first >= len(content):
                self.respond_empty(416)
                return
            self.send_response(206 if first else 200)
            self.send_header("ETag", tag)
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Content-Length", str(len(content) - first))
            if server.ranges:
                self.send_header("Accept-Ranges", "bytes")
            if first:
                self.send_header(
                    "Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}"
                )
            self.end_headers()
            if body:
                sent = server.sends(content)[first:]
                if server.breaks_off:
                    server.breaks_off -= 1
                    self.wfile.write(sent[: len(sent) // 2])
                    self.close_connection = True
                else:
                    self.wfile.write(sent)

        def respond_empty(self, status: int, **headers: str) -> None:
            self.send_response(status)
            for header in ({"Content-Length": "0"} | headers).items():
                self.send_header(*header)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    server.address = f"http://127.0.0.1:{served.server_port}"
    yield server
    over.set()
    served.shutdown()
    served.server_close()
