"""What only Bedrock has, reached with the official client: guardrails, tiers, latency, fields of the models' own."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from proxy.settings import Guardrail, Settings
from tests.e2e.door import Door
from tests.samples import MODEL
from tests.servers import outcrop as serving_outcrop

HELLO: Any = [{"role": "user", "content": "Hello"}]
NOVA = "us.amazon.nova-pro-v1:0"
GUARDRAIL = {"guardrailIdentifier": "abc123", "guardrailVersion": "2", "trace": "enabled"}
HEADERS = {
    "X-Amzn-Bedrock-GuardrailIdentifier": "fromheaders",
    "X-Amzn-Bedrock-GuardrailVersion": "DRAFT",
    "X-Amzn-Bedrock-Trace": "ENABLED",
}
BLOCKED = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Not that."}]}},
    "stopReason": "guardrail_intervened",
    "trace": {"guardrail": {"actionReason": "Guardrail blocked."}},
}


def test_a_guardrail_by_headers(client: openai.OpenAI, door: Door) -> None:
    client.chat.completions.create(
        model=MODEL, messages=HELLO, extra_headers=HEADERS, extra_body={"guardrailConfig": GUARDRAIL}
    )

    assert door.converse()["guardrailConfig"] == {
        "guardrailIdentifier": "fromheaders",
        "guardrailVersion": "DRAFT",
        "trace": "enabled",
    }


def test_headers_that_name_no_guardrail(client: openai.OpenAI, door: Door) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model=MODEL, messages=HELLO, extra_headers={**HEADERS, "X-Amzn-Bedrock-GuardrailVersion": "two"}
        )

    assert (caught.value.param, caught.value.code) == ("X-Amzn-Bedrock-GuardrailVersion", "invalid_value")
    assert door.requests() == []


@pytest.fixture(scope="module")
def guarded(bedrock: str) -> Iterator[openai.OpenAI]:
    settings = Settings(guardrail=Guardrail(identifier="bysetting", version="7"))
    with (
        serving_outcrop(settings) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client,
    ):
        yield client


def test_a_guardrail_by_setting(guarded: openai.OpenAI, door: Door) -> None:
    for body in ({}, {"guardrailConfig": GUARDRAIL}):
        guarded.chat.completions.create(model=MODEL, messages=HELLO, extra_body=body)

    assert [request["body"]["guardrailConfig"] for request in door.requests()] == [
        {"guardrailIdentifier": "bysetting", "guardrailVersion": "7"},
        GUARDRAIL,
    ]


def test_a_guardrail_that_intervenes(client: openai.OpenAI, door: Door) -> None:
    door.script({"response": BLOCKED, "times": "always"})
    whole = client.chat.completions.create(
        model=MODEL, messages=HELLO, extra_body={"guardrailConfig": GUARDRAIL}
    )
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=HELLO, extra_body={"guardrailConfig": GUARDRAIL}, stream=True
        )
    )

    assert whole.choices[0].finish_reason == "content_filter"
    assert beside(whole) == {"trace": BLOCKED["trace"]}
    assert [chunk.choices[0].finish_reason for chunk in chunks[-2:]] == ["content_filter", None]
    assert beside(chunks[-1]) == {"trace": BLOCKED["trace"]}


def test_every_choice_has_its_own_trace(client: openai.OpenAI, door: Door) -> None:
    asked: dict[str, Any] = {"model": MODEL, "messages": HELLO, "n": 2}
    asked |= {"extra_body": {"guardrailConfig": GUARDRAIL}}
    whole = client.chat.completions.create(**asked)
    chunks = list(
        client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    )

    told = [choice for chunk in chunks for choice in chunk.choices if beside_choice(choice)]
    assert all("guardrail" in beside_choice(choice)["trace"] for choice in whole.choices)
    assert sorted(choice.index for choice in told) == [0, 1]
    assert [bool(chunk.usage) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1].usage == whole.usage


def test_the_stream_helper_takes_what_is_said_beside(client: openai.OpenAI, door: Door) -> None:
    with client.chat.completions.stream(
        model=MODEL,
        messages=HELLO,
        extra_body={"guardrailConfig": GUARDRAIL},
        stream_options={"include_usage": True},
    ) as stream:
        completion = stream.get_final_completion()

    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage


def test_fields_of_converse(client: openai.OpenAI, door: Door) -> None:
    own = {
        "additionalModelRequestFields": {"inferenceConfig": {"topK": 5}},
        "performanceConfig": {"latency": "optimized"},
        "requestMetadata": {"team": "search"},
    }
    completion = client.chat.completions.create(
        model=NOVA, messages=HELLO, service_tier="priority", extra_body={"bedrock": own, "top_k": 9}
    )
    asked = door.converse()

    assert {name: asked[name] for name in own} == own
    assert asked["serviceTier"] == {"type": "priority"}
    assert completion.service_tier == "priority"
    assert beside(completion) == {"performanceConfig": {"latency": "optimized"}}


def test_the_tier_that_was_served_is_told_with_the_usage(client: openai.OpenAI, door: Door) -> None:
    chunks = list(
        client.chat.completions.create(
            model=NOVA,
            messages=HELLO,
            service_tier="flex",
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    assert [chunk.service_tier for chunk in chunks] == [None] * (len(chunks) - 1) + ["flex"]
    assert chunks[-1].choices == []


def test_a_misspelt_member_is_refused(client: openai.OpenAI, door: Door) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model=NOVA, messages=HELLO, extra_body={"bedrock": {"performanceConfg": {"latency": "optimized"}}}
        )

    assert (caught.value.param, caught.value.code) == ("bedrock.performanceConfg", "unsupported_parameter")
    assert door.requests() == []


def beside(answer: Any) -> Any:
    return beside_choice(answer.choices[0])


def beside_choice(choice: Any) -> Any:
    return (choice.model_extra or {}).get("bedrock")
