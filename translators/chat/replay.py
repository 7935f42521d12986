"""A whole answer as the event stream that Bedrock would have sent: for models that stream no tool calls.

Blocks come in order, each in one piece; text and reasoning have no contentBlockStart, as on the wire.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from translators.chat.json_text import written
from translators.converse import ContentBlock, ConverseResponse
from translators.eventstream import encode


def event_stream(response: ConverseResponse) -> bytes:
    return b"".join(frame(name, body) for name, body in events(response))


def events(response: ConverseResponse) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each event's name and body."""
    yield "messageStart", {"role": "assistant"}
    for index, block in enumerate(response["output"]["message"]["content"]):
        yield from block_events(index, block)
    yield "messageStop", members(response, "stopReason", "additionalModelResponseFields")
    yield "metadata", members(response, "usage", "trace", "performanceConfig", "serviceTier")


def members(response: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: response[name] for name in names if name in response}


def block_events(index: int, block: ContentBlock) -> Iterator[tuple[str, dict[str, Any]]]:
    match block:
        case {"toolUse": tool_use}:
            yield started(index, "toolUse", tool_use, without="input")
            yield delta(index, {"toolUse": {"input": written(tool_use["input"]).decode()}})
        case {"toolResult": result}:
            yield started(index, "toolResult", result, without="content")
            yield delta(index, {"toolResult": result["content"]})
        case {"reasoningContent": {"reasoningText": reasoning}}:
            for name, value in reasoning.items():
                yield delta(index, {"reasoningContent": {name: value}})
        case {"citationsContent": cited}:
            for citation in cited.get("citations", []):
                yield delta(index, {"citation": citation})
            for content in cited.get("content", []):
                yield delta(index, {"text": content["text"]})
        case _:  # text, redacted reasoning, and what is new: their deltas look as they do
            yield delta(index, block)
    yield "contentBlockStop", {"contentBlockIndex": index}


def started(index: int, kind: str, body: Mapping[str, Any], *, without: str) -> tuple[str, dict[str, Any]]:
    start = {name: value for name, value in body.items() if name != without}
    return "contentBlockStart", {"contentBlockIndex": index, "start": {kind: start}}


def delta(index: int, piece: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return "contentBlockDelta", {"contentBlockIndex": index, "delta": piece}


def frame(name: str, body: dict[str, Any]) -> bytes:
    headers = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    return encode(headers, orjson.dumps(body))
