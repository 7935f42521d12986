"""The translators, story by story."""

from typing import Any

import orjson
import pytest

from tests.conftest import Story
from translators.chat import ChatStream, chat_completion, plan
from translators.errors import APIError
from translators.eventstream import Frame, encode
from translators.eventstream import decode as decode_frame
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

ID, CREATED = "chatcmpl-1", 1_700_000_000


def test_request(story: Story) -> None:
    request = conform(story.read("1_request.json"), ChatCompletionRequest)
    asked = plan(request)

    story.expect("2_converse.json", {"modelId": asked.model_id, **orjson.loads(asked.body())})


@pytest.mark.needs("2_adjusted.json")
def test_adjustments(story: Story) -> None:
    asked = plan(conform(story.read("1_request.json"), ChatCompletionRequest))

    story.expect("2_adjusted.json", [adjustment._asdict() for adjustment in asked.adjusted])


def test_only_the_stories_that_say_so_are_adjusted(story: Story) -> None:
    asked = plan(conform(story.read("1_request.json"), ChatCompletionRequest))

    assert bool(asked.adjusted) == story.has("2_adjusted.json")


@pytest.mark.needs("3_response.json")
def test_response(story: Story) -> None:
    story.expect("4_completion.json", completion(story))


@pytest.mark.needs("3_events.jsonl")
def test_stream(story: Story) -> None:
    story.expect("4_chunks.jsonl", chunks(story))


@pytest.mark.needs("4_completion.json", "4_chunks.jsonl")
def test_streamed_and_whole_answers_agree(story: Story) -> None:
    """Folding the chunks as a client does gives the whole answer."""
    whole, folded = story.read("4_completion.json"), fold(story.read("4_chunks.jsonl"))

    choice = whole["choices"][0]
    message = choice["message"]
    assert folded["content"] == (message["content"] or "")
    assert folded["reasoning_content"] == message.get("reasoning_content", "")
    assert folded["calls"] == [
        (call["id"], call["function"]["name"], orjson.loads(call["function"]["arguments"]))
        for call in message.get("tool_calls", [])
    ]
    assert folded["annotations"] == message.get("annotations", [])
    assert folded["others"] == message.get("bedrock_content", [])
    assert folded["finish_reason"] == choice["finish_reason"]
    assert folded["usage"] == whole["usage"]


def completion(story: Story) -> Any:
    model = story.read("1_request.json")["model"]
    try:
        return chat_completion(story.read("3_response.json"), id=ID, created=CREATED, model=model)
    except APIError as error:
        return error.body()


def chunks(story: Story) -> list[Any]:
    """What a client gets, [DONE] left out; an error is the last thing it gets."""
    request = story.read("1_request.json")
    usage = bool((request.get("stream_options") or {}).get("include_usage"))
    stream = ChatStream(id=ID, created=CREATED, model=request["model"], include_usage=usage)
    got: list[Any] = []
    try:
        for event in story.read("3_events.jsonl"):
            if chunk := stream.receive(frame(event)):
                got.append(chunk)
        stream.close()
    except APIError as error:
        got.append(error.body())
    return got


def frame(event: dict[str, Any]) -> Frame:
    """One line of 3_events.jsonl, as Bedrock would frame it."""
    [(name, body)] = event.items()
    kind = "exception" if name.endswith("Exception") else "event"
    headers = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    return decode_frame(encode(headers, orjson.dumps(body)))


def fold(chunks: list[Any]) -> dict[str, Any]:
    folded: dict[str, Any] = {"finish_reason": None, "usage": None, "annotations": [], "others": []}
    said, thought, calls = "", "", []
    for chunk in chunks:
        folded["usage"] = chunk.get("usage") or folded["usage"]
        for choice in chunk["choices"]:
            delta = choice["delta"]
            said += delta.get("content", "")
            thought += delta.get("reasoning_content", "")
            folded["finish_reason"] = choice["finish_reason"] or folded["finish_reason"]
            folded["annotations"] += [without_index(a) for a in delta.get("annotations", [])]
            folded["others"] += [without_index(b) for b in delta.get("bedrock_content", [])]
            for call in delta.get("tool_calls", []):
                if "id" in call:
                    calls.append([call["id"], call["function"]["name"], ""])
                calls[call["index"]][2] += call["function"]["arguments"]
    folded["content"], folded["reasoning_content"] = said, thought
    folded["calls"] = [(id, name, orjson.loads(arguments)) for id, name, arguments in calls]
    return folded


def without_index(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "index"}
