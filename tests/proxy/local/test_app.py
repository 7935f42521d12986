"""The local Bedrock's HTTP: paths, headers, errors, frames, and what it can carry."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import orjson
import pytest

from proxy.local.events import PADDING
from tests.proxy.local.caller import Caller, decoded, frames, names, path
from tests.proxy.local.requests import WEATHER, ask
from tests.samples import MODEL

CORAL = ":http://internal.amazon.com/coral/"
REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_health_is_open(url: str) -> None:
    answer = httpx.get(f"{url}/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("operation", ["converse", "converse-stream"])
@pytest.mark.parametrize(
    "model",
    [
        "amazon.nova-lite-v1:0",
        "amazon.nova-lite-v1%3A0",
        "arn:aws:bedrock:us-east-1::foundation-model%2Famazon.nova-lite-v1:0",
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Famazon.nova-lite-v1%3A0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    ],
)
def test_a_model_id_may_be_encoded_or_not(caller: Caller, operation: str, model: str) -> None:
    answer = caller.http.post(f"/model/{model}/{operation}", json=ask("Hello"))
    assert answer.status_code == 200, answer.text
    assert caller.requests()[-1]["modelId"].endswith("amazon.nova-lite-v1:0")


def test_an_answer_has_bedrocks_headers(caller: Caller) -> None:
    whole, stream = caller.converse(), caller.stream()
    assert whole.headers["content-type"] == "application/json"
    assert stream.headers["content-type"] == "application/vnd.amazon.eventstream"
    assert stream.headers["transfer-encoding"] == "chunked"
    for answer in (whole, stream):
        assert REQUEST_ID.fullmatch(answer.headers["x-amzn-requestid"])
        assert "GMT" in answer.headers["date"]
        assert "server" not in answer.headers
    assert whole.headers["x-amzn-requestid"] != stream.headers["x-amzn-requestid"]


def test_frames_have_three_headers_padding_and_sorted_keys(caller: Caller) -> None:
    found = frames(caller.stream().content)
    assert len({len(orjson.loads(frame.payload)["p"]) for frame in found}) > 3
    for frame in found:
        assert list(frame.headers) == [":event-type", ":content-type", ":message-type"]
        assert (frame.headers[":content-type"], frame.headers[":message-type"]) == (
            "application/json",
            "event",
        )
        body = orjson.loads(frame.payload)
        assert 2 <= len(body["p"]) <= 61
        assert PADDING.startswith(body["p"])
        assert list(body) == sorted(body)


def test_a_refusal_names_its_type_in_a_header(caller: Caller) -> None:
    answer = caller.converse(model="no.such-model")
    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == f"ValidationException{CORAL}com.amazon.bedrock/"
    assert REQUEST_ID.fullmatch(answer.headers["x-amzn-requestid"])
    assert answer.json() == {"message": "The provided model identifier is invalid."}


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"messages": "Hello"}', b"\xff"])
def test_a_body_that_is_not_the_operations_json_is_a_serialization_error(caller: Caller, body: bytes) -> None:
    answer = caller.http.post(path("converse"), content=body)
    assert answer.status_code == 400
    assert "SerializationException" in answer.headers["x-amzn-errortype"]
    assert list(answer.json()) == ["Message"]


def test_an_image_that_is_none_is_refused_in_the_stream_where_bedrock_does_so(caller: Caller) -> None:
    text = {"image": {"format": "png", "source": {"bytes": "SGVsbG8gd29ybGQsIGhlbGxvIHdvcmxkLg=="}}}
    body = ask("What is this?", text)
    answer = caller.stream(body, model="amazon.nova-lite-v1:0")
    assert answer.status_code == 200
    ((name, payload),) = decoded(answer.content)
    assert name == "validationException"
    assert "does not match the expected type image/png" in payload["message"]
    assert caller.converse(body, model="amazon.nova-lite-v1:0").status_code == 400


@pytest.mark.parametrize("target", [path("converse"), path("converse-stream"), "/foundation-models"])
@pytest.mark.parametrize(
    ("authorization", "type_"),
    [
        (None, "MissingAuthenticationTokenException"),
        ("Basic dXNlcjpwYXNz", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 nonsense", "IncompleteSignatureException"),
        ("Bearer", None),
    ],
)
def test_credentials_have_to_be_there(
    url: str, target: str, authorization: str | None, type_: str | None
) -> None:
    method = "GET" if target == "/foundation-models" else "POST"
    headers = {"authorization": authorization} if authorization else {}
    answer = httpx.request(
        method, url + target, headers=headers, json=ask("Hello") if method == "POST" else None
    )
    assert answer.status_code == 403
    assert answer.headers.get("x-amzn-errortype", "").partition(":")[0] == (type_ or "")


def test_a_missing_authorization_is_said_in_awss_words(url: str) -> None:
    assert httpx.get(f"{url}/foundation-models").json() == {"message": "Missing Authentication Token"}


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("GET", "/model/x/converse"),
        ("POST", "/model/x/talk"),
        ("POST", "/foundation-models"),
        ("POST", "/model/x/converse/"),
        ("PUT", "/_local/script"),
    ],
)
def test_an_unknown_operation_is_awss_404(caller: Caller, method: str, target: str) -> None:
    answer = caller.http.request(method, target)
    assert answer.status_code == 404
    assert answer.headers["x-amzn-errortype"].startswith("UnknownOperationException")


def test_what_was_received_is_listed_without_credentials(caller: Caller) -> None:
    signature = "AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/bedrock/aws4_request, Signature=abc"
    headers = {"authorization": signature, "x-amz-security-token": "token", "x-mine": "kept"}
    caller.http.post(path("converse"), json=ask("Hello"), headers=headers)
    caller.http.get("/foundation-models")
    caller.http.post(path("converse-stream"), content=b"{")
    first, second, third = caller.requests()
    assert (first["operation"], first["modelId"]) == ("Converse", MODEL)
    assert first["body"] == ask("Hello")
    assert first["headers"]["authorization"] == "AWS4-HMAC-SHA256 [hidden]"
    assert first["headers"]["x-amz-security-token"] == "[hidden]"
    assert first["headers"]["x-mine"] == "kept"
    assert (first["state"], first["status"]) == ("done", 200)
    assert (second["operation"], second["body"], second["status"]) == ("ListFoundationModels", None, 200)
    assert (third["operation"], third["body"], third["status"]) == ("ConverseStream", "{", 400)
    assert caller.http.delete("/_local/requests").json() == {"requests": []}


def test_the_listed_id_is_the_request_id_of_the_answer(caller: Caller) -> None:
    answers = [caller.converse(), caller.stream(), caller.http.get("/inference-profiles")]
    assert [entry["id"] for entry in caller.requests()] == [
        answer.headers["x-amzn-requestid"] for answer in answers
    ]


def test_a_body_of_thirty_megabytes_is_read(caller: Caller) -> None:
    """Bedrock would refuse some of it; what matters here is that it arrives and is answered."""
    answer = caller.converse(ask("word " * 6_000_000))
    assert answer.status_code in (200, 400)
    assert REQUEST_ID.fullmatch(answer.headers["x-amzn-requestid"])


SCHEMA = {"type": "json_schema", "structure": {"jsonSchema": {"schema": '{"type": "object"}'}}}


@pytest.mark.parametrize("operation", ["converse", "converse-stream"])
@pytest.mark.parametrize(
    "members",
    [
        {"system": None, "toolConfig": None, "inferenceConfig": None, "outputConfig": None},
        {"inferenceConfig": {"maxTokens": None, "stopSequences": None}},
        {"toolConfig": {"tools": [{"toolSpec": WEATHER, "cachePoint": None}], "toolChoice": None}},
        {"toolConfig": {"tools": [{"toolSpec": WEATHER}], "toolChoice": {"any": {}, "tool": None}}},
        {"outputConfig": {"textFormat": None}},
        {"outputConfig": {"textFormat": SCHEMA}},
        {"outputConfig": {"textFormat": {**SCHEMA, "structure": {"jsonSchema": {"schema": "{"}}}}},
        {"outputConfig": {"textFormat": {**SCHEMA, "structure": {"jsonSchema": {"schema": "7"}}}}},
        {"additionalModelRequestFields": None},
        {"additionalModelRequestFields": []},
        {"additionalModelRequestFields": {"thinking": "yes"}},
        {"system": [{"text": "Be kind."}, {"cachePoint": {"type": "default", "ttl": None}, "text": None}]},
        {"messages": [{"role": "user", "content": [{"text": "Hello", "image": None, "toolResult": None}]}]},
    ],
)
def test_nulls_and_odd_values_are_answered_or_refused(
    caller: Caller, operation: str, members: dict[str, Any]
) -> None:
    model = "anthropic.claude-sonnet-4-5-20250929-v1:0"
    answer = caller.http.post(path(operation, f"us.{model}"), json=ask("Hello") | members)
    assert answer.status_code in (200, 400), answer.text


def test_many_requests_leave_a_bounded_list(caller: Caller) -> None:
    for _ in range(300):
        caller.http.get("/inference-profiles/no-such-profile")
    assert len(caller.requests()) == 200


def test_many_callers_are_answered_at_once(caller: Caller) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: names(caller.stream().content)[-1], range(40)))
    assert answers == ["metadata"] * 40


def test_a_caller_who_leaves_while_it_waits_for_the_status_is_noticed(caller: Caller) -> None:
    caller.script({"hold": "never"})
    with caller.waiting("POST", path("converse"), ask("Hello")):
        pass
    (entry,) = caller.requests(wait="aborted")
    assert (entry["state"], entry["status"]) == ("aborted", None)


def test_a_caller_who_leaves_in_the_middle_of_a_stream_is_noticed(caller: Caller) -> None:
    caller.script({"hold": "never", "hold_after": 3})
    with open_stream(caller) as answer:
        data = answer.iter_raw()
        assert next(data)
        assert caller.requests()[0]["state"] == "answering"
        assert caller.requests(wait="answering")[0]["status"] == 200
        data.close()
    assert caller.requests(wait="aborted")[0]["state"] == "aborted"


def test_waiting_for_what_does_not_happen_ends(caller: Caller) -> None:
    answer = caller.http.get("/_local/requests", params={"wait": "aborted", "timeout": "0.05"})
    assert answer.status_code == 408
    assert answer.json() == {"message": "Fewer than 1 requests were aborted within 0.05 s."}


@pytest.mark.parametrize(
    "query", ["wait=gone", "wait=done&timeout=soon", "wait=done&timeout=nan", "wait=done&count=all"]
)
def test_a_wrong_wait_is_refused(caller: Caller, query: str) -> None:
    assert caller.http.get(f"/_local/requests?{query}").status_code == 400


def open_stream(caller: Caller) -> Any:
    return caller.http.stream("POST", path("converse-stream"), json=ask("Hello"))
