"""A worker's side of its parent's memory: one connection, made when needed, for many questions at once."""

import asyncio
from collections import deque
from collections.abc import Sequence

from proxy.continuity.wire import Frame, Frames, Garbage, Kind, packed, values

# A parent that reads nothing any more must not fill its workers.
UNREAD = 16 * 1024 * 1024


class SharedMemory:
    """A Store: raises OSError, Garbage or ValueError, and waits as long as the parent does not answer."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()

    async def recall(self, names: Sequence[str]) -> list[bytes | None]:
        answer = await self._asked(packed(Kind.RECALL, [name.encode() for name in names]))
        found = values(answer.strings)
        if len(found) != len(names):
            raise Garbage
        return found

    async def remember(self, names: Sequence[str], value: bytes) -> None:
        await self._asked(packed(Kind.REMEMBER, [value, *(name.encode() for name in names)]))

    async def aclose(self) -> None:
        if self._connection:
            self._connection.close()

    async def _asked(self, question: bytes) -> Frame:
        return await (self._open() or await self._connected()).ask(question)

    def _open(self) -> "Connection | None":
        return self._connection if self._connection and not self._connection.is_closing() else None

    async def _connected(self) -> "Connection":
        async with self._connecting:
            if connection := self._open():
                return connection
            loop = asyncio.get_running_loop()
            _, self._connection = await loop.create_unix_connection(Connection, self._path)
            return self._connection


class Connection(asyncio.Protocol):
    """The first answer is that of the first question."""

    def __init__(self) -> None:
        self._frames = Frames()
        self._waiting: deque[asyncio.Future[Frame]] = deque()

    # asyncio's own signature names the base class; a stream socket's transport reads and writes.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def ask(self, question: bytes) -> asyncio.Future[Frame]:
        """Written at once: what is remembered before an answer ends is there before the next request."""
        if self._transport.get_write_buffer_size() > UNREAD:
            raise ConnectionError("the parent does not read")
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._transport.write(question)
        return answer

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._frames.feed(data):
                self._answered(frame)
        except Garbage:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        while self._waiting:
            if not (answer := self._waiting.popleft()).done():
                answer.set_exception(ConnectionError("the parent closed the connection"))

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()

    def _answered(self, frame: Frame) -> None:
        if not self._waiting:
            raise Garbage
        answer = self._waiting.popleft()
        if not answer.done():  # whoever asked may have lost patience
            answer.set_result(frame)
