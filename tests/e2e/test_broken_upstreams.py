"""Answers that no Bedrock gives, from bare bytes: each is a clean error, and nothing is lost before it."""

import gzip
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
import pytest

from proxy.settings import Discovery, Settings
from tests.e2e.upstream import bedrock_that, read_request
from tests.samples import MODEL
from tests.servers import outcrop as serving_outcrop
from translators.eventstream import encode

ASK: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}


class Upstream:
    """A Bedrock whose next answers are these bytes; then the connection is closed."""

    def __init__(self) -> None:
        self.answer = b""
        self.requests: list[bytes] = []

    def serves(self, connection: socket.socket) -> None:
        if request := read_request(connection):
            self.requests.append(request)
            connection.sendall(self.answer)


@pytest.fixture(scope="module")
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture(scope="module")
def http(upstream: Upstream, no_aws: None) -> Iterator[httpx.Client]:
    with pytest.MonkeyPatch.context() as patch, bedrock_that(upstream.serves) as bedrock:
        patch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock)
        patch.setenv("AWS_ENDPOINT_URL_BEDROCK", bedrock)
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        patch.setenv("AWS_SESSION_TOKEN", "session-token")
        settings = Settings(discovery=Discovery(enabled=True, refresh_interval=0))
        with serving_outcrop(settings) as url, httpx.Client(base_url=url, timeout=5) as client:
            yield client


def answered(body: bytes, *head: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "x-amzn-requestid: rid", "Connection: close", *head]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def assert_is_upstream_error(answer: httpx.Response) -> None:
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"]) == (502, "server_error", "upstream_error")
    assert answer.headers["x-amzn-requestid"] == "rid"


# Whole

MESSAGE = {"role": "assistant", "content": [{"text": "Hi"}]}
USAGE = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
GOOD: dict[str, Any] = {"output": {"message": MESSAGE}, "stopReason": "end_turn", "usage": USAGE}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def of(*content: Any) -> dict[str, Any]:
    return {**GOOD, "output": {"message": {**MESSAGE, "content": list(content)}}}


NOT_CONVERSE: dict[str, Any] = {
    "a list": [],
    "null": None,
    "without output": without("output"),
    "without stopReason": without("stopReason"),
    "without usage": without("usage"),
    "a null output": {**GOOD, "output": None},
    "a stopReason that is a list": {**GOOD, "stopReason": []},
    "usage of nulls": {**GOOD, "usage": dict.fromkeys(USAGE)},
    "content that is text": {**GOOD, "output": {"message": {**MESSAGE, "content": "Hi"}}},
    "a null block": of(None),
    "a null text": of({"text": None}),
    "a toolUse without a name": of({"toolUse": {"toolUseId": "x", "input": {}}}),
    "null citations": of({"citationsContent": {"content": None, "citations": None}}),
}
NOT_JSON = {
    "nothing": b"",
    "half of it": orjson.dumps(GOOD)[:40],
    "a page": b"<html>Please log in</html>",
    "gzip": gzip.compress(orjson.dumps(GOOD)),
}
BODIES = NOT_JSON | {name: orjson.dumps(value) for name, value in NOT_CONVERSE.items()}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_whole_answer_that_is_not_converses(http: httpx.Client, upstream: Upstream, body: bytes) -> None:
    upstream.answer = answered(body)

    assert_is_upstream_error(http.post("/v1/chat/completions", json=ASK))


def test_a_listing_that_is_not_bedrocks(http: httpx.Client, upstream: Upstream) -> None:
    upstream.answer = answered(b"{}")

    answer = http.get("/v1/models")

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "upstream_error")


# Streamed


def event(kind: str, body: Any) -> bytes:
    return encode({":message-type": "event", ":event-type": kind}, orjson.dumps(body))


START = event("messageStart", {"role": "assistant"})
STOP = event("messageStop", {"stopReason": "end_turn"})


def delta(body: Any) -> bytes:
    return event("contentBlockDelta", {"contentBlockIndex": 0, "delta": body})


ODD_FRAMES = {
    "a null delta": delta(None),
    "an empty delta": event("contentBlockDelta", {}),
    "an event that is a list": event("contentBlockDelta", []),
    "a text that is a number": delta({"text": 5}),
    "a null toolResult": delta({"toolResult": None}),
    "a block without its start": event("contentBlockStart", {"contentBlockIndex": 0}),
    "a tool without an id": event("contentBlockStart", {"contentBlockIndex": 0, "start": {"toolUse": {"name": "f"}}}),
    "an end without an index": event("contentBlockStop", {}),
    "no stopReason": event("messageStop", {}),
    "a stopReason that is a list": event("messageStop", {"stopReason": []}),
    "an exception whose message is none": encode(
        {":message-type": "exception", ":exception-type": "modelStreamErrorException"}, b'{"message": 5}'
    ),
}  # fmt: skip


@pytest.mark.parametrize("frames", ODD_FRAMES.values(), ids=ODD_FRAMES.keys())
def test_an_event_that_is_not_bedrocks_is_an_error_after_what_came_before(
    http: httpx.Client, upstream: Upstream, frames: bytes
) -> None:
    upstream.answer = answered(START + delta({"text": "Before"}) + frames + STOP)

    answer = http.post("/v1/chat/completions", json={**ASK, "stream": True})
    *before, last = [orjson.loads(line.removeprefix("data: ")) for line in answer.text.split("\n") if line]

    assert answer.status_code == 200
    assert [chunk["choices"][0]["delta"].get("content") for chunk in before[:2]] == ["", "Before"]
    assert (last["error"]["type"], last["error"]["code"]) == ("server_error", "upstream_error")


@pytest.mark.parametrize("frames", ODD_FRAMES.values(), ids=ODD_FRAMES.keys())
def test_a_first_event_that_is_not_bedrocks_is_a_status(
    http: httpx.Client, upstream: Upstream, frames: bytes
) -> None:
    upstream.answer = answered(frames + STOP)

    assert_is_upstream_error(http.post("/v1/chat/completions", json={**ASK, "stream": True}))


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_a_stream_that_is_none(http: httpx.Client, upstream: Upstream, body: bytes) -> None:
    upstream.answer = answered(body)

    answer = http.post("/v1/chat/completions", json={**ASK, "stream": True})

    assert_is_upstream_error(answer)
    assert ".." not in answer.json()["error"]["message"]


# Rare, but no fault

# More than 64 bits, as ids may have.
LONG_ID = b'{"id":1234567890123456789012345678901234567890}'
THOUGHT = {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2lnbmVk"}}}
CALLED = of(THOUGHT, {"toolUse": {"toolUseId": "t", "name": "f", "input": "LONG_ID"}})
WHOLE_CALL = orjson.dumps({**CALLED, "stopReason": "tool_use"}).replace(b'"LONG_ID"', LONG_ID)
STREAMED_CALL = (
    START
    + delta({"reasoningContent": {"text": "Hm."}})
    + event("contentBlockStart", {"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t", "name": "f"}}})
    + event("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolUse": {"input": LONG_ID.decode()}}})
    + event("contentBlockStop", {"contentBlockIndex": 1})
    + event("messageStop", {"stopReason": "tool_use"})
    + event("metadata", {"usage": USAGE})
)  # fmt: skip
TOOLS: dict[str, Any] = {"tools": [{"type": "function", "function": {"name": "f"}}]}


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        ({**TOOLS, "model": MODEL}, WHOLE_CALL),
        ({**TOOLS, "model": "us.anthropic.claude-sonnet-5"}, WHOLE_CALL),
        ({**TOOLS, "model": "us.anthropic.claude-sonnet-5", "stream": True}, STREAMED_CALL),
        ({**TOOLS, "model": "us.meta.llama3-3-70b-instruct-v1:0", "stream": True}, WHOLE_CALL),
        ({"model": "us.anthropic.claude-sonnet-5", "functions": [{"name": "f"}]}, WHOLE_CALL),
    ],
    ids=["whole", "remembered", "remembered of a stream", "replayed as a stream", "a function"],
)
def test_long_integers_come_to_the_last_digit(
    http: httpx.Client, upstream: Upstream, asked: dict[str, Any], body: bytes
) -> None:
    upstream.answer = answered(body)

    answer = http.post("/v1/chat/completions", json={**ASK, **asked})

    assert orjson.dumps(LONG_ID.decode()).decode() in answer.text
    assert "error" not in answer.text


def test_long_integers_of_what_bedrock_ran_itself_are_kept_too(
    http: httpx.Client, upstream: Upstream
) -> None:
    upstream.answer = answered(WHOLE_CALL.replace(b'"toolUseId"', b'"type":"server_tool_use","toolUseId"'))

    answer = http.post("/v1/chat/completions", json=ASK)

    assert b'"input":' + LONG_ID in answer.content


# Elsewhere


@contextmanager
def elsewhere() -> Iterator[tuple[str, list[bytes]]]:
    other = Upstream()
    other.answer = answered(orjson.dumps(GOOD))
    with bedrock_that(other.serves) as url:
        yield url, other.requests


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
def test_a_redirect_takes_neither_prompt_nor_credentials_elsewhere(
    http: httpx.Client, upstream: Upstream, status: str, stream: bool
) -> None:
    with elsewhere() as (url, taken):
        upstream.answer = answered(b"", f"Location: {url}/", status=status)

        answer = http.post("/v1/chat/completions", json={**ASK, "stream": stream})

    assert taken == []
    assert answer.status_code == 500
    assert "something between the proxy and AWS" in answer.json()["error"]["message"]
