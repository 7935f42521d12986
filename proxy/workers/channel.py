"""What the parent has with one worker: it gives connections, and hears what becomes of them.

    parent                   worker
    a connection    -->  <--  READY once it serves; of each connection TAKEN and, at its end, GONE; or LOST
    the end         -->  <--  LEAVES: it takes no more, and ends

A connection stays open here until it is taken: what waits for a worker that dies is another's. (And macOS
would lose one that is closed on its way: https://bugs.python.org/issue14669)
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress

READY, TAKEN, LOST, GONE, LEAVES = b"r", b"t", b"n", b"g", b"l"

# Connections on their way to one worker; more wait where clients wait for any server that is busy.
MOST_UNTAKEN = 32


class Channel:
    """The parent's end."""

    def __init__(self, end: socket.socket, begun: asyncio.Future[bool], news: Callable[[], None]) -> None:
        """`begun` gets True when the worker is ready; `news` is called when it has spoken."""
        self._loop = asyncio.get_running_loop()
        self._end = end
        self._end.setblocking(False)
        self._loop.add_reader(end, self._hear)
        self._begun, self._news = begun, news
        self._untaken: deque[socket.socket] = deque()
        self._back: list[socket.socket] = []
        self._heard = 0.0
        self.ready = False
        self.has_room = True
        """False when it could take no more, or none could be sent, until something has changed."""
        self.connections = 0

    @property
    def full(self) -> bool:
        return len(self._untaken) >= MOST_UNTAKEN

    @property
    def silent(self) -> float:
        """For how many seconds it has said nothing, though it has something to say."""
        return self._loop.time() - self._heard if self._untaken else 0.0

    def give(self, connection: socket.socket) -> None:
        """Raises OSError where the system has no room for it on its way."""
        socket.send_fds(self._end, [b"c"], [connection.fileno()])
        if not self._untaken:
            self._heard = self._loop.time()
        self._untaken.append(connection)
        self.connections += 1

    def given_back(self) -> list[socket.socket]:
        """What others may have: each is told once."""
        back, self._back = self._back, []
        return back

    def close(self) -> None:
        """The worker has ended, or will when it reads that this is the end; it takes nothing more."""
        with suppress(OSError):
            self._learn(self._end.recv(4096))
        self._loop.remove_reader(self._end)
        self._end.close()
        self._learn(LEAVES)

    def _hear(self) -> None:
        try:
            words = self._end.recv(4096)
        except OSError:
            words = b""
        if not words:
            self._loop.remove_reader(self._end)  # it has died; who waits for its process will know
        self._learn(words)
        self._news()

    def _learn(self, words: bytes) -> None:
        self._heard = self._loop.time()
        for word in (bytes([each]) for each in words):
            if word == READY:
                self.ready = True
                if not self._begun.done():
                    self._begun.set_result(True)
            elif word == TAKEN:
                self._untaken.popleft().close()
            elif word == GONE:
                self.connections -= 1
                self.has_room = True
            elif word == LOST:
                self._take_back(1)
                self.has_room = False
            elif word == LEAVES:
                self._take_back(len(self._untaken))
                self.ready = False

    def _take_back(self, count: int) -> None:
        self._back += [self._untaken.popleft() for _ in range(count)]
        self.connections -= count
