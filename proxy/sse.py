"""Server-sent events: what one network read brought leaves in one write, and nothing waits.

    network read -> chunks -> one write

Before the first byte an error is a status; after it, an event in the place of [DONE].
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping

import orjson
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message, Receive, Scope, Send

from proxy.choices import Choices
from proxy.chunks import Chunks
from proxy.errors import report
from translators.errors import APIError, InternalServerError

log = logging.getLogger("outcrop")

DONE = b"data: [DONE]\n\n"


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


class EventStreamResponse(EventSourceResponse):
    """An EventStream as a response. Bedrock is told to stop however the response ends."""

    def __init__(
        self, events: EventStream, headers: Mapping[str, str], *, keep_alive: float, grace: float
    ) -> None:
        """`keep_alive`: seconds between comments; `grace`: seconds to finish in when the server stops."""
        super().__init__(
            events.writes(),
            headers=headers,
            ping=keep_alive,
            ping_message_factory=comment,
            sep="\n",
            shutdown_grace_period=grace,
            client_close_handler_callable=self._left,
        )
        self._events = events

    async def _left(self, _: Message) -> None:
        """Cancelling would wait for a moment in which nothing arrives, and some answers have none."""
        self._events.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._events.close()


def comment() -> ServerSentEvent:
    """What is sent to keep a silent connection alive: an event without data would break the SDKs' parsers."""
    return ServerSentEvent(comment="keep-alive", sep="\n")


def encode(data: object) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"
