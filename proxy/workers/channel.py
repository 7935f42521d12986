"""What the parent has with one worker: it gives connections, and hears what becomes of them.

    parent                             worker
    a number, with a connection  -->   <--  READY once it serves, then TAKEN for each, and GONE at its end
    PROBE                        -->   <--  READY
    the end                      -->   <--  LEAVES: it takes no more, and ends

A connection stays open here until it is taken: what waits for a worker that dies or hangs is another's. (And
macOS would lose one that is closed on its way: https://bugs.python.org/issue14669)
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress

READY, TAKEN, GONE, LEAVES, PROBE = b"r", b"t", b"g", b"l", b"p"

# Connections on their way to one worker; more wait where clients wait for any server that is busy.
MOST_UNTAKEN = 32


class Channel:
    """The parent's end."""

    def __init__(self, ours: socket.socket, theirs: socket.socket, news: Callable[[], None]) -> None:
        """Both ends of a socket pair: `theirs` is the worker's too. `news` is called when it has spoken."""
        self._loop = asyncio.get_running_loop()
        self._ours, self._theirs = ours, theirs
        for end in (ours, theirs):
            end.setblocking(False)
        self._loop.add_reader(ours, self._hear)
        self._news = news
        self._number = 0
        self._untaken: dict[int, socket.socket] = {}
        self._probed = False
        self._heard = 0.0
        self.begun: asyncio.Future[bool] = self._loop.create_future()
        """Whether it ever got ready."""
        self.ready = self.leaving = False
        self.connections = 0
        self.turn = 0
        """When it was given the last one, as a number that grows."""

    @property
    def full(self) -> bool:
        return len(self._untaken) >= MOST_UNTAKEN

    @property
    def silent(self) -> float:
        """For how many seconds it has said nothing, though it has something to say."""
        return self._loop.time() - self._heard if self._untaken or self._probed else 0.0

    def give(self, connection: socket.socket, turn: int) -> None:
        """Raises OSError where the system has no room for it on its way."""
        self._number = (self._number + 1) % 256  # of those that wait no two have the same
        socket.send_fds(self._ours, [bytes([self._number])], [connection.fileno()])
        if not self._untaken:
            self._heard = self._loop.time()
        self._untaken[self._number] = connection
        self.connections += 1
        self.turn = turn

    def take_back(self) -> list[socket.socket]:
        """What it has not taken so far; it has to answer before it gets more."""
        back = []
        while (number := self._withdrawn()) is not None:
            back.append(self._untaken.pop(number))
        self.connections -= len(back)
        if not self._probed:
            with suppress(BlockingIOError):  # then it has enough to read
                self._ours.send(PROBE)
        self.ready, self._probed = False, True
        return back

    def close(self) -> list[socket.socket]:
        """What it has not taken, and will not: it has ended, or will when it reads that this is the end."""
        with suppress(BlockingIOError):
            self._learn(self._ours.recv(4096))
        self._loop.remove_reader(self._ours)
        self._ours.close()
        self._theirs.close()
        if not self.begun.done():
            self.begun.set_result(False)
        self.ready, self.leaving = False, True
        return self.left_behind()

    def left_behind(self) -> list[socket.socket]:
        untaken = list(self._untaken.values())
        self._untaken.clear()
        return untaken

    def _withdrawn(self) -> int | None:
        """The number of a connection that is no more on its way; None where there is none."""
        with suppress(BlockingIOError):
            while True:
                number, descriptors, _, _ = socket.recv_fds(self._theirs, 1, 1)
                for descriptor in descriptors:
                    os.close(descriptor)
                    return number[0]
        return None

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            self._learn(self._ours.recv(4096))
            self._news()

    def _learn(self, words: bytes) -> None:
        self._heard = self._loop.time()
        for _ in range(words.count(TAKEN)):
            self._untaken.pop(next(iter(self._untaken))).close()
        self.connections -= words.count(GONE)
        if READY in words:
            self.ready, self._probed = True, False
            if not self.begun.done():
                self.begun.set_result(True)
        if LEAVES in words:
            self.ready, self.leaving, self._probed = False, True, False
