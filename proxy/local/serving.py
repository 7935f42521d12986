"""The local Bedrock on a socket: in a thread for as long as a `with` lasts, or in the foreground.

uvicorn's HTTP protocol without uvicorn's server, which logs, ticks and takes its time to stop.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from proxy.local.app import create_app
from proxy.local.script import Script
from proxy.local.wire import ABORT

IDLE_CONNECTION_SECONDS = 120
"""How long a connection stays open without a request: clients have to be the first to close one."""


@contextmanager
def serving(script: Script | None = None, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Yields the base URL, which answers until the block ends. Raises OSError if it cannot listen."""
    started: Future[tuple[str, Callable[[], None]]] = Future()
    thread = threading.Thread(
        target=_serve_in_thread, args=(script, host, port, started), name="local-bedrock", daemon=True
    )
    thread.start()
    url, stop = started.result()
    try:
        yield url
    finally:
        stop()
        thread.join()


def run(
    host: str = "127.0.0.1",
    port: int = 0,
    script: Script | None = None,
    *,
    ready: Callable[[str], object],
) -> None:
    """Serve in the foreground until SIGINT or SIGTERM; `ready` is told the base URL."""

    async def serve() -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows: Ctrl+C ends the loop by itself
                loop.add_signal_handler(number, stopping.set)
        await _serve(script, host, port, ready, stopping)

    asyncio.run(serve())


def _serve_in_thread(
    script: Script | None, host: str, port: int, started: Future[tuple[str, Callable[[], None]]]
) -> None:
    async def serve() -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.call_soon_threadsafe(stopping.set)

        await _serve(script, host, port, lambda url: started.set_result((url, stop)), stopping)

    try:
        asyncio.run(serve())
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)


async def _serve(
    script: Script | None, host: str, port: int, ready: Callable[[str], object], stopping: asyncio.Event
) -> None:
    config = uvicorn.Config(create_app(script), lifespan="off", log_config=None, proxy_headers=False)
    config.timeout_keep_alive = IDLE_CONNECTION_SECONDS
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Protocol(config, state, {}), host, port)
    ready(_url(host, server))
    try:
        await stopping.wait()
    finally:
        server.close()
        await _hang_up(state)


def _url(host: str, server: asyncio.Server) -> str:
    port = server.sockets[0].getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _hang_up(state: ServerState) -> None:
    """Close every connection; answers that are still waiting end as if their callers had left."""
    for connection in list(state.connections):
        connection.transport.abort()
    if state.tasks:
        await asyncio.wait(set(state.tasks), timeout=5)


class _Protocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, with a way for a script to cut the connection."""

    # asyncio's base class takes any transport, uvicorn's own method only one that writes.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.access_log = False

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # By ASGI an extension is a dict of what a server tells; ours is what an app may do.
        self.scope["extensions"] = {ABORT: self.transport.close}  # type: ignore[dict-item]
