"""A worker: uvicorn's server, on connections that its parent gives it in place of a listening socket."""

import asyncio
import os
import socket
from contextlib import suppress

import uvicorn

from proxy.protocol import Protocol
from proxy.workers.channel import GONE, LEAVES, LOST, PROBE, READY, TAKEN


def work(config: uvicorn.Config, parent: socket.socket) -> None:
    """What the new process does; `parent` is its end of the channel."""
    config.configure_logging()
    with suppress(KeyboardInterrupt):  # Ctrl+C reaches the parent too
        Worker(config, parent).run()


class Worker(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, parent: socket.socket) -> None:
        super().__init__(config)
        self._parent = parent
        self._parent.setblocking(False)
        self._unsaid = bytearray()
        self._beginning: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        asyncio.get_running_loop().add_reader(self._parent, self._receive)
        self._say(READY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """What waits for this worker is the parent's to give to another."""
        asyncio.get_running_loop().remove_reader(self._parent)
        self._say(LEAVES)
        if self._beginning:
            await asyncio.wait(self._beginning)
        await super().shutdown(sockets=[])

    def _receive(self) -> None:
        try:
            given, descriptors, _, _ = socket.recv_fds(self._parent, 1, 1)
        except BlockingIOError:
            return
        except ConnectionError:  # the end too, where something that was said here has not been read
            given, descriptors = b"", []
        if not given:  # the parent has died, or wants no more of this worker
            asyncio.get_running_loop().remove_reader(self._parent)
            self.should_exit = True
        elif given == PROBE:
            self._say(READY)
        elif not descriptors:
            self._say(LOST)  # this process may open no more
        for descriptor in descriptors:
            self._say(TAKEN)
            beginning = asyncio.ensure_future(self._begin(descriptor))
            self._beginning.add(beginning)
            beginning.add_done_callback(self._beginning.discard)

    async def _begin(self, descriptor: int) -> None:
        try:
            connection = socket.socket(fileno=descriptor)
        except OSError:  # the client has left, which macOS tells here
            os.close(descriptor)
            self._say(GONE)
            return
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        except OSError:  # as above
            connection.close()
            self._say(GONE)

    def _protocol(self) -> "Counted":
        protocol = Counted(self.config, self.server_state, self.lifespan.state)
        protocol.worker = self
        return protocol

    def gone(self) -> None:
        self._say(GONE)

    def _say(self, word: bytes) -> None:
        """What finds no room, where the parent is busy, goes with the next."""
        self._unsaid += word
        with suppress(OSError):
            del self._unsaid[: self._parent.send(self._unsaid)]


class Counted(Protocol):
    """A client's connection, whose end the parent hears of."""

    worker: Worker

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.worker.gone()
