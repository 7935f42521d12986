"""What the parent has with one worker: it gives connections, and hears what becomes of them.

    parent                   worker
    GIVEN, with a connection  -->  <--  READY once it serves; of each TAKEN and, at its end, GONE; or LOST
    PROBE                     -->  <--  READY
    the end                   -->  <--  LEAVES: it takes no more, and ends

A connection stays open here until it is taken: what waits for a worker that dies or hangs is another's. (And
macOS would lose one that is closed on its way: https://bugs.python.org/issue14669)
"""

import asyncio
import os
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress

GIVEN, PROBE = b"c", b"p"
READY, TAKEN, LOST, GONE, LEAVES = b"r", b"t", b"n", b"g", b"l"

# Connections on their way to one worker; more wait where clients wait for any server that is busy.
MOST_UNTAKEN = 32


class Channel:
    """The parent's end."""

    def __init__(
        self,
        ours: socket.socket,
        theirs: socket.socket,
        begun: asyncio.Future[bool],
        news: Callable[[], None],
    ) -> None:
        """Both ends of a socket pair: `theirs` is the worker's too.

        `begun` gets True when the worker is ready; `news` is called when it has spoken.
        """
        self._loop = asyncio.get_running_loop()
        self._ours, self._theirs = ours, theirs
        for end in (ours, theirs):
            end.setblocking(False)
        self._loop.add_reader(ours, self._hear)
        self._begun, self._news = begun, news
        self._untaken: deque[socket.socket] = deque()
        self._back: list[socket.socket] = []
        self._heard = 0.0
        self._probed: float | None = None
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

    @property
    def unanswered(self) -> float:
        """For how many seconds it has been probed."""
        return 0.0 if self._probed is None else self._loop.time() - self._probed

    def give(self, connection: socket.socket) -> None:
        """Raises OSError where the system has no room for it on its way."""
        socket.send_fds(self._ours, [GIVEN], [connection.fileno()])
        if not self._untaken:
            self._heard = self._loop.time()
        self._untaken.append(connection)
        self.connections += 1

    def given_back(self) -> list[socket.socket]:
        """What others may have: each is told once."""
        back, self._back = self._back, []
        return back

    def take_back(self) -> None:
        """What is on its way; the worker has to answer before it gets more."""
        back = [self._untaken.pop() for _ in range(self._withdrawn())]
        self._back += reversed(back)
        self.connections -= len(back)
        with suppress(OSError):
            self._ours.send(PROBE)
        self.ready, self._probed = False, self._loop.time()

    def close(self) -> None:
        """The worker has ended, or will when it reads that this is the end; it takes nothing more."""
        with suppress(OSError):
            self._learn(self._ours.recv(4096))
        self._learn(LEAVES)
        self._loop.remove_reader(self._ours)
        self._ours.close()
        self._theirs.close()

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            self._learn(self._ours.recv(4096))
            self._news()

    def _learn(self, words: bytes) -> None:
        self._heard = self._loop.time()
        for word in (bytes([each]) for each in words):
            if word == READY:
                self.ready, self._probed = True, None
                if not self._begun.done():
                    self._begun.set_result(True)
            elif word == TAKEN:
                self._untaken.popleft().close()
            elif word == GONE:
                self.connections -= 1
                self.has_room = True
            elif word == LOST:
                self._back.append(self._untaken.popleft())
                self.connections -= 1
                self.has_room = False
            elif word == LEAVES:
                self._withdrawn()
                self._back += self._untaken
                self._untaken.clear()
                self.ready, self._probed = False, None

    def _withdrawn(self) -> int:
        """How many are no more on their way: the last that were given."""
        count = 0
        with suppress(BlockingIOError):
            while True:
                _, descriptors, _, _ = socket.recv_fds(self._theirs, 1, 1)
                for descriptor in descriptors:
                    os.close(descriptor)
                count += 1
        return count
