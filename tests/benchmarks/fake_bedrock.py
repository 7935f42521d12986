"""A Bedrock that costs next to nothing: Converse and ConverseStream with prepared answers, in real frames.

It checks nothing that it is asked, which is the local Bedrock's business (`proxy/local`), and answers what the
request's text wants (`answers`). Run as a program it prints its base URL.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import httptools
import orjson

from tests.benchmarks.answers import Wanted, deltas, text, wanted
from tests.benchmarks.sockets import serve
from tests.frames import framed

PADDING = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
HEAD = b"HTTP/1.1 200 OK\r\nx-amzn-RequestId: 5b4c9a5e-3f0a-4a4e-9c3e-0c6c7b9e2f11\r\n"
JSON = HEAD + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
STREAM = HEAD + b"Content-Type: application/vnd.amazon.eventstream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Pieces:
    """A streamed answer: what is sent before the deltas, each of them, and what comes after them."""

    start: bytes
    deltas: Sequence[bytes]
    end: bytes

    def whole(self) -> bytes:
        return b"".join((self.start, *self.deltas, self.end))


@cache
def stream(count: int) -> Pieces:
    said = [{"contentBlockIndex": 0, "delta": {"text": word}} for word in deltas(count)]
    return Pieces(
        STREAM + chunk("messageStart", {"role": "assistant"}),
        [chunk("contentBlockDelta", delta, number) for number, delta in enumerate(said)],
        chunk("contentBlockStop", {"contentBlockIndex": 0})
        + chunk("messageStop", {"stopReason": "end_turn"})
        + chunk("metadata", {"metrics": {"latencyMs": 1234}, "usage": usage(count)})
        + LAST_CHUNK,
    )


def chunk(name: str, body: dict[str, Any], number: int = 0) -> bytes:
    """One event in one HTTP chunk, with `p`, by which Bedrock hides the length of what is said."""
    frame = framed({name: {**body, "p": PADDING[: 3 + number * 37 % len(PADDING)]}})
    return b"%x\r\n%b\r\n" % (len(frame), frame)


@cache
def whole(count: int) -> bytes:
    message = {"role": "assistant", "content": [{"text": text(count)}]}
    body = {
        "output": {"message": message},
        "stopReason": "end_turn",
        "usage": usage(count),
        "metrics": {"latencyMs": 1234},
    }
    return JSON % (len(data := orjson.dumps(body)), data)


def usage(count: int) -> dict[str, int]:
    return {"inputTokens": 27, "outputTokens": count, "totalTokens": 27 + count}


class Bedrock(asyncio.Protocol):
    """One connection, on which one request comes after the other."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.loop = asyncio.get_running_loop()
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    # What the parser tells

    def on_message_begin(self) -> None:
        self.url = b""
        self.body: list[bytes] = []

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        want = wanted(b"".join(self.body))
        if want.after:
            self.loop.call_later(want.after / 1000, self.answer, want)
        else:
            self.answer(want)

    def answer(self, want: Wanted) -> None:
        if not self.url.endswith(b"/converse-stream"):
            self.transport.write(whole(want.deltas))
        elif not want.pace:
            self.transport.write(stream(want.deltas).whole())
        else:
            self.transport.write(stream(want.deltas).start)
            self.go_on(stream(want.deltas), 0, self.loop.time(), want.pace / 1000)

    def go_on(self, pieces: Pieces, number: int, start: float, pace: float) -> None:
        """Sends the next delta when it is due; a late one makes none after it later."""
        if self.transport.is_closing():
            return
        if number:
            self.transport.write(pieces.deltas[number - 1])
        if number < len(pieces.deltas):
            due = start + (number + 1) * pace
            self.loop.call_at(due, self.go_on, pieces, number + 1, start, pace)
        else:
            self.transport.write(pieces.end)


if __name__ == "__main__":
    serve(Bedrock)
