"""Clients that do not read: Bedrock waits for them, and not a server's memory."""

import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

import orjson
import pytest

from tests.e2e.firehose import Firehose, firehose, slow_client, text
from tests.servers import outcrop as serving_outcrop

LONG = 750  # deltas, 3 MB
# Bytes: all buffers there are, the proxy's own and the system's for both of its connections.
BOUND = 1_000_000
# Bytes of a request.
LARGE = 4_000_000


@contextmanager
def proxied(*lengths: int) -> Iterator[tuple[Firehose, str]]:
    with firehose(*lengths) as bedrock, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock.url)
        with serving_outcrop() as url:
            yield bedrock, url


def said(client: socket.socket) -> dict[int, str]:
    """All that comes, choice by choice; read as fast as may be."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024 * 1024)
    response = HTTPResponse(client)
    response.begin()
    *events, done = [line.removeprefix(b"data: ") for line in response.read().split(b"\n") if line]
    assert done == b"[DONE]"
    texts: dict[int, list[str]] = {}
    for choice in [choice for event in events for choice in orjson.loads(event)["choices"]]:
        texts.setdefault(choice["index"], []).append(choice["delta"].get("content", ""))
    return {index: "".join(pieces) for index, pieces in texts.items()}


def spoken(deltas: int) -> str:
    return "".join(text(number) for number in range(deltas))


def test_bedrock_waits_for_a_client_that_does_not_read_and_nobody_else_does() -> None:
    with proxied(LONG, 3) as (bedrock, url), slow_client(url) as client:
        stream, _ = bedrock.streams
        assert stream.stalled.wait(20)
        assert stream.taken < BOUND

        with slow_client(url) as other:
            assert said(other) == {0: spoken(3)}
        assert stream.taken < BOUND

        assert said(client) == {0: spoken(LONG)}


@pytest.mark.parametrize("n", [1, 2])
def test_bedrock_is_told_when_such_a_client_leaves(n: int) -> None:
    with proxied(*[LONG] * n) as (bedrock, url):
        with slow_client(url, n=n):
            for stream in bedrock.streams:
                assert stream.stalled.wait(20)
        for stream in bedrock.streams:
            assert stream.left.wait(20)


@pytest.mark.parametrize("silent", [False, True], ids=["both speak", "one is silent"])
def test_each_choice_waits_for_a_client_that_does_not_read(silent: bool) -> None:
    """Also one that is ahead of another, whichever of them that is."""
    with proxied(LONG, LONG) as (bedrock, url):
        first, second = bedrock.streams
        if silent:
            second.speaks.clear()
        with slow_client(url, n=2) as client:
            assert first.stalled.wait(20)
            assert second.stalled.wait(0 if silent else 20) is not silent
            assert max(first.taken, second.taken) < BOUND

            second.speaks.set()
            assert said(client) == {0: spoken(LONG), 1: spoken(LONG)}


WORDS: Any = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "word " * 20}] * (
    LARGE // 150
)
IMAGE = {
    "type": "image_url",
    "image_url": {"url": f"data:image/png;base64,iVBORw0KGgoA{'AAAA' * (LARGE // 4)}"},
}


@pytest.mark.parametrize(
    "messages",
    [[*WORDS, {"role": "user", "content": "Hello"}], [{"role": "user", "content": [IMAGE]}]],
    ids=["a long history", "an image"],
)
def test_a_stream_keeps_nothing_of_its_request(messages: Any) -> None:
    """Which may be open for minutes, beside hundreds of others."""
    with proxied(LONG) as (bedrock, url):
        tracemalloc.start()
        try:
            with slow_client(url, messages=messages):
                assert bedrock.streams[0].stalled.wait(20)
                ours = [
                    tracemalloc.Filter(True, f"*/{each}/*") for each in ("proxy", "translators", "uvicorn")
                ]
                held = tracemalloc.take_snapshot().filter_traces(ours)
        finally:
            tracemalloc.stop()

    assert sum(trace.size for trace in held.traces) < BOUND
