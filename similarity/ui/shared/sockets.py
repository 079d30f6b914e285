"""Send small answers at once.

Streamlit hands uvicorn a socket of its own, for which asyncio does not switch off Nagle's algorithm
(https://github.com/Kludex/uvicorn/issues/3149). The end of every answer then waits 40 ms for the
browser's acknowledgement of its beginning: each picture, and each message of a page.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

OPEN = Path("/proc/self/fd")  # on Linux, where this costs 40 ms
# Seconds after the start. Browsers may be connected before it, which is noticed a little later.
PASSES = (0.0, 1.0, 5.0)


@asynccontextmanager
async def send_at_once(_: object) -> AsyncIterator[None]:
    """Set TCP_NODELAY for all connections of the server; new ones take it over."""
    for delay in PASSES:
        asyncio.get_running_loop().call_later(delay, set_no_delay)
    yield


def set_no_delay() -> None:
    """Set TCP_NODELAY for all TCP sockets that this process has open."""
    for each in OPEN.iterdir() if OPEN.is_dir() else ():
        with suppress(OSError), socket.socket(fileno=os.dup(int(each.name))) as found:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
