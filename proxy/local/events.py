"""An answer as it streams: a Converse response as ConverseStream's events, and events as frames.

    messageStart (contentBlockStart? contentBlockDelta+ contentBlockStop)* messageStop metadata

Blocks are numbered from 0 and never interleave. Only toolUse, toolResult and image have a start.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import orjson

from translators.eventstream import encode

Event = Mapping[str, Any]
"""One member: the event's name and its body."""

PADDING = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
TOOL_FRAGMENTS = 8
CONTENT_TYPE = "application/json"


def events(response: Mapping[str, Any]) -> Iterator[Event]:
    message = response["output"]["message"]
    yield {"messageStart": {"role": message.get("role", "assistant")}}
    for index, block in enumerate(message["content"]):
        yield from _block_events(index, block)
    yield {"messageStop": _members(response, "stopReason", "additionalModelResponseFields")}
    yield {"metadata": _members(response, "usage", "metrics", "trace", "performanceConfig", "serviceTier")}


def frame(event: Event, random: Random) -> bytes:
    """`p` hides the length of a token: 2 to 61 letters on every event, unless the script brought its own."""
    ((name, body),) = event.items()
    padding = PADDING[: random.randint(2, 61)]
    headers = {":event-type": name, ":content-type": CONTENT_TYPE, ":message-type": "event"}
    return encode(headers, _json({"p": padding} | body))


def exception_frame(type_: str, payload: Mapping[str, Any]) -> bytes:
    """Types are spelt throttlingException in a stream, ThrottlingException outside of it."""
    name = type_[:1].lower() + type_[1:]
    headers = {":exception-type": name, ":content-type": CONTENT_TYPE, ":message-type": "exception"}
    return encode(headers, _json(payload))


def corrupt(frame: bytes) -> bytes:
    """The same frame after one bit of its message checksum flipped."""
    return frame[:-1] + bytes([frame[-1] ^ 1])


def _block_events(index: int, block: Mapping[str, Any]) -> Iterator[Event]:
    if start := _start(block):
        yield {"contentBlockStart": {"contentBlockIndex": index, "start": start}}
    for delta in _deltas(block):
        yield {"contentBlockDelta": {"contentBlockIndex": index, "delta": delta}}
    yield {"contentBlockStop": {"contentBlockIndex": index}}


def _start(block: Mapping[str, Any]) -> dict[str, Any] | None:
    match block:
        case {"toolUse": call}:
            return {"toolUse": _members(call, "toolUseId", "name", "type")}
        case {"toolResult": result}:
            return {"toolResult": _members(result, "toolUseId", "type", "status")}
        case {"image": image}:
            return {"image": _members(image, "format")}
        case _:
            return None


def _deltas(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    match block:
        case {"text": text}:
            yield from ({"text": piece} for piece in words(text))
        case {"toolUse": call}:
            yield from ({"toolUse": {"input": piece}} for piece in input_fragments(call.get("input", {})))
        case {"toolResult": result}:
            yield {"toolResult": result["content"]}
        case {"reasoningContent": reasoning}:
            yield from ({"reasoningContent": delta} for delta in _reasoning_deltas(reasoning))
        case {"citationsContent": cited}:
            # Claude sends what it cites before the words that cite it.
            yield from ({"citation": citation} for citation in cited.get("citations", []))
            yield from ({"text": piece} for part in cited.get("content", []) for piece in words(part["text"]))
        case {"image": image}:
            yield {"image": _members(image, "source", "error")}


def _reasoning_deltas(reasoning: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    match reasoning:
        case {"reasoningText": text}:
            # What is not displayed is its signature alone.
            shown = text["text"] or "signature" not in text
            yield from ({"text": piece} for piece in words(text["text"]) if shown)
            if "signature" in text:
                yield {"signature": text["signature"]}
        case {"redactedContent": blob}:
            yield {"redactedContent": blob}


def words(text: str) -> Sequence[str]:
    """Pieces that a model could have sent; an empty text is one empty delta, as Nova sends it.

    >>> words("The sky is blue.")
    ['The', ' sky', ' is', ' blue.']
    """
    return re.findall(r"\s*\S+|\s+$", text) or [""]


def input_fragments(arguments: object) -> Iterator[str]:
    """The first fragment is empty, as Claude's is; together they are the JSON.

    >>> list(input_fragments({}))
    ['', '{}']
    """
    text = orjson.dumps(arguments).decode()
    size = max(2, -(-len(text) // TOOL_FRAGMENTS))
    yield ""
    yield from (text[start : start + size] for start in range(0, len(text), size))


def _members(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value[name] for name in names if name in value}


def _json(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(_sorted(value))


def _sorted(value: object) -> object:
    """Bedrock sorts the members of its events, but not those of a tool's own JSON."""
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {name: item if name == "json" else _sorted(item) for name, item in sorted(value.items())}
