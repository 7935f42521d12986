"""Every recorded block of reasoning comes back to Bedrock to the byte, in each form that clients have for it."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk

from tests.e2e import agent
from tests.plans import converse
from tests.recordings import FOLDER, Event, load, names
from translators.chat import ChatStream, chat_completion, plan
from translators.chat.options import Options
from translators.chat.recollection import Recollection, memorable, turn_names
from translators.converse import ContentBlock
from translators.eventstream import Decoder
from translators.openai import ChatCompletionRequest
from translators.quirks import quirks_for
from translators.shapes import conform

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the recordings are not here")

Message = dict[str, Any]

# Whose answer a recording is that does not say so; its reasoning is signed.
CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
USER = {"role": "user", "content": "Hi"}
SCOPE = "somebody, and Claude"
KNOWN = Options(recollection=Recollection(SCOPE))


def blocks(events: Iterable[Event]) -> list[ContentBlock]:
    """The content of a streamed answer, its reasoning to the byte. Nothing of ours helps."""
    content: dict[int, Any] = {}
    for name, event in events:
        index = event.get("contentBlockIndex", -1)
        if name == "contentBlockStart":
            content[index] = {"toolUse": {**event["start"]["toolUse"], "input": ""}}
        elif name == "contentBlockDelta":
            grow(content.setdefault(index, {}), event["delta"])
    return [content[index] for index in sorted(content)]


def grow(block: Any, delta: Any) -> None:
    match delta:
        case {"text": text}:
            block["text"] = block.get("text", "") + text
        case {"toolUse": {"input": text}}:
            block["toolUse"]["input"] += text
        case {"reasoningContent": {"redactedContent": data}}:
            assert not block, "recorded blobs are whole"
            block["reasoningContent"] = {"redactedContent": data}
        case {"reasoningContent": {**piece}}:
            reasoning = block.setdefault("reasoningContent", {"reasoningText": {"text": ""}})
            for field, text in piece.items():
                reasoning["reasoningText"][field] = reasoning["reasoningText"].get(field, "") + text


def thoughts(content: Iterable[Any]) -> list[Any]:
    return [block for block in content if "reasoningContent" in block]


@cache
def recorded(name: str) -> list[ContentBlock]:
    recording = load(name)
    if recording.operation == "ConverseStream":
        return blocks(recording.events())
    content: list[ContentBlock] = recording.json.get("output", {}).get("message", {}).get("content", [])
    return content


ANSWERS = [name for name in names("Converse", "ConverseStream") if b"reasoningContent" in load(name).body]
THINKING = [name for name in ANSWERS if thoughts(recorded(name))]
SIGNED = [name for name in THINKING if b'"signature"' in load(name).body or b"redacted" in load(name).body]


def test_none_is_left_out() -> None:
    streams = [name for name in THINKING if "ConverseStream" in name]
    redacted = [name for name in SIGNED if "redactedContent" in str(recorded(name))]
    assert (len(THINKING), len(streams), len(SIGNED), len(redacted)) == (85, 21, 62, 6)


def model(name: str) -> str:
    id = load(name).model_id
    return CLAUDE if id == "unknown" else id


def asked(name: str, *messages: Message) -> ChatCompletionRequest:
    request = {"model": model(name), "messages": [USER, *messages], "reasoning_effort": "low"}
    return conform(request, ChatCompletionRequest)


@cache
def shown(name: str) -> tuple[Message, list[ContentBlock]]:
    """What the client makes of it, and what is remembered."""
    way_back = plan(asked(name), options=KNOWN).way_back
    if load(name).operation == "Converse":
        completion: Any = chat_completion(load(name).json, way_back, id="chatcmpl-1", created=1)
        return completion["choices"][0]["message"], load(name).json["output"]["message"]["content"]
    stream, state = ChatStream(way_back, id="chatcmpl-1", created=1), ChatCompletionStreamState()
    for frame in Decoder().feed(load(name).body):
        if chunk := stream.receive(frame):
            list(state.handle_chunk(ChatCompletionChunk.model_validate(chunk)))
    message = state.current_completion_snapshot.choices[0].message
    return message.model_dump(exclude_none=True), stream.turn()


def returned(name: str, message: Message, remembered: list[ContentBlock] | None = None) -> list[Any]:
    """The blocks that Bedrock gets where the client hands back this."""
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": "Done."}
        for call in message.get("tool_calls") or []
    ]
    request = asked(name, message, *results, *([] if results else [USER]))
    occasion = plan(asked(name), options=KNOWN).way_back.occasion
    memory = memorable(remembered, occasion) if remembered and occasion else None
    names, turn = memory or ([], b"")
    looked_for = turn_names(request["messages"], SCOPE)
    found = {index: turn for index, each in looked_for.items() if not set(names).isdisjoint(each)}
    sent = converse(plan(request, options=Options(recollection=Recollection(SCOPE, found))))["messages"]
    return [block for each in sent if each["role"] == "assistant" for block in each["content"]]


def streamed_entries(name: str) -> Message:
    """A client that keeps the entries of a stream as they came."""
    way_back = plan(asked(name), options=KNOWN).way_back
    stream = ChatStream(way_back, id="chatcmpl-1", created=1)
    chunks: Iterator[Any] = (stream.receive(frame) for frame in Decoder().feed(load(name).body))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk and chunk["choices"]]
    entries = [entry for delta in deltas for entry in delta.get("reasoning_details", [])]
    return {**agent.kept(shown(name)[0]), "reasoning_details": entries}


def thinking_parts(message: Message) -> Message:
    """Among the parts of the content, as LibreChat has them."""
    back = agent.thinking_blocks(message)
    text = [{"type": "text", "text": back["content"]}] if back.get("content") else []
    return {**back, "content": [*back.pop("thinking_blocks"), *text]}


WHOLE: list[Callable[[Message], Message]] = [agent.details, agent.thinking_blocks, thinking_parts]
LITTLE: list[Callable[[Message], Message]] = [agent.text, agent.nothing, agent.signed_text]


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("name", SIGNED)
def test_what_a_client_hands_back_whole_is_exact(name: str, form: Callable[[Message], Message]) -> None:
    message, _ = shown(name)

    assert returned(name, form(message)) == content(name)


@pytest.mark.parametrize("form", LITTLE)
@pytest.mark.parametrize("name", SIGNED)
def test_where_it_hands_back_less_the_memory_is_exact(name: str, form: Callable[[Message], Message]) -> None:
    message, remembered = shown(name)

    assert returned(name, form(message), remembered) == content(name)


def as_they_came(entries: list[Message]) -> list[Message]:
    return entries


def by_index(entries: list[Message]) -> list[Message]:
    """pi and Open WebUI: texts grow, of all else the last counts."""
    merged: dict[int, Message] = {}
    for entry in entries:
        before = merged.get(entry["index"], {})
        text = {"text": before.get("text", "") + entry["text"]} if "text" in entry else {}
        merged[entry["index"]] = {**before, **entry, **text}
    return list(merged.values())


@pytest.mark.parametrize("put_together", [as_they_came, by_index])
@pytest.mark.parametrize("name", [name for name in SIGNED if "ConverseStream" in name])
def test_entries_of_a_stream_may_be_put_together_in_any_way(
    name: str, put_together: Callable[[list[Message]], list[Message]]
) -> None:
    """The SDK's own way, which joins every string, is in the other tests."""
    streamed = streamed_entries(name)

    assert returned(
        name, {**streamed, "reasoning_details": put_together(streamed["reasoning_details"])}
    ) == content(name)


@pytest.mark.parametrize("name", [name for name in SIGNED if str(recorded(name)).count("'signature'") == 1])
def test_one_block_comes_back_as_text_with_its_signature(name: str) -> None:
    assert returned(name, agent.signed_text(shown(name)[0])) == content(name)


UNSIGNED = [name for name in THINKING if name not in SIGNED and load(name).model_id != "unknown"]


@pytest.mark.parametrize("name", UNSIGNED)
def test_what_is_not_signed_goes_back_as_text_or_not_at_all(name: str) -> None:
    """Those families refuse a signature, or any reasoning."""
    message, remembered = shown(name)
    said = [] if quirks_for(model(name)).thoughts_back == "never" else thoughts_as_text(recorded(name))

    for form in (agent.details, agent.text, agent.nothing):
        assert thoughts(returned(name, form(message), remembered)) == said


def thoughts_as_text(recorded: Iterable[Any]) -> list[Any]:
    texts = [block["reasoningContent"]["reasoningText"]["text"] for block in thoughts(recorded)]
    return [{"reasoningContent": {"reasoningText": {"text": text}}} for text in texts]


def content(name: str) -> list[Any]:
    """The recorded blocks as a request has them: blank text is left out."""
    return [in_request(block) for block in recorded(name) if block.get("text", "said").strip()]


def in_request(block: Any) -> Any:
    if "toolUse" not in block:
        return block
    id, name, input = (block["toolUse"][field] for field in ("toolUseId", "name", "input"))
    read = json.loads(input or "{}") if isinstance(input, str) else input
    return {"toolUse": {"toolUseId": id, "name": name, "input": read}}
