"""Work that would hold up every stream: done in a thread."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Thread
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

# Bytes of a body. To read as many, to write them, or to hash them takes about a millisecond each.
LARGE = 1024 * 1024

# One: the interpreter does one thing at a time, and each thread more keeps megabytes for itself.
ASIDE = ThreadPoolExecutor(1, "aside")


async def aside(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What pure work on a body of that size returns or raises: in a thread where that takes milliseconds."""
    if size <= LARGE:
        return work(*args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(ASIDE, partial(work, *args, **kwargs))


async def off_the_loop(work: Coroutine[Any, Any, T]) -> T:
    """What the work, in an event loop of its own, returns or raises.

    Its thread keeps no process from ending, whatever it waits for.
    """
    done: Future[T] = Future()
    done.set_running_or_notify_cancel()  # so that it can be left alone, but not cancelled under the thread

    def run() -> None:
        try:
            done.set_result(asyncio.run(work))
        except BaseException as error:
            done.set_exception(error)

    Thread(target=run, name="aws", daemon=True).start()
    return await asyncio.wrap_future(done)
