"""Plausible token counts: four characters a token, and a prompt cache that reads what it wrote before.

A prefix is the tools, the system prompt and the messages, in this order, up to a cachePoint. As on
Bedrock `inputTokens` leaves out what was read from or written to the cache; `totalTokens` has all.
https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

CHARACTERS_PER_TOKEN = 4
MEDIA_TOKENS = {
    "image": 1334,
    "document": 1500,
    "video": 4000,
    "audio": 500,
}  # an image of 1000 x 1000 pixels
MAX_PREFIXES = 4096


def text_tokens(text: str) -> int:
    """
    >>> text_tokens("Hello.")
    2
    """
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def block_tokens(block: Mapping[str, Any]) -> int:
    """One block of a request or of an answer; media count by kind, all else by length."""
    if isinstance(text := block.get("text"), str):
        return text_tokens(text)
    if (result := block.get("toolResult")) is not None:
        return 5 + sum(block_tokens(item) for item in result["content"])
    media = [tokens for kind, tokens in MEDIA_TOKENS.items() if block.get(kind)]
    return media[0] if media else text_tokens(orjson.dumps(block).decode())


class Piece(NamedTuple):
    """A part of the prompt in the order the model reads it; a cachePoint has no content and no tokens."""

    content: bytes
    tokens: int
    ttl: str | None


class PromptCache:
    """Remembers the prefixes it has seen, the latest few thousand of them."""

    def __init__(self) -> None:
        self._prefixes: OrderedDict[bytes, None] = OrderedDict()

    def usage(
        self, model_id: str, request: Mapping[str, Any], answer: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        output = max(1, sum(block_tokens(block) for block in answer))
        pieces = list(_pieces(request))
        points = [number for number, piece in enumerate(pieces) if piece.ttl]
        if not points:
            return _usage(sum(piece.tokens for piece in pieces), output)
        cached, read = self._look_up(model_id, pieces[: points[-1]])
        rest = sum(piece.tokens for piece in pieces[points[-1] :])
        return _usage(rest, output, read, cached - read, pieces[points[-1]].ttl)

    def _look_up(self, model_id: str, prefix: Sequence[Piece]) -> tuple[int, int]:
        """The tokens up to the last cachePoint, and how many of them were there already.

        Bedrock writes at cachePoints and looks back from them for what was written before, so a
        conversation that grew since reads what its last turn wrote.
        """
        digest, total, read, points = sha256(model_id.encode()), 0, 0, []
        for piece in prefix:
            if piece.ttl:
                points.append(digest.digest())
                continue
            digest.update(piece.content)
            total += piece.tokens
            if digest.digest() in self._prefixes:
                read = total
        for key in (*points, digest.digest()):
            self._remember(key)
        return total, read

    def _remember(self, key: bytes) -> None:
        self._prefixes[key] = None
        self._prefixes.move_to_end(key)
        if len(self._prefixes) > MAX_PREFIXES:
            self._prefixes.popitem(last=False)


def _pieces(request: Mapping[str, Any]) -> Iterator[Piece]:
    for tool in (request.get("toolConfig") or {}).get("tools") or []:
        yield _piece("tool", tool)
    for block in request.get("system") or []:
        yield _piece("system", block)
    for message in request.get("messages") or []:
        for block in message["content"]:
            yield _piece(message["role"], block)


def _piece(place: str, block: Mapping[str, Any]) -> Piece:
    if (point := block.get("cachePoint")) is not None:
        return Piece(b"", 0, point.get("ttl") or "5m")
    content = orjson.dumps([place, block], option=orjson.OPT_SORT_KEYS)
    return Piece(content, block_tokens(block), None)


def _usage(
    inputs: int, outputs: int, read: int | None = None, written: int = 0, ttl: str | None = None
) -> dict[str, Any]:
    """With a cachePoint the wire has each cache count twice; the second spelling is in no AWS document."""
    usage: dict[str, Any] = {
        "inputTokens": inputs,
        "outputTokens": outputs,
        "totalTokens": inputs + outputs + (read or 0) + written,
        "serverToolUsage": {},
    }
    if read is not None:
        usage |= {"cacheReadInputTokens": read, "cacheReadInputTokenCount": read}
        usage |= {"cacheWriteInputTokens": written, "cacheWriteInputTokenCount": written}
    if written:
        usage["cacheDetails"] = [{"inputTokens": written, "ttl": ttl}]
    return usage
