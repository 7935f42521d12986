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

Block = TypeVar("Block", ContentBlock, SystemContentBlock)

# More than Bedrock's usual five minutes, by the names that there are for it.
LONG = {"30m", "1h", "12h", "24h"}


class Marks:
    """Those of one request. Most have none, which is seen once: then no message is looked at again."""

    def __init__(self, request: ChatCompletionRequest, quirks: Quirks) -> None:
        self.given = is_marked(request)
        """Also a mark that has no place, such as one on tools where these cannot be cached."""
        self._sections = quirks.cache_points if self.given else frozenset()

    def behind(
        self, blocks: list[Block], section: Literal["system", "messages"], marked: Marked
    ) -> list[Block]:
        """The blocks, and a point behind them where what they were made of is marked."""
        return pointed(blocks, [marked]) if section in self._sections else blocks

    def at_end(self, blocks: list[ContentBlock], message: Message) -> list[ContentBlock]:
        """The same of a message, its parts and its calls: whichever is marked, the point is behind all."""
        return pointed(blocks, marked_with(message)) if "messages" in self._sections else blocks


def pointed(blocks: list[Block], may: Iterable[Marked]) -> list[Block]:
    asked = marks(may)
    if not asked or not blocks:
        return blocks
    return [*blocks, point(max(asked, key=LONG.__contains__))]


def is_marked(request: ChatCompletionRequest) -> bool:
    for message in request["messages"]:
        if len(message) == 2 and type(message.get("content")) is str:
            continue  # a role and words: most are no more
        if marks(marked_with(message)):
            return True
    return any(tool_marks(request))


def marked_with(message: Message) -> list[Marked]:
    content = message.get("content")
    calls = message.get("tool_calls") if message["role"] == "assistant" else None
    return [message, *(content if isinstance(content, list) else ()), *(calls or ())]


def marks(may: Iterable[Marked]) -> list[str]:
    """The ttls that are asked for."""
    return [ttl for each in may if (ttl := mark(each)) is not None]


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
        for ttl in marks([tool, definition]):
            yield definition["name"], ttl
    for function in request.get("functions") or []:
        for ttl in marks([function]):
            yield function["name"], ttl
