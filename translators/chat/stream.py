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

from translators.chat.bare_json import BareJSON
from translators.chat.call_deltas import CallDeltas
from translators.chat.response import citation_annotations, finish_reason, is_call, usage
from translators.chat.service import beside, tier_served
from translators.chat.way_back import WayBack
from translators.converse import (
    BlockDelta,
    Citation,
    ContentBlockDelta,
    ContentBlockStart,
    ContentBlockStop,
    MessageStart,
    MessageStop,
    Metadata,
)
from translators.errors import UNDESCRIBED, APIError, from_aws, stream_cut_short, undescribed
from translators.eventstream import Frame
from translators.openai import (
    AnnotationDelta,
    ChatCompletionChunk,
    ChunkChoice,
    ChunkEnvelope,
    Delta,
    FinishReason,
)


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
        self._bare_json = BareJSON() if way_back.bare_json else None
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

    @property
    def stopped(self) -> bool:
        """Whether the answer is complete; only its usage may be missing."""
        return self._stopped

    def _message_start(self, _: MessageStart) -> ChatCompletionChunk:
        return self._chunk({"role": "assistant", "content": ""})

    def _block_start(self, event: ContentBlockStart) -> ChatCompletionChunk | None:
        index, start = event["contentBlockIndex"], event["start"]
        tool_use = start.get("toolUse")
        if tool_use and is_call(tool_use) and (delta := self._calls.start(index, tool_use)):
            return self._chunk(delta)
        self._others[index] = {kind: {**body} for kind, body in start.items() if isinstance(body, dict)}
        return None

    def _delta(self, event: ContentBlockDelta) -> ChatCompletionChunk | None:
        delta = event["delta"]
        if text := delta.get("text"):
            return self._content(self._bare_json.feed(text) if self._bare_json else text)
        index = event["contentBlockIndex"]
        match delta:
            case {"toolUse": {"input": text}} if index in self._calls:
                return self._told(self._calls.more(index, text))
            case {"reasoningContent": {"text": text}} if text:
                return self._chunk({"reasoning_content": text})
            case {"citation": citation}:
                self._citations.setdefault(index, (self._said, []))[1].append(citation)
            case {"text": _} | {"reasoningContent": _}:
                pass  # empty, or a signature, which has no place yet
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
        delta: Delta = {}
        if index in self._citations:
            delta["annotations"] = self._cited(*self._citations.pop(index))
        if index in self._others:
            delta["bedrock_content"] = [{"index": index, **whole(self._others.pop(index))}]
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
        held = self._bare_json.end() if self._bare_json else ""
        return self._chunk({"content": held} if held else {}, reason, beside(event))

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
                return {**block, "toolUse": {**block["toolUse"], "input": orjson.loads(text or "{}")}}
            except orjson.JSONDecodeError:
                return block
    return block
