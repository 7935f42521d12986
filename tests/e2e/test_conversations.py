"""Conversations that Bedrock would refuse, sent by the official client: served, and told what was mended."""

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from tests.e2e.door import Door
from tests.samples import MODEL

LONG = "mcp__" + "server_" * 16 + "search.v1"
TOOLS: list[ChatCompletionToolParam] = [
    {"type": "function", "function": {"name": name}} for name in ("github.search", "github_search", LONG)
]
ASK: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Look."}]


def call(id: str, name: str, arguments: str = "{}") -> ChatCompletionMessageParam:
    function = {"name": name, "arguments": arguments}
    return {"role": "assistant", "tool_calls": [{"id": id, "type": "function", "function": function}]}  # type: ignore[typeddict-item]


@pytest.mark.parametrize("name", ["github.search", "github_search", LONG])
def test_a_tool_is_called_by_the_name_that_the_client_gave_it(
    client: openai.OpenAI, door: Door, name: str
) -> None:
    completion = client.chat.completions.create(
        model=MODEL,
        messages=ASK,
        tools=TOOLS,
        tool_choice={"type": "function", "function": {"name": name}},
    )
    (asked,) = completion.choices[0].message.tool_calls or []
    (choice,) = door.converse()["toolConfig"]["toolChoice"].values()

    assert asked.type == "function"
    assert asked.function.name == name
    assert (choice["name"] == name) == (name == "github_search")


@pytest.mark.parametrize("name", ["github.search", "github_search", LONG])
def test_the_same_streamed(client: openai.OpenAI, door: Door, name: str) -> None:
    with client.chat.completions.stream(
        model=MODEL,
        messages=ASK,
        tools=TOOLS,
        tool_choice={"type": "function", "function": {"name": name}},
    ) as stream:
        (asked,) = stream.get_final_completion().choices[0].message.tool_calls or []

    assert asked.function.name == name
    assert len(door.requests()) == 1


def test_what_was_mended_is_told(client: openai.OpenAI, door: Door) -> None:
    answer = client.chat.completions.with_raw_response.create(
        model=MODEL,
        messages=[
            {"role": "assistant", "content": "How can I help?"},
            *ASK,
            call("call|1", "github.search", '{"q":'),
            {"role": "tool", "tool_call_id": "call|1", "content": "nothing"},
            {"role": "tool", "tool_call_id": "call|2", "content": "too late"},
        ],
        tools=TOOLS[:1],
    )

    told = answer.headers["x-outcrop-adjusted"].split(", ")
    assert [entry.partition(";")[0] for entry in told] == [
        "tools[0].function.name=renamed",
        "messages[2].tool_calls[0].function.arguments=repaired",
        "messages[2].tool_calls[0].id=renamed",
        "messages[4].tool_call_id=repaired",
    ]
    assert door.converse()["messages"][2:] == [
        {
            "role": "assistant",
            "content": [
                {"toolUse": {"toolUseId": "call_1", "name": "github_search", "input": {"_raw": '{"q":'}}}
            ],
        },
        {
            "role": "user",
            "content": [
                {"toolResult": {"toolUseId": "call_1", "content": [{"text": "nothing"}]}},
                {"text": "Tool result for call|2: too late"},
            ],
        },
    ]
