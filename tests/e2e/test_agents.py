"""Agents of other people's making, with thinking on: each brings back what Bedrock demands, knowing nothing of it."""

from typing import Any

import openai
import pytest
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import SecretStr
from pydantic_ai import Agent, AgentRunResultEvent
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings
from pydantic_ai.providers.openai import OpenAIProvider

from tests.e2e.agent import (
    REDACTED,
    TOOLS,
    Block,
    asked,
    call,
    fields,
    rule,
    statuses,
    thought,
    thoughts,
    turns,
)
from tests.e2e.door import Door

MODELS = ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us.anthropic.claude-sonnet-4-6"]
QUESTION = "How is the weather in Bern and Rome? Then look at Oslo."
ANSWER = "It is sunny everywhere."


@pytest.fixture
def said(door: Door) -> list[list[Block]]:
    """Two calls at once, another after their results, an answer, and thoughts between."""
    said = [
        [
            thought("Two cities, so two calls."),
            REDACTED,
            {"text": "Let me look."},
            call("Bern"),
            call("Rome"),
        ],
        [thought("One more."), call("Oslo")],
        [thought("All of them have answered."), {"text": ANSWER}],
    ]
    door.script(*(rule(*content) for content in said))
    return said


def check(door: Door, said: list[list[Block]]) -> None:
    """Every request thought; every turn came back with all its blocks, where they were, as they were.

    The local Bedrock has verified the newest turn's; those of older ones are the same from then on.
    """
    bodies = asked(door)
    assert statuses(door) == [200] * len(said)
    assert all("thinking" in fields(body) for body in bodies)
    last = turns(bodies[-1])
    assert [turns(body) for body in bodies] == [last[:count] for count in range(len(bodies))]
    assert [list(map(kind, turn)) for turn in last] == [list(map(kind, content)) for content in said[:-1]]
    assert [words(block) for block in thoughts(bodies[-1])] == ["Two cities, so two calls.", "", "One more."]


def kind(block: Block) -> str:
    [name] = block
    return name


def words(block: Block) -> str:
    text: str = block["reasoningContent"].get("reasoningText", {}).get("text", "")
    return text


# OpenAI's SDK, as its documentation shows it


@pytest.mark.parametrize("model", MODELS)
def test_a_loop_on_the_sdk(client: openai.OpenAI, door: Door, said: list[list[Block]], model: str) -> None:
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    while True:
        completion = client.chat.completions.create(
            model=model, messages=messages, tools=TOOLS, reasoning_effort="high"
        )
        message = completion.choices[0].message
        messages.append(message)
        if not message.tool_calls:
            break
        for each in message.tool_calls:
            messages.append({"role": "tool", "tool_call_id": each.id, "content": "Sunny."})

    assert message.content == ANSWER
    check(door, said)


@pytest.mark.parametrize("model", MODELS)
def test_a_loop_on_the_sdk_s_stream_helper(
    client: openai.OpenAI, door: Door, said: list[list[Block]], model: str
) -> None:
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    while True:
        with client.chat.completions.stream(
            model=model, messages=messages, tools=TOOLS, reasoning_effort="high"
        ) as stream:
            deltas = [event.delta for event in stream if event.type == "content.delta"]
            message = stream.get_final_completion().choices[0].message
        messages.append(message.model_dump(exclude_none=True, exclude={"parsed"}))
        if not message.tool_calls:
            break
        for each in message.tool_calls:
            messages.append({"role": "tool", "tool_call_id": each.id, "content": "Sunny."})

    assert "".join(deltas) == ANSWER
    check(door, said)


# LangChain


@tool
def get_weather(city: str) -> str:
    """How the weather is."""
    return "Sunny."


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model", MODELS)
def test_langchain(outcrop: str, door: Door, said: list[list[Block]], model: str, streaming: bool) -> None:
    """It drops what was thought."""
    chat = ChatOpenAI(
        model=model,
        base_url=f"{outcrop}/v1",
        api_key=SecretStr("langchain"),
        reasoning_effort="high",
        streaming=streaming,
        max_retries=0,
    ).bind_tools([get_weather])
    messages: list[BaseMessage] = [HumanMessage(QUESTION)]
    while (answer := chat.invoke(messages)).tool_calls:
        messages += [answer, *(get_weather.invoke(each) for each in answer.tool_calls)]

    assert answer.content == ANSWER
    check(door, said)


# pydantic-ai


def agent_on(client: openai.AsyncOpenAI, model: str) -> Agent[None, str]:
    """It hands back the text of what was thought, under the name that it came by."""
    chat = OpenAIChatModel(model, provider=OpenAIProvider(openai_client=client))
    agent = Agent(chat, model_settings=OpenAIChatModelSettings(openai_reasoning_effort="high"))

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """How the weather is."""
        return "Sunny."

    return agent


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.anyio
async def test_pydantic_ai(outcrop: str, door: Door, said: list[list[Block]], model: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{outcrop}/v1", api_key="pydantic-ai", max_retries=0) as client:
        answer = await agent_on(client, model).run(QUESTION)

    assert answer.output == ANSWER
    check(door, said)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.anyio
async def test_pydantic_ai_streamed(outcrop: str, door: Door, said: list[list[Block]], model: str) -> None:
    async with (
        openai.AsyncOpenAI(base_url=f"{outcrop}/v1", api_key="pydantic-ai", max_retries=0) as client,
        agent_on(client, model).run_stream_events(QUESTION) as events,
    ):
        *_, last = [event async for event in events]

    assert isinstance(last, AgentRunResultEvent)
    assert last.result.output == ANSWER
    check(door, said)
