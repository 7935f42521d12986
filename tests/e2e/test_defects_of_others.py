"""What other systems between OpenAI's clients and Bedrock got wrong: each is a law here, held through the front door.

LAWS says where each of them is shown: here, or where it was already.
"""

import ast
import asyncio
import base64
import json
import re
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, get_args

import httpx
import openai
import orjson
import pytest

from proxy.local import catalogue
from tests.e2e.caller import calling
from tests.e2e.door import Door
from tests.samples import MODEL, PNG
from tests.servers import outcrop as serving_outcrop
from translators.converse import StopReason
from translators.quirks import quirks_for

ROOT = Path(__file__).parents[2]
HERE = "tests/e2e/test_defects_of_others.py"
FAILURES = "tests/e2e/test_failures.py"

LAWS = {
    1: f"{FAILURES}::test_a_refusal_before_the_answer",
    2: "tests/proxy/test_sse.py::test_what_arrives_alone_leaves_at_once",
    3: f"{HERE}::test_interleaved_tool_calls_are_kept_apart",
    4: f"{HERE}::test_a_call_without_arguments_has_an_empty_object",
    5: f"{HERE}::test_no_tool_is_called_where_none_may_be",
    6: f"{HERE}::test_all_that_the_model_says_arrives",
    7: f"{HERE}::test_what_bedrock_learns_after_us_is_not_fatal",
    8: f"{HERE}::test_a_tool_that_bedrock_runs_is_not_the_clients_to_call",
    9: f"{HERE}::test_every_stop_reason_is_one_of_openais_or_an_error",
    10: f"{FAILURES}::test_a_stream_that_breaks_is_an_error",
    11: f"{HERE}::test_tokens_that_end_within_the_reasoning_are_told",
    12: f"{HERE}::test_a_field_that_nobody_knows_never_reaches_the_model",
    13: f"{HERE}::test_no_effort_makes_a_request_that_bedrock_refuses",
    14: "tests/e2e/test_conversations.py::test_a_tool_is_called_by_the_name_that_the_client_gave_it",
    15: f"{HERE}::test_arguments_that_are_no_object_are_sent_and_not_lost",
    16: f"{HERE}::test_a_schema_of_alternatives_arrives_whole",
    17: f"{HERE}::test_a_hundred_equal_pieces_are_a_hundred",
    18: f"{HERE}::test_bedrock_knows_within_half_a_second_that_a_client_left",
    19: f"{HERE}::test_a_throttled_request_is_told_so_soon_and_alone",
    20: f"{HERE}::test_slow_streams_do_not_keep_the_server_from_answering",
    21: f"{HERE}::test_a_stream_is_one_answer_and_ends_with_its_usage",
    22: f"{HERE}::test_tools_in_a_stream_with_every_llama",
    23: f"{HERE}::test_an_image_by_any_spelling_of_its_data_url",
    24: f"{HERE}::test_a_file_keeps_its_name_and_has_words_beside_it",
    25: f"{HERE}::test_audio_is_heard_or_refused_by_name",
    26: f"{HERE}::test_an_application_profile_is_its_model",
}

PDF = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()
HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
ASK: dict[str, Any] = {"model": MODEL, "messages": HELLO}
TOOL: Any = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}

either = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@pytest.mark.parametrize(("number", "test"), LAWS.items())
def test_every_law_has_its_test(number: int, test: str) -> None:
    path, _, name = test.partition("::")

    assert name in functions(path)
    assert list(LAWS).index(number) == number - 1
    assert len(LAWS) == 26


@cache
def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def answered(client: openai.OpenAI, *, stream: bool, **ask: Any) -> Any:
    """The completion, as the official client puts it together where it is streamed."""
    if not stream:
        return client.chat.completions.create(**ASK | ask)
    with client.chat.completions.stream(**ASK | ask) as events:
        for _ in events:
            pass
        return events.current_completion_snapshot


def said(*content: Any, stop: str = "end_turn", **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": list(content)}
    return {"response": {"output": {"message": message}, "stopReason": stop, **more}, "times": "always"}


def streamed(*events: Any, stop: str = "end_turn") -> dict[str, Any]:
    """A stream of these events, within those that every stream has."""
    usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
    end = [{"messageStop": {"stopReason": stop}}, {"metadata": {"usage": usage, "metrics": {"latencyMs": 1}}}]
    return {"events": [{"messageStart": {"role": "assistant"}}, *events, *end], "times": "always"}


def start(index: int, **body: Any) -> dict[str, Any]:
    return {"contentBlockStart": {"contentBlockIndex": index, "start": body}}


def delta(index: int, **body: Any) -> dict[str, Any]:
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": body}}


def end(index: int) -> dict[str, Any]:
    return {"contentBlockStop": {"contentBlockIndex": index}}


# What comes back


def test_interleaved_tool_calls_are_kept_apart(client: openai.OpenAI, door: Door) -> None:
    """Pieces belong to a call by contentBlockIndex; clients know the calls by numbers from 0 without gaps."""
    door.script(
        streamed(
            delta(0, text="Both."),
            end(0),
            start(1, toolUse={"toolUseId": "a", "name": "f"}),
            start(4, toolUse={"toolUseId": "b", "name": "f"}),
            *(
                delta(index, toolUse={"input": piece})
                for piece in ('{"city":', '"X"', "}")
                for index in (4, 1)
            ),
            end(4),
            end(1),
            stop="tool_use",
        )
    )
    chunks = list(client.chat.completions.create(**ASK, tools=[TOOL], stream=True))
    calls = answered(client, stream=True, tools=[TOOL]).choices[0].message.tool_calls

    assert {call.index for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []} == {0, 1}
    assert [(call.id, call.function.arguments) for call in calls] == [
        ("a", '{"city":"X"}'),
        ("b", '{"city":"X"}'),
    ]


@either
def test_a_call_without_arguments_has_an_empty_object(
    client: openai.OpenAI, door: Door, stream: bool
) -> None:
    """Clients parse arguments as JSON, also those that came in no pieces at all."""
    call = {"toolUseId": "a", "name": "f"}
    door.script(
        streamed(start(0, toolUse=call), end(0), stop="tool_use")
        if stream
        else said({"toolUse": {**call, "input": {}}}, stop="tool_use")
    )
    [asked] = answered(client, stream=stream, tools=[TOOL]).choices[0].message.tool_calls

    assert asked.function.arguments == "{}"


@either
def test_all_that_the_model_says_arrives(client: openai.OpenAI, door: Door, stream: bool) -> None:
    """Reasoning, several texts and a call in one answer: none hides another."""
    door.script(
        said(
            {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}},
            {"text": "First. "},
            {"text": "Second."},
            {"toolUse": {"toolUseId": "a", "name": "f", "input": {"city": "X"}}},
            stop="tool_use",
        )
    )
    [choice] = answered(client, stream=stream, tools=[TOOL]).choices

    assert choice.message.content == "First. Second."
    assert choice.message.reasoning_content == "Hm."
    assert [json.loads(call.function.arguments) for call in choice.message.tool_calls] == [{"city": "X"}]
    assert choice.finish_reason == "tool_calls"


@either
def test_what_bedrock_learns_after_us_is_not_fatal(client: openai.OpenAI, door: Door, stream: bool) -> None:
    """Blocks, pieces and events of kinds that nobody knows yet."""
    unknown = {"hologram": {"depth": 3}}
    door.script(
        streamed(
            delta(0, text="Hi"),
            delta(0, **unknown),
            end(0),
            start(1, **unknown),
            delta(1, **unknown),
            end(1),
            {"somethingNew": {"hologram": 1}},
        )
        if stream
        else said({"text": "Hi"}, unknown)
    )
    [choice] = answered(client, stream=stream).choices

    assert (choice.message.content, choice.finish_reason) == ("Hi", "stop")


@either
def test_a_tool_that_bedrock_runs_is_not_the_clients_to_call(
    client: openai.OpenAI, door: Door, stream: bool
) -> None:
    search = {"toolUseId": "a", "name": "nova_grounding", "type": "server_tool_use", "input": {"q": "x"}}
    door.script(said({"toolUse": search}, {"text": "Found."}, stop="tool_use"))
    [choice] = answered(client, stream=stream).choices

    assert not choice.message.tool_calls
    assert (choice.message.content, choice.finish_reason) == ("Found.", "stop")


FINISH = {
    "end_turn": "stop",
    "tool_use": "tool_calls",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": None,
    "malformed_tool_use": None,
}


@either
@pytest.mark.parametrize("reason", get_args(StopReason))
def test_every_stop_reason_is_one_of_openais_or_an_error(
    client: openai.OpenAI, door: Door, reason: str, stream: bool
) -> None:
    """Malformed output is no clean stop."""
    calls = [{"toolUse": {"toolUseId": "a", "name": "f", "input": {}}}] if reason == "tool_use" else []
    door.script(said({"text": "Hi"}, *calls, stop=reason))

    if finish := FINISH[reason]:
        assert answered(client, stream=stream, tools=[TOOL]).choices[0].finish_reason == finish
    else:
        with pytest.raises(openai.APIError, match=reason):
            answered(client, stream=stream, tools=[TOOL])


@either
def test_tokens_that_end_within_the_reasoning_are_told(
    client: openai.OpenAI, door: Door, stream: bool
) -> None:
    door.script(said({"reasoningContent": {"reasoningText": {"text": "Let me thi"}}}, stop="max_tokens"))
    [choice] = answered(client, stream=stream).choices

    assert choice.finish_reason == "length"
    assert not choice.message.content
    assert choice.message.reasoning_content == "Let me thi"


def test_a_hundred_equal_pieces_are_a_hundred(client: openai.OpenAI, door: Door) -> None:
    """Repetition is the model's to judge."""
    door.script(streamed(*[delta(0, text="ha ")] * 100, end(0)))

    assert answered(client, stream=True).choices[0].message.content == "ha " * 100


def test_a_stream_is_one_answer_and_ends_with_its_usage(client: openai.OpenAI, door: Door) -> None:
    """One id and time; the prompt's tokens are all of it, those read from a cache and written to it included."""
    usage = {
        "inputTokens": 10,
        "outputTokens": 5,
        "totalTokens": 15,
        "cacheReadInputTokens": 100,
        "cacheWriteInputTokens": 20,
    }
    door.script(said({"text": "Hello to you."}, usage=usage))
    options: Any = {"include_usage": True}
    *chunks, last = client.chat.completions.create(**ASK, stream=True, stream_options=options)
    whole = client.chat.completions.create(**ASK)

    assert len({(chunk.id, chunk.created, chunk.model) for chunk in (*chunks, last)}) == 1
    assert {chunk.choices[0].index for chunk in chunks} == {0}
    assert last.choices == []
    assert last.usage == whole.usage
    assert last.usage
    assert last.usage.prompt_tokens_details
    assert (last.usage.prompt_tokens, last.usage.completion_tokens, last.usage.total_tokens) == (130, 5, 135)
    assert last.usage.prompt_tokens_details.cached_tokens == 100


# What is sent


HISTORY = [
    *HELLO,
    {"role": "assistant", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "Done."},
    {"role": "user", "content": "Call f for Paris"},
]


@either
@pytest.mark.parametrize("messages", [HISTORY[-1:], HISTORY], ids=["plain", "after calls"])
@pytest.mark.parametrize("model", [MODEL, "us.amazon.nova-pro-v1:0", "us.meta.llama3-3-70b-instruct-v1:0"])
def test_no_tool_is_called_where_none_may_be(
    client: openai.OpenAI, door: Door, model: str, messages: list[Any], stream: bool
) -> None:
    """Converse has no such choice, and demands tools beside a history of calls."""
    ask: Any = {"model": model, "messages": messages, "tools": [TOOL]}
    [free] = answered(client, stream=stream, **ask).choices
    [bound] = answered(client, stream=stream, **ask, tool_choice="none").choices

    assert free.message.tool_calls
    assert not bound.message.tool_calls
    assert bound.finish_reason == "stop"


def test_a_field_that_nobody_knows_never_reaches_the_model(client: openai.OpenAI, door: Door) -> None:
    unknown = {"frobnicate": 1, "drop_params": True, "api_base": "x", "guided_json": {}, "min_p": 0.1}
    client.chat.completions.create(**ASK, extra_body=unknown)

    assert door.converse() == {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}


EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh"]
THINKERS = [
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.anthropic.claude-opus-4-7",
    "us.amazon.nova-2-lite-v1:0",
]


@pytest.mark.parametrize("model", THINKERS)
def test_no_effort_makes_a_request_that_bedrock_refuses(http: httpx.Client, door: Door, model: str) -> None:
    """A budget is 1024 at least and less than maxTokens; beside thinking no sampling is set."""
    for effort, most in product(EFFORTS, (1, 1024, 1025, 9000, None)):
        ask = {**ASK, "model": model, "reasoning_effort": effort, "max_tokens": most, "temperature": 0.5}
        answer = http.post("/v1/chat/completions", json=ask)
        assert answer.status_code == 200, (effort, most, answer.text)

    assert {request["status"] for request in door.requests()} == {200}  # none had to be mended
    for request in door.requests():
        config = request["body"].get("inferenceConfig", {})
        thinking = request["body"].get("additionalModelRequestFields", {}).get("thinking", {})
        if "budget_tokens" in thinking:
            assert 1024 <= thinking["budget_tokens"] < config.get("maxTokens", 64_000)  # or the model's limit
            assert "temperature" not in config


@pytest.mark.parametrize("arguments", ["", '{"city": "Par', '"Paris"', '["Paris"]', "null"])
def test_arguments_that_are_no_object_are_sent_and_not_lost(
    client: openai.OpenAI, door: Door, arguments: str
) -> None:
    function = {"name": "f", "arguments": arguments}
    called = {"role": "assistant", "tool_calls": [{**CALL, "function": function}]}
    messages: Any = [HISTORY[0], called, *HISTORY[2:]]
    client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL])
    [call] = door.converse()["messages"][1]["content"]

    assert isinstance(call["toolUse"]["input"], dict)
    assert arguments.strip('"[]nul') in json.dumps(call).replace("\\", "")


@pytest.mark.parametrize("model", ["openai.gpt-oss-120b-1:0", "us.mistral.pixtral-large-2502-v1:0"])
def test_a_schema_of_alternatives_arrives_whole(client: openai.OpenAI, door: Door, model: str) -> None:
    schema = {
        "type": "object",
        "description": "Where.",
        "properties": {"city": {"type": "string", "enum": ["X", "Y"]}, "zip": {"type": "string"}},
        "anyOf": [{"required": ["city"]}, {"required": ["zip"]}],
    }
    tool: Any = {"type": "function", "function": {"name": "f", "parameters": schema}}
    client.chat.completions.create(model=model, messages=HELLO, tools=[tool])
    [sent] = door.converse()["toolConfig"]["tools"]

    assert sent["toolSpec"]["inputSchema"]["json"] == schema


LLAMAS = [
    profile["inferenceProfileId"]
    for profile in catalogue.inference_profiles()
    if profile["inferenceProfileId"].startswith("us.meta.llama")
]


@pytest.mark.parametrize("model", LLAMAS)
def test_tools_in_a_stream_with_every_llama(client: openai.OpenAI, door: Door, model: str) -> None:
    """None of them streams calls: they are asked for the whole answer. Some have no tools, and say so."""
    ask: Any = {"model": model, "messages": HISTORY[-1:], "tools": [TOOL]}
    if quirks_for(model).tools:
        assert answered(client, stream=True, **ask).choices[0].message.tool_calls
    else:
        with pytest.raises(openai.BadRequestError, match="support tool use"):
            answered(client, stream=True, **ask)


SPELLINGS = [
    "data:image/jpg;base64," + PNG,
    "data:IMAGE/PNG;base64," + PNG,
    "data:image/png;base64," + PNG.rstrip("="),
    "data:image/png;charset=utf-8;base64," + PNG,
    "data:application/octet-stream;base64," + PNG,
]


@pytest.mark.parametrize("url", SPELLINGS, ids=lambda url: url[:30])
def test_an_image_by_any_spelling_of_its_data_url(client: openai.OpenAI, door: Door, url: str) -> None:
    """What it is, its bytes say."""
    part: Any = {"type": "image_url", "image_url": {"url": url}}
    client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": [part]}])
    [block] = door.converse()["messages"][0]["content"]

    assert block == {"image": {"format": "png", "source": {"bytes": PNG}}}


@pytest.mark.parametrize("before", ["", "data:application/pdf;base64,"])
def test_a_file_keeps_its_name_and_has_words_beside_it(
    client: openai.OpenAI, door: Door, before: str
) -> None:
    """As far as Bedrock takes the name; and it takes no document without a text."""
    part: Any = {"type": "file", "file": {"filename": "Q3 report.v2.pdf", "file_data": before + PDF}}
    client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": [part]}])
    blocks = door.converse()["messages"][0]["content"]
    [document] = [block["document"] for block in blocks if "document" in block]

    assert (document["format"], document["source"]) == ("pdf", {"bytes": PDF})
    assert re.fullmatch(r"Q3 report[a-zA-Z0-9 ()\[\]_-]*", document["name"])
    assert any(block.get("text", "").strip() for block in blocks)


def test_audio_is_heard_or_refused_by_name(client: openai.OpenAI, door: Door) -> None:
    part: Any = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}

    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": [part]}])

    assert (caught.value.param or "").startswith("messages[0].content[0]")
    assert door.requests() == []


# Clients, side by side


@pytest.mark.parametrize("hold_after", [None, 0, 3], ids=["before the status", "before a frame", "within"])
@either
def test_bedrock_knows_within_half_a_second_that_a_client_left(
    outcrop: str, door: Door, stream: bool, hold_after: int | None
) -> None:
    """Whoever is not told goes on, and bills."""
    door.script({"hold": "x"} | ({"hold_after": hold_after} if stream and hold_after is not None else {}))

    with calling(outcrop, {**ASK, "stream": stream}):
        door.requests(wait="answering")

    assert door.requests(wait="aborted", timeout=0.5)


@either
def test_a_throttled_request_is_told_so_soon_and_alone(outcrop: str, door: Door, stream: bool) -> None:
    """A 429 with Retry-After, while those who were being answered still are, and others begin."""
    throttled = {"error": {"type": "ThrottlingException", "message": "Too many requests."}, "times": "always"}
    door.script(
        {"when": {"text": "Slow"}, "text": "Slow, but there.", "hold": "slow", "hold_after": 2},
        {"when": {"text": "Throttle"}, **throttled},
    )

    def asking(text: str, stream: bool) -> dict[str, Any]:
        return {"model": MODEL, "messages": [{"role": "user", "content": text}], "stream": stream}

    async def chat() -> tuple[httpx.Response, float, str, int]:
        loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(base_url=f"{outcrop}/v1", timeout=20) as http:
            async with http.stream("POST", "/chat/completions", json=asking("Slow", True)) as slow:
                lines = slow.aiter_lines()
                await anext(lines)  # it has begun
                started = loop.time()
                refused = await http.post("/chat/completions", json=asking("Throttle", stream))
                took = loop.time() - started
                other = await http.post("/chat/completions", json=asking("Hello", stream))
                await asyncio.to_thread(door.release, "slow")
                rest = [line async for line in lines]
            return refused, took, "".join(rest), other.status_code

    refused, took, rest, other = asyncio.run(chat())
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["error"]["code"] == "rate_limit_exceeded"
    assert took < 2
    assert rest.endswith("data: [DONE]")
    assert other == 200


def test_slow_streams_do_not_keep_the_server_from_answering(outcrop: str, door: Door) -> None:
    """Fifty are open and none ends before it has answered."""
    door.script({"hold": "x", "hold_after": 2, "times": "always"})

    async def chat() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=outcrop, limits=limits, timeout=20) as http:
            ask = {**ASK, "stream": True}
            slow = [asyncio.create_task(http.post("/v1/chat/completions", json=ask)) for _ in range(50)]
            await asyncio.to_thread(door.requests, wait="answering", count=50)
            alive = await http.get("/livez")
            assert not any(each.done() for each in slow)
            await asyncio.to_thread(door.release, "x")
            return [alive, *await asyncio.gather(*slow)]

    assert {answer.status_code for answer in asyncio.run(chat())} == {200}


# Models


def test_a_model_that_is_not_listed_is_tried(client: openai.OpenAI, door: Door) -> None:
    """Whether there is one is Bedrock's to say."""
    with pytest.raises(openai.NotFoundError, match="model identifier is invalid"):
        client.chat.completions.create(model="maker.unheard-of-v9:0", messages=HELLO)

    assert [request["modelId"] for request in door.requests()] == ["maker.unheard-of-v9:0"]


def test_an_application_profile_is_its_model(bedrock: str, door: Door) -> None:
    """Its ARN does not say of which family: Bedrock is asked once, however many chats there are."""
    arn = next(
        profile["inferenceProfileArn"]
        for profile in catalogue.inference_profiles()
        if profile["type"] == "APPLICATION" and "claude" in profile["models"][0]["modelArn"]
    )
    ask = {**ASK, "model": arn, "temperature": 0.5, "top_p": 0.5}

    with serving_outcrop() as url, httpx.Client(base_url=url) as http:
        answers = [http.post("/v1/chat/completions", json=ask) for _ in range(3)]

    assert [answer.headers["x-outcrop-model"] for answer in answers] == [arn] * 3
    assert all(answer.headers["x-outcrop-adjusted"].startswith("top_p=dropped") for answer in answers)
    assert [request["operation"] for request in door.requests()] == ["GetInferenceProfile", *["Converse"] * 3]
    assert {request["status"] for request in door.requests()} == {200}


def test_a_profile_that_nobody_may_ask_about_is_used_all_the_same(bedrock: str, door: Door) -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/mi1dadi0g15f"
    denied = {"error": {"type": "AccessDeniedException", "message": "No."}, "times": "always"}
    door.script({"when": {"operation": "GetInferenceProfile"}, **denied})

    with serving_outcrop() as url:
        answer = httpx.post(f"{url}/v1/chat/completions", json={**ASK, "model": arn})

    assert orjson.loads(answer.content)["choices"][0]["message"]["content"]
