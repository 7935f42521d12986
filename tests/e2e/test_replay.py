"""Tools in a stream for a model that streams none: Converse is asked, and the client gets a stream all the same."""

from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from proxy.settings import Settings
from tests.e2e.door import Door
from tests.servers import outcrop as serving_outcrop

ASK: dict[str, Any] = {
    "model": "us.meta.llama3-3-70b-instruct-v1:0",
    "messages": [{"role": "user", "content": "Call get_weather for Paris"}],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string"}},
                    "required": ["city"],
                },
            },
        }
    ],
}


def test_a_tool_call_is_streamed(client: openai.OpenAI, door: Door) -> None:
    with client.chat.completions.stream(**ASK, stream_options={"include_usage": True}) as stream:
        completion = stream.get_final_completion()

    [call] = completion.choices[0].message.tool_calls or []
    assert (call.function.name, call.function.arguments) == ("get_weather", '{"city":"Paris"}')
    assert completion.choices[0].finish_reason == "tool_calls"
    assert completion.usage
    assert [request["operation"] for request in door.requests()] == ["Converse"]


def test_without_tools_it_streams_by_itself(client: openai.OpenAI, door: Door) -> None:
    list(client.chat.completions.create(**{**ASK, "tools": openai.omit}, stream=True))

    assert [request["operation"] for request in door.requests()] == ["ConverseStream"]


def test_a_refusal_is_a_status(client: openai.OpenAI, door: Door) -> None:
    door.script({"times": "always", "error": {"type": "AccessDeniedException", "message": "No."}})

    with pytest.raises(openai.PermissionDeniedError) as caught:
        client.chat.completions.create(**ASK, stream=True)

    assert caught.value.response.headers["x-amzn-requestid"]


@pytest.fixture
def impatient(bedrock: str, door: Door) -> Iterator[str]:
    with serving_outcrop(Settings(keep_alive=0.05)) as url:
        yield url


def test_comments_keep_it_alive_while_the_model_works(impatient: str, door: Door) -> None:
    door.script({"hold": "work"})

    with httpx.stream("POST", f"{impatient}/v1/chat/completions", json={**ASK, "stream": True}) as answer:
        lines = answer.iter_lines()
        assert next(lines) == ": keep-alive"
        door.release("work")
        data = [line for line in lines if line.startswith("data: ")]

    assert answer.status_code == 200
    assert data[-1] == "data: [DONE]"


def test_a_client_that_leaves_is_noticed(impatient: str, door: Door) -> None:
    door.script({"hold": "work"})

    with httpx.stream("POST", f"{impatient}/v1/chat/completions", json={**ASK, "stream": True}):
        assert door.requests(wait="answering")

    assert door.requests(wait="aborted")
