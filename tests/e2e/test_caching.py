"""Prompt caching through the front door: an agent that knows nothing of it pays for each token once."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import openai
import pytest

from proxy.settings import Cache, Settings
from tests.e2e.door import Door
from tests.servers import outcrop as serving_outcrop

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
NOVA = "us.amazon.nova-pro-v1:0"
LLAMA = "us.meta.llama3-3-70b-instruct-v1:0"

PROSE = "The pilot boards at the outer buoy; ships over forty metres wait for the tide. " * 60
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "harbour.weather",  # harbour_weather to Bedrock, each time
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def turns(client: openai.OpenAI, model: str, *, stream: bool = False) -> Iterator[Any]:
    """The usage of each turn of an agent that calls a tool twice, and is then asked something else."""
    # The local Bedrock's cache outlives a test: each has a prompt of its own.
    messages: list[Any] = [{"role": "system", "content": f"{uuid4()} {PROSE}"}]
    for city in ("Genoa", "Bern"):
        messages.append({"role": "user", "content": f"Call harbour_weather for {city}"})
        for _ in range(2):  # the call, and the answer to its result
            said, usage = answered(client, model, messages, stream)
            messages.append(said)
            for call in said.get("tool_calls") or []:
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": "Fair. " * 20})
            yield usage


def answered(client: openai.OpenAI, model: str, messages: Any, stream: bool) -> tuple[dict[str, Any], Any]:
    if not stream:
        completion: Any = client.chat.completions.create(model=model, messages=messages, tools=[WEATHER])
    else:
        with client.chat.completions.stream(
            model=model, messages=messages, tools=[WEATHER], stream_options={"include_usage": True}
        ) as events:
            completion = events.get_final_completion()
    said = completion.choices[0].message.model_dump(exclude_none=True, exclude={"parsed"})
    return said, completion.usage


@pytest.mark.parametrize("stream", [False, True])
def test_each_turn_of_an_agent_reads_what_the_last_one_wrote(
    client: openai.OpenAI, door: Door, stream: bool
) -> None:
    usages = list(turns(client, CLAUDE, stream=stream))
    details = [usage.prompt_tokens_details for usage in usages]

    assert len(usages) == 4
    written = 0
    for usage, each in zip(usages, details, strict=True):
        assert each.cached_tokens >= written, "all that was written is read"
        written = each.cached_tokens + each.cache_write_tokens
        assert usage.prompt_tokens == written, "the whole prompt is before the last point"
    assert [each.cached_tokens for each in details] == sorted({each.cached_tokens for each in details})


def test_a_model_that_takes_fewer_points_caches_what_it_can(client: openai.OpenAI, door: Door) -> None:
    details = [usage.prompt_tokens_details for usage in turns(client, NOVA)]

    assert all(each.cached_tokens > 1000 for each in details[1:])


def test_a_model_that_caches_nothing_is_served(client: openai.OpenAI, door: Door) -> None:
    assert [usage.prompt_tokens_details for usage in turns(client, LLAMA)] == [None] * 4


def test_a_client_that_marks_its_prompt_is_taken_at_its_word(client: openai.OpenAI, door: Door) -> None:
    system: Any = {
        "role": "system",
        "content": [
            {"type": "text", "text": PROSE, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {"type": "text", "text": "Today is Friday."},
        ],
    }
    client.chat.completions.create(model=CLAUDE, messages=[system, {"role": "user", "content": PROSE}])
    asked = door.converse()

    assert [next(iter(block)) for block in asked["system"]] == ["text", "cachePoint", "text"]
    assert asked["system"][1]["cachePoint"] == {"type": "default", "ttl": "1h"}
    assert [next(iter(block)) for block in asked["messages"][0]["content"]] == ["text"]


@pytest.fixture(scope="module")
def uncached(bedrock: str) -> Iterator[openai.OpenAI]:
    with (
        serving_outcrop(Settings(cache=Cache(automatic=False))) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client,
    ):
        yield client


def test_a_setting_leaves_caching_to_the_clients(uncached: openai.OpenAI, door: Door) -> None:
    uncached.chat.completions.create(model=CLAUDE, messages=[{"role": "user", "content": PROSE}])

    assert [next(iter(block)) for block in door.converse()["messages"][0]["content"]] == ["text"]
