"""How each family may be asked to think: one smallest request for each way to ask it wrongly."""

import pytest

from proxy.local.validation import check
from tests.proxy.local import requests as r

OPUS_45 = "us.anthropic.claude-opus-4-5-20251101-v1:0"
FABLE = "us.anthropic.claude-fable-5"
QWEN_CODER = "qwen.qwen3-coder-480b-a35b-v1:0"
BINDING = {"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}}
BETA = ["thinking-binding-controls-2026-08-01"]

NO_DISABLED = (
    '"thinking.type.disabled" is not supported for this model. Thinking defaults to adaptive mode when not '
    'specified; use "thinking.type.enabled" with "budget_tokens" for extended thinking.'
)
NO_BINDING = "thinking.adaptive.block_binding: Extra inputs are not permitted"
INVALID_CONFIG = "the provided reasoning config value is invalid"


def fields(**names: r.JSON) -> r.JSON:
    return r.ask(additionalModelRequestFields=names)


def nova(effort: str, **inference: r.JSON) -> r.JSON:
    config = {"type": "enabled", "maxReasoningEffort": effort}
    return r.ask(additionalModelRequestFields={"reasoningConfig": config}, inferenceConfig=inference)


def malformed(what: str) -> str:
    return f"Malformed input request: {what}, please reformat your input and try again."


def unknown_parameter(name: str) -> str:
    return (
        f'{{"error":{{"code":"unknown_parameter","message":"Unknown parameter: \'{name}\'.",'
        f'"param":"{name}","type":"invalid_request_error"}}}}'
    )


REFUSED: list[r.Row] = [
    (r.CLAUDE, fields(reasoning_effort="high"), "reasoning_effort: Extra inputs are not permitted"),
    (r.CLAUDE, fields(reasoning={"effort": "high"}), "reasoning: Extra inputs are not permitted"),
    (r.CLAUDE, fields(reasoningConfig={}), "reasoningConfig: Extra inputs are not permitted"),
    (r.CLAUDE, fields(reasoning_config="high"), "reasoning_config: Input should be an object"),
    (
        r.CLAUDE,
        fields(thinking={"type": "always"}),
        "thinking: Input tag 'always' found using 'type' does not match any of the expected tags: 'adaptive', "
        "'disabled', 'enabled'",
    ),
    (FABLE, fields(thinking={"type": "disabled"}), NO_DISABLED),
    (r.CLAUDE_NEW, fields(thinking={"type": "disabled"}), NO_DISABLED),
    (r.CLAUDE, fields(output_config={"effort": "low"}), "This model does not support the effort parameter."),
    (
        OPUS_45,
        fields(output_config={"effort": "max"}),
        "output_config.effort: Input should be 'low', 'medium' or 'high'",
    ),
    (
        r.CLAUDE_46,
        fields(output_config={"effort": "xhigh"}),
        "output_config.effort: Input should be 'low', 'medium', 'high' or 'max'",
    ),
    (
        r.CLAUDE_NEW,
        fields(output_config={"effort": "minimal"}),
        "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
    ),
    (r.CLAUDE_46, fields(thinking=BINDING, anthropic_beta=BETA), NO_BINDING),
    (r.CLAUDE_NEW, fields(thinking=BINDING), NO_BINDING),
    (r.NOVA, nova("low"), malformed(INVALID_CONFIG)),
    (r.NOVA_2, nova("minimal"), malformed(INVALID_CONFIG)),
    (r.NOVA_2, fields(reasoningConfig={"type": "enabled"}), malformed(INVALID_CONFIG)),
    *(
        (
            r.NOVA_2,
            nova("high", **{name: 1}),
            malformed(f"#/inferenceConfig: extraneous key [{name}] is not permitted"),
        )
        for name in ("maxTokens", "temperature", "topP")
    ),
    (
        r.NOVA_2,
        fields(thinking={"type": "enabled", "budget_tokens": 1024}),
        malformed("#: extraneous key [thinking] is not permitted"),
    ),
    (
        r.GPT_OSS,
        fields(reasoning_effort="none"),
        "Failed to deserialize the JSON body into the target type: reasoning_effort: unknown variant `none`, "
        "expected one of `low`, `medium`, `high` at line 1 column 100",
    ),
    *(
        (r.GPT, fields(**{name: "high"}), unknown_parameter(name))
        for name in ("thinking", "reasoning_effort")
    ),
    (
        r.GPT,
        fields(reasoning={"effort": "minimal"}),
        '{"error":{"code":"unsupported_value","message":"Unsupported value: \'minimal\' is not supported with the '
        "'gpt-5.6-sol' model. Supported values are: 'none', 'low', 'medium', 'high', 'xhigh', and 'max'.\","
        '"param":"reasoning.effort","type":"invalid_request_error"}}',
    ),
]


@pytest.mark.parametrize(("model", "request_body", "words"), REFUSED)
def test_what_a_family_does_not_take_is_refused(model: str, request_body: r.JSON, words: str) -> None:
    r.assert_refused(model, request_body, r.by_model(words))


@pytest.mark.parametrize(
    ("model", "beginning"),
    [
        (r.GPT_OSS, "thinking: unknown field `thinking`, expected one of `messages`, `model`, `store`"),
        (QWEN_CODER, "unknown variant `thinking`, expected one of `audio`, `frequency_penalty`"),
    ],
)
def test_a_field_that_is_unknown_is_told_with_all_that_are_known(model: str, beginning: str) -> None:
    refused = r.refusal(model, fields(thinking={"type": "enabled", "budget_tokens": 1024}))

    assert f"Failed to deserialize the JSON body into the target type: {beginning}" in refused.message


@pytest.mark.parametrize(
    ("model", "request_body"),
    [
        (r.CLAUDE_46, fields(thinking={"type": "adaptive"}, output_config={"effort": "max"})),
        (OPUS_45, fields(output_config={"effort": "high"})),
        (r.CLAUDE_NEW, fields(thinking=BINDING, anthropic_beta=BETA, output_config={"effort": "xhigh"})),
        (r.NOVA_2, nova("high")),
        (r.NOVA_2, nova("medium", maxTokens=100, temperature=1, topP=1)),
        (r.NOVA_2, fields(reasoningConfig={"type": "disabled"})),
        (r.GPT_OSS, fields(reasoning_effort="low")),
        (r.GPT_OSS, fields(reasoning={"effort": "low"})),
        *((r.GPT, fields(reasoning={"effort": effort})) for effort in ("none", "low", "xhigh", "max")),
        (r.QWEN, fields(reasoning_config="high")),
        (r.QWEN, fields(reasoning_effort="high")),
        (r.KIMI, fields(reasoning_effort="high")),
    ],
)
def test_what_a_family_takes_is_taken(model: str, request_body: r.JSON) -> None:
    assert check("Converse", model, request_body)
