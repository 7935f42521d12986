"""Speaks raw HTTP to the local Bedrock, in a line each, so that a test sees what stands on the wire."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from tests.door import AdminDoor
from tests.proxy.local.requests import ask
from tests.samples import MODEL
from translators.eventstream import Decoder, Frame


class Caller(AdminDoor):
    def converse(self, body: Any = None, model: str = MODEL) -> httpx.Response:
        return self.http.post(path("converse", model), json=ask("Hello") if body is None else body)

    def stream(self, body: Any = None, model: str = MODEL) -> httpx.Response:
        return self.http.post(path("converse-stream", model), json=ask("Hello") if body is None else body)

    def text(self, body: Any = None) -> str:
        answer = self.converse(body).raise_for_status().json()
        return "".join(block.get("text", "") for block in answer["output"]["message"]["content"])

    @contextmanager
    def waiting(self, method: str, target: str, body: Any = None) -> Iterator[None]:
        """A request that is being answered; at the end of the block its sender hangs up."""
        request = self.http.build_request(method, target, json=body)
        lines = [
            f"{method} {target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in request.headers.items()),
        ]
        with socket.create_connection((request.url.host, request.url.port)) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + request.read())
            self.requests(wait="answering")
            yield


def path(operation: str, model: str = MODEL) -> str:
    return f"/model/{quote(model, safe='')}/{operation}"


def frames(data: bytes) -> list[Frame]:
    decoder = Decoder()
    found = decoder.feed(data)
    decoder.flush()
    return found


def decoded(data: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The events' names and bodies, without their padding."""
    return [
        (str(frame.headers.get(":event-type", frame.headers.get(":exception-type"))), _body(frame))
        for frame in frames(data)
    ]


def _body(frame: Frame) -> dict[str, Any]:
    return {name: value for name, value in orjson.loads(frame.payload).items() if name != "p"}


def names(data: bytes) -> list[str]:
    return [name for name, _ in decoded(data)]
