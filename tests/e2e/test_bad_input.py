"""Bad input is refused with the path of the field, in OpenAI's shape, and never reaches Bedrock."""

import json
import logging
import logging.config
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy.app import RequestIds
from proxy.errors import HANDLERS
from proxy.logs import LOG_CONFIG
from proxy.routes import ROUTES
from proxy.settings import Settings
from tests.e2e.door import Door
from tests.samples import MODEL, PNG
from tests.servers import outcrop as serving_outcrop
from tests.servers import serving

HELLO = {"role": "user", "content": "Hello"}
ASK: dict[str, Any] = {"model": MODEL, "messages": [HELLO]}


def user(*parts: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(parts)}]}


def image(url: Any) -> dict[str, Any]:
    return user({"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": url}})


def function(**members: Any) -> dict[str, Any]:
    return {
        "tools": [{"type": "function", "function": {"name": "f"}}, {"type": "function", "function": members}]
    }


def called(arguments: Any) -> dict[str, Any]:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {
        "messages": [
            HELLO,
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "x"},
        ],
        "tools": [{"type": "function", "function": {"name": "f"}}],
    }


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"properties": {"a": value}}
    return value


TYPE, VALUE, MISSING = "invalid_type", "invalid_value", "missing_required_parameter"
PARAMETER = "unsupported_parameter"

# What is merged into a good request, the field that is named, and the code.
FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"model": None}, "model", TYPE),
    ({"model": 5}, "model", TYPE),
    ({"model": ["m"]}, "model", TYPE),
    ({"model": ""}, "model", VALUE),
    ({"model": "two words"}, "model", VALUE),
    ({"model": "line\nbreak"}, "model", VALUE),
    ({"model": "x\r\nx-injected: 1"}, "model", VALUE),
    ({"model": "nul\x00"}, "model", VALUE),
    ({"model": "模型"}, "model", VALUE),
    ({"model": "m" * 100_000}, "model", VALUE),
    ({"messages": None}, "messages", TYPE),
    ({"messages": "Hello"}, "messages", TYPE),
    ({"messages": {}}, "messages", TYPE),
    ({"messages": []}, "messages", MISSING),
    ({"messages": ["Hello"]}, "messages[0]", TYPE),
    ({"messages": [HELLO, None]}, "messages[1]", TYPE),
    ({"messages": [{"content": "Hello"}]}, "messages[0].role", MISSING),
    ({"messages": [{"role": "wizard", "content": "Hello"}]}, "messages[0].role", VALUE),
    ({"messages": [{"role": 1, "content": "Hello"}]}, "messages[0].role", TYPE),
    ({"messages": [{"role": ["user"], "content": "Hello"}]}, "messages[0].role", TYPE),
    ({"messages": [{"role": "user"}]}, "messages[0].content", MISSING),
    ({"messages": [{"role": "user", "content": None}]}, "messages[0].content", TYPE),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", TYPE),
    ({"messages": [{"role": "user", "content": {"text": "x"}}]}, "messages[0].content", TYPE),
    ({"messages": [{"role": "system", "content": 1}, HELLO]}, "messages[0].content", TYPE),
    ({"messages": [HELLO, {"role": "tool", "content": "x"}]}, "messages[1].tool_call_id", MISSING),
    (
        {"messages": [HELLO, {"role": "tool", "tool_call_id": 1, "content": "x"}]},
        "messages[1].tool_call_id",
        TYPE,
    ),
    ({"messages": [HELLO, {"role": "assistant", "tool_calls": {}}]}, "messages[1].tool_calls", TYPE),
    (
        {"messages": [HELLO, {"role": "assistant", "tool_calls": [{}]}]},
        "messages[1].tool_calls[0].id",
        MISSING,
    ),
    (called(5), "messages[1].tool_calls[0].function.arguments", TYPE),
    (called({}), "messages[1].tool_calls[0].function.arguments", TYPE),
    (user("Hello"), "messages[0].content[0]", TYPE),
    (user({"text": "Hello"}), "messages[0].content[0].type", MISSING),
    (user({"type": "text"}), "messages[0].content[0].text", MISSING),
    (user({"type": "text", "text": ["x"]}), "messages[0].content[0].text", TYPE),
    (user({"type": "hologram", "hologram": {}}), "messages[0].content[0].type", VALUE),
    (user({"type": "image_url"}), "messages[0].content[0].image_url", MISSING),
    (user({"type": "image_url", "image_url": 5}), "messages[0].content[0].image_url", TYPE),
    (user({"type": "image_url", "image_url": "data:"}), "messages[0].content[0].image_url", VALUE),
    (user({"type": "image_url", "image_url": {}}), "messages[0].content[0].image_url.url", MISSING),
    (image(5), "messages[0].content[1].image_url.url", TYPE),
    (image(""), "messages[0].content[1].image_url.url", VALUE),
    (image("data:image/png;base64,"), "messages[0].content[1].image_url.url", VALUE),
    (image("data:image/png;base64,aGVsbG8gd29ybGQ="), "messages[0].content[1].image_url.url", VALUE),
    (image("data:image/png;base64," + PNG[:60] + "!!!!"), "messages[0].content[1].image_url.url", VALUE),
    (image("data:image/png;base64," + PNG[:61]), "messages[0].content[1].image_url.url", VALUE),
    (image("data:image/png," + PNG), "messages[0].content[1].image_url.url", VALUE),
    (image("file:///etc/passwd"), "messages[0].content[1].image_url.url", VALUE),
    ({"stream": "yes"}, "stream", TYPE),
    ({"stream": 1}, "stream", TYPE),
    ({"stream_options": []}, "stream_options", TYPE),
    ({"stream_options": {"include_usage": "yes"}}, "stream_options.include_usage", TYPE),
    ({"temperature": "warm"}, "temperature", TYPE),
    ({"temperature": True}, "temperature", TYPE),
    ({"temperature": -0.1}, "temperature", VALUE),
    ({"temperature": 2.1}, "temperature", VALUE),
    ({"top_p": 1.1}, "top_p", VALUE),
    ({"max_tokens": 0}, "max_tokens", VALUE),
    ({"max_tokens": -1}, "max_tokens", VALUE),
    ({"max_tokens": 1.5}, "max_tokens", TYPE),
    ({"max_tokens": "5"}, "max_tokens", TYPE),
    ({"max_completion_tokens": 0}, "max_completion_tokens", VALUE),
    ({"n": 0}, "n", VALUE),
    ({"n": 129}, "n", VALUE),
    ({"n": "2"}, "n", TYPE),
    ({"stop": 5}, "stop", TYPE),
    ({"stop": ["a", 5]}, "stop[1]", TYPE),
    ({"tools": {}}, "tools", TYPE),
    ({"tools": ["f"]}, "tools[0]", TYPE),
    ({"tools": [{}]}, "tools[0].type", MISSING),
    ({"tools": [{"type": "function"}]}, "tools[0].function", MISSING),
    (function(), "tools[1].function.name", MISSING),
    (function(name=5), "tools[1].function.name", TYPE),
    (function(name="g", description=5), "tools[1].function.description", TYPE),
    (function(name="g", parameters=[]), "tools[1].function.parameters", TYPE),
    (function(name="g", parameters={"type": "array"}), "tools[1].function.parameters.type", VALUE),
    ({"tool_choice": "sometimes"}, "tool_choice", VALUE),
    ({"tool_choice": 5}, "tool_choice", TYPE),
    ({"tool_choice": "required"}, "tool_choice", VALUE),
    ({**called("{}"), "tool_choice": {"type": "function", "function": {"name": "g"}}}, "tool_choice", VALUE),
    ({"tool_choice": {"type": "function"}}, "tool_choice.function", MISSING),
    ({"response_format": "json"}, "response_format", TYPE),
    ({"response_format": {}}, "response_format.type", MISSING),
    ({"response_format": {"type": "yaml"}}, "response_format.type", VALUE),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", MISSING),
    ({"logprobs": True}, "logprobs", PARAMETER),
    ({"logit_bias": {"1": 1}}, "logit_bias", PARAMETER),
    ({"web_search_options": {}}, "web_search_options", PARAMETER),
]


@pytest.mark.parametrize(("change", "param", "code"), FIELDS, ids=lambda value: str(value)[:40])
def test_the_field_that_is_wrong_is_named(
    client: openai.OpenAI, door: Door, change: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/chat/completions", body={**ASK, **change}, cast_to=object)

    error = caught.value
    assert (error.type, error.param, error.code) == ("invalid_request_error", param, code)
    assert isinstance(error.body, dict)
    assert f"'{param}'" in error.body["message"]
    assert len(error.body["message"]) < 400
    assert door.requests() == []


@pytest.mark.parametrize("field", ASK)
def test_what_is_missing_is_named(client: openai.OpenAI, door: Door, field: str) -> None:
    rest = {name: value for name, value in ASK.items() if name != field}

    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/chat/completions", body=rest, cast_to=object)

    assert (caught.value.param, caught.value.code) == (field, MISSING)
    assert door.requests() == []


# Bodies

NOT_JSON = {
    "empty": b"",
    "blank": b"  ",
    "broken": b'{"model": "m", "messages": [',
    "trailing": orjson.dumps(ASK) + b"}",
    "words": b"Hello",
    "form": b"model=m&messages=Hello",
    "NaN": b'{"model": "m", "temperature": NaN}',
    "Infinity": b'{"model": "m", "temperature": -Infinity}',
    "bottomless": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "lists": b"[" * 100_000,
    "lone surrogate": b'{"model": "m", "messages": [{"role": "user", "content": "\\ud800"}]}',
    "not UTF-8": b'{"model": "m", "messages": [{"role": "user", "content": "\xff"}]}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "nul": b"\x00",
    "single quotes": b"{'model': 'm'}",
}


@pytest.mark.parametrize("content", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json(http: httpx.Client, door: Door, content: bytes) -> None:
    answer = http.post("/v1/chat/completions", content=content)

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", "invalid_json", None)
    assert door.requests() == []


@pytest.mark.parametrize("content", [b"[]", b"null", b"true", b"5", b'"Hello"'])
def test_what_is_json_but_no_object(http: httpx.Client, door: Door, content: bytes) -> None:
    answer = http.post("/v1/chat/completions", content=content)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == TYPE
    assert "expected an object" in answer.json()["error"]["message"]
    assert door.requests() == []


def test_json_that_is_too_deep_to_be_passed_on(http: httpx.Client, door: Door) -> None:
    change = function(name="g", parameters=nested(200))
    answer = http.post("/v1/chat/completions", content=written({**ASK, **change}))

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "tools"
    assert "cannot be passed on" in answer.json()["error"]["message"]
    assert door.requests() == []


def test_a_schema_that_is_too_deep_to_be_passed_on(http: httpx.Client, door: Door) -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "s", "schema": nested(200)}}
    answer = http.post("/v1/chat/completions", content=written({**ASK, "response_format": schema}))

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "response_format.json_schema.schema"
    assert door.requests() == []


def written(body: dict[str, Any]) -> bytes:
    """orjson refuses to write what it can read."""
    return json.dumps(body).encode()


def test_the_last_of_duplicate_keys_counts(http: httpx.Client, door: Door) -> None:
    content = orjson.dumps(ASK)[:-1] + b',"max_tokens":1,"max_tokens":5}'
    answer = http.post("/v1/chat/completions", content=content)

    assert answer.status_code == 200
    assert door.converse()["inferenceConfig"] == {"maxTokens": 5}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "nonsense", ""])
def test_the_content_type_does_not_matter(http: httpx.Client, kind: str) -> None:
    answer = http.post("/v1/chat/completions", content=orjson.dumps(ASK), headers={"content-type": kind})

    assert answer.status_code == 200


# Size


@pytest.fixture(scope="module")
def small(bedrock: str) -> Iterator[str]:
    with serving_outcrop(Settings(max_body_bytes=1000)) as url:
        yield url


def pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), 300):
        yield content[start : start + 300]


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
@pytest.mark.parametrize("size", [1001, 200_000])
def test_a_body_that_is_too_large(small: str, door: Door, size: int, chunked: bool) -> None:
    body = orjson.dumps({**ASK, "padding": ""})
    content = body.replace(b'"padding":""', b'"padding":"' + b"x" * (size - len(body)) + b'"')
    assert len(content) == size

    with httpx.Client(base_url=small) as http:
        answer = http.post("/v1/chat/completions", content=pieces(content) if chunked else content)
        after = http.post("/v1/chat/completions", json=ASK)

    assert answer.status_code == 413
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "request_too_large")
    assert "1000 bytes" in error["message"]
    assert after.status_code == 200
    assert len(door.requests()) == 1


@pytest.mark.parametrize(("size", "statuses"), [(999, [100, 200]), (100_000, [413])])
def test_a_client_that_asks_before_it_sends(small: str, size: int, statuses: list[int]) -> None:
    """As curl does with more than a megabyte: `Expect: 100-continue`."""
    content = orjson.dumps(ASK).ljust(size)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n"
    found = []
    where = httpx.URL(small)
    with socket.create_connection((where.host, where.port or 80), timeout=5) as connection:
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        reader = connection.makefile("rb")
        found.append(int(reader.readline().split()[1]))
        if found == [100]:
            assert reader.readline() == b"\r\n"
            connection.sendall(content)
            found.append(int(reader.readline().split()[1]))

    assert found == statuses


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
def test_a_body_that_is_just_small_enough(small: str, door: Door, chunked: bool) -> None:
    body = orjson.dumps({**ASK, "padding": ""})
    content = body.replace(b'"padding":""', b'"padding":"' + b"x" * (1000 - len(body)) + b'"')

    with httpx.Client(base_url=small) as http:
        answer = http.post("/v1/chat/completions", content=pieces(content) if chunked else content)

    assert answer.status_code == 200


# Routes

NOWHERE = [
    ("GET", "/"),
    ("GET", "/v1"),
    ("GET", "/nope"),
    ("POST", "/v1/responses"),
    ("POST", "/v1/completions"),
    ("POST", "/v1/embeddings"),
    ("GET", "/v1/chat/completions/chatcmpl-1"),
    ("POST", "/v1/chat/completions/"),
    ("POST", "//v1/chat/completions"),
    ("POST", "/chat/completions"),
    ("POST", "/v1/v1/chat/completions"),
    ("GET", "//v1/models"),
    ("GET", "/v1/models/"),
    ("OPTIONS", "/nope"),
]


@pytest.mark.parametrize(("method", "path"), NOWHERE)
def test_a_route_that_is_not_there(http: httpx.Client, door: Door, method: str, path: str) -> None:
    answer = http.request(method, str(http.base_url).rstrip("/") + path)

    error = answer.json()["error"]
    assert answer.status_code == 404
    assert error["type"] == "invalid_request_error"
    assert error["code"] in ("not_found", "model_not_found")
    assert answer.headers["x-request-id"].startswith("req_")


NOT_ALLOWED = [
    ("GET", "/v1/chat/completions", {"POST"}),
    ("PUT", "/v1/chat/completions", {"POST"}),
    ("OPTIONS", "/v1/chat/completions", {"POST"}),
    ("POST", "/v1/models", {"GET", "HEAD"}),
    ("DELETE", f"/v1/models/{MODEL}", {"GET", "HEAD"}),
    ("OPTIONS", "/v1/models", {"GET", "HEAD"}),
    ("POST", "/livez", {"GET", "HEAD"}),
]


@pytest.mark.parametrize(("method", "path", "allowed"), NOT_ALLOWED)
def test_a_method_that_is_not_there(
    http: httpx.Client, door: Door, method: str, path: str, allowed: set[str]
) -> None:
    answer = http.request(method, path)

    error = answer.json()["error"]
    assert answer.status_code == 405
    assert (error["type"], error["code"]) == ("invalid_request_error", "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed
    assert "access-control-allow-origin" not in answer.headers
    assert door.requests() == []


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/models", 200), ("/livez", 200), ("/nope", 404), ("/v1/chat/completions", 405)],
)
def test_head_is_answered_without_a_body(http: httpx.Client, path: str, status: int) -> None:
    answer = http.head(path)

    assert answer.status_code == status
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 0


async def broken(request: Request) -> Response:
    await request.body()
    raise ValueError("a bug")


def test_a_bug_is_a_plain_500_and_a_traceback_in_the_log(logged: pytest.LogCaptureFixture) -> None:
    app = Starlette(routes=[Route("/broken", broken, methods=["POST"]), *ROUTES], exception_handlers=HANDLERS)

    with serving(RequestIds(app)) as url, httpx.Client(base_url=url) as http:
        answer = http.post("/broken", json=SECRET_CHAT, headers={"authorization": f"Bearer {KEY}"})
        after = http.get("/livez")

    assert answer.status_code == 500
    assert answer.json() == {
        "error": {
            "message": "Internal server error.",
            "type": "server_error",
            "param": None,
            "code": "server_error",
        }
    }
    assert answer.headers["x-request-id"].startswith("req_")
    assert after.status_code == 200
    (record,) = by_the_server(logged)
    assert record.exc_info
    assert "ValueError: a bug" in logged.text
    assert [secret for secret in SECRETS if secret in logged.text] == []


# Logs

PROMPT, SYSTEM = "purple-elephant-prompt", "orange-otter-system"
KEY, AWS_KEY, AWS_TOKEN = "sk-green-giraffe-key", "blue-bear-secret", "red-rabbit-token"
SECRETS = (PROMPT, SYSTEM, KEY, AWS_KEY, AWS_TOKEN)
SECRET_CHAT = {
    "model": MODEL,
    "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": PROMPT}],
}


@pytest.fixture(scope="module")
def secretive(bedrock: str) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SECRET_ACCESS_KEY", AWS_KEY)
        patch.setenv("AWS_SESSION_TOKEN", AWS_TOKEN)
        with serving_outcrop(Settings(api_keys=(KEY,))) as url:
            httpx.get(f"{url}/v1/models", headers={"authorization": f"Bearer {KEY}"})  # finds credentials
            yield url


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the server's own configuration lets through where everything else is at DEBUG."""
    root = logging.getLogger()
    kept = {logger: logger.level for logger in [root, *map(logging.getLogger, LOG_CONFIG["loggers"])]}
    handlers = root.handlers[:]
    logging.config.dictConfig(LOG_CONFIG)
    root.handlers[:] = handlers
    caplog.set_level(logging.DEBUG)
    yield caplog
    for logger, level in kept.items():
        logger.setLevel(level)


def by_the_server(logged: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the client of the tests did not log itself, nor asyncio of each loop that it makes."""
    return [
        record
        for record in logged.records
        if not record.name.startswith(("httpx", "httpcore")) and record.msg != "Using selector: %s"
    ]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"times": "always", "error": {"type": "ThrottlingException", "message": "Too many."}},
        {"times": "always", "drop": True},
        {"drop_after": 2},
        {"corrupt_after": 2},
        {"response": {"output": {"message": {"content": [{"text": PROMPT}]}}, "usage": {}}},
    ],
    ids=["well", "throttled", "dropped", "broken", "corrupt", "undescribed"],
)
def test_no_prompt_answer_or_key_is_logged(
    secretive: str, door: Door, logged: pytest.LogCaptureFixture, rule: dict[str, Any], stream: bool
) -> None:
    door.script(rule)

    with httpx.Client(base_url=secretive, headers={"authorization": f"Bearer {KEY}"}) as http:
        answer = http.post("/v1/chat/completions", json={**SECRET_CHAT, "stream": stream})
        http.post("/v1/chat/completions", content=PROMPT)
        http.post("/v1/chat/completions", json=SECRET_CHAT, headers={"authorization": f"Bearer x{KEY}"})

    assert door.requests()
    assert bool(by_the_server(logged)) == ("server_error" in answer.text)  # what clients cannot mend
    assert [secret for secret in SECRETS if secret in logged.text] == []
