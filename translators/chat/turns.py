"""Assistant turns as the model made them, remembered for clients that hand back less.

Claude demands the thinking of a tool loop back, each block as it was, where it was. Most clients drop it. So
what was thought is kept under names that a client's history still knows: the ids of the turn's tool calls, or
else its text and what the user had said, or what was thought itself. A name holds who asked and which family
answered, because ids and words may repeat: one user's thoughts never reach another, nor a model that has not
thought them.

What is kept are the turn's pieces: reasoning whole; of the rest only what puts it in its place again.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from hashlib import sha256
from operator import itemgetter
from typing import Any, TypedDict

import orjson

from translators.chat import json_text
from translators.converse import JSON, ContentBlock, ToolUse

# Clients alter ids: some strip what is not alphanumeric, some cut them to 40. What all leave is compared.
KEPT = 32
# Ids made by chance (tooluse_ and 22 letters and digits) come once; others (functions.get_weather:0) come
# again in later turns. What is wrongly taken for one of the others is found nevertheless.
BY_CHANCE = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d.{3}).{20}")


class Call(TypedDict):
    id: str
    name: str
    input: str
    """A digest."""


class Piece(TypedDict, total=False):
    """A block of the turn; of text its length in characters."""

    reasoning: Any  # a ReasoningContent, as Bedrock sent it
    text: int
    call: Call


def turn(blocks: Iterable[ContentBlock]) -> list[Piece] | None:
    """What to remember of an answer; None where the model thought nothing that could be handed back."""
    pieces = [piece for block in blocks if (piece := piece_of(block))]
    return pieces if any("reasoning" in piece for piece in pieces) else None


def piece_of(block: ContentBlock) -> Piece | None:
    match block:
        case {"reasoningContent": reasoning}:
            return {"reasoning": reasoning}
        case {"text": text}:
            return {"text": len(text)}
        case {"toolUse": tool_use}:
            return {"call": call_of(tool_use)}
    return None


def call_of(tool_use: ToolUse) -> Call:
    return {"id": bare(tool_use["toolUseId"]), "name": tool_use["name"], "input": digest(tool_use["input"])}


def bare(id: str) -> str:
    """
    >>> bare("tooluse_a-B.1")
    'tooluseaB1'
    """
    return "".join(filter(str.isalnum, id))[:KEPT]


def digest(input: JSON) -> str:
    """The same whatever the order of its members."""
    return sha256(json_text.in_order(input)).hexdigest()[:32]


# Names


Given = Callable[[], JSON]
"""What a tool is called with: a function, for few ids need it, and a client's is text that has to be read."""


def names(scope: str, called: Iterable[tuple[str, Given]], text: str, thought: str, heard: str) -> list[str]:
    """Under which an answer is remembered, and a client's turn looked for: the surest first.

    `called` are the ids of its calls and what the tools were given, without which some ids say too little;
    `heard` is a digest of what the user had said, without which "Done." could be any conversation's.
    """
    if calls := [name(scope, "call", known(id, given)) for id, given in called]:
        return calls
    said, thought = squeezed(text), squeezed(thought)
    words = {
        "turn": f"{thought} {said} {heard}" if thought and said else "",
        "text": f"{said} {heard}" if said else "",
        "thought": thought,
    }
    return [name(scope, kind, each) for kind, each in words.items() if each]


def words_digest(words: str) -> str:
    """A digest of what the user said: megabytes, perhaps, before many answers."""
    return sha256(words.strip().encode(errors="surrogatepass")).hexdigest()


def known(id: str, given: Given) -> str:
    kept = bare(id)
    return kept if BY_CHANCE.match(kept) else f"{kept} {digest(given())}"


def names_of(scope: str, blocks: Sequence[ContentBlock], heard: str) -> list[str]:
    uses = [block["toolUse"] for block in blocks if "toolUse" in block]
    called = [(use["toolUseId"], partial(itemgetter("input"), use)) for use in uses]
    text = "".join(block["text"] for block in blocks if "text" in block)
    thoughts = [block["reasoningContent"] for block in blocks if "reasoningContent" in block]
    thought = "".join(each.get("reasoningText", {}).get("text", "") for each in thoughts)
    return names(scope, called, text, thought, heard)


def name(scope: str, kind: str, words: str) -> str:
    return sha256("\n".join((scope, kind, words)).encode(errors="surrogatepass")).hexdigest()


def squeezed(text: str) -> str:
    """Without white space: clients trim."""
    return "".join(text.split())


# Put together again


def restored(blocks: list[ContentBlock], pieces: list[Piece]) -> list[ContentBlock] | None:
    """The client's text and calls with the reasoning where it was; None where it is another turn."""
    calls = {bare(block["toolUse"]["toolUseId"]): block for block in blocks if "toolUse" in block}
    known = {piece["call"]["id"]: piece["call"] for piece in pieces if "call" in piece}
    if not all(id in known and same(block["toolUse"], known[id]) for id, block in calls.items()):
        return None
    texts = split(blocks, [piece["text"] for piece in pieces if "text" in piece])
    content: list[ContentBlock] = []
    for piece in pieces:
        if "reasoning" in piece:
            content.append({"reasoningContent": piece["reasoning"]})
        elif "text" in piece and texts:
            content.append({"text": texts.pop(0)})
        elif "call" in piece and piece["call"]["id"] in calls:
            content.append(calls[piece["call"]["id"]])
    before_calls = next((place for place, block in enumerate(content) if "toolUse" in block), len(content))
    content[before_calls:before_calls] = [{"text": text} for text in texts]  # none of it is lost
    return content


def same(tool_use: ToolUse, call: Call) -> bool:
    if tool_use["name"] != call["name"]:
        return False
    return bool(BY_CHANCE.match(call["id"])) or digest(tool_use["input"]) == call["input"]


def split(blocks: Iterable[ContentBlock], lengths: list[int]) -> list[str]:
    """The client's text in the pieces that it came in; in one where it was altered."""
    text = "".join(block["text"] for block in blocks if "text" in block)
    if len(text) != sum(lengths):
        return [text] if text else []
    pieces = []
    for length in lengths:
        pieces.append(text[:length])
        text = text[length:]
    return [piece for piece in pieces if piece.strip()]


def packed(pieces: list[Piece]) -> bytes:
    return orjson.dumps(pieces)


def unpacked(data: bytes) -> list[Piece]:
    pieces: list[Piece] = orjson.loads(data)
    return pieces
