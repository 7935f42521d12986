"""The client's own marks of how far its prompt is to be cached, as cachePoints behind what is marked.

cache_control is Anthropic's, and clients send it wherever they can: in messages, their parts, their calls,
and in tools. prompt_cache_breakpoint is OpenAI's. A point keeps its ttl as the client said it, for `caching`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeVar

from translators.converse import ContentBlock, SystemContentBlock, Tool
from translators.departures import Quirks
from translators.openai import ChatCompletionRequest, Message
from translators.openai.extensions import Marked

# What of a message may hold a mark.
MARKED = {"cache_control", "prompt_cache_breakpoint", "tool_calls"}

Block = TypeVar("Block", ContentBlock, SystemContentBlock)

# More than Bedrock's usual five minutes, by the names that there are for it.
LONG = {"30m", "1h", "12h", "24h"}


def marked(
    blocks: list[Block], section: Literal["system", "messages"], quirks: Quirks, asked: list[str]
) -> list[Block]:
    """The blocks, and a point behind them where `marks` of them ask for one."""
    if not asked or not blocks or section not in quirks.cache_points:
        return blocks
    return [*blocks, point(max(asked, key=LONG.__contains__))]


def is_marked(request: ChatCompletionRequest) -> bool:
    """Also by a mark that has no place, such as one on tools where these cannot be cached."""
    return any(map(message_marks, request["messages"])) or any(tool_marks(request))


def message_marks(message: Message) -> list[str]:
    """The ttls that a message asks for, and its parts and calls do."""
    content = message.get("content")
    if isinstance(content, str) and message.keys().isdisjoint(MARKED):
        return []  # most messages: they are looked at twice
    calls = message.get("tool_calls") if message["role"] == "assistant" else None
    if not calls and not isinstance(content, list):
        return marks(message)
    return marks(message, *(content if isinstance(content, list) else ()), *(calls or ()))


def marks(*may: Marked) -> list[str]:
    """The ttls that are asked for: of most messages none, which has to be quick to see."""
    for each in may:
        if "cache_control" in each or "prompt_cache_breakpoint" in each:
            return [ttl for each in may if (ttl := mark(each)) is not None]
    return []


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
        for ttl in marks(tool, definition):
            yield definition["name"], ttl
    for function in request.get("functions") or []:
        for ttl in marks(function):
            yield function["name"], ttl
