"""Clients that no SDK would be: slow, half-finished, gone."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
import pytest

from tests.e2e.door import MODEL
from tests.e2e.upstream import bedrock_that, read_request
from tests.servers import outcrop as serving_outcrop
from translators.eventstream import encode

ASK: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "stream": True}


@contextmanager
def calling(url: str, body: dict[str, Any]) -> Iterator[socket.socket]:
    """A client that has sent its request, and hangs up at the end of the block."""
    content = orjson.dumps(body)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(content)}\r\n\r\n"
    where = httpx.URL(url)
    with socket.create_connection((where.host, where.port or 80), timeout=5) as connection:
        connection.sendall(head.encode() + content)
        yield connection


def test_bedrock_is_told_when_a_client_leaves_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that always has more to say leaves no moment in which the reading of it could be cancelled."""
    delta = orjson.dumps({"contentBlockIndex": 0, "delta": {"text": "Word"}})
    frames = 50 * encode({":message-type": "event", ":event-type": "contentBlockDelta"}, delta)
    told = threading.Event()

    def floods(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        try:
            for _ in range(30_000):
                connection.sendall(frames)
        except ConnectionError:
            told.set()

    with bedrock_that(floods) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", upstream)
        with serving_outcrop() as url:
            with calling(url, ASK) as client:
                assert client.recv(100).startswith(b"HTTP/1.1 200")
            assert told.wait(0.5)
