"""The application: settings in, ASGI out."""

import os
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import TypedDict

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy.access import Access
from proxy.bedrock import connect
from proxy.catalogue import Catalogue, listed
from proxy.continuity import opened
from proxy.continuity.parent import SOCKET
from proxy.errors import HANDLERS
from proxy.lessons import Lessons
from proxy.listings import inference_profile
from proxy.media import Fetching, fetching
from proxy.profiles import Profiles
from proxy.recollections import Recollections
from proxy.routes import ROUTES, Services
from proxy.settings import Settings, load


class State(TypedDict):
    services: Services


def create_app(settings: Settings, fetching: Fetching = fetching, *, parent_socket: str = "") -> ASGIApp:
    """AWS is called as the environment says, when the first request needs it.

    `parent_socket` is where the parent of several workers has the memory that they share.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[State, None]:
        async with (
            connect(settings) as bedrock,
            fetching(settings.media) as media,
            opened(settings.continuity, parent_socket) as memory,
        ):
            bedrock.credentials.start()
            interval = settings.discovery.refresh_interval
            catalogue = Catalogue(lambda: listed(bedrock), refresh_interval=interval)
            profiles = Profiles(partial(inference_profile, bedrock))
            services = Services(
                settings, bedrock, catalogue, profiles, Lessons(), media, Recollections(memory)
            )
            yield {"services": services}

    app = Starlette(routes=ROUTES, exception_handlers=HANDLERS, lifespan=lifespan)
    app.router.redirect_slashes = False
    return RequestIds(Access(app, settings))


def from_environment() -> ASGIApp:
    """What `outcrop serve` has its workers call."""
    return create_app(load(os.environ), parent_socket=os.environ.get(SOCKET, ""))


class RequestIds:
    """ASGI middleware: every response names its request, in the header that the SDKs read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("x-request-id", f"req_{uuid.uuid4().hex}")
            await send(message)

        await self._app(scope, receive, send_with_id)
