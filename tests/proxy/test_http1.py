"""What a server may do to a client of HTTP/1.1, over a socket: framings of a body, and ways to end early."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import aiohttp
import pytest

from proxy.connections import Connections, Endpoint, head
from proxy.http1 import MOST_UNREAD, Response
from tests.e2e.upstream import bedrock_that, read_request

T = TypeVar("T")

OK = b"HTTP/1.1 200 OK\r\n"


def read(response: Response) -> Awaitable[bytes]:
    return response.read()


def asked(
    serves: Callable[[socket.socket], None],
    then: Callable[[Response], Awaitable[T]],
    *,
    times: int = 1,
    read_timeout: float = 10,
) -> list[T]:
    async def ask(url: str) -> list[T]:
        async with Connections(read_timeout) as connections:
            there = Endpoint(url)
            return [
                await then(await connections.ask(there, "POST", "/x", {}, [b"body"])) for _ in range(times)
            ]

    with bedrock_that(serves) as url:
        return asyncio.run(ask(url))


def sends(*writes: bytes) -> Callable[[socket.socket], None]:
    """Then it hangs up."""

    def serves(connection: socket.socket) -> None:
        if read_request(connection):
            for write in writes:
                connection.sendall(write)

    return serves


BODIES = {
    "a length": [OK + b"Content-Length: 5\r\n\r\nHello"],
    "a length, in pieces": [OK, b"Content-Length: 5\r\n\r", b"\nHe", b"llo"],
    "chunks": [OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nHe\r\n3\r\nllo\r\n0\r\n\r\n"],
    "chunks, in pieces": [OK + b"Transfer-Encoding: chunked\r\n\r\n2\r", b"\nHe\r\n3\r\nl", b"lo\r\n0\r\n", b"\r\n"],
    "no length": [OK + b"Connection: close\r\n\r\nHello"],
    "an interim answer": [b"HTTP/1.1 100 Continue\r\nx: 1\r\n\r\n" + OK, b"Content-Length: 5\r\n\r\nHello"],
}  # fmt: skip


@pytest.mark.parametrize("writes", BODIES.values(), ids=BODIES.keys())
def test_a_body_however_it_is_framed(writes: Iterable[bytes]) -> None:
    assert asked(sends(*writes), read) == [b"Hello"]


BROKEN = {
    "half a length": OK + b"Content-Length: 5\r\n\r\nHe",
    "half a chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nHe",
    "no last chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nHe\r\n",
    "a chunk that is none": OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nHex\r\n",
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_a_body_that_breaks_off_is_given_up_to_there(answer: bytes) -> None:
    async def said(response: Response) -> bytes:
        first = await response.readany()
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.readany()
        return first

    assert asked(sends(answer), said) == [b"He"]


HEADLESS = {"nothing": b"", "half a head": OK + b"Content-Le", "no HTTP": b"220 mail.example.com\r\n\r\n"}


@pytest.mark.parametrize("answer", HEADLESS.values(), ids=HEADLESS.keys())
def test_an_answer_without_a_head(answer: bytes) -> None:
    with pytest.raises(aiohttp.ClientError):
        asked(sends(answer), read)


def test_a_connection_is_used_again_after_a_whole_answer() -> None:
    opened = []

    def serves(connection: socket.socket) -> None:
        opened.append(connection)
        while read_request(connection):
            connection.sendall(OK + b"Content-Length: 2\r\n\r\nHi")

    assert asked(serves, read, times=3) == [b"Hi"] * 3
    assert len(opened) == 1


@pytest.mark.parametrize("ends", [b"Connection: close\r\n", b"X: y\r\n"])
def test_a_connection_whose_server_leaves_is_not(ends: bytes) -> None:
    opened = []
    parted = threading.Event()

    def serves(connection: socket.socket) -> None:
        opened.append(connection)
        if read_request(connection):
            connection.sendall(OK + ends + b"Content-Length: 2\r\n\r\nHi")
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)  # until the other side hangs up too
            parted.set()

    async def read_and_wait(response: Response) -> bytes:
        body = await response.read()
        assert await asyncio.to_thread(parted.wait, 10)
        parted.clear()
        return body

    assert asked(serves, read_and_wait, times=2) == [b"Hi"] * 2
    assert len(opened) == 2


def test_connections_that_a_busier_time_has_left_are_closed() -> None:
    left: asyncio.Queue[int] = asyncio.Queue()

    async def serves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline() == b"POST /x HTTP/1.1\r\n":
            await reader.readuntil(b"\r\n\r\nbody")
            writer.write(OK + b"Content-Length: 2\r\n\r\nHi")
        writer.close()
        await writer.wait_closed()
        left.put_nowait(1)

    async def ask() -> None:
        async with await asyncio.start_server(serves, "127.0.0.1", 0) as server, asyncio.timeout(10):
            port = server.sockets[0].getsockname()[1]
            there = Endpoint(f"http://127.0.0.1:{port}")
            async with Connections(kept=0) as connections:
                answers = [await connections.ask(there, "POST", "/x", {}, [b"body"]) for _ in range(3)]
                for answer in answers:
                    assert await answer.read() == b"Hi"
                assert [await left.get() for _ in range(2)] == [1, 1]
            await left.get()

    asyncio.run(ask())


def test_an_answer_may_take_longer_than_a_read() -> None:
    read_on = threading.Event()

    def serves(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b"Content-Length: 9\r\n\r\n")
        for _ in range(9):
            read_on.wait(0.05)
            connection.sendall(b"x")

    assert asked(serves, read, read_timeout=0.3) == [b"x" * 9]


def test_silence_within_an_answer_is_an_error() -> None:
    def serves(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b"Content-Length: 9\r\n\r\nx")
        connection.recv(1)  # until the other side hangs up

    with pytest.raises(aiohttp.SocketTimeoutError):
        asked(serves, read, read_timeout=0.1)


def test_what_nobody_reads_makes_the_server_wait() -> None:
    most = 64 * 1024 * 1024
    sent = 0

    def serves(connection: socket.socket) -> None:
        nonlocal sent
        read_request(connection)
        connection.settimeout(0.3)
        connection.sendall(OK + b"Content-Length: %d\r\n\r\n" % most)
        try:
            while sent < most:
                sent += connection.send(bytes(65536))
        except TimeoutError:
            stuck.set()

    async def not_read(response: Response) -> int:
        await asyncio.to_thread(stuck.wait, 10)
        return len(await response.readany())

    stuck = threading.Event()
    (unread,) = asked(serves, not_read)

    assert MOST_UNREAD < unread < 2 * MOST_UNREAD + 256 * 1024
    assert sent < most / 2  # the rest of it is in the sockets' own buffers


def test_a_header_holds_no_second_one() -> None:
    with pytest.raises(ValueError, match="line's end"):
        head(Endpoint("http://x"), "GET", "/", {"Authorization": "Bearer key\r\nHost: y"}, 0)


def test_plain_http_through_a_proxy_is_asked_of_the_proxy() -> None:
    there = Endpoint("http://bedrock:8080", "http://me:secret@proxy:3128")

    lines = head(there, "GET", "/x", {}, 0).split(b"\r\n")

    assert lines[:2] == [b"GET http://bedrock:8080/x HTTP/1.1", b"Host: bedrock:8080"]
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in lines
