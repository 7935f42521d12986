"""The memory that the parent process owns: its workers share it, and one that dies loses nothing.

It listens on a Unix socket in a directory that only this user may enter and that goes when the parent ends.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from proxy.continuity.memory import LocalMemory
from proxy.continuity.wire import Frame, Frames, Garbage, Kind, found, packed

# The variable in which workers find the path of their parent's socket.
SOCKET = "OUTCROP_CONTINUITY_SOCKET"


@contextmanager
def serving(memory: LocalMemory) -> Iterator[str]:
    """The path of the socket, which answers until the block ends. Raises OSError if there can be none."""
    started: Future[Callable[[], None]] = Future()
    # mkdtemp's directories have mode 0700: https://docs.python.org/3/library/tempfile.html#tempfile.mkdtemp
    with TemporaryDirectory(prefix="outcrop-") as folder:
        path = os.path.join(folder, "memory")
        # A thread, because uvicorn's supervisor keeps the main one; it sleeps while nobody asks.
        thread = threading.Thread(target=_run, args=(memory, path, started), name="continuity", daemon=True)
        thread.start()
        stop = started.result()
        try:
            yield path
        finally:
            stop()
            thread.join()


def _run(memory: LocalMemory, path: str, started: Future[Callable[[], None]]) -> None:
    try:
        asyncio.run(_serve(memory, path, started))
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)


async def _serve(memory: LocalMemory, path: str, started: Future[Callable[[], None]]) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    open_: set[asyncio.BaseTransport] = set()

    def stop() -> None:
        loop.call_soon_threadsafe(stopping.set)

    server = await loop.create_unix_server(lambda: Conversation(memory, open_), path)
    started.set_result(stop)
    await stopping.wait()
    server.close()
    for transport in open_:
        transport.close()
    await server.wait_closed()


class Conversation(asyncio.Protocol):
    """One worker's connection. What is no frame, or no question, ends it."""

    def __init__(self, memory: LocalMemory, open_: set[asyncio.BaseTransport]) -> None:
        self._memory = memory
        self._open = open_
        self._frames = Frames()

    # asyncio's own signature names the base class; a stream socket's transport reads and writes.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._open.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._frames.feed(data):
                self._transport.write(answer(self._memory, frame))
        except Garbage:
            self._transport.abort()

    # Who does not read its answers is not asked for more questions.

    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()


def answer(memory: LocalMemory, frame: Frame) -> bytes:
    """Raises Garbage."""
    match frame:
        case Frame(Kind.RECALL, names):
            return found(memory.get(list(map(text, names))))
        case Frame(Kind.REMEMBER, [value, *names]):
            memory.put(list(map(text, names)), value)
            return packed(Kind.DONE, [])
        case _:
            raise Garbage


def text(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise Garbage from None
