"""The load: connections that ask, read the answer, check every character of it, and ask again."""

import asyncio
import re
import time
from bisect import bisect_right
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import httptools
import orjson

from tests.benchmarks.answers import Wanted, ends, text
from tests.benchmarks.processes import Server

# What is said, in OpenAI's words and in Converse's; where a piece is cut, the rest comes with the next read.
SAID = re.compile(rb'"(?:content|text)":("(?:[^"\\]|\\.)*")')

# How answers close: whole ones, and streams of either side.
CLOSED = re.compile(rb'"usage":.*\}|data: \[DONE\]', re.DOTALL)


class WrongAnswer(Exception):
    """A server that loses, repeats or changes something is not measured."""


@dataclass(frozen=True)
class Ask:
    """A request, and the answer that must come."""

    request: bytes = field(repr=False)
    wanted: Wanted


@dataclass
class Answer:
    """What has come of an answer so far."""

    asked: float
    arrivals: list[float] = field(default_factory=list)
    """When each delta was there to its last character: a server may send several together."""
    characters: int = 0
    complete: bool = False


def post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One connection to a server; `answer` is that of the last request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.loop = asyncio.get_running_loop()
        self.answered: asyncio.Future[Answer] = self.loop.create_future()
        self.answer = Answer(0)

    def ask(self, ask: Ask) -> "asyncio.Future[Answer]":
        self.wanted = ask.wanted
        self.text, self.ends = text(ask.wanted.deltas), ends(ask.wanted.deltas)
        self.unread = b""
        self.parser = httptools.HttpResponseParser(self)
        self.answered = self.loop.create_future()
        self.answer = Answer(time.perf_counter())
        self.transport.write(ask.request)
        return self.answered

    def hang_up(self) -> None:
        self.answered.cancel()
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
            self.read(time.perf_counter())
        except WrongAnswer as error:
            self.end(error)

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(exc or WrongAnswer("the connection was closed within an answer"))

    def on_body(self, body: bytes) -> None:
        self.unread += body

    def on_message_complete(self) -> None:
        self.answer.complete = True

    def read(self, now: float) -> None:
        pieces = []
        position = 0
        for found in SAID.finditer(self.unread):
            pieces.append(found[1])
            position = found.end()
        if pieces:
            self.unread = self.unread[position:]
            self.said("".join(orjson.loads(b"[" + b",".join(pieces) + b"]")), now)
        if self.answer.complete:
            self.close()

    def said(self, piece: str, now: float) -> None:
        answer = self.answer
        if not self.text.startswith(piece, answer.characters):
            raise WrongAnswer(f"{piece!r} is not what stands at {answer.characters}")
        answer.characters += len(piece)
        whole = bisect_right(self.ends, answer.characters)
        answer.arrivals += [now] * (whole - len(answer.arrivals))

    def close(self) -> None:
        if self.parser.get_status_code() != 200 or not CLOSED.search(self.unread):
            raise WrongAnswer(f"{self.parser.get_status_code()} {self.unread[-400:]!r}")
        if self.answer.characters != len(self.text):
            raise WrongAnswer(f"{self.answer.characters} of {len(self.text)} characters came")
        self.end()

    def end(self, error: Exception | None = None) -> None:
        if self.answered.done():
            return
        if error:
            self.answered.set_exception(error)
        else:
            self.answered.set_result(self.answer)


@asynccontextmanager
async def connected(server: Server, count: int) -> AsyncIterator[list[Connection]]:
    """So many connections, until the end of the block."""
    loop = asyncio.get_running_loop()
    opened: list[Connection] = []
    try:
        for _ in range(count):
            opened.append((await loop.create_connection(Connection, "127.0.0.1", server.port))[1])
        yield opened
    finally:
        for connection in opened:
            connection.hang_up()
        await asyncio.sleep(0)  # in which the loop closes what was aborted


async def closed_loop(connections: list[Connection], ask: Ask, requests: int) -> None:
    """So many requests, on each connection one after the other."""
    left = iter(range(requests))

    async def go_on(connection: Connection) -> None:
        for _ in left:
            await connection.ask(ask)

    async with asyncio.TaskGroup() as group:
        for connection in connections:
            group.create_task(go_on(connection))
