"""Clients that go away: what was being done for them stops at once."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

Result = TypeVar("Result")


async def while_connected(receive: Receive, work: Awaitable[Result]) -> Result:
    """The result of the work, which is cancelled when the client goes away: then ClientDisconnect.

    It is done in the task of whoever asks: one task more for each request, not two.
    """
    working = asyncio.current_task()
    assert working  # noqa: S101  (whatever is awaited is in one)
    leaving = asyncio.ensure_future(cancelled_by_leaving(receive, working))
    try:
        return await work
    except asyncio.CancelledError:
        if leaving.done() and not working.uncancel():
            raise ClientDisconnect from None
        raise
    finally:
        leaving.cancel()


async def cancelled_by_leaving(receive: Receive, working: asyncio.Task[Any]) -> None:
    """Cancels when the client has gone; the body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass
    working.cancel()
