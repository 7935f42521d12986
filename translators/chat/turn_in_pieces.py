"""A streamed answer's blocks, put together as Bedrock would have sent them whole."""

from collections.abc import Mapping

from translators.chat.json_text import read_object
from translators.chat.thought_deltas import joined
from translators.converse import BlockDelta, BlockStart, ContentBlock, ReasoningText, ToolUse


class TurnInPieces:
    """Only of what a turn is remembered by: text, calls and reasoning."""

    def __init__(self) -> None:
        self._pieces: dict[int, dict[str, list[str]]] = {}  # by contentBlockIndex and kind
        self._calls: dict[int, ToolUse] = {}

    def start(self, index: int, start: BlockStart) -> None:
        if tool_use := start.get("toolUse"):
            self._calls[index] = tool_use

    def more(self, index: int, delta: BlockDelta) -> None:
        pieces = self._pieces.setdefault(index, {})
        match delta:
            case {"text": text}:
                pieces.setdefault("said", []).append(text)
            case {"toolUse": {"input": text}}:
                pieces.setdefault("input", []).append(text)
            case {"reasoningContent": {"text": text}}:
                pieces.setdefault("thought", []).append(text)
            case {"reasoningContent": {"signature": text}}:
                pieces.setdefault("signature", []).append(text)
            case {"reasoningContent": {"redactedContent": text}}:
                pieces.setdefault("redacted", []).append(text)

    def blocks(self) -> list[ContentBlock]:
        places = sorted(self._pieces.keys() | self._calls.keys())
        return [block for index in places if (block := self._block(index, self._pieces.get(index, {})))]

    def _block(self, index: int, pieces: Mapping[str, list[str]]) -> ContentBlock | None:
        text = {kind: "".join(each) for kind, each in pieces.items()}
        if index in self._calls:
            return {"toolUse": {**self._calls[index], "input": read_object(text.get("input", "")) or {}}}
        if "said" in text:
            return {"text": text["said"]}
        if "redacted" in text:
            return {"reasoningContent": {"redactedContent": joined(pieces["redacted"])}}
        if "thought" not in text and "signature" not in text:
            return None
        reasoning: ReasoningText = {"text": text.get("thought", "")}
        if "signature" in text:
            reasoning["signature"] = text["signature"]
        return {"reasoningContent": {"reasoningText": reasoning}}
