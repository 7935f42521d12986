"""Signatures of thinking: issued with every block, and read back later without a memory.

    base64( length of the seal, 2 bytes | the seal, JSON | its digest, 16 bytes | filler )

A seal says what its block is bound to. Claude's own signatures hold the whole thought, encrypted, so they are
177 bytes longer than it, as recorded; the filler makes these as long. What has no such shape was
issued by somebody else. The key is no secret: whoever forges a signature here deceives his own tests.
https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-thinking-encryption.html
"""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256, shake_256
from typing import Any

import orjson

KEY = b"the local Bedrock"
DIGEST_BYTES = 16
BYTES_BESIDE_THOUGHT = 177
HIDDEN_THOUGHT_BYTES = 300
"""What is redacted, encrypted or not displayed is as long as if it were this long."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a block is bound to. `run`: blocks that stand together without another block between them."""

    model: str
    kind: str
    """`thinking` or `redacted_thinking`."""
    text: str
    answer: str
    place: int
    count: int
    run: int
    prefix: str


def signature(seal: Seal, thought: str) -> str:
    data = orjson.dumps(astuple(seal))
    thought_bytes = len(thought.encode(errors="replace")) or HIDDEN_THOUGHT_BYTES
    filler = thought_bytes + BYTES_BESIDE_THOUGHT - 2 - len(data) - DIGEST_BYTES
    return b64encode(_blob(data, max(0, filler))).decode()


def redacted_content(seal: Seal, beginning: str = "") -> str:
    """A blob as it stands in JSON; Claude's is a signature in base64 once more, as recorded."""
    return b64encode((beginning + signature(seal, "")).encode()).decode()


def read(signature: str) -> Seal | None:
    """The seal of a signature that was issued here and is whole; None of any other."""
    try:
        blob = b64decode(signature, validate=True)
        size = int.from_bytes(blob[:2])
        filler = len(blob) - 2 - size - DIGEST_BYTES
        if filler < 0 or blob != _blob(data := blob[2 : 2 + size], filler):
            return None
        return Seal(*orjson.loads(data))
    except (NotBase64, ValueError, TypeError):
        return None


def read_redacted(content: str, beginning: str = "") -> Seal | None:
    try:
        return read(b64decode(content, validate=True).decode("ascii").removeprefix(beginning))
    except (NotBase64, ValueError):
        return None


def digest(value: object) -> str:
    """A short name for any JSON, whatever the order of its members.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def prefix(request: Mapping[str, Any], count: int) -> str:
    """What stands before an answer: tools, system and so many messages, but for thinking and cache points."""
    tools = (request.get("toolConfig") or {}).get("tools") or []
    messages = [
        [message["role"], _without_marks(message["content"])]
        for message in (request.get("messages") or [])[:count]
    ]
    return digest([_without_marks(tools), _without_marks(request.get("system") or []), messages])


# Any: blocks of a request that was checked.
def _without_marks(blocks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [block for block in blocks if not ({"cachePoint", "reasoningContent"} & block.keys())]


def _blob(data: bytes, filler: int) -> bytes:
    head = len(data).to_bytes(2) + data
    mac = hmac.digest(KEY, head + filler.to_bytes(4), "sha256")[:DIGEST_BYTES]
    return head + mac + shake_256(mac).digest(filler)
