"""A response as events: the order seen in every recorded stream, and each block's shape."""

from random import Random
from typing import Any

import orjson
import pytest

from proxy.local.events import events, exception_frame, frame, input_fragments, words
from tests import recordings
from translators.eventstream import Decoder, Frame


def streamed(*content: dict[str, Any], **members: Any) -> list[tuple[str, Any]]:
    response = {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        **members,
    }
    return [next(iter(event.items())) for event in events(response)]


def blocks(*content: dict[str, Any]) -> list[tuple[str, Any]]:
    return streamed(*content)[1:-2]


def deltas(index: int, *each: dict[str, Any]) -> list[tuple[str, Any]]:
    return [("contentBlockDelta", {"contentBlockIndex": index, "delta": delta}) for delta in each]


def stop(index: int) -> tuple[str, Any]:
    return "contentBlockStop", {"contentBlockIndex": index}


def test_a_message_opens_closes_and_counts() -> None:
    usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
    assert streamed({"text": "Hi"}, metrics={"latencyMs": 3}) == [
        ("messageStart", {"role": "assistant"}),
        *deltas(0, {"text": "Hi"}),
        stop(0),
        ("messageStop", {"stopReason": "end_turn"}),
        ("metadata", {"usage": usage, "metrics": {"latencyMs": 3}}),
    ]


def test_what_belongs_to_the_end_stands_there() -> None:
    *_, stopped, metadata = streamed(
        additionalModelResponseFields={"stop_sequence": "X"},
        trace={"guardrail": {}},
        serviceTier={"type": "flex"},
        performanceConfig={"latency": "standard"},
    )
    assert stopped[1]["additionalModelResponseFields"] == {"stop_sequence": "X"}
    assert set(metadata[1]) == {"usage", "trace", "serviceTier", "performanceConfig"}


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"text": "one two"}, deltas(0, {"text": "one"}, {"text": " two"})),
        ({"text": ""}, deltas(0, {"text": ""})),
        (
            {"reasoningContent": {"reasoningText": {"text": "Hm so", "signature": "c2ln"}}},
            deltas(
                0,
                {"reasoningContent": {"text": "Hm"}},
                {"reasoningContent": {"text": " so"}},
                {"reasoningContent": {"signature": "c2ln"}},
            ),
        ),
        (
            {"reasoningContent": {"redactedContent": "AAAA"}},
            deltas(0, {"reasoningContent": {"redactedContent": "AAAA"}}),
        ),
        (
            {"citationsContent": {"content": [{"text": "Cited."}], "citations": [{"title": "A"}]}},
            deltas(0, {"citation": {"title": "A"}}, {"text": "Cited."}),
        ),
    ],
)
def test_a_block_without_a_start_begins_with_its_first_delta(block: Any, expected: Any) -> None:
    assert blocks(block) == [*expected, stop(0)]


def test_a_tool_call_starts_then_comes_in_fragments() -> None:
    call = {"toolUseId": "t1", "name": "f", "input": {"city": "Paris"}, "type": "tool_use"}
    (name, start), *rest, last = blocks({"text": "Hm"}, {"toolUse": call})[2:]
    assert (name, start) == (
        "contentBlockStart",
        {"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t1", "name": "f", "type": "tool_use"}}},
    )
    fragments = [body["delta"]["toolUse"]["input"] for _, body in rest]
    assert fragments[0] == ""
    assert 4 <= len(fragments) - 1 <= 19
    assert orjson.loads("".join(fragments)) == {"city": "Paris"}
    assert last == stop(1)


def test_a_server_tools_result_and_an_image_have_a_start() -> None:
    result = {
        "toolUseId": "t1",
        "type": "nova_grounding_result",
        "status": "success",
        "content": [{"text": "x"}],
    }
    (_, start), (_, delta), _ = blocks({"toolResult": result})
    assert start["start"] == {
        "toolResult": {"toolUseId": "t1", "type": "nova_grounding_result", "status": "success"}
    }
    assert delta["delta"] == {"toolResult": [{"text": "x"}]}
    (_, start), (_, delta), _ = blocks({"image": {"format": "png", "source": {"bytes": "AA=="}}})
    assert start["start"] == {"image": {"format": "png"}}
    assert delta["delta"] == {"image": {"source": {"bytes": "AA=="}}}


@pytest.mark.parametrize("text", ["", " ", "a", " a  b\n\nc ", "\n\nDo it.", "größe 漢字 🙂 x"])
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    assert "".join(words(text)) == text


@pytest.mark.parametrize("value", [{}, {"a": "é🙂" * 9}, {"n": list(range(200))}])
def test_the_fragments_of_an_input_are_its_json(value: Any) -> None:
    assert orjson.loads("".join(input_fragments(value))) == value


def test_padding_of_the_scripts_own_is_kept() -> None:
    (decoded,) = Decoder().feed(frame({"ping": {"p": "mine"}}, Random(1)))  # noqa: S311 - padding
    assert decoded.payload == b'{"p":"mine"}'


STREAMS = recordings.names("ConverseStream")


@pytest.mark.skipif(not STREAMS, reason="the recordings are not here")
def test_recorded_streams_are_framed_byte_for_byte() -> None:
    """Each event of a stream that AWS sent, told to our framing, becomes the bytes that AWS sent."""
    bodies = [recordings.load(name).body for name in STREAMS]
    # Not what was kept as decoded events only, nor refusals before the stream.
    raw = [body for body in bodies if b'"p":"' in body or b":exception-type" in body]
    assert len(raw) > 100
    for body in raw:
        assert b"".join(map(reframed, Decoder().feed(body))) == body


def reframed(original: Frame) -> bytes:
    payload = orjson.loads(original.payload)
    if type_ := original.headers.get(":exception-type"):
        return exception_frame(str(type_), payload)
    return frame({str(original.headers[":event-type"]): payload}, Random(1))  # noqa: S311 - padding


@pytest.mark.parametrize("type_", ["throttlingException", "ThrottlingException"])
def test_an_exception_has_its_own_headers(type_: str) -> None:
    (decoded,) = Decoder().feed(exception_frame(type_, {"message": "Slow down."}))
    assert decoded.headers == {
        ":exception-type": "throttlingException",
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    assert decoded.payload == b'{"message":"Slow down."}'
