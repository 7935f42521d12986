"""Scripts: what is wrong is said with its path, and each thing a rule can say does what it says."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import orjson
import pytest

from proxy.local.script import ScriptError, load, loads, parse
from proxy.local.serving import serving
from tests.proxy.local.caller import Caller, decoded, names, path
from tests.proxy.local.requests import ask
from tests.samples import MODEL
from translators.eventstream import CorruptFrame, Decoder, Frame

TEXT = {"text": "one two three"}
EVENTS = [
    "messageStart",
    "contentBlockDelta",
    "contentBlockDelta",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
]

WRONG: list[tuple[Any, str, str]] = [
    ([], "", "must be an object"),
    ({}, "answers", "is required"),
    ({"answers": {}}, "answers", "must be a list, not {}"),
    ({"answers": [1]}, "answers[0]", "must be an object, not 1"),
    ({"answer": []}, "answers", "is required"),
    ({"answers": [], "more": 1}, "more", "is not known here; known are answers"),
    ({"answers": [{}, {"texts": "Hi"}]}, "answers[1].texts", "is not known here"),
    ({"answers": [{"text": 1}]}, "answers[0].text", "must be a string, not 1"),
    ({"answers": [{"text": "Hi", "response": {}}]}, "answers[0].response", "cannot stand beside 'text'"),
    ({"answers": [{"drop": True, "events": []}]}, "answers[0].drop", "cannot stand beside 'events'"),
    ({"answers": [{"drop": "yes"}]}, "answers[0].drop", "must be true or false"),
    ({"answers": [{"times": 0}]}, "answers[0].times", '1 or more, or "always"'),
    ({"answers": [{"times": True}]}, "answers[0].times", "must be a whole number"),
    ({"answers": [{"delay": -1}]}, "answers[0].delay", "must be a number of seconds, 0 or more, not -1"),
    ({"answers": [{"pace": "1"}]}, "answers[0].pace", 'not "1"'),
    ({"answers": [{"split": 0}]}, "answers[0].split", "1 or more, not 0"),
    ({"answers": [{"end_after": -1}]}, "answers[0].end_after", "0 or more"),
    ({"answers": [{"hold_after": 1}]}, "answers[0].hold_after", "needs 'hold'"),
    ({"answers": [{"when": {"operation": "Embed"}}]}, "answers[0].when.operation", "one of Converse,"),
    ({"answers": [{"when": {"model": 3}}]}, "answers[0].when.model", "must be a string"),
    ({"answers": [{"error": {"status": 200}}]}, "answers[0].error.status", "300 to 599, not 200"),
    ({"answers": [{"error": {"type": "Odd"}}]}, "answers[0].error.status", "is required unless type"),
    ({"answers": [{"error": {"status": 500, "key": "text"}}]}, "answers[0].error.key", '"Message"'),
    (
        {"answers": [{"error": {"status": 500, "headers": {"a": 1}}}]},
        "answers[0].error.headers.a",
        "must be a string",
    ),
    (
        {"answers": [{"error": {"status": 500, "headers": {"a": "b\r\nc: d"}}}]},
        "answers[0].error.headers.a",
        "must be a header's value",
    ),
    (
        {"answers": [{"error": {"status": 500, "headers": {"a b": "c"}}}]},
        "answers[0].error.headers.a b",
        "is not a header's name",
    ),
    ({"answers": [{"exception": {"message": "Hm."}}]}, "answers[0].exception.type", "is required"),
    ({"answers": [{"events": [{}]}]}, "answers[0].events[0]", "must have one member"),
    (
        {"answers": [{"events": [{"messageStart": 1}]}]},
        "answers[0].events[0].messageStart",
        "must be an object",
    ),
    ({"answers": [{"response": {"output": {}}}]}, "answers[0].response.output.message", "is required"),
    (
        {"answers": [{"response": {"output": {"message": {}}}}]},
        "answers[0].response.output.message.content",
        "must be a list",
    ),
    (
        {"answers": [{"when": {"operation": "Converse"}, "events": []}]},
        "answers[0].events",
        "is not possible for Converse",
    ),
    (
        {"answers": [{"when": {"operation": "ListFoundationModels"}, "text": "Hi"}]},
        "answers[0].text",
        "is not possible for ListFoundationModels",
    ),
    (
        {"answers": [{"when": {"operation": "ListFoundationModels", "text": "Hi"}}]},
        "answers[0].when.text",
        "which has no text",
    ),
]


@pytest.mark.parametrize(("source", "where", "problem"), WRONG)
def test_a_wrong_script_is_refused_with_the_path_of_the_field(source: Any, where: str, problem: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse(source)
    assert caught.value.path == where
    assert problem in str(caught.value)
    assert str(caught.value).startswith(where)


def test_a_script_that_is_not_json_is_refused() -> None:
    with pytest.raises(ScriptError, match="The script is not JSON"):
        loads(b"{")


def test_a_script_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    file.write_bytes(orjson.dumps({"answers": [{"text": "From a file."}]}))
    with (
        serving(load(file)) as url,
        httpx.Client(base_url=url, headers={"authorization": "Bearer x"}) as http,
    ):
        assert Caller(http).text() == "From a file."
        assert http.get("/_local/script").json() == {"answers": [{"text": "From a file."}]}


def test_a_wrong_script_at_the_door_changes_nothing(caller: Caller) -> None:
    caller.script(TEXT)
    answer = caller.http.post("/_local/script", json={"answers": [{"delay": "1"}]})
    assert answer.status_code == 400
    assert answer.json()["path"] == "answers[0].delay"
    assert answer.json()["message"].startswith("answers[0].delay: must be a number of seconds")
    assert caller.text() == "one two three"


def test_a_script_is_shown_and_cleared(caller: Caller) -> None:
    script = {"answers": [{"when": {"text": "Hi"}, "times": "always", "text": "Ho"}]}
    assert caller.http.post("/_local/script", json=script).json() == script
    assert caller.http.get("/_local/script").json() == script
    assert caller.http.delete("/_local/script").json() == {"answers": []}
    assert caller.text(ask("Hi")).startswith("You said")


# When a rule answers


def test_rules_answer_in_order_once_each_and_then_the_built_in_answer(caller: Caller) -> None:
    caller.script({"text": "first"}, {"text": "second", "times": 2})
    texts = [caller.text() for _ in range(4)]
    assert texts[:3] == ["first", "second", "second"]
    assert texts[3].startswith("You said")
    assert [entry["answer"] for entry in caller.requests()] == [0, 1, 1, None]


def test_a_rule_can_answer_always(caller: Caller) -> None:
    caller.script({"times": "always", "text": "same"})
    assert {caller.text() for _ in range(5)} == {"same"}


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ({"model": MODEL}, True),
        ({"model": "*claude*"}, True),
        ({"model": "*nova*"}, False),
        ({"text": "weather"}, True),
        ({"text": "Weather"}, False),
        ({"operation": "Converse"}, True),
        ({"operation": "ConverseStream"}, False),
        ({"model": "*claude*", "text": "weather", "operation": "Converse"}, True),
        ({"model": "*claude*", "text": "news", "operation": "Converse"}, False),
        ({}, True),
    ],
)
def test_a_rule_answers_what_it_matches(caller: Caller, when: dict[str, str], matches: bool) -> None:
    caller.script({"when": when, "text": "mine"})
    assert (caller.text(ask("the weather, please")) == "mine") is matches


def test_a_rule_without_an_operation_leaves_the_control_plane_alone(caller: Caller) -> None:
    caller.script({"error": {"type": "ThrottlingException"}, "times": "always"})
    assert caller.http.get("/foundation-models").status_code == 200
    assert caller.converse().status_code == 429


def test_what_only_a_stream_can_say_waits_for_a_stream(caller: Caller) -> None:
    caller.script({"exception": {"type": "throttlingException"}})
    assert caller.converse().status_code == 200
    assert names(caller.stream().content) == ["throttlingException"]


def test_a_script_does_not_make_bedrock_less_strict(caller: Caller) -> None:
    caller.script(TEXT)
    assert caller.converse({"messages": []}).status_code == 400
    assert caller.text() == "one two three"


# What it says


def test_a_text_is_answered_whole_and_streamed(caller: Caller) -> None:
    caller.script({**TEXT, "times": 2})
    assert caller.text() == "one two three"
    events = decoded(caller.stream().content)
    assert [name for name, _ in events] == EVENTS
    assert [body["delta"]["text"] for name, body in events if name == "contentBlockDelta"] == [
        "one",
        " two",
        " three",
    ]


def test_an_exact_response_is_sent_as_it_is(caller: Caller) -> None:
    response = {
        "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
        "stopReason": "guardrail_intervened",
        "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3},
        "metrics": {"latencyMs": 4},
        "trace": {"guardrail": {}},
    }
    caller.script({"response": response, "times": 2})
    assert caller.converse().json() == response
    *_, stop, metadata = decoded(caller.stream().content)
    assert stop == ("messageStop", {"stopReason": "guardrail_intervened"})
    assert metadata == ("metadata", {name: response[name] for name in ("usage", "metrics", "trace")})


def test_what_a_response_leaves_out_is_filled_in(caller: Caller) -> None:
    call = {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"a": 1}}}
    caller.script({"response": {"output": {"message": {"role": "assistant", "content": [call]}}}})
    answer = caller.converse().json()
    assert answer["stopReason"] == "tool_use"
    assert answer["usage"]["totalTokens"] > 0


def test_events_are_sent_as_they_are(caller: Caller) -> None:
    events: list[dict[str, Any]] = [
        {"messageStart": {"role": "assistant"}},
        {"futureEvent": {"of": "some kind"}},
        {"contentBlockDelta": {"contentBlockIndex": 7, "delta": {"text": "out of order"}}},
    ]
    caller.script({"events": events})
    assert decoded(caller.stream().content) == [next(iter(event.items())) for event in events]


@pytest.mark.parametrize("operation", ["converse", "converse-stream"])
def test_an_error_comes_before_the_stream(caller: Caller, operation: str) -> None:
    error = {
        "status": 429,
        "type": "ThrottlingException",
        "message": "Too many tokens, please wait before trying again.",
        "headers": {"Retry-After": "2"},
    }
    caller.script({"error": error})
    answer = caller.http.post(path(operation), json=ask("Hello"))
    assert answer.status_code == 429
    assert answer.json() == {"message": error["message"]}
    assert answer.headers["x-amzn-errortype"].startswith("ThrottlingException:http://")
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("type_", "status"), [("ModelErrorException", 424), ("InternalServerException", 500)]
)
def test_an_errors_status_follows_from_its_type(caller: Caller, type_: str, status: int) -> None:
    caller.script({"error": {"type": type_, "key": "Message", "message": "No."}})
    answer = caller.converse()
    assert (answer.status_code, answer.json()) == (status, {"Message": "No."})


def test_an_errors_body_can_be_anything(caller: Caller) -> None:
    page = {"status": 502, "body": "<html>", "headers": {"content-type": "text/html"}}
    caller.script({"error": page})
    answer = caller.converse()
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (502, "<html>", "text/html")
    assert "x-amzn-errortype" not in answer.headers


@pytest.mark.parametrize("after", [0, 3])
def test_an_exception_comes_after_as_many_events(caller: Caller, after: int) -> None:
    exception = {"type": "modelStreamErrorException", "message": "Hm.", "originalStatusCode": 500}
    caller.script({**TEXT, "exception": {**exception, "after": after}})
    events = decoded(caller.stream().content)
    assert [name for name, _ in events] == [*EVENTS[:after], "modelStreamErrorException"]
    assert events[-1][1] == {"message": "Hm.", "originalStatusCode": 500}


# How it arrives


def test_an_early_end_is_clean(caller: Caller) -> None:
    caller.script({**TEXT, "end_after": 3})
    assert names(caller.stream().content) == EVENTS[:3]


@pytest.mark.parametrize("after", [0, 3, len(EVENTS)])
def test_a_dropped_stream_ends_without_its_end(caller: Caller, after: int) -> None:
    caller.script({**TEXT, "drop_after": after})
    seen: list[bytes] = []
    with (
        caller.http.stream("POST", path("converse-stream"), json=ask("Hello")) as answer,
        pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"),
    ):
        seen.extend(answer.iter_raw())
    assert names(b"".join(seen)) == EVENTS[:after]
    (entry,) = caller.requests(wait="done")
    assert entry["state"] == "done"


def test_a_dropped_whole_answer_is_half_an_answer(caller: Caller) -> None:
    caller.script({**TEXT, "drop_after": 0})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        caller.converse()


@pytest.mark.parametrize("operation", ["converse", "converse-stream"])
def test_a_connection_can_be_dropped_before_any_status(caller: Caller, operation: str) -> None:
    caller.script({"drop": True})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        caller.http.post(path(operation), json=ask("Hello"))


def test_a_corrupt_frame_fails_its_checksum(caller: Caller) -> None:
    caller.script({**TEXT, "corrupt_after": 2})
    decoder = Decoder()
    assert len(decoder.feed(caller.stream().content)) == 2
    with pytest.raises(CorruptFrame, match="checksum"):
        decoder.feed(b"")


def test_frames_can_be_split_over_many_writes(caller: Caller) -> None:
    caller.script({**TEXT, "split": 7})
    with caller.http.stream("POST", path("converse-stream"), json=ask("Hello")) as answer:
        pieces = list(answer.iter_raw())
    assert max(map(len, pieces)) == 7
    assert names(b"".join(pieces)) == EVENTS


def test_delays_come_where_they_are_said(caller: Caller) -> None:
    caller.script({**TEXT, "delay": 0.2, "first_frame_delay": 0.1, "pace": 0.03})
    start = monotonic()
    with caller.http.stream("POST", path("converse-stream"), json=ask("Hello")) as answer:
        times = [monotonic()] + [monotonic() for _ in answer.iter_raw()]
    assert times[0] - start >= 0.2
    assert times[1] - times[0] >= 0.09
    paced = [later - earlier for earlier, later in pairwise(times[1 : len(EVENTS) + 1])]
    assert sum(paced) >= 0.03 * (len(EVENTS) - 1) * 0.9


def test_an_answer_is_held_before_its_status_until_it_is_released(caller: Caller) -> None:
    caller.script({**TEXT, "hold": "gate"})
    with ThreadPoolExecutor() as pool:
        text = pool.submit(caller.text)
        (entry,) = caller.requests(wait="answering")
        assert entry["status"] is None
        caller.release("gate")
        assert text.result() == "one two three"


def test_what_was_released_before_it_is_reached_does_not_stop(caller: Caller) -> None:
    caller.script({**TEXT, "hold": "gate"})
    caller.release("gate")
    assert caller.text() == "one two three"


def test_a_stream_is_held_after_as_many_events(caller: Caller) -> None:
    caller.script({**TEXT, "hold": "gate", "hold_after": 2})
    decoder = Decoder()
    with caller.http.stream("POST", path("converse-stream"), json=ask("Hello")) as answer:
        data = answer.iter_raw()
        events: list[Frame] = []
        while len(events) < 2:
            events += decoder.feed(next(data))
        assert len(events) == 2
        assert caller.requests()[0]["state"] == "answering"
        caller.release("gate")
        for piece in data:
            events += decoder.feed(piece)
    assert len(events) == len(EVENTS)


def test_another_script_lets_go_of_what_the_last_one_held(caller: Caller) -> None:
    caller.script({**TEXT, "hold": "gate", "hold_after": 0})
    with caller.http.stream("POST", path("converse-stream"), json=ask("Hello")) as answer:
        caller.http.delete("/_local/script")
        assert names(answer.read()) == EVENTS


def test_a_name_that_nothing_is_held_under_is_refused(caller: Caller) -> None:
    answer = caller.http.post("/_local/release/gate")
    assert answer.status_code == 404
    assert answer.json() == {"message": "The script holds nothing under the name 'gate'."}


def test_a_profile_is_matched_by_its_id(caller: Caller) -> None:
    when = {"operation": "GetInferenceProfile", "model": "us.*"}
    caller.script({"when": when, "response": {"status": "mine"}, "times": "always"})
    assert caller.http.get("/inference-profiles/us.anything").json() == {"status": "mine"}
    assert caller.http.get("/inference-profiles/eu.anything").status_code == 404


def test_a_listing_can_be_held_and_dropped(caller: Caller) -> None:
    operation = {"operation": "ListInferenceProfiles"}
    caller.script({"when": operation, "drop": True}, {"when": operation, "hold": "gate"})
    with pytest.raises(httpx.RemoteProtocolError):
        caller.http.get("/inference-profiles")
    with caller.waiting("GET", "/inference-profiles"):
        pass
    assert caller.requests(wait="aborted")[-1]["operation"] == "ListInferenceProfiles"
