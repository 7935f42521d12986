"""The reference: a proxy that reads nothing of what it passes on, the least that any proxy costs in Python.

Run as a program, with the port of what is behind it, it prints its base URL.
"""

import asyncio
import sys
from functools import partial
from typing import cast

from tests.benchmarks.sockets import serve


class Side(asyncio.Protocol):
    """One of the two connections: what it receives, the other sends."""

    other: asyncio.Transport

    def data_received(self, data: bytes) -> None:
        self.other.write(data)

    def pause_writing(self) -> None:
        self.other.pause_reading()

    def resume_writing(self) -> None:
        self.other.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.other.close()


class Client(asyncio.Protocol):
    """A client's new connection: what it sends waits for the one behind, then they are two sides."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.opening = asyncio.ensure_future(self.open(cast(asyncio.Transport, transport)))

    def data_received(self, data: bytes) -> None:
        self.early.append(data)

    async def open(self, client: asyncio.Transport) -> None:
        near, loop = Side(), asyncio.get_running_loop()
        near.other, far = await loop.create_connection(Side, "127.0.0.1", self.port)
        far.other = client
        near.other.writelines(self.early)
        client.set_protocol(near)


if __name__ == "__main__":
    serve(partial(Client, int(sys.argv[1])))
