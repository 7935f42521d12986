"""The application: settings in, ASGI out."""

import os
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from functools import partial
from secrets import token_hex
from typing import TypedDict

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy.access import Access
from proxy.bedrock import Bedrock, connect
from proxy.catalogue import COLD, Catalogue
from proxy.continuity import opened
from proxy.continuity.parent import SOCKET
from proxy.discovery import discover
from proxy.errors import HANDLERS, api_error, bug, gone
from proxy.facts import facts
from proxy.garbage import settle
from proxy.lessons import Lessons
from proxy.listings import inference_profile
from proxy.media import Fetching, fetching
from proxy.profiles import Profiles
from proxy.recollections import Recollections
from proxy.routes import CHATS, ROUTES, Services, chat_completions
from proxy.settings import Settings, load, policy
from proxy.stopping import Stopping
from proxy.threads import take_short_turns
from translators.errors import APIError


class State(TypedDict):
    """What the lifespan gives to requests, and to the protocol that brings them."""

    services: Services
    stopping: Stopping


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
            bedrock.start()
            catalogue = catalogue_of(bedrock, settings)
            profiles = Profiles(partial(inference_profile, bedrock))
            stopping = Stopping(settings.shutdown_grace)
            services = Services(
                settings, bedrock, catalogue, profiles, Lessons(), media, Recollections(memory), stopping
            )
            catalogue.start()
            yield {"services": services, "stopping": stopping}
            await catalogue.close()

    app = Starlette(routes=ROUTES, exception_handlers=HANDLERS, lifespan=lifespan)
    app.router.redirect_slashes = False
    return RequestIds(Access(Chats(app), settings))


def catalogue_of(bedrock: Bedrock, settings: Settings, *, cold: float = COLD) -> Catalogue:
    discovery = settings.discovery
    return Catalogue(
        partial(discover, bedrock, include=discovery.include),
        regions=discovery.region or (bedrock.region,),
        facts=facts(),
        policy=policy(settings),
        refresh_interval=discovery.refresh_interval,
        enabled=discovery.enabled,
        cold=cold,
    )


def from_environment() -> ASGIApp:
    """What `outcrop serve` has its workers call, each in a process of its own."""
    settle()
    take_short_turns()
    return create_app(load(os.environ), parent_socket=os.environ.get(SOCKET, ""))


class Chats:
    """ASGI middleware: chats go past Starlette's own, whose every layer would handle each event of a stream.

    What they raise becomes the same answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != CHATS or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await chat_completions(request)
        except APIError as error:
            response = await api_error(request, error)
        except ClientDisconnect as error:
            response = await gone(request, error)
        except Exception as error:
            await (await bug(request, error))(scope, receive, send)
            raise
        await response(scope, receive, send)


class RequestIds:
    """ASGI middleware: every response names its request, in the header that the SDKs read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        def send_with_id(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("x-request-id", f"req_{token_hex(16)}")
            return send(message)

        await self._app(scope, receive, send_with_id)
