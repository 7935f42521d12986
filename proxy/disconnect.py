"""What is done for a client ends early where it goes away, and where the server stops."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from proxy.stopping import Stopping
from translators.errors import server_stopping

Result = TypeVar("Result")


async def while_connected(
    receive: Receive, work: Awaitable[Result], stopping: Stopping | None = None
) -> Result:
    """The result of the work, which is cancelled when the client goes away: then ClientDisconnect.

    It is cancelled too when the time of a server that stops is over: then APIError. It is done in the task of
    whoever asks: one task more for each request, not two.
    """
    working = asyncio.current_task()
    assert working  # noqa: S101  (whatever is awaited is in one)
    leaving = asyncio.ensure_future(cancelled_by_leaving(receive, working))
    if stopping:
        stopping.begin(working)
    try:
        return await work
    except asyncio.CancelledError:
        ours = [leaving.done(), bool(stopping and stopping.over)].count(True)
        if not ours or working.cancelling() > ours:
            raise
        for _ in range(ours):
            working.uncancel()
        raise ClientDisconnect if leaving.done() else server_stopping() from None
    finally:
        leaving.cancel()
        if stopping:
            stopping.end(working)


async def cancelled_by_leaving(receive: Receive, working: asyncio.Task[Any]) -> None:
    """Cancels when the client has gone; the body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass
    working.cancel()
