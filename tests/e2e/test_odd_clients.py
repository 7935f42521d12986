"""Clients that no SDK would be: slow, half-finished, gone."""

import socket
import threading
from typing import Any

import httpx
import orjson
import pytest

from tests.e2e.caller import calling
from tests.e2e.upstream import bedrock_that, read_request
from tests.frames import framed
from tests.samples import MODEL
from tests.servers import outcrop as serving_outcrop

ASK: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "stream": True}


def test_bedrock_is_told_when_a_client_leaves_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that always has more to say leaves no moment in which the reading of it could be cancelled."""
    frames = 50 * framed({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Word"}}})
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
            assert told.wait(5)


# Offers to upgrade

H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA\r\n"
WEBSOCKET = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
CONTENT = orjson.dumps({**ASK, "stream": False})
COUNTED = f"Content-Length: {len(CONTENT)}\r\n\r\n".encode() + CONTENT
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(CONTENT), CONTENT)


def answers(client: socket.socket, number: int) -> list[httpx.Response]:
    found = []
    reader = client.makefile("rb")
    for _ in range(number):
        status = int(reader.readline().split()[1])
        lines = iter(reader.readline, b"\r\n")
        head = {
            name.lower(): value.strip() for name, _, value in (line.decode().partition(":") for line in lines)
        }
        found.append(httpx.Response(status, content=reader.read(int(head["content-length"]))))
    return found


@pytest.mark.parametrize("piece", [1, 7, 100_000], ids=lambda size: f"{size} bytes a write")
@pytest.mark.parametrize("body", [COUNTED, CHUNKED], ids=["content-length", "chunked"])
@pytest.mark.parametrize("offer", [H2C, WEBSOCKET], ids=["h2c", "websocket"])
def test_an_offer_to_upgrade_is_declined_by_answering(
    outcrop: str, offer: str, body: bytes, piece: int
) -> None:
    """As Java's HttpClient makes with every request; the connection is kept, as was asked for."""
    one = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n{offer}".encode() + body
    where = httpx.URL(outcrop)
    with socket.create_connection((where.host, where.port or 80), timeout=5) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(one + one), piece):
            client.sendall((one + one)[start : start + piece])
        found = answers(client, 2)

    assert [answer.status_code for answer in found] == [200, 200]
    assert all("Hello" in answer.json()["choices"][0]["message"]["content"] for answer in found)


def test_many_offers_at_once(outcrop: str) -> None:
    where = httpx.URL(outcrop)
    with socket.create_connection((where.host, where.port or 80), timeout=5) as client:
        client.sendall(
            b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" * 1000
        )
        assert {answer.status_code for answer in answers(client, 1000)} == {200}


def test_what_is_no_http_is_refused_in_the_shape_of_every_error(outcrop: str) -> None:
    where = httpx.URL(outcrop)
    with socket.create_connection((where.host, where.port or 80), timeout=5) as client:
        client.sendall(b"\x16\x03\x01 hello, is this TLS?\r\n\r\n")
        [answer] = answers(client, 1)

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_tunnel_is_refused(outcrop: str) -> None:
    where = httpx.URL(outcrop)
    with socket.create_connection((where.host, where.port or 80), timeout=5) as client:
        client.sendall(b"CONNECT / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert [answer.status_code for answer in answers(client, 1)] == [400]
