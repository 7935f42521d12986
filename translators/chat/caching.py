"""Prompt caching: where cachePoints stand, the client's own or, where it marked nothing, where they pay.

    own         behind what is marked, or the nearest before it that can carry a point
    automatic   behind the tools, the system prompt and the last two turns of the user, once the prompt is
                long enough: what one request writes up to its last turn, the next one reads from there

Bedrock reads tools, system and messages, in this order, and takes four points in all. Of more, the earliest
are left out: what is before a later point is before an earlier one too.
https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from translators.chat import json_text
from translators.chat.cache_marks import LONG, Marks, marked_tools, point
from translators.chat.cuts import characters
from translators.chat.options import Options
from translators.converse import ConverseRequest
from translators.departures import Quirks
from translators.openai import ChatCompletionRequest

# A block of tools, system or messages: each a union, of which only the key is looked at.
Block = dict[str, Any]
Prompt = list[list[Block]]
"""The tools, the system prompt, and the content of each message."""

TOOLS, SYSTEM, MESSAGES = 0, 1, 2

MOST = 4

# Generous, for a point behind too little only does nothing (recorded: 43 tokens, 0 written).
CHARACTERS_PER_TOKEN = 3
MEDIUM = 1000 * CHARACTERS_PER_TOKEN  # an image or a document is this at most: its length says little

CARRIERS = {"text", "image", "toolSpec", "cachePoint"}
TOOL_CARRIERS = {"toolUse", "toolResult"}


def with_cache_points(
    converse: ConverseRequest,
    request: ChatCompletionRequest,
    aliases: Mapping[str, str],
    marks: Marks,
    quirks: Quirks,
    options: Options,
) -> ConverseRequest:
    """The request as it is asked of Bedrock, the client's marks in it already, but for those of tools."""
    if not quirks.cache_points:
        return converse
    prompt = prompt_of(converse)
    prompt[TOOLS] = list(marked_tools(prompt[TOOLS], request, aliases, quirks))  # type: ignore[arg-type]
    cache = request.get("prompt_cache_options") or {}
    pointed = {index: blocks for index, blocks in enumerate(prompt) if has_point(blocks)}
    if not pointed:
        if cache.get("mode") == "explicit" or not options.automatic_caching:
            return converse
        chosen = automatic(prompt, [message["role"] for message in converse["messages"]], quirks)
        if not chosen or marks.given:
            return converse
        pointed = {index: [*prompt[index], point("")] for index in sorted(chosen)}
    ttl = cache.get("ttl") or request.get("prompt_cache_retention") or ""
    parts = lasting(few([settled(blocks, quirks) for blocks in pointed.values()]), ttl, quirks)
    return rebuilt(converse, dict(zip(pointed, parts, strict=True)))


def prompt_of(converse: ConverseRequest) -> Prompt:
    parts: Any = [
        converse.get("toolConfig", {}).get("tools", []),
        converse.get("system", []),
        *(message["content"] for message in converse["messages"]),
    ]
    return list(parts)


def has_point(blocks: list[Block]) -> bool:
    """A loop, for it goes over every block of a prompt, and is four times as fast as `any`."""
    for block in blocks:  # noqa: SIM110
        if "cachePoint" in block:
            return True
    return False


def rebuilt(converse: ConverseRequest, pointed: Mapping[int, list[Block]]) -> ConverseRequest:
    """With these parts of its prompt in the place of what they were."""
    parts: Mapping[int, Any] = pointed
    whole: ConverseRequest = {**converse, "messages": [*converse["messages"]]}
    for index, blocks in parts.items():
        if index == TOOLS:
            whole["toolConfig"] = {**converse["toolConfig"], "tools": blocks}
        elif index == SYSTEM:
            whole["system"] = blocks
        else:
            said = converse["messages"][index - MESSAGES]
            whole["messages"][index - MESSAGES] = {"role": said["role"], "content": blocks}
    return whole


# Where points pay


def automatic(prompt: Prompt, roles: list[str], quirks: Quirks) -> set[int]:
    """The parts of the prompt to put a point behind; none where it is too short."""
    enough = long_enough(prompt, quirks)
    if enough is None:
        return set()
    chosen = {TOOLS} if "tools" in quirks.cache_points and prompt[TOOLS] else set()
    if "system" in quirks.cache_points and prompt[SYSTEM]:
        chosen.add(SYSTEM)
    if "messages" in quirks.cache_points:
        said = (MESSAGES + index for index in reversed(range(len(roles))) if roles[index] == "user")
        chosen.update(islice((part for part in said if carries_any(prompt[part], quirks)), 2))
    return {part for part in chosen if part >= enough}


def long_enough(prompt: Prompt, quirks: Quirks) -> int | None:
    """The part within which the prompt becomes as long as a cached one must be; nothing after it is read."""
    missing = quirks.cache_minimum * CHARACTERS_PER_TOKEN
    for part, blocks in enumerate(prompt):
        for block in blocks:
            missing -= size(block)
            if missing <= 0:
                return part
    return None


def size(block: Mapping[str, Any]) -> int:
    """In characters, about. Raises BadRequestError for a schema that is too deep to be passed on."""
    if "text" in block:  # most are
        return len(block["text"])
    match block:
        case {"toolSpec": spec}:
            return len(json_text.write(spec, "tools"))
        case {"toolUse": tool_use}:
            return len(json_text.write(tool_use["input"], "messages"))
        case {"toolResult": result}:
            return sum(map(size, result["content"]))
        case {"image": medium} | {"document": medium} | {"video": medium}:
            return min(MEDIUM, characters(medium["source"].get("bytes") or "-" * MEDIUM))
    return 0


# Where points may stand


def settled(blocks: list[Block], quirks: Quirks) -> list[Block]:
    """Each point moved back to behind what can carry one; of two at one place the longer lasting stays."""
    found: list[Block] = []
    for block in blocks:
        place = len(found)
        if "cachePoint" not in block:
            found.append(block)
            continue
        while place and not carries(found[place - 1], quirks):
            place -= 1
        if place and "cachePoint" in (before := found[place - 1]):
            found[place - 1] = block if block["cachePoint"].get("ttl") in LONG else before
        elif place:
            found.insert(place, block)
    return found


def carries(block: Block, quirks: Quirks) -> bool:
    """Not reasoning, documents and videos: before those pydantic-ai puts its points, as was recorded."""
    (kind,) = block
    return kind in CARRIERS or (kind in TOOL_CARRIERS and quirks.cache_after_tools)


def carries_any(blocks: Iterable[Block], quirks: Quirks) -> bool:
    return any(carries(block, quirks) for block in blocks)


def few(prompt: Prompt) -> Prompt:
    """ "A maximum of 4 blocks with cache_control may be provided. Found 5." """
    over = sum("cachePoint" in block for blocks in prompt for block in blocks) - MOST
    if over <= 0:
        return prompt
    kept: Prompt = []
    for blocks in prompt:
        points = [block for block in blocks if "cachePoint" in block]
        dropped = points[: max(over, 0)]
        over -= len(dropped)
        kept.append([block for block in blocks if not any(block is each for each in dropped)])
    return kept


def lasting(prompt: Prompt, ttl: str, quirks: Quirks) -> Prompt:
    """Each point with the ttl that Bedrock takes; `ttl` is that of points which ask for none themselves.

    "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block": what is before a
    long one lasts as long.
    """
    long = False
    parts: Prompt = []
    for blocks in reversed(prompt):
        part: list[Block] = []
        for block in reversed(blocks):
            if "cachePoint" in block:
                asked = block["cachePoint"].get("ttl") or ttl
                long = long or (quirks.cache_ttl and asked in LONG)
                part.append(point("1h" if long else ""))
            else:
                part.append(block)
        parts.append(part[::-1])
    return parts[::-1]
