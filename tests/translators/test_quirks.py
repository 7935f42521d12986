"""Quirks against the local Bedrock, whose traits were written apart from them, with evidence of their own."""

from dataclasses import replace
from typing import Any

import pytest

from proxy.facts import facts
from proxy.local import catalogue
from proxy.local.capabilities import MODALITIES
from proxy.local.refusals import Refusal
from proxy.local.validation import check
from tests.plans import converse
from tests.samples import PNG
from translators.chat import plan
from translators.departures import PLAIN
from translators.errors import BadRequestError
from translators.model_ids import is_application_profile
from translators.models import Policy, RegionListing, base_model_id, known, model_list
from translators.openai import ChatCompletionRequest
from translators.quirks import ROWS, quirks_for
from translators.shapes import conform

CHAT: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}]}
F: dict[str, Any] = {"type": "function", "function": {"name": "f"}}
G: dict[str, Any] = {"type": "function", "function": {"name": "g"}}
CUSTOM = {"type": "custom", "custom": {"name": "c"}}
ALLOWED = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [G]}}
TOOLS = {"tools": [F]}
USER, ASSISTANT = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello. "}
CALL = {
    "role": "assistant",
    "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": ""}}],
}
CUSTOM_CALL = {
    "role": "assistant",
    "tool_calls": [{"id": "1", "type": "custom", "custom": {"name": "c", "input": "+"}}],
}
FUNCTION_CALL = {"role": "assistant", "function_call": {"name": "f", "arguments": ""}}
FUNCTION_RESULT = {"role": "function", "name": "f", "content": None}
RESULT = {"role": "tool", "tool_call_id": "1", "content": "Done."}
UNION = {"type": "function", "function": {"name": "f", "parameters": {"anyOf": [{"required": ["a"]}]}}}

PARTS: dict[str, dict[str, Any]] = {
    "image": {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    "document": {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0xLjQK"}},
    "video": {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAAGGZ0eXBpc29t"}},
    "audio": {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    "text in a file": {"type": "file", "file": {"file_data": "data:text/csv,a%2Cb"}},
    "image in S3": {"type": "image_url", "image_url": {"url": "s3://a-bucket/a.png"}},
}


def given(part: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": "Look."}, PARTS[part]]}]}


def returned(part: str) -> dict[str, Any]:
    result = {**RESULT, "content": [PARTS[part]]}
    return {**TOOLS, "messages": [USER, CALL, result]}


SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}
MARK = {"cache_control": {"type": "ephemeral"}}
PROSE = "The quick brown fox jumps over the lazy dog. " * 300
STRICT = {
    "type": "function",
    "function": {
        "name": "f",
        "strict": True,
        "parameters": {"properties": {"a": {"type": "array", "maxItems": 2}}},
    },
}
DEFINED = {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "string", "pattern": "(?=a)"}}}
OPEN: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "object"}}


def json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "f", "schema": schema}}}


ASKED: dict[str, dict[str, Any]] = {
    "json_object": {"response_format": {"type": "json_object"}},
    "json_schema": json_schema(SCHEMA),
    "json_schema of an open object": json_schema(OPEN),
    "json_schema beside tools": {**TOOLS, **json_schema(SCHEMA)},
    "json_schema beside tools after calls": {**TOOLS, **json_schema(OPEN), "messages": [USER, CALL, RESULT]},
    "json_schema after calls": {**json_schema(SCHEMA), "messages": [USER, CALL, RESULT]},
    "json_schema beside prefill": {**json_schema(SCHEMA), "messages": [USER, ASSISTANT]},
    "strict tools": {"tools": [STRICT]},
    "a schema with definitions": {
        "tools": [{"type": "function", "function": {"name": "f", "parameters": DEFINED}}]
    },
    "nothing special": {},
    "temperature": {"temperature": 0.5},
    "top_p": {"top_p": 0.5},
    "both": {"temperature": 0.5, "top_p": 0.5},
    "stop": {"stop": ["END"]},
    "top_k": {"top_k": 20},
    "penalties": {"frequency_penalty": -1.5, "presence_penalty": 1.5},
    "marks everywhere": {
        "tools": [{**TOOLS["tools"][0], **MARK}],
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "Be brief.", **MARK}]},
            {**USER, **MARK},
            {**CALL, **MARK},
            {**RESULT, **MARK},
        ],
    },
    "a mark for an hour": {"messages": [{**USER, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
    "a long prompt": {
        "tools": [{"type": "function", "function": {"name": "f", "description": PROSE}}],
        "messages": [{"role": "system", "content": PROSE}, USER, CALL, RESULT],
    },
    "a guardrail": {"guardrailConfig": {"guardrailIdentifier": "abc", "guardrailVersion": "1"}},
    "as many tokens as agents ask for": {"max_tokens": 32_000},
    "tool_choice auto": {**TOOLS, "tool_choice": "auto"},
    "tool_choice required": {**TOOLS, "tool_choice": "required"},
    "tool_choice named": {**TOOLS, "tool_choice": {"type": "function", "function": {"name": "f"}}},
    "tool_choice named of several": {"tools": [F, G], "tool_choice": F},
    "tool_choice none with a history": {
        "tools": [F],
        "tool_choice": "none",
        "messages": [USER, CALL, RESULT],
    },
    "allowed_tools": {"tools": [F, G], "tool_choice": ALLOWED},
    "custom tools": {"tools": [CUSTOM], "tool_choice": "required", "messages": [USER, CUSTOM_CALL, RESULT]},
    "functions": {"functions": [F["function"]], "function_call": {"name": "f"}},
    "a history of functions": {
        "functions": [F["function"]],
        "messages": [USER, FUNCTION_CALL, FUNCTION_RESULT],
    },
    "no parallel calls": {"tools": [F], "parallel_tool_calls": False},
    "no parallel calls of required tools": {
        "tools": [F],
        "parallel_tool_calls": False,
        "tool_choice": "required",
    },
    "a schema of alternatives": {"tools": [UNION]},
    "a system prompt": {"messages": [{"role": "system", "content": "Be brief."}, USER]},
    "the assistant first": {"messages": [ASSISTANT, USER]},
    "prefill": {"messages": [USER, ASSISTANT]},
    "prefill beside tools": {**TOOLS, "messages": [USER, ASSISTANT]},
    "a history of calls": {"messages": [USER, CALL, RESULT]},
    "words beside results": {**TOOLS, "messages": [USER, CALL, RESULT, USER]},
    "a call without a result": {**TOOLS, "messages": [USER, CALL]},
    "text in a file": given("text in a file"),
    "text in a file in a result": returned("text in a file"),
    **{
        f"effort {effort}": {"reasoning_effort": effort, "temperature": 0.5, "top_p": 0.5, "top_k": 5}
        for effort in ("none", "minimal", "low", "medium", "high", "xhigh", "max")
    },
    "effort where a call is demanded": {**TOOLS, "reasoning_effort": "high", "tool_choice": "required"},
    "effort in the middle of calls": {
        **TOOLS,
        "reasoning_effort": "high",
        "messages": [USER, {**CALL, "reasoning_content": "Hm."}, RESULT],
    },
    "effort and few tokens": {"reasoning_effort": "high", "max_tokens": 50},
    "a budget": {"thinking": {"type": "enabled", "budget_tokens": 100_000}, "max_tokens": 1000},
    "adaptive thinking": {"thinking": {"type": "adaptive"}},
    "no thinking": {"thinking": {"type": "disabled"}},
}

# What no row can mend: these have no tools at all.
NO_TOOLS = "Unsupported value: '{}': this model doesn't support tool use."

# A model that nobody has heard of is taken for the newest of its maker.
NEWEST = {
    "anthropic.claude-opus-9-v1:0": "anthropic.claude-opus-5-5",
    "anthropic.claude-saga-6": "anthropic.claude-sonnet-5-5",
    "openai.gpt-7": "openai.gpt-5.6-sol",
    "openai.gpt-oss-1t": "openai.gpt-oss-120b-1:0",
    "meta.llama9-instruct": "meta.llama4-scout-17b-instruct-v1:0",
    "mistral.mistral-huge": "mistral.mistral-large-3-675b-instruct",
    "qwen.qwen9": "qwen.qwen3-coder-next",
    "zai.glm-9": "zai.glm-5",
    "xai.grok-9": "xai.grok-4.6",
    "writer.palmyra-y1": "writer.palmyra-vision-7b",
}


# Later than the listing.
UNLISTED = {
    "anthropic.claude-fable-5-1",
    "anthropic.claude-fable-5-2",
    "anthropic.claude-opus-5-5",
    "anthropic.claude-sonnet-5-5",
}


def listed() -> list[str]:
    models: Any = catalogue.foundation_models()
    profiles: Any = catalogue.inference_profiles()
    listing = RegionListing(region=catalogue.REGION, models=models, profiles=profiles)
    policy = Policy(include=frozenset({"legacy"}))
    return [model["id"] for model in model_list(known([listing], facts(), catalogue.REGION), policy)["data"]]


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_every_listed_model_gets_only_what_it_takes(asked: dict[str, Any]) -> None:
    refusals = {model: words_against({**CHAT, **asked, "model": model}) for model in listed()}
    no_tools = {NO_TOOLS.format(field) for field in ("tools", "functions")}
    unknown = {model: words for model, words in refusals.items() if words and words not in no_tools}

    assert unknown == {}


def words_against(request: dict[str, Any]) -> str | None:
    try:
        return refused(request)
    except BadRequestError as error:
        return error.message


def test_whom_we_refuse_tools_bedrock_would() -> None:
    models = [catalogue.resolve(each) for each in listed() if not is_application_profile(each)]
    without = {model.id for model in models if model.converse and model.has("tools-refused")}

    assert {model.id for model in models if model.converse and not quirks_for(model.id).tools} == without


@pytest.mark.parametrize("model", [each for each in listed() if not is_application_profile(each)])
def test_every_listed_model_gets_the_media_that_it_takes(model: str) -> None:
    """And no other: what we refuse, Bedrock would, and what it takes from a user it takes from a tool."""
    known = catalogue.resolve(model)
    if not known.converse:
        return
    taken = {part: takes(known, part) for part in PARTS}

    assert {part: is_taken({**given(part), "model": model}) for part in PARTS} == taken
    if not known.has("tools-refused"):
        assert {part: is_taken({**returned(part), "model": model}) for part in PARTS} == taken


def is_taken(request: dict[str, Any]) -> bool:
    try:
        words = refused(request)
    except BadRequestError as error:
        assert error.code == "unsupported_value"  # noqa: PT017
        return False
    assert words is None
    return True


def takes(model: catalogue.Model, part: str) -> bool:
    match part:
        case "document":
            return not model.has("documents-refused")
        case "text in a file":
            return True
        case "image in S3":
            return model.has("s3-accepted") and takes(model, "image")
        case _:
            return bool(MODALITIES[part] & set(model.input_modalities))


@pytest.mark.parametrize(("unknown", "newest"), NEWEST.items())
def test_an_unknown_model_has_the_newest_rules_of_its_maker(unknown: str, newest: str) -> None:
    """But for what says nothing of the next model: how much it answers, and whether it sees."""
    ours, theirs = (replace(quirks_for(each), max_tokens=None, images=True) for each in (unknown, newest))

    assert ours == theirs


def test_an_unknown_maker_gets_the_plain_contract() -> None:
    assert quirks_for("newcomer.model-1") == quirks_for("eu.newcomer.model-1") == PLAIN


def test_every_row_names_a_listed_model_or_one_that_was() -> None:
    """A beginning that fits no model is a slip of the pen."""
    known = list(catalogue.models())
    named = {name for row in ROWS for name in (*row.models, *row.besides)}

    assert {name for name in named if not any(each.startswith(name) for each in known)} <= UNLISTED


def refused(request: dict[str, Any]) -> str | None:
    model = request["model"]
    if is_application_profile(model):
        profile: Any = catalogue.inference_profile(model)
        model = base_model_id(profile)
    made = plan(conform(request, ChatCompletionRequest), quirks_for(model))
    try:
        check("ConverseStream" if made.streams else "Converse", made.model_id, converse(made))
    except Refusal as refusal:
        return refusal.message
    return None
