"""Server-sent events: what one network read brought leaves in one write, and nothing waits.

    network read -> Decoder -> frames -> ChatStream -> chunks -> one write

Before the first byte an error is a status; after it, an event in the place of [DONE].
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping

import orjson
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message, Receive, Scope, Send

from proxy.bedrock import ByteStream
from proxy.errors import report
from proxy.replay import Replay
from translators.chat import ChatStream
from translators.errors import APIError, InternalServerError, stream_cut_short
from translators.eventstream import CorruptFrame, Decoder

log = logging.getLogger("outcrop")

DONE = b"data: [DONE]\n\n"


class EventStream:
    """One streamed answer, as the writes that a client gets."""

    def __init__(self, upstream: ByteStream | Replay, chat: ChatStream) -> None:
        self._upstream = upstream
        self._chat = chat
        self._decoder = Decoder()
        self._ended = False
        self._first = b""

    async def start(self, *, patience: float) -> None:
        """Looks at the first frame, because Bedrock may refuse there; raises its APIError.

        Where Bedrock stays silent for `patience` seconds, the answer begins without it.
        """
        try:
            async with asyncio.timeout(patience):
                self._first = await self._write()
        except TimeoutError:
            pass  # half a frame may have come: the decoder keeps it
        except BaseException as error:
            self.close()
            if isinstance(error, APIError):
                error.aws_request_id = error.aws_request_id or self._upstream.request_id or None
            raise

    async def writes(self) -> AsyncGenerator[bytes, None]:
        try:
            if self._first:
                yield self._first
            while write := await self._write():
                yield write
        except APIError as error:
            report(error)
            yield encode(error.body())
        except Exception:
            log.exception("A stream failed.")
            yield encode(InternalServerError("Internal server error.", code="server_error").body())

    def close(self) -> None:
        self._upstream.close()

    async def _write(self) -> bytes:
        """The events of the next network read that makes any; empty after the last. Raises APIError."""
        events: list[bytes] = []
        while not events and not self._ended:
            data = await self._read()
            try:
                for frame in self._decoder.feed(data):
                    if chunk := self._chat.receive(frame):
                        events.append(encode(chunk))
                if not data or self._upstream.at_end():
                    self._end()
                    events.append(DONE)
            except (APIError, CorruptFrame) as failure:
                self._ended = True
                error = failure if isinstance(failure, APIError) else stream_cut_short(str(failure))
                if not events:
                    raise error from failure
                report(error)
                events.append(encode(error.body()))
        return b"".join(events)

    async def _read(self) -> bytes:
        """An answer that lacks only its usage is not spoilt by a connection that breaks then."""
        try:
            return await self._upstream.read()
        except APIError:
            self._ended = True
            if not self._chat.stopped:
                raise
            return b""

    def _end(self) -> None:
        self._ended = True
        if not self._chat.stopped:
            self._decoder.flush()
        self._chat.close()


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
