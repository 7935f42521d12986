"""How a wish to think reaches each family, and what gives way to it."""

from typing import Any, cast

import pytest

from tests.plans import converse
from translators.chat import Plan, plan
from translators.chat.adjustments import Adjustments
from translators.chat.reasoning import Wish, wish
from translators.chat.thinking import thinking
from translators.converse import InferenceConfig
from translators.openai import ChatCompletionRequest
from translators.quirks import quirks_for
from translators.shapes import conform

CLAUDE_4_5 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize(
    ("said", "wished"),
    [
        ({}, None),
        ({"reasoning_effort": None, "reasoning": None, "thinking": None}, None),
        ({"reasoning_effort": "low"}, Wish("reasoning_effort", "low")),
        ({"reasoning": {"effort": "high"}}, Wish("reasoning", "high")),
        ({"reasoning": {"max_tokens": 2000}}, Wish("reasoning", None, 2000)),
        ({"reasoning": {"enabled": True}}, Wish("reasoning", None)),
        ({"reasoning": {"enabled": False, "effort": "high"}}, Wish("reasoning", "none")),
        ({"reasoning": {"exclude": True}}, None),
        ({"thinking": {"type": "enabled", "budget_tokens": 3000}}, Wish("thinking", None, 3000)),
        ({"thinking": {"type": "adaptive"}}, Wish("thinking", None)),
        ({"thinking": {"type": "disabled"}}, Wish("thinking", "none")),
        (
            {"reasoning_effort": "low", "reasoning": {"effort": "high"}, "thinking": {"type": "disabled"}},
            Wish("thinking", "none"),
        ),
        ({"reasoning_effort": "low", "reasoning": {"effort": "high"}}, Wish("reasoning", "high")),
    ],
)
def test_the_three_forms(said: dict[str, Any], wished: Wish | None) -> None:
    assert wish(conform({**CHAT, **said}, ChatCompletionRequest)) == wished


BUDGET = "thinking enabled"


def asked(model: str, wished: Wish, **config: Any) -> tuple[dict[str, Any], InferenceConfig, list[str]]:
    adjusted = Adjustments()
    fields, left = thinking(wished, cast(InferenceConfig, config), quirks_for(model), adjusted)
    return fields, left, [f"{each.field} {each.verb}" for each in adjusted.made()]


def effort(level: str) -> Wish:
    return Wish("reasoning_effort", level)


def enabled(tokens: int) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": tokens}}


@pytest.mark.parametrize(
    ("wished", "config", "fields", "left", "told"),
    [
        (effort("minimal"), {}, enabled(1024), {}, []),
        (effort("high"), {}, enabled(16_384), {}, []),
        (effort("max"), {}, enabled(32_000), {}, []),
        (effort("high"), {"maxTokens": 8000}, enabled(4000), {"maxTokens": 8000}, []),
        (effort("low"), {"maxTokens": 100}, enabled(1024), {"maxTokens": 1124}, ["max_tokens repaired"]),
        (effort("low"), {"maxTokens": 1024}, enabled(1024), {"maxTokens": 2048}, ["max_tokens repaired"]),
        (Wish("thinking", None, 5000), {"maxTokens": 8000}, enabled(5000), {"maxTokens": 8000}, []),
        (
            Wish("thinking", None, 5000),
            {"maxTokens": 4096},
            enabled(5000),
            {"maxTokens": 9096},
            ["max_tokens repaired"],
        ),
        (Wish("thinking", None, 10), {}, enabled(1024), {}, ["thinking clamped"]),
        (
            Wish("thinking", None, 200_000),
            {"maxTokens": 64_000},
            enabled(62_976),
            {"maxTokens": 64_000},
            ["thinking clamped", "max_tokens repaired"],
        ),
        (Wish("reasoning", None), {}, enabled(8192), {}, []),
        (effort("none"), {"maxTokens": 5}, {}, {"maxTokens": 5}, []),
    ],
)
def test_a_budget_is_at_least_1024_and_below_max_tokens(
    wished: Wish, config: dict[str, int], fields: Any, left: Any, told: list[str]
) -> None:
    assert asked(CLAUDE_4_5, wished, **config) == (fields, left, told)


def adaptive(level: str = "", **shown: str) -> dict[str, Any]:
    return {
        "thinking": {"type": "adaptive", **shown},
        **({"output_config": {"effort": level}} if level else {}),
    }


@pytest.mark.parametrize(
    ("model", "wished", "fields", "told"),
    [
        ("anthropic.claude-opus-4-6-v1", effort("high"), adaptive("high"), []),
        ("anthropic.claude-opus-4-6-v1", effort("xhigh"), adaptive("high"), ["reasoning_effort clamped"]),
        ("anthropic.claude-opus-4-6-v1", effort("max"), adaptive("max"), []),
        ("anthropic.claude-sonnet-4-6", effort("max"), adaptive("high"), ["reasoning_effort clamped"]),
        ("anthropic.claude-sonnet-4-6", effort("minimal"), adaptive("low"), ["reasoning_effort clamped"]),
        ("anthropic.claude-sonnet-4-6", Wish("thinking", None), adaptive(), []),
        ("anthropic.claude-sonnet-4-6", Wish("thinking", None, 9000), adaptive("medium"), []),
        ("anthropic.claude-opus-4-7", effort("xhigh"), adaptive("xhigh", display="summarized"), []),
        ("anthropic.claude-opus-5", effort("none"), {"thinking": {"type": "disabled"}}, []),
        ("anthropic.claude-opus-4-7", effort("none"), {}, []),
        (
            "anthropic.claude-fable-5",
            effort("none"),
            adaptive("low", display="summarized"),
            ["reasoning_effort dropped"],
        ),
        (
            "us.amazon.nova-2-lite-v1:0",
            effort("low"),
            {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}},
            [],
        ),
        ("openai.gpt-oss-120b-1:0", effort("high"), {"reasoning_effort": "high"}, []),
        (
            "openai.gpt-oss-120b-1:0",
            effort("none"),
            {"reasoning_effort": "low"},
            ["reasoning_effort dropped"],
        ),
        ("openai.gpt-5.6-sol", effort("none"), {"reasoning": {"effort": "none"}}, []),
        (
            "openai.gpt-5.6-sol",
            effort("minimal"),
            {"reasoning": {"effort": "none"}},
            ["reasoning_effort clamped"],
        ),
        ("qwen.qwen3-32b-v1:0", effort("medium"), {"reasoning_config": "low"}, ["reasoning_effort clamped"]),
        ("zai.glm-5", effort("low"), {"reasoning_config": "high"}, []),
        ("moonshotai.kimi-k2.5", effort("none"), {}, []),
    ],
)
def test_each_family_has_its_own_way(model: str, wished: Wish, fields: Any, told: list[str]) -> None:
    assert asked(model, wished) == (fields, {}, told)


def test_nova_takes_no_inference_settings_at_high_effort() -> None:
    fields, left, told = asked(
        "us.amazon.nova-2-lite-v1:0", effort("xhigh"), maxTokens=100, temperature=0.5, stopSequences=["END"]
    )

    assert fields["reasoningConfig"]["maxReasoningEffort"] == "high"
    assert left == {"stopSequences": ["END"]}
    assert told == ["reasoning_effort clamped", "max_tokens dropped", "temperature dropped"]


def test_a_model_that_does_not_think_is_not_asked_to() -> None:
    asked = made("us.meta.llama3-3-70b-instruct-v1:0", reasoning_effort="high")

    assert "additionalModelRequestFields" not in converse(asked)
    assert asked.adjusted == ()


TOOLS = [{"type": "function", "function": {"name": "f"}}]
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
SIGNED = [
    {
        "type": "reasoning.text",
        "text": "Hm.",
        "signature": "c2ln",
        "format": "anthropic-claude-v1",
        "index": 0,
    }
]


def loop(**thought: Any) -> list[dict[str, Any]]:
    """A conversation in the middle of tool calls."""
    return [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "tool_calls": [CALL], **thought},
        {"role": "tool", "tool_call_id": "1", "content": "Done."},
    ]


FORCED = {"tool_choice": "required"}
THOUGHTLESS = {"messages": loop()}
THOUGHTFUL = {"messages": loop(reasoning_details=SIGNED)}


@pytest.mark.parametrize(
    ("model", "changes", "thinks"),
    [
        (CLAUDE_4_5, {}, True),
        (CLAUDE_4_5, FORCED, False),
        (CLAUDE_4_5, THOUGHTLESS, False),
        (CLAUDE_4_5, THOUGHTFUL, True),
        ("us.anthropic.claude-sonnet-4-6", FORCED, False),
        ("us.anthropic.claude-sonnet-4-6", THOUGHTLESS, True),
        ("openai.gpt-oss-120b-1:0", FORCED, True),
        ("openai.gpt-oss-120b-1:0", THOUGHTLESS, True),
        ("us.anthropic.claude-fable-5", THOUGHTLESS, True),
    ],
)
def test_thinking_gives_way_where_the_model_demands_it(
    model: str, changes: dict[str, Any], thinks: bool
) -> None:
    asked = made(model, **{"tools": TOOLS, "reasoning_effort": "high", **changes})

    assert ("additionalModelRequestFields" in converse(asked)) == thinks
    assert [each.field for each in asked.adjusted] == ([] if thinks else ["reasoning_effort"])


@pytest.mark.parametrize(
    ("model", "changes", "betas"),
    [
        (CLAUDE_4_5, {}, ["interleaved-thinking-2025-05-14"]),
        ("us.anthropic.claude-opus-4-20250514-v1:0", {}, ["interleaved-thinking-2025-05-14"]),
        (CLAUDE_4_5, {"tools": None}, None),
        (CLAUDE_4_5, {"reasoning_effort": None}, None),
        (CLAUDE_4_5, FORCED, None),
        (CLAUDE_4_5, {"additionalModelRequestFields": {"anthropic_beta": []}}, []),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", {}, None),
        ("us.anthropic.claude-sonnet-4-6", {}, None),
    ],
)
def test_within_a_budget_claude_4_is_asked_to_think_between_calls_too(
    model: str, changes: dict[str, Any], betas: list[str] | None
) -> None:
    asked = made(model, **{"tools": TOOLS, "reasoning_effort": "high", **changes})

    assert converse(asked).get("additionalModelRequestFields", {}).get("anthropic_beta") == betas


def test_only_the_first_message_of_a_turn_must_begin_with_thinking() -> None:
    """Without interleaved thinking Claude thinks once, before the first of several calls."""
    later: list[dict[str, Any]] = [
        {"role": "assistant", "tool_calls": [{**CALL, "id": "2"}]},
        {"role": "tool", "tool_call_id": "2", "content": "Done."},
    ]

    def thinks(*messages: dict[str, Any]) -> bool:
        asked = made(CLAUDE_4_5, reasoning_effort="high", messages=list(messages))
        return "additionalModelRequestFields" in converse(asked)

    assert thinks(*loop(reasoning_details=SIGNED), *later)
    assert not thinks(*loop(), *later)
    assert not thinks(*loop(), {**later[0], "reasoning_details": SIGNED}, later[1])
    assert thinks(*loop(), {"role": "assistant", "content": "Done."}, *loop(reasoning_details=SIGNED))


ECHOED = {"reasoning_content": "Hm."}
FOREIGN = {"reasoning_details": [{**SIGNED[0], "format": "openai-responses-v1"}]}


@pytest.mark.parametrize(
    ("model", "thought", "told"),
    [
        ("us.anthropic.claude-sonnet-4-6", ECHOED, True),
        ("us.anthropic.claude-sonnet-4-6", FOREIGN, True),
        ("us.anthropic.claude-sonnet-4-6", {"reasoning_details": SIGNED}, False),
        ("us.anthropic.claude-sonnet-4-6", {}, False),
        ("openai.gpt-5.6-sol", ECHOED, True),
        ("openai.gpt-5.6-sol", {"reasoning_details": SIGNED}, True),
        ("openai.gpt-oss-120b-1:0", ECHOED, False),
        ("openai.gpt-oss-120b-1:0", {"reasoning_details": SIGNED}, True),
        ("moonshot.kimi-k2-thinking", ECHOED, False),
        ("moonshot.kimi-k2-thinking", {"reasoning_details": SIGNED}, True),
        ("us.meta.llama3-3-70b-instruct-v1:0", {"reasoning_details": SIGNED}, False),
    ],
)
def test_what_does_not_go_back_to_a_model_that_thinks_is_told(
    model: str, thought: dict[str, Any], told: bool
) -> None:
    asked = made(model, tools=TOOLS, reasoning_effort="high", messages=loop(**thought))

    adjusted = [(each.field, each.verb) for each in asked.adjusted if each.field.startswith("messages")]
    assert adjusted == ([("messages[1]", "dropped")] if told else [])


def test_where_it_shall_not_think_nothing_is_lost() -> None:
    assert made("us.anthropic.claude-sonnet-4-6", tools=TOOLS, messages=loop(**ECHOED)).adjusted == ()


def test_beside_thinking_other_things_give_way() -> None:
    asked = made(
        "us.anthropic.claude-sonnet-4-6",
        reasoning_effort="high",
        temperature=0.5,
        top_p=0.9,
        top_k=5,
        messages=[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Well"}],
    )

    assert "inferenceConfig" not in converse(asked)
    assert [(each.field, each.verb) for each in asked.adjusted] == [
        ("messages", "repaired"),
        ("temperature", "dropped"),
        ("top_p", "dropped"),
        ("top_k", "dropped"),
    ]


def test_a_neutral_temperature_is_no_loss() -> None:
    assert made("us.anthropic.claude-sonnet-4-6", reasoning_effort="high", temperature=1).adjusted == ()


@pytest.mark.parametrize(("effort", "told"), [("high", []), ("none", ["reasoning_effort"])])
def test_a_call_demanded_of_a_model_that_always_thinks_is_left_to_it(effort: str, told: list[str]) -> None:
    asked = made("us.anthropic.claude-fable-5", reasoning_effort=effort, tools=TOOLS, tool_choice="required")

    assert "toolChoice" not in converse(asked)["toolConfig"]
    assert sorted(each.field for each in asked.adjusted) == [*told, "tool_choice"]


def made(model: str, **changes: Any) -> Plan:
    return plan(conform({**CHAT, "model": model, **changes}, ChatCompletionRequest))
