"""What stands in a Converse request that was checked already: its newest words, its tools, its media."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# Any: JSON, whose types were checked against AWS's service model before.
JSON = Any
ContentBlock = Mapping[str, JSON]
ConverseRequest = Mapping[str, JSON]

MEDIA = ("image", "document", "video", "audio")


def last_user_text(request: ConverseRequest) -> str:
    """The text of the newest user message that has any."""
    for message in reversed(request.get("messages") or []):
        if message["role"] == "user" and (text := joined_text(message["content"])):
            return text
    return ""


def joined_text(blocks: Sequence[ContentBlock]) -> str:
    return "\n".join(block["text"] for block in blocks if isinstance(block.get("text"), str))


def newest_blocks(request: ConverseRequest) -> Sequence[ContentBlock]:
    messages = request.get("messages") or []
    return messages[-1]["content"] if messages and messages[-1]["role"] == "user" else []


def tool_specs(request: ConverseRequest) -> dict[str, JSON]:
    """Each tool's JSON schema, by name, in the order given."""
    tools = (request.get("toolConfig") or {}).get("tools") or []
    specs = [tool["toolSpec"] for tool in tools if tool.get("toolSpec")]
    return {spec["name"]: (spec.get("inputSchema") or {}).get("json", {}) for spec in specs}


def tool_names_by_id(request: ConverseRequest) -> dict[str, str]:
    blocks = (block for message in request.get("messages") or [] for block in message["content"])
    calls = (block["toolUse"] for block in blocks if block.get("toolUse"))
    return {call["toolUseId"]: call["name"] for call in calls}


def media_counts(request: ConverseRequest) -> Counter[str]:
    """How many images, documents, videos and sounds came, those in tool results included."""
    blocks = (block for message in request.get("messages") or [] for block in _inside(message["content"]))
    return Counter(kind for block in blocks for kind in MEDIA if block.get(kind))


def _inside(blocks: Sequence[ContentBlock]) -> Iterator[ContentBlock]:
    for block in blocks:
        yield block
        if block.get("toolResult"):
            yield from block["toolResult"]["content"]
