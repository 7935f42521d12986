"""HTTP/1.1 as a client of Bedrock speaks it: on each connection a request, then its answer, then the next.

    idle --ask--> asked --head--> answering --end--> idle
                    \\ lost, garbled, or silent for too long: closed, and the answer ends in an error

aiohttp opens connections (`connections`); its own requests cost more than all else that is done for a chat,
so that httptools reads here as it does in the server. Errors are aiohttp's, as of what it opens.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

import aiohttp
import httptools
from aiohttp.connector import Connection as Opened

Told = Callable[["Connection"], object]
Body = Sequence[bytes | memoryview]
"""What is sent, in pieces."""

# Of an answer that has come and that nobody has read: a client that reads slowly makes Bedrock wait.
MOST_UNREAD = 64 * 1024


class Response:
    """An answer: its head, and its body as the network brings it."""

    def __init__(self, connection: "Connection") -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        """By names in lower case."""
        self._connection = connection
        self._unread: list[bytes] = []
        self._size = 0
        self._ended = False
        self._error: aiohttp.ClientError | None = None
        self._waiting: asyncio.Future[None] | None = None

    async def read(self) -> bytes:
        """All of the body. Raises aiohttp.ClientError."""
        pieces = []
        while piece := await self.readany():
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def readany(self) -> bytes:
        """What has come, as soon as anything has; empty at the end.

        Raises aiohttp.ClientError where there is no end, once all that came before has been read.
        """
        while not self._unread:
            if self._error:
                raise self._error
            if self._ended:
                return b""
            await self._news()
        unread, self._unread, self._size = self._unread, [], 0
        self._connection.go_on()
        return unread[0] if len(unread) == 1 else b"".join(unread)

    def at_end(self) -> bool:
        return self._ended and not self._unread

    def close(self) -> None:
        """Hangs up, unless the answer is all there: then the connection is another's already."""
        if not self._ended:
            self._connection.close()

    async def head(self) -> None:
        """Returns when it is there. Raises aiohttp.ClientError."""
        while not self.status:
            if self._error:
                raise self._error
            await self._news()

    def more(self, body: bytes) -> bool:
        """Whether that is enough for now."""
        self._unread.append(body)
        self._size += len(body)
        return self._size > MOST_UNREAD

    def end(self, error: aiohttp.ClientError | None = None) -> None:
        self._ended, self._error = error is None, error
        self.wake()

    def wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def _news(self) -> asyncio.Future[None]:
        """To be awaited at once."""
        self._waiting = self._connection.loop.create_future()
        return self._waiting


class Connection(asyncio.Protocol):
    """One connection, which httptools' parser tells what it reads."""

    def __init__(self, opened: Opened, *, read_timeout: float, idle: Told, lost: Told) -> None:
        """`idle` is told when it takes another request, `lost` at its end; `read_timeout` is in seconds."""
        self._opened = opened
        self._transport = cast(asyncio.Transport, opened.transport)  # it has just been opened
        self._transport.set_protocol(self)
        self._read_timeout = read_timeout
        self._idle, self._lost = idle, lost
        self.loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._response: Response | None = None
        self._paused = self._complete = self._reusable = False
        self.idle_since = 0.0

    async def ask(self, request: Body) -> Response:
        """The answer, once its head is there. Raises aiohttp.ClientError."""
        response = self._response = Response(self)
        self._parser = httptools.HttpResponseParser(self)
        self._heard = self.loop.time()
        self._timer = self._timer or self.loop.call_later(self._read_timeout, self._listen)
        self._transport.writelines(request)
        try:
            await response.head()
        except BaseException:
            self.close()
            raise
        return response

    def usable(self) -> bool:
        return not self._transport.is_closing()

    def go_on(self) -> None:
        """Some of the answer has been read."""
        if self._paused:
            self._paused = False
            self._transport.resume_reading()

    def close(self) -> None:
        self._transport.abort()
        self._opened.close()

    # What asyncio tells

    def data_received(self, data: bytes) -> None:
        self._heard = self.loop.time()
        if self._response is None:
            self.close()  # nobody asked
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._end(aiohttp.ClientPayloadError(f"The answer is no HTTP: {error}"))
            self.close()
            return
        if self._complete:
            self._end()
        else:
            self._response.wake()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()
        self._opened.close()
        self._lost(self)
        if self._response is None:
            return
        if not self._response.status:
            lost = aiohttp.ClientOSError(*exc.args) if isinstance(exc, OSError) else None
            self._end(lost or aiohttp.ServerDisconnectedError())
        elif exc or not BODIES_WITH_AN_END.isdisjoint(self._response.headers):
            self._end(aiohttp.ClientPayloadError("The connection was lost within the answer"))
        else:
            self._end()

    # What the parser tells

    def on_message_begin(self) -> None:
        assert self._response  # noqa: S101  (only what was asked for is parsed)
        self._response.headers.clear()  # of an interim answer
        self._complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        assert self._response  # noqa: S101
        self._response.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self._response and (status := self._parser.get_status_code()) >= 200:
            self._response.status = status

    def on_body(self, body: bytes) -> None:
        if self._response and self._response.more(body) and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        self._complete = bool(self._response and self._response.status)
        self._reusable = self._parser.should_keep_alive()

    # What becomes of it

    def _end(self, error: aiohttp.ClientError | None = None) -> None:
        response, self._response = self._response, None
        if response is None:
            return
        response.end(error)
        self.go_on()
        if error is None and self._reusable and self.usable() and not self._transport.get_write_buffer_size():
            self.idle_since = self._heard
            self._idle(self)
        else:
            self.close()

    def _listen(self) -> None:
        """One timer a connection looks whether Bedrock has been silent for too long."""
        self._timer = None
        if self._response is None:
            return
        now = self.loop.time()
        if self._paused:
            self._heard = now
        if now < self._heard + self._read_timeout:
            self._timer = self.loop.call_at(self._heard + self._read_timeout, self._listen)
        else:
            self._end(aiohttp.SocketTimeoutError("Timeout on reading data from socket"))


# Else it ends with the connection.
BODIES_WITH_AN_END = {"content-length", "transfer-encoding"}
