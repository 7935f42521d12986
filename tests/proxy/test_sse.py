"""What one network read brought leaves in one write: seen in the chunks of HTTP's own framing."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager

import orjson
import pytest
from sse_starlette import ServerSentEvent

from proxy.bedrock import ByteStream
from proxy.connections import Connections, Endpoint
from proxy.sse import encode
from tests.e2e.caller import calling
from tests.e2e.upstream import bedrock_that, read_request
from tests.frames import framed
from tests.samples import MODEL
from tests.servers import outcrop
from translators.errors import APIError

ASK = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "stream": True}
WORDS = ["One", " two", " three"]


ANSWER = [
    framed({"messageStart": {"role": "assistant"}}),
    *(framed({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": word}}}) for word in WORDS),
    framed({"contentBlockStop": {"contentBlockIndex": 0}}),
    framed({"messageStop": {"stopReason": "end_turn"}}),
    framed({"metadata": {"usage": {"inputTokens": 1, "outputTokens": 3, "totalTokens": 4}}}),
]


def test_events_are_framed_as_the_library_frames_them() -> None:
    data = {"a": "line\nline\r\nline", "b": ["é", "\u2028"]}

    assert encode(data) == ServerSentEvent(orjson.dumps(data).decode(), sep="\n").encode()


def bedrock_that_sends(
    *writes: bytes, read: threading.Event | None = None, missing: int = 0
) -> AbstractContextManager[str]:
    """A Bedrock that streams this, each write when the client has `read` the one before.

    It hangs up where bytes are missing.
    """

    def sends(connection: socket.socket) -> None:
        read_request(connection)
        length = sum(map(len, writes)) + missing
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length
        connection.sendall(head + writes[0])
        for write in writes[1:]:
            assert read
            assert read.wait(10)
            read.clear()
            connection.sendall(write)

    return bedrock_that(sends)


def received(url: str) -> Iterator[bytes]:
    """The chunks of the answer, as they were written."""
    with calling(url, ASK) as connection:
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
    read = threading.Event()
    chunks = []
    with bedrock_that_sends(*ANSWER[:4], b"".join(ANSWER[4:]), read=read) as upstream:
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
    read = threading.Event()
    start, end = ANSWER[1][:50], ANSWER[1][50:]
    with bedrock_that_sends(ANSWER[0] + start, end + b"".join(ANSWER[2:]), read=read) as upstream:
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
    async def words(url: str) -> bytes:
        async with Connections() as connections:
            stream = ByteStream(await connections.ask(Endpoint(url), "GET", "/", {}))
            said = b""
            while len(said) < len(told):
                said += await stream.read()
            with pytest.raises(APIError, match="connection to Bedrock failed"):
                await stream.read()
            return said

    told = b"".join(ANSWER[:3])
    with bedrock_that_sends(told, missing=1) as upstream:
        assert asyncio.run(words(upstream)) == told
