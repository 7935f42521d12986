"""A Bedrock that streams as fast as it is read, and knows how much has been taken; and a client that reads none."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson

from tests.e2e.upstream import read_request
from tests.frames import framed
from tests.samples import MODEL

ASK: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "stream": True}

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nConnection: close\r\n\r\n"
BEGIN = framed({"messageStart": {"role": "assistant"}})
STOP = framed({"contentBlockStop": {"contentBlockIndex": 0}})
END = framed({"messageStop": {"stopReason": "end_turn"}})

# Seconds without progress: then nobody reads. Too short a time would make a test milder, not make it fail.
STALL = 0.3


class Stream:
    """One answer: so many deltas, each of 4 KB that begin with its number."""

    def __init__(self) -> None:
        self.taken = 0
        """Bytes that the system has accepted."""
        self.speaks = threading.Event()
        """Unless a test says otherwise, before it asks."""
        self.speaks.set()
        self.stalled = threading.Event()
        self.left = threading.Event()
        """The connection was lost before its end."""

    def run(self, connection: socket.socket, deltas: int) -> None:
        connection.setblocking(False)
        try:
            self._send(connection, HEAD + BEGIN)
            self.speaks.wait()
            for number in range(deltas):
                self._send(connection, delta(number))
            self._send(connection, STOP + END)
        except ConnectionError:
            self.left.set()

    def _send(self, connection: socket.socket, data: bytes) -> None:
        while data:
            if not select.select([], [connection], [], STALL)[1]:
                self.stalled.set()
                select.select([], [connection], [])
            count = connection.send(data)
            self.taken += count
            data = data[count:]


def text(number: int) -> str:
    return f"{number:06}".ljust(4096, ".")


def delta(number: int) -> bytes:
    return framed({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": text(number)}}})


class Firehose:
    def __init__(self, listener: socket.socket, lengths: list[int]) -> None:
        self._listener = listener
        self._lengths = iter(lengths)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.streams = [Stream() for _ in lengths]

    def accept(self) -> None:
        """Each request gets the next answer."""
        for stream, deltas in zip(self.streams, self._lengths, strict=True):
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection, stream, deltas), daemon=True).start()


def serve(connection: socket.socket, stream: Stream, deltas: int) -> None:
    with connection:
        if read_request(connection):
            stream.run(connection, deltas)


@contextmanager
def firehose(*lengths: int) -> Iterator[Firehose]:
    """Its answers have so many deltas, the first request's the first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # What is accepted has it too. More than this has been taken, then, by the other side.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
        served = Firehose(listener, list(lengths))
        thread = threading.Thread(target=served.accept, daemon=True)
        thread.start()
        yield served
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@contextmanager
def slow_client(url: str, **more: Any) -> Iterator[socket.socket]:
    """One that has asked, and reads nothing until the test does."""
    where, body = httpx.URL(url), orjson.dumps({**ASK, **more})
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        client.settimeout(20)
        client.connect((where.host, where.port))
        client.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
        yield client
