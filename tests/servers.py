"""The real servers, each on its own socket: what tests talk to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
from starlette.types import ASGIApp

from proxy.app import create_app
from proxy.media import Fetching, fetching
from proxy.protocol import Protocol
from proxy.server import listen
from proxy.settings import Discovery, Settings


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The base URL of an app on a free port of the loopback, for as long as the block lasts."""
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: object = None) -> None:
            await super().startup([listener])
            started.set()

    listener = listen(Settings(port=0))
    config = uvicorn.Config(app, log_config=None, http=Protocol, timeout_graceful_shutdown=1)
    server = Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(10), "the server did not start"
    port = listener.getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def outcrop(settings: Settings | None = None, fetching: Fetching = fetching) -> Iterator[str]:
    """The base URL of an Outcrop, /v1 left out; AWS is where the environment says.

    Unless the settings say that it shall look for models it does not: a test sees no requests but its own.
    """
    settings = settings or Settings()
    if settings.discovery == Discovery():
        settings = replace(settings, discovery=Discovery(enabled=False))
    with serving(create_app(settings, fetching)) as url:
        yield url
