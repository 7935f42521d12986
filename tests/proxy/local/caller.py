"""What these tests say to the local Bedrock, in a line each."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from translators.eventstream import Decoder, Frame

MODEL = "anthropic.claude-3-haiku-20240307-v1:0"

WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "inputSchema": {
        "json": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    },
}
TIME: dict[str, Any] = {"name": "get_time", "inputSchema": {"json": {"type": "object", "properties": {}}}}
# The smallest valid PNG: one pixel.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def user(*content: str | Mapping[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": [{"text": c} if isinstance(c, str) else c for c in content]}


def ask(*content: str | Mapping[str, Any], **members: Any) -> dict[str, Any]:
    return {"messages": [user(*content)], **members}


def tools(*specs: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    return {"tools": [{"toolSpec": spec} for spec in specs], **members}


class Caller:
    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def script(self, *rules: Mapping[str, Any]) -> None:
        self.http.post("/_local/script", json={"answers": rules}).raise_for_status()

    def requests(self, **query: Any) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = (
            self.http.get("/_local/requests", params=query).raise_for_status().json()["requests"]
        )
        return entries

    def release(self, name: str) -> None:
        self.http.post(f"/_local/release/{name}").raise_for_status()

    def converse(self, body: Any = None, model: str = MODEL) -> httpx.Response:
        return self.http.post(path("converse", model), json=ask("Hello") if body is None else body)

    def stream(self, body: Any = None, model: str = MODEL) -> httpx.Response:
        return self.http.post(path("converse-stream", model), json=ask("Hello") if body is None else body)

    def text(self, body: Any = None) -> str:
        answer = self.converse(body).raise_for_status().json()
        return "".join(block.get("text", "") for block in answer["output"]["message"]["content"])


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
