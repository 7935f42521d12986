"""The client's own marks of how far its prompt is to be cached, as cachePoints behind what is marked.

cache_control is Anthropic's, and clients send it wherever they can: in messages, their parts, their calls,
and in tools. prompt_cache_breakpoint is OpenAI's. A point keeps its ttl as the client said it, for `caching`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeVar

from translators.converse import ContentBlock, SystemContentBlock, Tool
from translators.openai import ChatCompletionRequest, Message
from translators.openai.extensions import Marked
from translators.quirks import Quirks

Block = TypeVar("Block", ContentBlock, SystemContentBlock)

# More than Bedrock's usual five minutes, by the names that there are for it.
LONG = {"30m", "1h", "12h", "24h"}


def marked(
    blocks: list[Block], section: Literal["system", "messages"], quirks: Quirks, may: Iterable[Marked]
) -> list[Block]:
    """The blocks, and a point behind them where one of these marks them."""
    if section not in quirks.cache_points or not blocks:
        return blocks
    ttls = [ttl for each in may if (ttl := mark(each)) is not None]
    if not ttls:
        return blocks
    return [*blocks, point(max(ttls, key=LONG.__contains__))]


def is_marked(request: ChatCompletionRequest) -> bool:
    """Also by a mark that has no place, such as one on tools where these cannot be cached."""
    said = (mark(each) for message in request["messages"] for each in marks(message))
    return any(ttl is not None for ttl in said) or any(tool_marks(request))


def marks(message: Message) -> Iterator[Marked]:
    """All that may mark a message: itself, its parts and its calls."""
    yield message
    content = message.get("content")
    if isinstance(content, list):
        yield from content
    if message["role"] == "assistant":
        yield from message.get("tool_calls") or []


def mark(may: Marked) -> str | None:
    """The ttl that is asked for, empty for any; None where nothing is marked."""
    asked = may.get("cache_control") or may.get("prompt_cache_breakpoint")
    return None if asked is None else asked.get("ttl") or ""


def point(ttl: str) -> Any:
    """Any: the same block in tools, system and messages."""
    return {"cachePoint": {"type": "default", "ttl": ttl} if ttl else {"type": "default"}}


def marked_tools(
    tools: Iterable[Tool], request: ChatCompletionRequest, aliases: Mapping[str, str], quirks: Quirks
) -> list[Tool]:
    """Converse's tools, each with a point behind it where the client's of that name is marked."""
    ttls = dict(tool_marks(request)) if "tools" in quirks.cache_points else {}
    points = {aliases.get(name, name): point(ttl) for name, ttl in ttls.items()}
    found: list[Tool] = []
    for tool in tools:
        found.append(tool)
        if "toolSpec" in tool and tool["toolSpec"]["name"] in points:
            found.append(points[tool["toolSpec"]["name"]])
    return found


def tool_marks(request: ChatCompletionRequest) -> Iterator[tuple[str, str]]:
    """The names of marked tools, with the ttl."""
    for tool in request.get("tools") or []:
        definition = tool["function"] if tool["type"] == "function" else tool["custom"]
        for each in (tool, definition):
            if (ttl := mark(each)) is not None:
                yield definition["name"], ttl
    for function in request.get("functions") or []:
        if (ttl := mark(function)) is not None:
            yield function["name"], ttl
