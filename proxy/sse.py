"""Server-sent events: what one network read brought leaves in one write, and nothing waits.

    network read -> chunks -> one write

Before the first byte an error is a status; after it, an event in the place of [DONE].
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import closing, suppress

from sse_starlette import ServerSentEvent
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from proxy.choices import Choices
from proxy.chunks import Chunks
from proxy.disconnect import while_connected
from proxy.errors import report
from proxy.stopping import Stopping
from translators.chat.json_text import written
from translators.errors import APIError, InternalServerError

log = logging.getLogger("outcrop")

DONE = ServerSentEvent("[DONE]", sep="\n").encode()
COMMENT = ServerSentEvent(comment="keep-alive", sep="\n").encode()
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would hold events back
]


class EventStream:
    """One streamed answer, of one choice or several, as the writes that a client gets."""

    def __init__(self, answer: Chunks | Choices) -> None:
        self._answer = answer
        self._first = b""

    async def start(self, *, patience: float) -> None:
        """Looks at the first frame, because Bedrock may refuse there; raises its APIError.

        Where Bedrock stays silent for `patience` seconds, the answer begins without it.
        """
        try:
            async with asyncio.timeout(patience):
                self._first = await self._write()
        except TimeoutError:
            pass
        except BaseException:
            self.close()
            raise

    async def writes(self) -> AsyncGenerator[bytes, None]:
        try:
            if self._first:
                yield self._first
            while not self._answer.ended:
                yield await self._write()
        except APIError as error:
            self.close()
            report(error)
            yield encode(error.body())
        except Exception:
            log.exception("A stream failed.")
            self.close()
            yield encode(InternalServerError("Internal server error.", code="server_error").body())

    def close(self) -> None:
        self._answer.close()

    async def _write(self) -> bytes:
        """The events of the next network read that makes any, with [DONE] after the last. Raises APIError."""
        events = [encode(chunk) for chunk in await self._answer.read()]
        if self._answer.ended:
            events.append(DONE)
        return b"".join(events)


class EventStreamResponse:
    """An EventStream as an ASGI response. Bedrock is told to stop however the response ends."""

    def __init__(
        self,
        events: EventStream,
        headers: Mapping[str, str],
        *,
        keep_alive: float,
        stopping: Stopping | None = None,
    ) -> None:
        """`keep_alive`: seconds of silence before a comment."""
        self._events = events
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._keep_alive = keep_alive
        self._stopping = stopping
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with closing(self._events), suppress(ClientDisconnect):
            try:
                await while_connected(receive, self._sent(send), self._stopping)
            except APIError as error:  # the server stops
                report(error)
                if self._started:
                    await send({"type": "http.response.body", "body": encode(error.body())})

    async def _sent(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS + self._headers})
        self._started = True
        with closing(Comments(send, self._keep_alive)) as comments:
            async for write in self._events.writes():
                await send({"type": "http.response.body", "body": write, "more_body": True})
                comments.put_off()
        await send({"type": "http.response.body", "body": b""})


class Comments:
    """Keep a silent connection alive: an event without data would break the SDKs' parsers.

    One timer a stream, and nothing to set or to wait for with each write.
    """

    def __init__(self, send: Send, every: float) -> None:
        self._send = send
        self._every = every
        self._loop = asyncio.get_running_loop()
        self._sending: asyncio.Task[None] | None = None
        self.put_off()
        self._timer = self._loop.call_later(every, self._look)

    def put_off(self) -> None:
        """Something else has been sent."""
        self._sent = self._loop.time()

    def close(self) -> None:
        self._timer.cancel()
        if self._sending:
            self._sending.cancel()

    def _look(self) -> None:
        due = self._sent + self._every
        if self._loop.time() >= due:
            if self._sending is None or self._sending.done():  # a client that reads nothing gets no second
                self._sending = asyncio.ensure_future(self._comment())
            self.put_off()
            due = self._sent + self._every
        self._timer = self._loop.call_at(due, self._look)

    async def _comment(self) -> None:
        await self._send({"type": "http.response.body", "body": COMMENT, "more_body": True})


def encode(data: object) -> bytes:
    """As a ServerSentEvent frames it, in a tenth of its time: there is one for each token."""
    return b"data: " + written(data) + b"\n\n"
