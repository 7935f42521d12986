"""The official OpenAI client, sync and async, over sockets: whatever its users call works unchanged."""

import asyncio
from typing import Any

import openai
import pytest
from openai.types.chat import (
    ChatCompletionChunk,
    ChatCompletionMessageParam,
    ChatCompletionToolParam,
)
from pydantic import BaseModel

from tests.e2e.door import Door
from tests.samples import MODEL, PNG

SCHEMA_MODEL = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
NOVA = "us.amazon.nova-lite-v1:0"
LLAMA = "us.meta.llama3-3-70b-instruct-v1:0"

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
ANSWER = 'You said: "Hello". I received 1 turn, no system prompt, 0 images, 0 documents and 0 tools.'

WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
STRICT_WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
TIME: ChatCompletionToolParam = {"type": "function", "function": {"name": "get_time"}}


class Recipe(BaseModel):
    title: str
    minutes: int
    steps: list[str]


def text(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def async_client(outcrop: str) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{outcrop}/v1", api_key="any", max_retries=0)


# Chat


def test_create(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(model=MODEL, messages=HELLO)

    assert completion.object == "chat.completion"
    assert completion.id.startswith("chatcmpl-")
    assert completion.model == MODEL
    assert completion.choices[0].message.content == ANSWER
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert (
        completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    )


def test_create_streamed(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model=MODEL, messages=HELLO, stream=True))

    assert text(chunks) == ANSWER
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].delta.role for chunk in chunks[1:]] == [None] * (len(chunks) - 1)
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)


def test_async_create(outcrop: str) -> None:
    async def chat() -> str | None:
        async with async_client(outcrop) as client:
            completion = await client.chat.completions.create(model=MODEL, messages=HELLO)
            return completion.choices[0].message.content

    assert asyncio.run(chat()) == ANSWER


def test_async_create_streamed(outcrop: str) -> None:
    async def chat() -> str:
        async with async_client(outcrop) as client:
            stream = await client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
            return text([chunk async for chunk in stream])

    assert asyncio.run(chat()) == ANSWER


def test_stream_helper(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model=MODEL, messages=HELLO) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        completion = stream.get_final_completion()

    assert "".join(deltas) == ANSWER == completion.choices[0].message.content
    assert completion.choices[0].message.role == "assistant"
    assert completion.choices[0].finish_reason == "stop"


def test_async_stream_helper(outcrop: str) -> None:
    async def chat() -> str | None:
        async with (
            async_client(outcrop) as client,
            client.chat.completions.stream(model=MODEL, messages=HELLO) as stream,
        ):
            return (await stream.get_final_completion()).choices[0].message.content

    assert asyncio.run(chat()) == ANSWER


def test_parse(client: openai.OpenAI, door: Door) -> None:
    completion = client.chat.completions.parse(model=SCHEMA_MODEL, messages=HELLO, response_format=Recipe)

    assert isinstance(completion.choices[0].message.parsed, Recipe)
    assert "textFormat" in door.converse()["outputConfig"]


def test_async_parse(outcrop: str, door: Door) -> None:
    async def chat() -> Recipe | None:
        async with async_client(outcrop) as client:
            completion = await client.chat.completions.parse(
                model=SCHEMA_MODEL, messages=HELLO, response_format=Recipe
            )
            return completion.choices[0].message.parsed

    assert isinstance(asyncio.run(chat()), Recipe)


def test_parse_streamed(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model=SCHEMA_MODEL, messages=HELLO, response_format=Recipe) as stream:
        completion = stream.get_final_completion()

    assert isinstance(completion.choices[0].message.parsed, Recipe)


FENCED = 'Gladly!\n```json\n{"title": "Rösti", "minutes": 30, "steps": []}\n```\nEnjoy {it}!'


def test_parse_where_a_tool_stands_for_the_schema(client: openai.OpenAI, door: Door) -> None:
    whole = client.chat.completions.parse(model=NOVA, messages=HELLO, response_format=Recipe)
    with client.chat.completions.stream(model=NOVA, messages=HELLO, response_format=Recipe) as stream:
        deltas = [event for event in stream if event.type == "content.delta"]
        streamed = stream.get_final_completion()

    assert len(deltas) > 1
    for completion in (whole, streamed):
        assert isinstance(completion.choices[0].message.parsed, Recipe)
        assert completion.choices[0].message.tool_calls is None
        assert completion.choices[0].finish_reason == "stop"
    assert [list(request["body"]["toolConfig"]["toolChoice"]) for request in door.requests()] == [
        ["tool"]
    ] * 2


def test_parse_beside_tools(client: openai.OpenAI, door: Door) -> None:
    """The model calls a tool of the user's, and then answers."""
    asked: Any = {"model": NOVA, "tools": [STRICT_WEATHER], "response_format": Recipe}
    messages: list[Any] = [{"role": "user", "content": "Call get_weather for Paris."}]
    called = client.chat.completions.parse(**asked, messages=messages).choices[0]

    assert called.finish_reason == "tool_calls"
    (call,) = called.message.tool_calls or []
    assert call.function.name == "get_weather"

    messages += [called.message.model_dump(), {"role": "tool", "tool_call_id": call.id, "content": "Sunny."}]
    answered = client.chat.completions.parse(**asked, messages=messages).choices[0]

    assert isinstance(answered.message.parsed, Recipe)
    assert answered.finish_reason == "stop"


def test_parse_where_words_stand_for_the_schema(client: openai.OpenAI, door: Door) -> None:
    door.script({"text": FENCED, "times": 2})

    whole = client.chat.completions.parse(model=LLAMA, messages=HELLO, response_format=Recipe)
    with client.chat.completions.stream(model=LLAMA, messages=HELLO, response_format=Recipe) as stream:
        streamed = stream.get_final_completion()

    for completion in (whole, streamed):
        assert completion.choices[0].message.parsed == Recipe(title="Rösti", minutes=30, steps=[])
        assert completion.choices[0].finish_reason == "stop"
    assert all("JSON schema" in request["body"]["system"][-1]["text"] for request in door.requests())


def test_json_mode(client: openai.OpenAI, door: Door) -> None:
    door.script({"text": FENCED})

    answer = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=HELLO, response_format={"type": "json_object"}
    )

    assert answer.parse().choices[0].message.content == '{"title": "Rösti", "minutes": 30, "steps": []}'
    assert answer.headers["x-outcrop-adjusted"].startswith("response_format=emulated; ")


def test_a_parsed_answer_that_was_cut_is_told_as_such(client: openai.OpenAI) -> None:
    with pytest.raises(openai.LengthFinishReasonError):
        client.chat.completions.parse(
            model=SCHEMA_MODEL, messages=HELLO, response_format=Recipe, max_tokens=1
        )


# The conversation


def test_system_and_developer_messages_are_the_system_prompt(client: openai.OpenAI, door: Door) -> None:
    client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
            *HELLO,
        ],
    )

    assert door.converse()["system"] == [{"text": "Be brief."}, {"text": "Be kind."}]


def test_images_by_data_url(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(
        model=MODEL,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What are these?"},
                    {
                        "type": "image_url",
                        "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "high"},
                    },
                    {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{PNG}"}},
                ],
            }
        ],
    )

    assert "2 images" in (completion.choices[0].message.content or "")


def test_a_tool_call_and_its_result(client: openai.OpenAI) -> None:
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Call get_weather for Paris."}]
    called = client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER, TIME]).choices[0]

    assert called.finish_reason == "tool_calls"
    (call,) = called.message.tool_calls or []
    assert call.type == "function"
    assert (call.function.name, call.function.arguments) == ("get_weather", '{"city":"Paris"}')

    messages += [
        # As many users do it: the answer's message goes back as it came.
        called.message.model_dump(),  # type: ignore[list-item]
        {"role": "tool", "tool_call_id": call.id, "content": "18 degrees"},
    ]
    answered = client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER, TIME]).choices[
        0
    ]

    assert answered.finish_reason == "stop"
    assert "get_weather returned: 18 degrees." in (answered.message.content or "")


def test_two_parallel_tool_calls_and_their_results(client: openai.OpenAI) -> None:
    messages: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": "Call get_weather for Paris, and get_time."}
    ]
    called = client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER, TIME]).choices[0]
    calls = [call for call in called.message.tool_calls or [] if call.type == "function"]

    assert [call.function.name for call in calls] == ["get_weather", "get_time"]
    assert len({call.id for call in calls}) == 2

    messages += [
        called.message.to_dict(),  # type: ignore[list-item]
        {"role": "tool", "tool_call_id": calls[0].id, "content": "18 degrees"},
        {"role": "tool", "tool_call_id": calls[1].id, "content": [{"type": "text", "text": "noon"}]},
    ]
    answered = client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER, TIME]).choices[
        0
    ]

    assert "get_weather returned: 18 degrees." in (answered.message.content or "")
    assert "get_time returned: noon." in (answered.message.content or "")


def test_two_parallel_tool_calls_streamed(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "Call get_weather for Paris, and get_time."}],
            tools=[WEATHER, TIME],
            stream=True,
        )
    )
    deltas = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]

    assert [(call.index, call.function.name) for call in deltas if call.id and call.function] == [
        (0, "get_weather"),
        (1, "get_time"),
    ]
    assert arguments(deltas, 0) == '{"city":"Paris"}'
    assert arguments(deltas, 1) == "{}"
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def arguments(deltas: list[Any], index: int) -> str:
    return "".join(delta.function.arguments or "" for delta in deltas if delta.index == index)


def test_tool_calls_through_the_stream_helper(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(
        model=MODEL, messages=[{"role": "user", "content": "Call get_weather for Paris."}], tools=[WEATHER]
    ) as stream:
        done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]
        completion = stream.get_final_completion()

    assert [(event.name, event.arguments) for event in done] == [("get_weather", '{"city":"Paris"}')]
    assert completion.choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_time"}}])
def test_a_tool_call_may_be_required(client: openai.OpenAI, choice: Any) -> None:
    completion = client.chat.completions.create(
        model=MODEL, messages=HELLO, tools=[TIME, WEATHER], tool_choice=choice
    )

    (call,) = completion.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert call.function.name == "get_time"


def test_no_tool_is_called_when_none_is_allowed(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Call get_time."}],
        tools=[TIME],
        tool_choice="none",
    )

    assert completion.choices[0].message.tool_calls is None
    assert completion.choices[0].finish_reason == "stop"


# Parameters


@pytest.mark.parametrize("stream", [False, True])
def test_the_end_of_the_tokens_is_length(client: openai.OpenAI, stream: bool) -> None:
    asked: dict[str, Any] = {"model": MODEL, "messages": HELLO, "stream": stream, "max_tokens": 2}

    assert last_finish_reason(client, asked) == "length"


@pytest.mark.parametrize("stop", ["received", ["nothing", "received"]])
@pytest.mark.parametrize("stream", [False, True])
def test_a_stop_sequence_is_stop(client: openai.OpenAI, stream: bool, stop: Any) -> None:
    asked: dict[str, Any] = {"model": MODEL, "messages": HELLO, "stream": stream, "stop": stop}

    assert last_finish_reason(client, asked) == "stop"


def last_finish_reason(client: openai.OpenAI, asked: dict[str, Any]) -> str | None:
    answer = client.chat.completions.create(**asked)
    chunks: list[Any] = list(answer) if asked["stream"] else [answer]
    reason: str | None = chunks[-1].choices[0].finish_reason
    return reason


def test_usage_comes_in_one_last_chunk_when_asked_for(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )

    assert [chunk.usage for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert all(chunk.choices for chunk in chunks[:-1])
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0


@pytest.mark.parametrize("options", [None, {}, {"include_usage": False}, {"include_usage": None}])
def test_usage_does_not_come_when_not_asked_for(client: openai.OpenAI, options: Any) -> None:
    chunks = list(
        client.chat.completions.create(model=MODEL, messages=HELLO, stream=True, stream_options=options)
    )

    assert [chunk for chunk in chunks if chunk.usage or not chunk.choices] == []


NULLABLE = [
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "metadata",
    "modalities",
    "moderation",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
]


@pytest.mark.parametrize("stream", [None, False, True])
def test_null_is_the_same_as_absent(client: openai.OpenAI, door: Door, stream: bool | None) -> None:
    nulls = dict.fromkeys(NULLABLE) | {"stream": stream}
    answer = client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO, extra_body=nulls)

    assert answer.status_code == 200
    assert "x-outcrop-adjusted" not in answer.headers
    assert door.converse() == {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}


def test_null_is_the_same_as_absent_inside_a_message(client: openai.OpenAI, door: Door) -> None:
    history: Any = [
        {"role": "user", "content": "Hello", "name": None},
        {
            "role": "assistant",
            "content": "Hi",
            "refusal": None,
            "tool_calls": None,
            "function_call": None,
            "audio": None,
            "annotations": None,
        },
        {"role": "user", "content": "Go on"},
    ]
    tool: Any = {
        "type": "function",
        "function": {"name": "f", "description": None, "parameters": None, "strict": None},
    }
    client.chat.completions.create(model=MODEL, messages=history, tools=[tool])

    assert [len(message["content"]) for message in door.converse()["messages"]] == [1, 1, 1]


def test_fields_that_are_hints_are_taken_and_ignored(client: openai.OpenAI, door: Door) -> None:
    client.chat.completions.create(
        model=MODEL,
        messages=HELLO,
        n=1,
        seed=7,
        store=False,
        user="someone",
        prompt_cache_key="k",
        safety_identifier="s",
        verbosity="low",
        prediction={"type": "content", "content": "x"},
        frequency_penalty=0,
        presence_penalty=0,
        logprobs=False,
        logit_bias={},
        top_p=1,
        service_tier="auto",
        parallel_tool_calls=True,
        modalities=["text"],
        extra_body={"something_new": {"deep": [1]}},
    )

    assert door.converse() == {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}


# Headers


def test_headers_name_the_request_and_the_model(client: openai.OpenAI, door: Door) -> None:
    answer = client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO)

    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.parse()._request_id == answer.headers["x-request-id"]
    assert answer.headers["x-amzn-requestid"] == door.requests()[0]["id"]
    assert answer.headers["x-outcrop-model"] == MODEL
    assert "x-outcrop-adjusted" not in answer.headers


def test_async_raw_responses(outcrop: str, door: Door) -> None:
    async def chat() -> tuple[str, str | None, str, str]:
        async with async_client(outcrop) as client:
            raw = client.chat.completions.with_raw_response
            whole = await raw.create(model=MODEL, messages=HELLO)
            streamed = await raw.create(model=MODEL, messages=HELLO, stream=True)
            chunks = [chunk async for chunk in streamed.parse()]
            said = whole.parse().choices[0].message.content
            return whole.headers["x-outcrop-model"], said, streamed.headers["x-amzn-requestid"], text(chunks)

    model, said, aws_request_id, streamed = asyncio.run(chat())
    assert (model, said, streamed) == (MODEL, ANSWER, ANSWER)
    assert aws_request_id == door.requests()[1]["id"]


def test_headers_of_a_stream(client: openai.OpenAI, door: Door) -> None:
    with client.chat.completions.with_streaming_response.create(
        model=MODEL, messages=HELLO, stream=True
    ) as answer:
        lines = list(answer.iter_lines())

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.headers["x-amzn-requestid"] == door.requests()[0]["id"]
    assert answer.headers["x-outcrop-model"] == MODEL
    assert {line[:6] for line in lines if line} == {"data: "}
    assert [line for line in lines if line][-1] == "data: [DONE]"


def test_what_was_changed_is_told(client: openai.OpenAI) -> None:
    answer = client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO, temperature=1.5)

    assert answer.headers["x-outcrop-adjusted"].startswith("temperature=clamped; ")


# Models


def test_models_are_listed(client: openai.OpenAI) -> None:
    models = list(client.models.list())

    assert MODEL in [model.id for model in models]
    assert {model.object for model in models} == {"model"}
    assert all(isinstance(model.created, int) and model.owned_by for model in models)


def test_every_listed_model_can_be_retrieved(client: openai.OpenAI) -> None:
    models = list(client.models.list())

    assert [client.models.retrieve(model.id) for model in models] == models
    # The SDK leaves the colon and sends the slash of an ARN as %2F.
    assert any(":" in model.id for model in models)
    assert any("/" in model.id for model in models)


def test_models_asynchronously(outcrop: str) -> None:
    async def models() -> tuple[list[str], str]:
        async with async_client(outcrop) as client:
            return [model.id async for model in client.models.list()], (
                await client.models.retrieve(MODEL)
            ).id

    listed, retrieved = asyncio.run(models())
    assert retrieved == MODEL
    assert MODEL in listed


@pytest.mark.parametrize("wanted", ["nobody.knows-this", "openai/gpt", "arn:aws:bedrock:x:1:y/z"])
def test_a_model_that_is_not_there(client: openai.OpenAI, wanted: str) -> None:
    with pytest.raises(openai.NotFoundError, match=wanted) as caught:
        client.models.retrieve(wanted)

    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    assert (caught.value.request_id or "").startswith("req_")


def test_a_chat_with_a_listed_arn(client: openai.OpenAI, door: Door) -> None:
    arn = next(model.id for model in client.models.list() if model.id.startswith("arn:"))
    answer = client.chat.completions.with_raw_response.create(model=arn, messages=HELLO)

    assert answer.headers["x-outcrop-model"] == arn
    assert door.requests()[-1]["modelId"] == arn
