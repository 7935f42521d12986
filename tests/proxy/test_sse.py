"""What one network read brought leaves in one write: seen in the chunks of HTTP's own framing."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import aiohttp
import httpx
import orjson
import pytest

from proxy.bedrock import ByteStream
from tests.servers import outcrop
from translators.errors import APIError
from translators.eventstream import encode

ASK = {
    "model": "anthropic.claude-3-haiku-20240307-v1:0",
    "messages": [{"role": "user", "content": "Hello"}],
    "stream": True,
}
WORDS = ["One", " two", " three"]


def frame(name: str, body: object) -> bytes:
    return encode({":message-type": "event", ":event-type": name}, orjson.dumps(body))


ANSWER = [
    frame("messageStart", {"role": "assistant"}),
    *(frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}}) for word in WORDS),
    frame("contentBlockStop", {"contentBlockIndex": 0}),
    frame("messageStop", {"stopReason": "end_turn"}),
    frame("metadata", {"usage": {"inputTokens": 1, "outputTokens": 3, "totalTokens": 4}}),
]


@contextmanager
def bedrock_that_sends(*writes: bytes, missing: int = 0) -> Iterator[str]:
    """The base URL of a Bedrock that streams this, each write when the client has read the one before.

    It hangs up where bytes are missing.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection:
                while b"\r\n\r\n" not in connection.recv(65536):
                    pass
                length = sum(map(len, writes)) + missing
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length
                connection.sendall(head + writes[0])
                for write in writes[1:]:
                    assert read.wait(10)
                    read.clear()
                    connection.sendall(write)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


read = threading.Event()
"""The client has read what there was to read."""


def received(url: str) -> Iterator[bytes]:
    """The chunks of the answer, as they were written."""
    with socket.create_connection((httpx.URL(url).host, httpx.URL(url).port or 80)) as connection:
        content = orjson.dumps(ASK)
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        connection.sendall(head.encode() + content)
        reader = connection.makefile("rb")
        while reader.readline() != b"\r\n":
            pass
        while size := int(reader.readline(), 16):
            yield reader.read(size)
            reader.readline()


def events(chunk: bytes) -> list[str]:
    assert chunk.endswith(b"\n\n")  # only whole events are written
    return [event.removeprefix("data: ") for event in chunk.decode().split("\n\n")[:-1]]


def test_what_arrives_together_leaves_together(monkeypatch: pytest.MonkeyPatch) -> None:
    with bedrock_that_sends(b"".join(ANSWER)) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", upstream)
        with outcrop() as url:
            (chunk,) = received(url)

    # The role, three words, the end, [DONE].
    assert len(events(chunk)) == 6
    assert events(chunk)[-1] == "[DONE]"


def test_what_arrives_alone_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read.clear()
    chunks = []
    with bedrock_that_sends(*ANSWER[:4], b"".join(ANSWER[4:])) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", upstream)
        with outcrop() as url:
            for chunk in received(url):
                chunks.append(events(chunk))
                read.set()  # only now does Bedrock go on

    assert [len(chunk) for chunk in chunks] == [1, 1, 1, 1, 2]
    assert [orjson.loads(chunk[0])["choices"][0]["delta"].get("content") for chunk in chunks[:4]] == [
        "",
        *WORDS,
    ]


def test_half_a_frame_waits_for_its_other_half(monkeypatch: pytest.MonkeyPatch) -> None:
    read.clear()
    start, end = ANSWER[1][:50], ANSWER[1][50:]
    with bedrock_that_sends(ANSWER[0] + start, end + b"".join(ANSWER[2:])) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", upstream)
        with outcrop() as url:
            chunks = []
            for chunk in received(url):
                chunks.append(events(chunk))
                read.set()

    assert [len(chunk) for chunk in chunks] == [1, 5]


@pytest.mark.parametrize(("frames", "chunks"), [(1, 1), (2, 2), (4, 4), (5, 4), (6, 5)])
def test_what_arrived_before_the_connection_was_lost_is_told(
    monkeypatch: pytest.MonkeyPatch, frames: int, chunks: int
) -> None:
    with bedrock_that_sends(b"".join(ANSWER[:frames]), missing=1) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", upstream)
        with outcrop() as url:
            *told, last = [event for chunk in received(url) for event in events(chunk)]

    deltas = [orjson.loads(event)["choices"][0]["delta"] for event in told]
    assert [delta.get("content") for delta in deltas] == ["", *WORDS, None][:chunks]
    assert ("[DONE]" if frames == 6 else "upstream_unreachable") in last  # 6: only the usage is missing


def test_the_last_words_come_before_the_loss() -> None:
    async def read(url: str) -> bytes:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            with suppress(aiohttp.ClientError):
                await response.content.wait_eof()  # all has arrived, and then the connection was lost
            stream = ByteStream(response)
            words = await stream.read()
            with pytest.raises(APIError, match="connection to Bedrock failed"):
                await stream.read()
            return words

    with bedrock_that_sends(b"".join(ANSWER[:3]), missing=1) as upstream:
        assert asyncio.run(read(upstream)) == b"".join(ANSWER[:3])
