"""Which tools the local Bedrock calls, and with which arguments."""

import re
from collections.abc import Sequence
from json import JSONDecodeError, JSONDecoder
from secrets import token_urlsafe
from typing import Any

from proxy.local.conversation import (
    JSON,
    ContentBlock,
    ConverseRequest,
    joined_text,
    newest_blocks,
    tool_specs,
)
from proxy.local.examples import example


def forced(request: ConverseRequest) -> list[str]:
    """The tools that toolChoice makes it call."""
    choice = (request.get("toolConfig") or {}).get("toolChoice") or {}
    if tool := choice.get("tool"):
        return [tool["name"]]
    if choice.get("any") is not None:
        return named(request, joined_text(newest_blocks(request))) or list(tool_specs(request))[:1]
    return []


def named(request: ConverseRequest, text: str) -> list[str]:
    """The tools whose names stand in the text as words of their own, in the order of the text."""
    places = {name: _place(name, text) for name in tool_specs(request)}
    return sorted((name for name, place in places.items() if place >= 0), key=lambda name: places[name])


def _place(name: str, text: str) -> int:
    found = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
    return found.start() if found else -1


def calls(request: ConverseRequest, names: Sequence[str]) -> list[ContentBlock]:
    text = joined_text(newest_blocks(request))
    specs = tool_specs(request)
    return [
        {
            "toolUse": {
                "toolUseId": tool_use_id(),
                "name": name,
                "input": _input(specs.get(name, {}), name, text),
            }
        }
        for name in names
    ]


def tool_use_id() -> str:
    """30 characters, as Bedrock's are: `tooluse_` and 22 more."""
    return "tooluse_" + token_urlsafe(16)


def _input(schema: JSON, name: str, text: str) -> JSON:
    """JSON that stands right after the tool's name is taken as it is; else what the schema asks for."""
    place = _place(name, text)
    after = text[place + len(name) :] if place >= 0 else ""
    if (given := _leading_object(after)) is not None:
        return given
    value = example(schema, _hints(after))
    return value if isinstance(value, dict) else {}


def _leading_object(text: str) -> dict[str, Any] | None:
    """
    >>> _leading_object(' with {"city": "Paris"}, please')
    {'city': 'Paris'}
    """
    found = re.match(r"\W*(?:(?:with|using|on)\W+)?(?=\{)", text.lstrip(" :("))
    try:
        value, _ = JSONDecoder().raw_decode(text.lstrip(" :(")[found.end() :]) if found else (None, 0)
    except JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


HINT = re.compile(
    r"\s*(?:(?:for|with|in|of|to|on|about|at|from)\s+)([^.!?;:\n]+?)\s*(?:\band\b|\bthen\b|[.!?;:\n]|$)"
)


def _hints(after: str) -> list[str]:
    """Words for the tool's plain strings: what is quoted, or what follows "for", "in", "about" and the like.

    >>> _hints(" for Paris, France and then stop.")
    ['Paris, France']
    """
    quoted = re.findall(r'"([^"\n]{1,200})"', after)
    if quoted:
        return list(quoted)
    found = HINT.match(after)
    return [found[1].rstrip(", ")] if found else []
