"""What a client makes of our answers: chunks put together, completions told in plain words.

Beside them the fields of ours that OpenAI's types do not have: design says what each is for.
"""

import json
from typing import Any

from pydantic import BaseModel

from tests.recordings import Account

EXTENSIONS = {
    "reasoning_content",
    "reasoning_details",
    "bedrock_content",
    "location",
    "source_content",
    "bedrock",
}
# The SDK's chunks know neither annotations nor calls of custom tools, which OpenAI streams.
DELTA_EXTENSIONS = {*EXTENSIONS, "annotations", "custom"}


def client_account(completion: Any) -> Account:
    """What a completion says, in the same words as the account of what Bedrock said."""
    [choice] = completion["choices"]
    message, usage = choice["message"], completion["usage"]
    details = usage.get("prompt_tokens_details") or {}
    assert message["role"] == "assistant"
    return {
        "content": message.get("content") or "",
        "reasoning": message.get("reasoning_content") or "",
        "tool_calls": [*map(tool_call, message.get("tool_calls") or []), *function_call(message)],
        "citations": [citation(a["url_citation"]) for a in message.get("annotations") or []],
        "bedrock_content": [without_index(block) for block in message.get("bedrock_content") or []],
        "tokens": {
            "prompt": usage["prompt_tokens"],
            "cached": details.get("cached_tokens") or 0,
            "written": details.get("cache_write_tokens") or 0,
            "completion": usage["completion_tokens"],
            "total": usage["total_tokens"],
        },
        "finish_reason": choice["finish_reason"],
    }


def tool_call(call: dict[str, Any]) -> tuple[str, str, Any]:
    if call["type"] == "custom":
        return call["id"], call["custom"]["name"], call["custom"]["input"]
    return call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])


def function_call(message: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """The one call of the time before tools: it has no id."""
    call = message.get("function_call")
    return [("", call["name"], json.loads(call["arguments"]))] if call else []


def citation(cited: dict[str, Any]) -> dict[str, Any]:
    return {
        "where": (cited["start_index"], cited["end_index"]),
        "title": cited["title"],
        "url": cited["url"],
        "location": cited["location"],
        "source": cited.get("source_content", []),
    }


def without_index(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "index"}


def fold(chunks: list[Any]) -> dict[str, Any]:
    """A completion out of chunks, as a plain client does it. The last holds the usage."""
    message: dict[str, Any] = {"role": "", "content": "", "reasoning_content": ""}
    message |= {"tool_calls": [], "annotations": [], "bedrock_content": [], "function_call": {}}
    for chunk in chunks[:-1]:
        delta = chunk["choices"][0]["delta"]
        for name in ("role", "content", "reasoning_content"):
            message[name] += delta.get(name, "")
        for name in ("annotations", "bedrock_content"):
            message[name] += delta.get(name, [])
        for piece in delta.get("tool_calls", []):
            if "id" in piece:
                message["tool_calls"].append({"id": piece["id"], "type": piece["type"], piece["type"]: {}})
            call = message["tool_calls"][piece["index"]]
            concatenate(call[call["type"]], piece[call["type"]])
        concatenate(message["function_call"], delta.get("function_call", {}))
    choice = {"message": message, "finish_reason": chunks[-2]["choices"][0]["finish_reason"]}
    if told := {name: value for chunk in chunks for name, value in said_beside(chunk).items()}:
        choice["bedrock"] = told
    return {"choices": [choice], "usage": chunks[-1]["usage"], "service_tier": chunks[-1].get("service_tier")}


def said_beside(chunk: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = chunk["choices"][0].get("bedrock", {}) if chunk["choices"] else {}
    return told


def concatenate(texts: dict[str, str], more: dict[str, str]) -> None:
    for name, text in more.items():
        texts[name] = texts.get(name, "") + text


def extensions(value: object) -> set[str]:
    """Names of the fields, at any depth, that the SDK's types do not know."""
    if isinstance(value, list):
        return {name for item in value for name in extensions(item)}
    if not isinstance(value, BaseModel):
        return set()
    known = {name for field in type(value).model_fields for name in extensions(getattr(value, field))}
    return known | set(value.model_extra or {})
