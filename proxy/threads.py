"""Work that would hold up every stream: done in a thread and an event loop of its own."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


async def off_the_loop(work: Coroutine[Any, Any, T]) -> T:
    """What the work returns or raises. Its thread keeps no process from ending, whatever it waits for."""
    done: Future[T] = Future()
    done.set_running_or_notify_cancel()  # so that it can be left alone, but not cancelled under the thread

    def run() -> None:
        try:
            done.set_result(asyncio.run(work))
        except BaseException as error:
            done.set_exception(error)

    Thread(target=run, name="aws", daemon=True).start()
    return await asyncio.wrap_future(done)
