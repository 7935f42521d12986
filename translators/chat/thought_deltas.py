"""The reasoning of a streamed answer, as deltas: its text as it comes, and OpenRouter's entries beside it.

contentBlockDelta text         reasoning_content, and an entry of the block's index
contentBlockDelta signature    an entry without text, which is the block's last
contentBlockStop               an entry of what is encrypted
"""

import base64

from translators.chat.way_back import WayBack
from translators.converse import ReasoningDelta
from translators.openai import Delta
from translators.openai.reasoning import ReasoningDetail


class ThoughtDeltas:
    """Blocks of reasoning are numbered densely from 0, whatever their contentBlockIndex."""

    def __init__(self, way_back: WayBack) -> None:
        self._field = way_back.reasoning_field
        self._format = way_back.reasoning_format
        self._numbers: dict[int, int] = {}  # by contentBlockIndex
        self._encrypted: dict[int, list[str]] = {}

    def __contains__(self, index: int) -> bool:
        return index in self._encrypted

    def more(self, index: int, delta: ReasoningDelta) -> Delta | None:
        if self._field == "none":
            return None
        if text := delta.get("text"):
            return said(self._field, text, self._entry(index, text))
        if signature := delta.get("signature"):
            return {"reasoning_details": [{**self._entry(index, ""), "signature": signature}]}
        if data := delta.get("redactedContent"):
            self._encrypted.setdefault(index, []).append(data)
        return None

    def stop(self, index: int) -> Delta:
        number = self._numbers.setdefault(index, len(self._numbers))
        data = joined(self._encrypted.pop(index))
        entry: ReasoningDetail = {"type": "reasoning.encrypted", "data": data, "index": number}
        return {"reasoning_details": [{**entry, "format": self._format}]}

    def _entry(self, index: int, text: str) -> ReasoningDetail:
        """The SDK's helper joins the strings of an entry's deltas, so that only its first says the format."""
        if index in self._numbers:
            return {"type": "reasoning.text", "text": text, "index": self._numbers[index]}
        number = self._numbers[index] = len(self._numbers)
        return {"type": "reasoning.text", "text": text, "index": number, "format": self._format}


def said(field: str, text: str, entry: ReasoningDetail) -> Delta:
    if field == "reasoning":
        return {"reasoning": text, "reasoning_details": [entry]}
    return {"reasoning_content": text, "reasoning_details": [entry]}


def joined(pieces: list[str]) -> str:
    """Base64 of all the bytes; pieces of it cannot be put together as text."""
    if len(pieces) == 1:
        return pieces[0]
    return base64.b64encode(b"".join(map(base64.b64decode, pieces))).decode()
