"""The drop-in: a client that believes it speaks to api.openai.com reaches the app without a socket.

Its only change is `http_client=httpx.AsyncClient()`, whose traffic respx hands to the app in process.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import openai
import pytest
import respx
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy.app import create_app
from proxy.settings import Discovery, Settings
from tests.e2e.door import Door
from tests.samples import MODEL

ASK: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}


@asynccontextmanager
async def started(app: ASGIApp) -> AsyncIterator[ASGIApp]:
    """The app between its startup and its shutdown, which httpx's transport leaves out."""
    state: dict[str, Any] = {}
    to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    from_app: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}
    running = asyncio.create_task(cast(Any, app)(scope, to_app.get, from_app.put))

    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": state.copy()}, receive, send)

    await to_app.put({"type": "lifespan.startup"})
    assert (await from_app.get())["type"] == "lifespan.startup.complete"
    yield with_state
    await to_app.put({"type": "lifespan.shutdown"})
    await running


@asynccontextmanager
async def dropped_in() -> AsyncIterator[openai.AsyncOpenAI]:
    async with (
        started(create_app(Settings(discovery=Discovery(enabled=True, refresh_interval=0)))) as app,
        openai.AsyncOpenAI(
            api_key="sk-any",
            max_retries=0,
            http_client=httpx.AsyncClient(),  # type: ignore[arg-type]
        ) as client,
    ):
        with respx.mock(assert_all_called=False) as router:
            # Only what was meant for OpenAI: the local Bedrock is reached by aiohttp, over its socket.
            router.route(host="api.openai.com").mock(side_effect=respx.ASGIHandler(app))
            yield client


def run(chat: Callable[[openai.AsyncOpenAI], Awaitable[Any]]) -> Any:
    async def within() -> Any:
        async with dropped_in() as client:
            assert str(client.base_url) == "https://api.openai.com/v1/"
            return await chat(client)

    return asyncio.run(within())


@pytest.mark.usefixtures("door")
def test_a_whole_chat() -> None:
    completion = run(lambda client: client.chat.completions.create(**ASK))

    assert completion.choices[0].message.content.startswith('You said: "Hello".')
    assert completion._request_id.startswith("req_")


@pytest.mark.usefixtures("door")
def test_a_streamed_chat() -> None:
    async def chat(client: openai.AsyncOpenAI) -> str:
        stream = await client.chat.completions.create(**ASK, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert run(chat).startswith('You said: "Hello".')


@pytest.mark.usefixtures("door")
def test_the_models() -> None:
    async def models(client: openai.AsyncOpenAI) -> list[str]:
        return [model.id async for model in client.models.list()]

    assert MODEL in run(models)


def test_a_refusal(door: Door) -> None:
    door.script({"times": "always", "error": {"type": "ThrottlingException", "message": "Too many."}})

    with pytest.raises(openai.RateLimitError, match="Too many"):
        run(lambda client: client.chat.completions.create(**ASK))


def test_an_error_within_a_stream(door: Door) -> None:
    door.script({"exception": {"type": "modelStreamErrorException", "message": "It broke.", "after": 2}})

    async def chat(client: openai.AsyncOpenAI) -> None:
        async for _ in await client.chat.completions.create(**ASK, stream=True):
            pass

    with pytest.raises(openai.APIError, match=r"It broke\."):
        run(chat)
