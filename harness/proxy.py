"""A reverse proxy that serves the app below a prefix of its own address, as companies do."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

# of one connection, not of the content that it carries
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length"}
LARGEST = 10**9  # bytes
SHUTDOWN_TIMEOUT = 1.0  # s for open websockets, which would stay as long as their pages


class Proxy:
    """Forwards `prefix`/… to an app, without the prefix if `strips`, websockets included.

    Anything else is answered by 404. `missed` are the paths that were asked for outside of it.
    """

    def __init__(self, app: str, prefix: str, strips: bool) -> None:
        self.app, self.prefix, self.strips = app, prefix, strips
        self.missed: list[str] = []
        self._session: ClientSession

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request, or join two websockets."""
        if not request.raw_path.startswith(f"{self.prefix}/"):
            self.missed.append(request.raw_path)
            return web.Response(status=404, text="not the app's")
        path = request.raw_path.removeprefix(self.prefix) if self.strips else request.raw_path
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP}
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._join(request, path, headers)
        async with self._session.request(
            request.method,
            self.app + path,
            headers=headers,
            data=await request.read(),
            allow_redirects=False,
        ) as answer:
            kept_headers = {k: v for k, v in answer.headers.items() if k.lower() not in HOP_BY_HOP}
            return web.Response(
                status=answer.status, headers=kept_headers, body=await answer.read()
            )

    async def _join(
        self, request: web.Request, path: str, headers: dict[str, str]
    ) -> web.StreamResponse:
        protocols = [text.strip() for text in headers.pop("Sec-WebSocket-Protocol", "").split(",")]
        headers = {k: v for k, v in headers.items() if not k.lower().startswith("sec-websocket")}
        async with self._session.ws_connect(
            self.app + path, protocols=protocols, headers=headers, max_msg_size=LARGEST
        ) as server:
            visitor = web.WebSocketResponse(
                protocols=[server.protocol] if server.protocol else (), max_msg_size=LARGEST
            )
            await visitor.prepare(request)
            sides = (_forward(visitor, server), _forward(server, visitor))
            tasks = [asyncio.ensure_future(side) for side in sides]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await visitor.close()
            return visitor

    async def start(self) -> web.AppRunner:
        """Listen on a free port of this machine."""
        self._session = ClientSession(auto_decompress=False)
        application = web.Application(client_max_size=LARGEST)
        application.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(application, shutdown_timeout=SHUTDOWN_TIMEOUT)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    async def stop(self, runner: web.AppRunner) -> None:
        """Stop listening, and end the connections of pages that are still open."""
        await runner.cleanup()
        await self._session.close()


Side = web.WebSocketResponse | ClientWebSocketResponse


async def _forward(source: Side, target: Side) -> None:
    async for message in source:
        if message.type == WSMsgType.BINARY:
            await target.send_bytes(message.data)
        elif message.type == WSMsgType.TEXT:
            await target.send_str(message.data)


@contextmanager
def run_proxy(app: str, prefix: str, *, strips: bool) -> Iterator[tuple[str, Proxy]]:
    """Yield the address of the app behind a proxy, which runs meanwhile, and the proxy."""
    proxy, loop = Proxy(app, prefix, strips), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(proxy.start(), loop).result(10)
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}{prefix}", proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(runner), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
