"""Work that would hold up every stream: done in a thread."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Thread
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

# Bytes of a request: to read as many and to plan what becomes of them takes milliseconds. A thread costs too:
# a fifth more than work that nobody waits for, where it goes on beside the loop.
LARGE = 256 * 1024
# Messages, however short: to plan what becomes of as many takes milliseconds.
MANY = 1000
# Bytes that are only written or hashed: as many take about a millisecond.
LONG = 1024 * 1024

# Seconds that a thread works on while the loop waits for its turn. With Python's 5 ms each stream would wait
# as long again and again, while a large request is worked on.
TURN = 0.001

# One: the interpreter does one thing at a time, and each thread more keeps megabytes for itself.
ASIDE = ThreadPoolExecutor(1, "aside")


def take_short_turns() -> None:
    """Call once a process."""
    sys.setswitchinterval(TURN)


async def aside(much: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What pure work returns or raises: in a thread where it is much, so that it takes milliseconds."""
    if not much:
        return work(*args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(ASIDE, partial(work, *args, **kwargs))


def heard(task: asyncio.Task[Any]) -> None:
    """A failure is for those who wait; where nobody does, its words are not asyncio's to log."""
    if not task.cancelled():
        task.exception()


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
