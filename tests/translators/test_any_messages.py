"""Any list of messages that OpenAI's types allow becomes a request that the strict local Bedrock accepts.

Nothing that was said is lost on the way, everything that was mended is told, and what is in good order stays
as it is. Converse is asked, not ConverseStream: that some models take no tools in a stream is not a matter
of messages.
"""

import gc
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.local.refusals import Refusal
from proxy.local.validation import check
from tests.plans import converse
from tests.translators.conversations import good_call, good_messages, messages, texts_of, tool_lists
from translators.chat import Plan, plan
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

# One of every kind of family: what it refuses is in traits.json and, found apart from that, in quirks.py.
MODELS = {
    "Claude 3": "anthropic.claude-3-haiku-20240307-v1:0",
    "Claude 4.5": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "Claude 4.6": "us.anthropic.claude-sonnet-4-6",
    "Claude 5": "us.anthropic.claude-sonnet-5",
    "Command R": "cohere.command-r-v1:0",
    "DeepSeek R1": "us.deepseek.r1-v1:0",
    "gpt-oss": "openai.gpt-oss-120b-1:0",
    "Kimi": "moonshot.kimi-k2-thinking",
    "Llama 3.2 3B": "us.meta.llama3-2-3b-instruct-v1:0",
    "Llama 3.3": "us.meta.llama3-3-70b-instruct-v1:0",
    "Mistral 7B": "mistral.mistral-7b-instruct-v0:2",
    "Mistral Large": "mistral.mistral-large-2402-v1:0",
    "Nova": "us.amazon.nova-pro-v1:0",
    "Palmyra": "us.writer.palmyra-x5-v1:0",
    "Qwen": "qwen.qwen3-32b-v1:0",
    "Titan": "amazon.titan-text-express-v1",
}

# A history with calls is told to them as text; tools that are offered are refused.
NO_TOOLS = {"DeepSeek R1", "Llama 3.2 3B", "Mistral 7B", "Titan"}

TOOLS = [{"type": "function", "function": {"name": name}} for name in ("f", "g")]
CITY = {
    "type": "json_schema",
    "json_schema": {"name": "f", "schema": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
CITIES = {"type": "json_schema", "json_schema": {"name": "f", "schema": {"type": "array"}}}
ANSWER = {"role": "tool", "tool_call_id": "call_9_9", "content": "Nine."}

Request = dict[str, Any]

often = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def requests(draw: st.DrawFn) -> Request:
    tools = draw(tool_lists()) or []
    asked: Request = {
        "messages": draw(messages(min_size=1)),
        "parallel_tool_calls": draw(st.booleans()),
        "response_format": draw(st.sampled_from([None, None, CITY, CITIES])),
    }
    names = [tool[tool["type"]]["name"] for tool in tools]
    choices: list[Any] = [None, "auto", "none"]
    if tools and draw(st.sampled_from([False, False, True])):
        functions = [{"name": name} for name in names]
        choice = draw(st.sampled_from([*choices, {"name": names[-1]}]))
        return {**asked, "functions": functions, "function_call": choice}
    if tools:
        some = [{"type": "function", "function": {"name": name}} for name in names[:2]]
        choices += [
            "required",
            some[-1],
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": some}},
        ]
    return {**asked, "tools": tools, "tool_choice": draw(st.sampled_from(choices))}


@settings(often, max_examples=800)
@given(requests())
def test_the_strict_local_bedrock_accepts_any_messages(request: Request) -> None:
    asked = {family: taken_by(family, request) for family in MODELS}
    refused = {family: refusal(each, MODELS[family]) for family, each in asked.items()}

    assert not any(refused.values()), refused


@often
@given(requests(), st.sampled_from(sorted(MODELS)))
def test_no_text_is_lost(request: Request, family: str) -> None:
    request = taken_by(family, request)
    asked = told(request, MODELS[family])
    got = "\n".join(strings([asked["messages"], asked.get("system", [])]))

    for text, count in Counter(texts_of(request["messages"])).items():
        # A model without tools reads a call as JSON, in which text has its escapes.
        escaped = orjson.dumps(text).decode()[1:-1]
        assert max(got.count(text), got.count(escaped)) >= count, text


@often
@given(requests(), st.sampled_from(sorted(MODELS)))
def test_what_was_mended_is_told_where_it_stands(request: Request, family: str) -> None:
    request = taken_by(family, request)
    named = {adjustment.field for adjustment in made(request, MODELS[family]).adjusted}

    # A request that offers no tools has no place of them.
    assert {field for field in named if not stands(request, field)} <= {"tools"}


@often
@given(requests(), st.sampled_from(sorted(MODELS)))
def test_every_alias_leads_back_to_the_client_s_name(request: Request, family: str) -> None:
    request = taken_by(family, request)
    asked = made(request, MODELS[family])
    offered = names_offered(request)
    config = converse(asked).get("toolConfig")

    if offered and config:
        sent = [tool["toolSpec"]["name"] for tool in config["tools"]]
        sent = [name for name in sent if name != asked.way_back.output_tool]
        restored = [asked.way_back.tool_names.get(name, name) for name in sent]
        assert restored == [name for name in dict.fromkeys(offered) if name in restored]


@often
@given(good_messages(), st.sampled_from(sorted(set(MODELS) - NO_TOOLS)))
def test_what_is_in_good_order_stays_as_it_is(history: list[Any], family: str) -> None:
    asked = made({"messages": history, "tools": TOOLS}, MODELS[family])

    assert asked.adjusted == ()
    assert [message["role"] for message in converse(asked)["messages"]] == list(roles(history))


@often
@given(good_messages(legal=False), st.sampled_from(sorted(MODELS)))
def test_a_conversation_that_goes_on_begins_as_it_did(history: list[Any], family: str) -> None:
    """Bedrock's prompt cache knows it by that."""
    more = [*history, {"role": "assistant", "tool_calls": [good_call("call_9_9", "mcp/g")]}, ANSWER]
    before, after = (told({"messages": each}, MODELS[family])["messages"] for each in (history, more))

    assert after[: len(before)] == before


def taken_by(family: str, request: Request) -> Request:
    if family not in NO_TOOLS:
        return request
    return {**request, **dict.fromkeys(("tools", "tool_choice", "functions", "function_call"))}


def names_offered(request: Request) -> list[str]:
    tools = [tool[tool["type"]] for tool in request.get("tools") or []]
    return [each["name"] for each in [*tools, *(request.get("functions") or [])]]


def stands(request: Request, path: str) -> bool:
    """Whether there is a field at this path."""
    value: Any = request
    for name in re.findall(r"[^.\[\]]+", path):
        place = int(name) if isinstance(value, list) else name
        if place not in (range(len(value)) if isinstance(value, list) else value):
            return False
        value = value[place]
    return True


def roles(history: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A system prompt is no turn, and neighbouring results are one."""
    last = ""
    for message in history:
        role = "user" if message["role"] == "tool" else message["role"]
        if role != "system" and role != last:
            yield role
            last = role


def chat(request: Request, model: str) -> ChatCompletionRequest:
    return conform({**request, "model": model}, ChatCompletionRequest)


def made(request: Request, model: str) -> Plan:
    return plan(chat(request, model))


def told(request: Request, model: str) -> dict[str, Any]:
    return converse(made(request, model))


def refusal(request: Request, model: str) -> str | None:
    try:
        check("Converse", model, told(request, model))
    except Refusal as refused:
        return refused.message
    return None


def strings(value: Any) -> Iterator[str]:
    """Every text in JSON; a call's arguments also as the JSON that a client would have sent."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == "input":
                yield json.dumps(each, ensure_ascii=False, separators=(",", ":"))
            yield from strings(each)


def test_a_plan_leaves_nothing_to_the_garbage_collector() -> None:
    """Which looks seldom: till then each would keep its whole history."""
    history = [
        {"role": "user", "content": "Look it up."},
        {"role": "assistant", "tool_calls": [good_call("call_1", "look_up")]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Found."},
    ]
    request = conform({"model": MODELS["Claude 4.5"], "messages": history}, ChatCompletionRequest)
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        plan(request)
        gc.collect()
        left = [type(each).__name__ for each in gc.garbage if type(each).__module__.startswith("translators")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()

    assert left == []
