"""What the local Bedrock says when no script tells it: words that show what it received, and tool calls.

    toolChoice any, tool        calls the tools the newest text names, else the first
    a tool is named             calls it, or all that are named, in the order named
    tool results came           says what each tool returned
    outputConfig.textFormat     JSON that is valid for its schema
    otherwise                   repeats the last user text and counts what came

The words then stop where a stopSequence stands, or where maxTokens ends.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from proxy.local import toolcalls
from proxy.local.conversation import (
    JSON,
    ContentBlock,
    ConverseRequest,
    joined_text,
    last_user_text,
    media_counts,
    newest_blocks,
    tool_names_by_id,
    tool_specs,
)
from proxy.local.examples import example
from proxy.local.refusals import validation
from proxy.local.tokens import CHARACTERS_PER_TOKEN, block_tokens

MAX_REPEATED = 2000


def answer(request: ConverseRequest, thoughts: Sequence[ContentBlock] = ()) -> dict[str, Any]:
    """A Converse response that begins with these thoughts, without usage and metrics."""
    blocks, stop_reason = _limited(_blocks(request, thoughts), request.get("inferenceConfig") or {})
    return response(blocks, stop_reason)


def response(blocks: Sequence[ContentBlock], stop_reason: str) -> dict[str, Any]:
    return {"output": {"message": {"role": "assistant", "content": list(blocks)}}, "stopReason": stop_reason}


def text_answer(text: str) -> dict[str, Any]:
    return response([{"text": text}], "end_turn")


def _blocks(request: ConverseRequest, thoughts: Sequence[ContentBlock]) -> list[ContentBlock]:
    forced = toolcalls.forced(request)
    if forced:
        return [*thoughts, *toolcalls.calls(request, forced)]
    if named := toolcalls.named(request, joined_text(newest_blocks(request))):
        aloud = joined_text(thoughts)
        quiet = [thought for thought in thoughts if "text" not in thought]
        words = f"{aloud}Calling {_listed(named)}."
        return [*quiet, {"text": words}, *toolcalls.calls(request, named)]
    return [*thoughts, {"text": _words(request)}]


# Words


def _words(request: ConverseRequest) -> str:
    if (schema := _text_schema(request)) is not None:
        quoted = re.findall(r'"([^"\n]{1,200})"', last_user_text(request))
        return orjson.dumps(example(schema, quoted)).decode()
    return " ".join([*_results(request), *_received(request)])


def _text_schema(request: ConverseRequest) -> JSON:
    text_format = (request.get("outputConfig") or {}).get("textFormat")
    if not text_format:
        return None
    try:
        return orjson.loads(text_format["structure"]["jsonSchema"]["schema"])
    except orjson.JSONDecodeError as error:
        # That Bedrock refuses it is sure, its words are not: they were never recorded.
        raise validation(f"The JSON schema in outputConfig.textFormat is not valid JSON: {error}") from error


def _results(request: ConverseRequest) -> Iterator[str]:
    names = tool_names_by_id(request)
    for block in newest_blocks(request):
        if result := block.get("toolResult"):
            verb = "failed with" if result.get("status") == "error" else "returned"
            name = names.get(result["toolUseId"], "The tool")
            yield f"{name} {verb}: {_shown(result['content'])}."


def _shown(content: Sequence[Mapping[str, Any]]) -> str:
    return _short(", ".join(_shown_item(item) for item in content) or "nothing")


def _shown_item(item: Mapping[str, Any]) -> str:
    match item:
        case {"text": str(text)}:
            return text
        case {"json": value} if value is not None:
            return orjson.dumps(value).decode()
        case _:
            return f"[{next((kind for kind in item if item[kind] is not None), 'nothing')}]"


def _received(request: ConverseRequest) -> Iterator[str]:
    yield f'You said: "{_short(last_user_text(request))}".'
    media = media_counts(request)
    counts = [
        _count(len(request.get("messages") or []), "turn"),
        "a system prompt" if request.get("system") else "no system prompt",
        _count(media.pop("image", 0), "image"),
        _count(media.pop("document", 0), "document"),
        *(_count(number, kind) for kind, number in media.items()),
        _count(len(tools := tool_specs(request)), "tool") + (f" ({', '.join(tools)})" if tools else ""),
    ]
    yield f"I received {_listed(counts)}."


def _short(text: str) -> str:
    return text if len(text) <= MAX_REPEATED else text[:MAX_REPEATED] + "..."


def _count(number: int, noun: str) -> str:
    """
    >>> _count(1, "image"), _count(2, "image")
    ('1 image', '2 images')
    """
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _listed(items: Sequence[str]) -> str:
    """
    >>> _listed(["a", "b", "c"])
    'a, b and c'
    """
    *others, last = items
    return f"{', '.join(others)} and {last}" if others else last


# Limits


def _limited(blocks: list[ContentBlock], config: Mapping[str, Any]) -> tuple[list[ContentBlock], str]:
    blocks, stopped = _stopped(blocks, config.get("stopSequences") or [])
    blocks, full = _cut(blocks, config.get("maxTokens"))
    if full:
        return blocks, "max_tokens"
    if stopped:
        return blocks, "stop_sequence"
    return blocks, "tool_use" if any("toolUse" in block for block in blocks) else "end_turn"


def _stopped(blocks: list[ContentBlock], sequences: Sequence[str]) -> tuple[list[ContentBlock], bool]:
    """The blocks up to the first stop sequence in the text."""
    for number, block in enumerate(blocks):
        places = [block["text"].find(sequence) for sequence in sequences] if "text" in block else []
        if found := [place for place in places if place >= 0]:
            text = block["text"][: min(found)]
            return [*blocks[:number], *([{"text": text}] if text else [])], True
    return blocks, False


def _cut(blocks: list[ContentBlock], max_tokens: int | None) -> tuple[list[ContentBlock], bool]:
    """The blocks that fit in maxTokens. A tool call that does not fit is whole or not there at all."""
    left = max_tokens if max_tokens is not None else sum(map(block_tokens, blocks))
    for number, block in enumerate(blocks):
        needed = block_tokens(block)
        if needed > left:
            return [*blocks[:number], *_part(block, left, first=number == 0)], True
        left -= needed
    return blocks, False


def _part(block: ContentBlock, tokens: int, *, first: bool) -> list[ContentBlock]:
    if "text" in block and tokens:
        return [{"text": block["text"][: tokens * CHARACTERS_PER_TOKEN]}]
    return [block] if first else []
