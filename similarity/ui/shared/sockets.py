"""Disable Nagle's algorithm, which delays small responses.

Streamlit passes uvicorn its own socket, for which asyncio doesn't disable Nagle's algorithm
(https://github.com/Kludex/uvicorn/issues/3149). The end of every response then waits 40 ms for the
browser's acknowledgement of its beginning: each picture, and each message of a page.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

DESCRIPTORS = Path("/proc/self/fd")  # on Linux, where the delay occurs
# s after the start; browsers may have connected before
DELAYS = (0.0, 1.0, 5.0)


@asynccontextmanager
async def disable_nagle(_: object) -> AsyncIterator[None]:
    """Set TCP_NODELAY for all connections of the server; new ones inherit it."""
    for delay in DELAYS:
        asyncio.get_running_loop().call_later(delay, set_no_delay)
    yield


def set_no_delay() -> None:
    """Set TCP_NODELAY for all TCP sockets of this process."""
    for descriptor in DESCRIPTORS.iterdir() if DESCRIPTORS.is_dir() else ():
        with suppress(OSError), socket.socket(fileno=os.dup(int(descriptor.name))) as opened_socket:
            opened_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
