"""What a model thought, as clients are told it and as they hand it back.

    reasoning_content       its text, in one string
    reasoning_details       OpenRouter's entries, exact: {type: reasoning.text, text, signature} and, for what
                            is encrypted, {type: reasoning.encrypted, data}; each with the index of its block
    thinking_blocks         litellm's: {type: thinking, thinking, signature}, {type: redacted_thinking, data}

An entry's `format` says whose reasoning it is: a signature is good for that family of models only. The
OpenAI SDK's helper joins the strings of a streamed entry, so that only a block's first entry has it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from translators.converse import ContentBlock, ReasoningContent
from translators.departures import Quirks
from translators.openai import AssistantMessage
from translators.openai.reasoning import ReasoningDetail

THINKING = ("thinking", "redacted_thinking")
FIELDS = {
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "reasoning_signature",
    "reasoning_text",
    "thinking_blocks",
}


# Told: Bedrock's blocks -> entries


def detail(reasoning: ReasoningContent, index: int, format_: str) -> ReasoningDetail:
    """A whole block. Its text is told even where it is empty: some clients look for nothing else."""
    if "redactedContent" in reasoning:
        data = reasoning["redactedContent"]
        return {"type": "reasoning.encrypted", "data": data, "format": format_, "index": index}
    text = reasoning.get("reasoningText", {"text": ""})
    entry: ReasoningDetail = {
        "type": "reasoning.text",
        "text": text.get("text", ""),
        "format": format_,
        "index": index,
    }
    if signature := text.get("signature"):
        entry["signature"] = signature
    return entry


# Handed back: entries, in any of the forms -> Bedrock's blocks


def handed_back(message: AssistantMessage) -> bool:
    """Whether there may be any, in whatever form: most messages have none, which is quick to see."""
    return not FIELDS.isdisjoint(message) or isinstance(message.get("content"), list)


def blocks(message: AssistantMessage, quirks: Quirks) -> list[ContentBlock]:
    """The blocks that this family of models has signed, or encrypted; the most exact form counts."""
    found = list(from_details(objects(message.get("reasoning_details")), quirks.reasoning_format))
    if quirks.thoughts_back == "signed":
        found = found or [block for each in thinking_parts(message) if (block := from_thinking(each))]
    return found or from_strings(message)


def text(message: AssistantMessage) -> str:
    """The text alone, signed or not."""
    for field in ("reasoning_content", "reasoning", "reasoning_text"):
        if isinstance(said := message.get(field), str) and said:
            return said
    entries = [*objects(message.get("reasoning_details")), *thinking_parts(message)]
    return "".join(string(each, "text") or string(each, "thinking") for each in entries)


def any_in(message: AssistantMessage) -> bool:
    entries = [*objects(message.get("reasoning_details")), *thinking_parts(message)]
    return bool(text(message).strip()) or any(
        entry.get("signature") or entry.get("data") for entry in entries
    )


def foreign(message: AssistantMessage, format_: str) -> bool:
    """Whether any of it says that another family of models thought it."""
    said = (string(entry, "format") for entry in objects(message.get("reasoning_details")))
    return any(each and not each.startswith(format_) for each in said)


def from_details(entries: list[Mapping[str, Any]], format_: str) -> Iterator[ContentBlock]:
    """Those of one index are one block, in pieces or put together."""
    merged: dict[object, dict[str, str]] = {}
    ended = 0  # a signature ends a block: so those are told apart that lost their index
    for entry in entries:
        index = entry.get("index")
        into = merged.setdefault(index if isinstance(index, int) else f"block {ended}", {})
        for field in ("text", "signature", "data", "format"):
            into[field] = into.get(field, "") + string(entry, field)
        ended += bool(entry.get("signature") or entry.get("data"))
    for entry in merged.values():
        if entry["format"] and not entry["format"].startswith(format_):
            continue
        if entry["data"]:
            yield redacted(entry["data"])
        elif entry["signature"]:
            yield signed(entry["text"], entry["signature"])


def thinking_parts(message: AssistantMessage) -> list[Mapping[str, Any]]:
    """litellm's field, or the same among the parts of the content."""
    parts = [part for part in objects(message.get("content")) if part.get("type") in THINKING]
    return objects(message.get("thinking_blocks")) or parts


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Any: whatever a client put where a list of objects should be."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def from_thinking(entry: Mapping[str, Any]) -> ContentBlock | None:
    if data := string(entry, "data"):
        return redacted(data)
    if signature := string(entry, "signature"):
        return signed(string(entry, "thinking"), signature)
    return None


def from_strings(message: AssistantMessage) -> list[ContentBlock]:
    signature = message.get("reasoning_signature")
    return [signed(text(message), signature)] if isinstance(signature, str) and signature else []


def signed(said: str, signature: str) -> ContentBlock:
    return {"reasoningContent": {"reasoningText": {"text": said, "signature": signature}}}


def redacted(data: str) -> ContentBlock:
    return {"reasoningContent": {"redactedContent": data}}


def string(entry: Mapping[str, Any], field: str) -> str:
    value = entry.get(field)
    return value if isinstance(value, str) else ""
