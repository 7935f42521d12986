"""Bedrock's answer, whole: a Converse response as a chat completion."""

from typing import Any, Literal, NamedTuple

from translators.chat import json_text
from translators.chat.bare_json import bare_json, words_beside
from translators.chat.free_input import free_input
from translators.chat.inline_reasoning import InlineReasoning
from translators.chat.service import beside, tier_served
from translators.chat.thoughts import detail
from translators.chat.way_back import WayBack
from translators.converse import (
    Citation,
    CitationsContent,
    ContentBlock,
    ConverseResponse,
    ReasoningContent,
    StopReason,
    TokenUsage,
    ToolUse,
)
from translators.errors import InternalServerError
from translators.openai import (
    Annotation,
    AssistantReply,
    ChatCompletion,
    Choice,
    FinishReason,
    URLCitation,
    Usage,
)
from translators.openai.tools import CustomCall, FunctionCall, ToolCall

# None is no end at all: the model's output could not be used.
FINISH_REASONS: dict[StopReason, FinishReason | None] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",  # without a client's tool in the answer: Bedrock ran it
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": None,
    "malformed_tool_use": None,
}

# A tool that Bedrock runs itself, such as Nova's web grounding; the client must not try to.
SERVER_TOOL = "server_tool_use"


def chat_completion(
    response: ConverseResponse, way_back: WayBack, *, id: str, created: int
) -> ChatCompletion:
    """`created` is in Unix seconds. Raises InternalServerError where the model produced no valid answer."""
    message = assistant_reply(response["output"]["message"]["content"], way_back)
    choice: Choice = {
        "index": 0,
        "message": message,
        "finish_reason": finish_reason(response["stopReason"], called(message)),
        "logprobs": None,
    }
    if told := beside(response):
        choice["bedrock"] = told
    completion: ChatCompletion = {
        "id": id,
        "object": "chat.completion",
        "created": created,
        "model": way_back.model,
        "choices": [choice],
        "usage": usage(response["usage"]),
    }
    if tier := tier_served(response):
        completion["service_tier"] = tier
    return completion


class Parts(NamedTuple):
    """The blocks of an answer by what becomes of them, each kind in order."""

    said: list[str]
    thoughts: list[ReasoningContent]
    calls: list[ToolUse]
    answers: list[ToolUse]
    """Calls of the output tool."""
    annotations: list[Annotation]
    others: list[dict[str, Any]]


def assistant_reply(blocks: list[ContentBlock], way_back: WayBack) -> AssistantReply:
    """One message of all blocks; what OpenAI has no shape for goes out as it came, as bedrock_content."""
    parts = parted(blocks, way_back)
    said, inline = apart("".join(parts.said), way_back)
    content = reply_content(said, parts, way_back)
    reply: AssistantReply = {"role": "assistant", "content": content or None, "refusal": None}
    think(reply, inline + parts.thoughts, way_back)
    if parts.calls and way_back.function_calls:
        reply["function_call"] = function_call(parts.calls[0], way_back)
    elif parts.calls:
        reply["tool_calls"] = [tool_call(tool_use, way_back) for tool_use in parts.calls]
    if parts.annotations:
        reply["annotations"] = parts.annotations
    if parts.others:
        reply["bedrock_content"] = parts.others
    return reply


def parted(blocks: list[ContentBlock], way_back: WayBack) -> Parts:
    parts = Parts([], [], [], [], [], [])
    for block in blocks:
        match block:
            case {"text": text}:
                parts.said.append(text)
            case {"reasoningContent": reasoning}:
                parts.thoughts.append(reasoning)
            case {"toolUse": tool_use} if tool_use["name"] == way_back.output_tool:
                parts.answers.append(tool_use)
            case {"toolUse": tool_use} if is_call(tool_use) and not (way_back.function_calls and parts.calls):
                parts.calls.append(tool_use)
            case {"citationsContent": cited}:
                start = sum(map(len, parts.said))
                parts.said.append(cited_text(cited))
                end = start + len(parts.said[-1])
                parts.annotations.extend(citation_annotations(cited.get("citations", []), start, end))
            case _:
                parts.others.append({**block})
    return parts


def reply_content(said: str, parts: Parts, way_back: WayBack) -> str:
    """Of several answers by tool the first counts."""
    if parts.answers:
        return json_text.written(parts.answers[0]["input"]).decode()
    if way_back.output_tool:
        return words_beside(said, answered=False, called=bool(parts.calls))
    return bare_json(said) if way_back.bare_json else said


def apart(text: str, way_back: WayBack) -> tuple[str, list[ReasoningContent]]:
    """The text, and what the model thought in it."""
    if not way_back.inline_reasoning:
        return text, []
    inline = InlineReasoning(way_back.inline_reasoning)
    first, last = inline.feed(text), inline.end()
    reasoning = first.reasoning + last.reasoning
    return first.text + last.text, [{"reasoningText": {"text": reasoning}}] if reasoning else []


def think(reply: AssistantReply, thoughts: list[ReasoningContent], way_back: WayBack) -> None:
    """Adds what the model thought to its reply."""
    details = [detail(each, index, way_back.reasoning_format) for index, each in enumerate(thoughts)]
    told = [entry for entry in details if entry.get("text") or entry.get("signature") or entry.get("data")]
    if not told or way_back.reasoning_field == "none":
        return
    if text := "".join(entry.get("text", "") for entry in told):
        reply[way_back.reasoning_field] = text
    reply["reasoning_details"] = told


def is_call(tool_use: ToolUse) -> bool:
    return tool_use.get("type") != SERVER_TOOL


def tool_call(tool_use: ToolUse, way_back: WayBack) -> ToolCall:
    if tool_use["name"] in way_back.custom_tools:
        name = way_back.tool_names.get(tool_use["name"], tool_use["name"])
        custom: CustomCall = {"name": name, "input": free_input(tool_use["input"])}
        return {"id": tool_use["toolUseId"], "type": "custom", "custom": custom}
    return {"id": tool_use["toolUseId"], "type": "function", "function": function_call(tool_use, way_back)}


def function_call(tool_use: ToolUse, way_back: WayBack) -> FunctionCall:
    name = way_back.tool_names.get(tool_use["name"], tool_use["name"])
    return {"name": name, "arguments": json_text.written(tool_use["input"]).decode()}


def cited_text(cited: CitationsContent) -> str:
    return "".join(content["text"] for content in cited.get("content", []))


def citation_annotations(citations: list[Citation], start: int, end: int) -> list[Annotation]:
    return [
        {"type": "url_citation", "url_citation": url_citation(citation, start, end)} for citation in citations
    ]


def url_citation(citation: Citation, start: int, end: int) -> URLCitation:
    """The characters start to end of the content are what is cited. Documents have no URL: the rest tells."""
    location = citation.get("location", {})
    web = location.get("web", {})
    cited: URLCitation = {
        "url": web.get("url") or citation.get("source") or "",
        "title": citation.get("title") or web.get("domain") or "",
        "start_index": start,
        "end_index": end,
    }
    if location:
        cited["location"] = location
    if source := citation.get("sourceContent"):
        cited["source_content"] = [content["text"] for content in source]
    return cited


def called(message: AssistantReply) -> Literal["tool_calls", "function_call"] | None:
    if "function_call" in message:
        return "function_call"
    return "tool_calls" if "tool_calls" in message else None


def finish_reason(
    stop_reason: StopReason, called: Literal["tool_calls", "function_call"] | None
) -> FinishReason:
    """Clients run tools only on tool_calls, and Bedrock does not always say tool_use."""
    reason = FINISH_REASONS.get(stop_reason, "stop")
    if reason is None:
        raise InternalServerError(
            f"The model's output could not be used (Bedrock stopReason {stop_reason}).",
            code="upstream_error",
            status=502,
        )
    return called if called and reason == "stop" else reason


def usage(tokens: TokenUsage) -> Usage:
    """OpenAI counts cached tokens as part of the prompt; Converse counts them beside it."""
    read, written = tokens.get("cacheReadInputTokens"), tokens.get("cacheWriteInputTokens")
    prompt = tokens["inputTokens"] + (read or 0) + (written or 0)
    counts: Usage = {
        "prompt_tokens": prompt,
        "completion_tokens": tokens["outputTokens"],
        "total_tokens": prompt + tokens["outputTokens"],
    }
    if read is not None or written is not None:
        counts["prompt_tokens_details"] = {"cached_tokens": read or 0, "cache_write_tokens": written or 0}
    return counts
