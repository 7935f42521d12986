"""Several answers to one request (`n`): asked for at once, read side by side; the first failure ends all."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Coroutine as Work
from functools import partial
from typing import Any, TypeVar

from proxy.chunks import Chunks
from translators.chat.choices import Interleaved
from translators.openai import ChatCompletionChunk

Result = TypeVar("Result")
Reading = asyncio.Task[list[ChatCompletionChunk]]

# Their header must fit where nginx has 4 KiB for all of them:
# https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffer_size
TOLD_IDS = 16


async def together(
    works: Sequence[Work[Any, Any, Result]], *, undo: Callable[[Result], object] = lambda _: None
) -> list[Result]:
    """Every result, in order. At the first failure the rest is cancelled, or undone where it is done."""
    if len(works) == 1:
        return [await works[0]]
    working = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*working)
    except BaseException:
        for work in working:
            work.cancel()
        for result in await asyncio.gather(*working, return_exceptions=True):
            if not isinstance(result, BaseException):
                undo(result)
        raise


def request_ids(ids: Iterable[str]) -> str:
    """AWS's ids of the first answers, as one header; empty where none is known."""
    return ", ".join([id for id in ids if id][:TOLD_IDS])


class Choices:
    """Several streams, and what their next network reads bring: what `Chunks` is for one.

    Of each, one read is under way, and none before what the last one brought has been taken: a client
    that reads slowly slows all of them down, as it would slow down one.
    """

    def __init__(self, answers: Sequence[Chunks]) -> None:
        self._answers = answers
        self._order = Interleaved(len(answers))
        self._idle = set(range(len(answers)))
        self._reading: set[Reading] = set()
        self._arrived: asyncio.Queue[tuple[int, Reading]] = asyncio.Queue()
        self._failure: BaseException | None = None
        self.ended = False

    @property
    def request_id(self) -> str:
        return request_ids(answer.request_id for answer in self._answers)

    async def read(self) -> list[ChatCompletionChunk]:
        """The chunks of every choice that has some now; none after the last. Raises APIError.

        May be cancelled and called again: the reads go on.
        """
        chunks: list[ChatCompletionChunk] = []
        while not chunks and not self.ended:
            if self._failure:
                raise self._failure
            self._read_on()
            chunks = self._taken(*await self._arrived.get())
            while not self._arrived.empty():
                chunks += self._taken(*self._arrived.get_nowait())
            if not self._idle and not self._reading and not self._failure:
                self.ended = True
                chunks += self._order.end()
        return chunks

    def close(self) -> None:
        """Tells Bedrock to stop, as `Chunks` does. Whoever reads then is cancelled too."""
        for reading in self._reading:
            reading.cancel()
        for answer in self._answers:
            answer.close()

    def _read_on(self) -> None:
        for choice in [choice for choice in self._idle if not self._order.holds(choice)]:
            self._idle.remove(choice)
            reading = asyncio.ensure_future(self._answers[choice].read())
            self._reading.add(reading)
            reading.add_done_callback(partial(self._came, choice))

    def _came(self, choice: int, reading: Reading) -> None:
        self._reading.remove(reading)
        self._arrived.put_nowait((choice, reading))
        if not reading.cancelled():
            reading.exception()  # where nobody reads on, it is not asyncio's to log

    def _taken(self, choice: int, reading: Reading) -> list[ChatCompletionChunk]:
        if failure := reading.exception():
            self._failure = failure
            return []
        if not self._answers[choice].ended:
            self._idle.add(choice)
        return self._order.receive(choice, reading.result())
