"""Bedrock's answer as it arrives: ConverseStream events as chat completion chunks.

The events of one answer come in this order, and each becomes at most one chunk:

    messageStart                                               role
    (contentBlockStart? contentBlockDelta* contentBlockStop)*  content, reasoning_content, tool_calls
    messageStop                                                finish_reason
    metadata                                                   usage, if it was asked for; what is said beside

Text and reasoning have no contentBlockStart: they begin with their first delta. An exception takes
the place of any event.
"""

from typing import Any

import orjson

from translators.aws_errors import from_aws
from translators.chat.bare_json import BareJSON, Held, words_beside
from translators.chat.call_deltas import CallDeltas
from translators.chat.inline_reasoning import InlineReasoning, Said
from translators.chat.json_text import read
from translators.chat.response import citation_annotations, finish_reason, is_call, usage
from translators.chat.service import beside, tier_served
from translators.chat.thought_deltas import ThoughtDeltas
from translators.chat.turn_in_pieces import TurnInPieces
from translators.chat.way_back import WayBack
from translators.converse import (
    BlockDelta,
    Citation,
    ContentBlock,
    ContentBlockDelta,
    ContentBlockStart,
    ContentBlockStop,
    MessageStart,
    MessageStop,
    Metadata,
)
from translators.errors import UNDESCRIBED, APIError, stream_cut_short, undescribed
from translators.eventstream import Frame
from translators.openai import (
    AnnotationDelta,
    ChatCompletionChunk,
    ChunkChoice,
    ChunkEnvelope,
    Delta,
    FinishReason,
)

INLINE = -1  # the contentBlockIndex, as it were, of reasoning that stands in the text


class ChatStream:
    """Translates one answer. Feed it every frame in order, then close it."""

    def __init__(self, way_back: WayBack, *, id: str, created: int, index: int = 0) -> None:
        """`created` is in Unix seconds; `index` is the choice that this answer is."""
        self._index = index
        self._envelope: ChunkEnvelope = {
            "id": id,
            "object": "chat.completion.chunk",
            "created": created,
            "model": way_back.model,
        }
        if way_back.include_usage:
            self._envelope["usage"] = None  # as OpenAI does: null in every chunk but the last
        self._include_usage = way_back.include_usage
        self._calls = CallDeltas(way_back)
        self._thoughts = ThoughtDeltas(way_back)
        self._inline = InlineReasoning(way_back.inline_reasoning) if way_back.inline_reasoning else None
        self._turn = TurnInPieces() if way_back.occasion else None
        self._output_tool = way_back.output_tool
        self._words = Held() if way_back.output_tool else BareJSON() if way_back.bare_json else None
        self._stopped = False
        self._said = 0  # characters of content so far
        self._citations: dict[int, tuple[int, list[Citation]]] = {}
        self._annotations = 0
        self._others: dict[int, dict[str, Any]] = {}  # blocks without a shape of OpenAI's, being put together

    def receive(self, frame: Frame) -> ChatCompletionChunk | None:
        """The chunk of a frame, if it makes one. Raises the APIError of an exception frame."""
        try:
            return self._receive(frame)
        except UNDESCRIBED as error:
            raise undescribed(error) from error

    def _receive(self, frame: Frame) -> ChatCompletionChunk | None:
        if frame.headers.get(":message-type") != "event":
            raise exception(frame)
        event = event_body(frame)
        # By frequency.
        match frame.headers.get(":event-type"):
            case "contentBlockDelta":
                return self._delta(event)
            case "contentBlockStop":
                return self._block_stop(event)
            case "contentBlockStart":
                return self._block_start(event)
            case "messageStart":
                return self._message_start(event)
            case "messageStop":
                return self._message_stop(event)
            case "metadata":
                return self._metadata(event)
        return None  # an event that Bedrock learnt after us

    def close(self) -> None:
        """Call when Bedrock has no more frames: an answer cut short is an error, not an answer."""
        if not self._stopped:
            raise stream_cut_short("the stream ended before messageStop")

    def turn(self) -> list[ContentBlock]:
        """The blocks of the answer as Bedrock sent them; none where they are not to be remembered."""
        return self._turn.blocks() if self._turn and self._stopped else []

    @property
    def stopped(self) -> bool:
        """Whether the answer is complete; only its usage may be missing."""
        return self._stopped

    def _message_start(self, _: MessageStart) -> ChatCompletionChunk:
        return self._chunk({"role": "assistant", "content": ""})

    def _block_start(self, event: ContentBlockStart) -> ChatCompletionChunk | None:
        index, start = event["contentBlockIndex"], event["start"]
        if self._turn:
            self._turn.start(index, start)
        tool_use = start.get("toolUse")
        if tool_use and is_call(tool_use) and self._calls.takes(tool_use):
            return self._told(self._calls.start(index, tool_use))
        self._others[index] = {kind: {**body} for kind, body in start.items() if isinstance(body, dict)}
        return None

    def _delta(self, event: ContentBlockDelta) -> ChatCompletionChunk | None:
        delta, index = event["delta"], event["contentBlockIndex"]
        if self._turn:
            self._turn.more(index, delta)
        if text := delta.get("text"):
            return self._text(text)
        match delta:
            case {"toolUse": {"input": text}} if index in self._calls:
                return self._told(self._calls.more(index, text))
            case {"reasoningContent": reasoning}:
                return self._told(self._thoughts.more(index, reasoning))
            case {"citation": citation}:
                self._citations.setdefault(index, (self._said, []))[1].append(citation)
            case {"text": _}:
                pass  # empty
            case _:
                self._other(self._others.setdefault(index, {}), delta)
        return None

    def _other(self, block: dict[str, Any], delta: BlockDelta) -> None:
        match delta:
            case {"toolUse": {"input": arguments}}:
                tool_use = block.setdefault("toolUse", {})
                tool_use["input"] = tool_use.get("input", "") + arguments
            case {"toolResult": contents}:
                result = block.setdefault("toolResult", {})
                result["content"] = [*result.get("content", []), *contents]
            case _:  # a kind whose pieces we cannot put together goes out in pieces
                block.setdefault("deltas", []).append(delta)

    def _block_stop(self, event: ContentBlockStop) -> ChatCompletionChunk | None:
        index = event["contentBlockIndex"]
        if index in self._calls:
            return self._told(self._calls.stop(index))
        if index in self._thoughts:
            return self._told(self._thoughts.stop(index))
        delta: Delta = {}
        if index in self._citations:
            delta["annotations"] = self._cited(*self._citations.pop(index))
        if index in self._others:
            delta["bedrock_content"] = [{"index": index, **whole(self._others.pop(index))}]
        return self._told(delta)

    def _text(self, text: str) -> ChatCompletionChunk | None:
        if self._inline is None:
            return self._content(self._words.feed(text) if self._words else text)
        return self._told_apart(self._inline.feed(text))

    def _told_apart(self, told: Said) -> ChatCompletionChunk | None:
        """Text, and what the model thought in it, which is a block of its own to those who are told."""
        delta: Delta = (self._thoughts.more(INLINE, {"text": told.reasoning}) or {}) if told.reasoning else {}
        text = self._words.feed(told.text) if self._words else told.text
        self._said += len(text)
        if text:
            delta["content"] = text
        return self._told(delta)

    def _content(self, text: str) -> ChatCompletionChunk | None:
        self._said += len(text)
        return self._chunk({"content": text}) if text else None

    def _cited(self, start: int, citations: list[Citation]) -> list[AnnotationDelta]:
        """Citations come before the text they cite, so they are told when its block ends."""
        first = self._annotations
        self._annotations += len(citations)
        return [
            # The SDKs put lists in deltas together by index.
            {"index": number, **annotation}
            for number, annotation in enumerate(citation_annotations(citations, start, self._said), first)
        ]

    def _message_stop(self, event: MessageStop) -> ChatCompletionChunk:
        reason = finish_reason(event["stopReason"], self._calls.called)
        self._stopped = True
        last = self._told_apart(self._inline.end()) if self._inline else None
        delta: Delta = last["choices"][0]["delta"] if last else {}
        if held := self._words_held():
            delta["content"] = delta.get("content", "") + held
        return self._chunk(delta, reason, beside(event))

    def _words_held(self) -> str:
        held = self._words.end() if self._words else ""
        if self._output_tool:
            return words_beside(held, answered=self._calls.answered, called=bool(self._calls.called))
        return held

    def _metadata(self, event: Metadata) -> ChatCompletionChunk | None:
        told = beside(event)
        counted = self._include_usage and "usage" in event
        if not told and not counted:
            return None
        # OpenAI's last chunk has no choice; ours has one where there is something to say of it.
        chunk: ChatCompletionChunk = {**self._envelope, "choices": []}
        if told:
            chunk = self._chunk({}, None, told)
        if counted:
            chunk["usage"] = usage(event["usage"])
        if tier := tier_served(event):
            chunk["service_tier"] = tier
        return chunk

    def _told(self, delta: Delta | None) -> ChatCompletionChunk | None:
        return self._chunk(delta) if delta else None

    def _chunk(
        self, delta: Delta, finish: FinishReason | None = None, told: dict[str, Any] | None = None
    ) -> ChatCompletionChunk:
        choice: ChunkChoice = {
            "index": self._index,
            "delta": delta,
            "finish_reason": finish,
            "logprobs": None,
        }
        if told:
            choice["bedrock"] = told
        return {**self._envelope, "choices": [choice]}


def event_body(frame: Frame) -> Any:
    """JSON of one of the event shapes in translators.converse; AWS's model vouches for which."""
    try:
        return orjson.loads(frame.payload)
    except orjson.JSONDecodeError as error:
        raise stream_cut_short("an event is not valid JSON") from error


def exception(frame: Frame) -> APIError:
    """The error of an exception frame, or of an error frame, which has all in its headers."""
    headers = frame.headers
    if headers.get(":message-type") == "error":
        return from_aws(str(headers.get(":error-code", "")), str(headers.get(":error-message", "")))
    body = event_body(frame)
    message = body.get("message") or body.get("Message") or "" if isinstance(body, dict) else ""
    return from_aws(str(headers.get(":exception-type", "")), message)


def whole(block: dict[str, Any]) -> dict[str, Any]:
    """A tool's input came as pieces of JSON text; a whole answer has it as JSON."""
    match block:
        case {"toolUse": {"input": str() as text}}:
            try:
                return {**block, "toolUse": {**block["toolUse"], "input": read(text or "{}")}}
            except orjson.JSONDecodeError:
                return block
    return block
