"""Each new connection goes to the worker that has the fewest."""

import asyncio
import errno
import socket
from collections import deque

from proxy.workers.channel import Channel

# Seconds; what a worker has not taken by then, because it hangs or is busy, is another's.
PATIENCE = 1.0

NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Sharing:
    """Accepts while there is a worker to give to."""

    def __init__(self, listener: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._listener.setblocking(False)
        self._channels: list[Channel] = []
        """Whose turn is longest ago is the first."""
        self._waiting: deque[socket.socket] = deque()
        """Accepted, and no worker has them."""
        self._open = self._accepting = False

    def channel(self, ours: socket.socket, theirs: socket.socket, begun: asyncio.Future[bool]) -> Channel:
        """For one more worker, which is given connections once it says that it is ready."""
        channel = Channel(ours, theirs, begun, self._go_on)
        self._channels.append(channel)
        return channel

    def ended(self, channel: Channel) -> None:
        """Its worker has."""
        if channel in self._channels:
            self._drop(channel)
            self._go_on()

    def open(self) -> None:
        """From now on clients are let in."""
        self._open = True
        self._go_on()

    def close(self) -> None:
        """No more; what no worker has taken is hung up on."""
        self._open = False
        self._accept(False)
        self._listener.close()
        for channel in list(self._channels):
            self._drop(channel)
        while self._waiting:
            self._waiting.popleft().close()

    def look(self) -> None:
        """To be called now and then: nobody tells of a worker that stands still, or of room in the system."""
        for channel in self._channels:
            channel.has_room = True
            if channel.ready and channel.silent > PATIENCE:
                channel.take_back()
        self._go_on()

    def _drop(self, channel: Channel) -> None:
        self._channels.remove(channel)
        channel.close()
        self._waiting += channel.given_back()

    def _go_on(self) -> None:
        for channel in self._channels:
            self._waiting += channel.given_back()
        while self._waiting and (taker := self._next()):
            self._give(self._waiting.popleft(), taker)
        self._accept(self._open and self._next() is not None)

    def _next(self) -> Channel | None:
        """Whose turn it is, if it has room: whoever is only slow is waited for, or it would not be even."""
        able = [channel for channel in self._channels if channel.ready and channel.has_room]
        fewest = min(able, key=connections, default=None)
        return None if fewest is None or fewest.full else fewest

    def _give(self, connection: socket.socket, channel: Channel) -> None:
        try:
            channel.give(connection)
        except OSError:
            channel.has_room = False
            self._waiting.appendleft(connection)
            return
        self._channels.remove(channel)
        self._channels.append(channel)

    def _accept(self, wanted: bool) -> None:
        if wanted and not self._accepting:
            self._loop.add_reader(self._listener, self._arrived)
        elif self._accepting and not wanted:
            self._loop.remove_reader(self._listener)
        self._accepting = wanted

    def _arrived(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:
            if error.errno in NO_ROOM:
                self._accept(False)
            return  # else the client has left already
        self._waiting.append(connection)
        self._go_on()


def connections(channel: Channel) -> int:
    return channel.connections
