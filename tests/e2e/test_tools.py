"""Tools of every kind through the official client: custom ones, functions as they were, choices."""

from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.e2e.door import Door
from tests.samples import MODEL

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"

PATCH: Any = {"type": "custom", "custom": {"name": "apply.patch", "description": "Changes files."}}
WEATHER: Any = {
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
INPUT = '+print("Grüezi")\n'


def tool_use(name: str, input: Any) -> Any:
    return {"toolUse": {"toolUseId": f"tooluse_{name}", "name": name, "input": input}}


def answer(*blocks: Any) -> Any:
    return {"response": {"output": {"message": {"role": "assistant", "content": list(blocks)}}}}


def test_a_custom_tool_is_called_and_answered(client: openai.OpenAI, door: Door) -> None:
    door.script(answer(tool_use("apply_patch", {"input": INPUT})))
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Greet."}]
    called = client.chat.completions.create(model=MODEL, messages=messages, tools=[PATCH]).choices[0]

    assert called.finish_reason == "tool_calls"
    (call,) = called.message.tool_calls or []
    assert call.type == "custom"
    assert (call.custom.name, call.custom.input) == ("apply.patch", INPUT)

    messages += [
        called.message.model_dump(),  # type: ignore[list-item]
        {"role": "tool", "tool_call_id": call.id, "content": "Done."},
    ]
    answered = client.chat.completions.create(model=MODEL, messages=messages, tools=[PATCH]).choices[0]

    assert "apply_patch returned: Done." in (answered.message.content or "")
    sent = door.requests()[-1]["body"]["messages"][1]["content"]
    assert sent == [tool_use("apply_patch", {"input": INPUT})]


def test_the_input_of_a_custom_tool_is_streamed(client: openai.OpenAI, door: Door) -> None:
    door.script(answer(tool_use("apply_patch", {"input": INPUT})))
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "Greet."}], tools=[PATCH], stream=True
        )
    )
    # The SDK's type of a delta has no custom: it keeps what it does not know.
    deltas: list[Any] = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]

    assert [(call.index, call.type, call.custom["name"]) for call in deltas if call.id] == [
        (0, "custom", "apply.patch")
    ]
    assert "".join(call.custom["input"] for call in deltas) == INPUT
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_a_function_is_called_and_answered(client: openai.OpenAI) -> None:
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Call get_weather for Paris."}]
    called = client.chat.completions.create(model=MODEL, messages=messages, functions=[WEATHER]).choices[0]

    assert called.finish_reason == "function_call"
    assert called.message.tool_calls is None
    assert called.message.function_call is not None
    assert called.message.function_call.name == "get_weather"
    assert called.message.function_call.arguments == '{"city":"Paris"}'

    messages += [
        called.message.model_dump(),  # type: ignore[list-item]
        {"role": "function", "name": "get_weather", "content": "18 degrees"},
    ]
    answered = client.chat.completions.create(model=MODEL, messages=messages, functions=[WEATHER]).choices[0]

    assert answered.finish_reason == "stop"
    assert "get_weather returned: 18 degrees." in (answered.message.content or "")


def test_a_call_of_a_function_is_streamed(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "Call get_weather for Paris."}],
            functions=[WEATHER],
            stream=True,
        )
    )
    deltas = [call for chunk in chunks if (call := chunk.choices[0].delta.function_call)]

    assert "".join(call.name or "" for call in deltas) == "get_weather"
    assert "".join(call.arguments or "" for call in deltas) == '{"city":"Paris"}'
    assert chunks[-1].choices[0].finish_reason == "function_call"


@pytest.mark.parametrize("mode", ["auto", "required"])
def test_only_the_allowed_tools_are_offered(client: openai.OpenAI, door: Door, mode: Any) -> None:
    tools: list[Any] = [{"type": "function", "function": {"name": name}} for name in ("look", "leap")]
    client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Hi"}],
        tools=tools,
        tool_choice={"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools[1:]}},
    )

    (sent,) = door.converse()["toolConfig"]["tools"]
    assert sent["toolSpec"]["name"] == "leap"


def test_no_call_comes_out_where_none_is_allowed(client: openai.OpenAI, door: Door) -> None:
    """Though the history holds some, for which Converse would demand tools."""
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    history: list[Any] = [
        {"role": "user", "content": "Call get_weather."},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Sunny."},
        {"role": "user", "content": "Call get_weather again."},
    ]
    completion = client.chat.completions.create(
        model=CLAUDE,
        messages=history,
        tools=[{"type": "function", "function": WEATHER}],
        tool_choice="none",
    )

    assert completion.choices[0].finish_reason == "stop"
    assert "toolConfig" not in door.converse()


def test_calls_are_made_one_at_a_time_where_that_is_asked(client: openai.OpenAI, door: Door) -> None:
    client.chat.completions.create(
        model=CLAUDE,
        messages=[{"role": "user", "content": "Hi"}],
        tools=[{"type": "function", "function": WEATHER}],
        parallel_tool_calls=False,
    )

    assert door.converse()["additionalModelRequestFields"] == {
        "tool_choice": {"disable_parallel_tool_use": True}
    }
