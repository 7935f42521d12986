"""What each family refuses of a request to think: foreign spellings, unknown efforts, sampling beside it.

As in families.py a rule runs for the models that have its trait, and the evidence is in `traits.json`.
"""

from collections.abc import Callable
from typing import Any

import orjson

from proxy.local.call import Call
from proxy.local.effort import betas, thinking_config
from proxy.local.refusals import Refusal, from_model

MIN_BUDGET = 1024
MIN_TOP_P = 0.95
BINDING_BETA = "thinking-binding-controls-2026-08-01"
EFFORTS = ("low", "medium", "high", "xhigh", "max")
LOW_TO_HIGH = EFFORTS[:3]


def check(call: Call) -> None:
    """Raise the first Refusal."""
    for trait, rule in RULES:
        if call.model.has(trait):
            rule(call)


# Claude


def no_thinking(call: Call) -> None:
    if thinking_config(call.additional):
        raise from_model("thinking: Extra inputs are not permitted")


def thinking_is_an_object(call: Call) -> None:
    for name in ("thinking", "reasoning_config"):
        if name in call.additional and not isinstance(call.additional[name], dict):
            raise from_model(f"{name}: Input should be an object")


def thinking_has_a_type(call: Call) -> None:
    config = thinking_config(call.additional)
    if config and config.get("type") not in ("adaptive", "disabled", "enabled"):
        raise from_model(
            f"thinking: Input tag '{config.get('type')}' found using 'type' does not match any of the "
            "expected tags: 'adaptive', 'disabled', 'enabled'"
        )


def thinking_is_adaptive(call: Call) -> None:
    if thinking_config(call.additional).get("type") == "enabled":
        raise from_model(
            '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
            '"output_config.effort" to control thinking behavior.'
        )


def thinking_is_not_adaptive(call: Call) -> None:
    if thinking_config(call.additional).get("type") == "adaptive":
        raise from_model("adaptive thinking is not supported on this model")


def thinking_is_not_disabled(call: Call) -> None:
    if thinking_config(call.additional).get("type") == "disabled":
        raise from_model(
            '"thinking.type.disabled" is not supported for this model. Thinking defaults to adaptive mode '
            'when not specified; use "thinking.type.enabled" with "budget_tokens" for extended thinking.'
        )


def thinking_in_budget(call: Call) -> None:
    """A budget of at least 1024 tokens, and below maxTokens."""
    thinking = thinking_config(call.additional)
    if thinking.get("type") != "enabled":
        return
    budget = thinking.get("budget_tokens")
    if not isinstance(budget, int):
        raise from_model("thinking.enabled.budget_tokens: Field required")
    if budget < MIN_BUDGET:
        raise from_model("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
    if call.inference.get("maxTokens", budget + 1) <= budget:
        raise from_model(
            "`max_tokens` must be greater than `thinking.budget_tokens`. "
            + call.model.says["thinking-in-budget"]
        )


def thinking_leaves_sampling_alone(call: Call) -> None:
    """Nor may a tool be forced."""
    if thinking_config(call.additional).get("type") not in ("enabled", "adaptive"):
        return
    see = call.model.says["thinking-leaves-sampling-alone"]
    if call.inference.get("temperature", 1) != 1:
        raise from_model(f"`temperature` may only be set to 1 when thinking is enabled. {see}")
    if call.inference.get("topP", 1) < MIN_TOP_P:
        raise from_model(
            f"`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. {see}"
        )
    if call.tool_choice and call.tool_choice[0] != "auto":
        raise from_model("Thinking may not be enabled when tool_choice forces tool use.")


def no_block_binding(call: Call) -> None:
    config = thinking_config(call.additional)
    if "block_binding" in config:
        raise from_model(f"thinking.{config.get('type')}.block_binding: Extra inputs are not permitted")


def block_binding_has_its_beta(call: Call) -> None:
    if BINDING_BETA not in betas(call.additional):
        no_block_binding(call)


def no_effort(call: Call) -> None:
    if _effort(call) is not None:
        raise from_model("This model does not support the effort parameter.")


def effort_is_known(call: Call) -> None:
    known = [level for level in EFFORTS if not call.model.has(f"effort-{level}-refused")]
    if _effort(call) not in (None, *known):
        *most, last = (f"'{level}'" for level in known)
        raise from_model(f"output_config.effort: Input should be {', '.join(most)} or {last}")


# Any: whatever the request says there.
def _effort(call: Call) -> Any:
    config = call.additional.get("output_config")
    return config.get("effort") if isinstance(config, dict) else None


# Nova


def no_reasoning_config(call: Call) -> None:
    if "reasoningConfig" in call.additional:
        raise _malformed("the provided reasoning config value is invalid")


def reasoning_config_is_valid(call: Call) -> None:
    """At high effort the length of an answer is the model's own matter, and so is sampling."""
    match call.additional.get("reasoningConfig"):
        case None | {"type": "disabled"}:
            return
        case {"type": "enabled", "maxReasoningEffort": effort} if effort in LOW_TO_HIGH:
            for name in ("maxTokens", "temperature", "topP") if effort == "high" else ():
                if name in call.inference:
                    raise _malformed(f"#/inferenceConfig: extraneous key [{name}] is not permitted")
        case _:
            no_reasoning_config(call)


def _malformed(what: str) -> Refusal:
    return from_model(f"Malformed input request: {what}, please reformat your input and try again.")


# Models that are asked as chat completions are


def no_unknown_fields(call: Call) -> None:
    for name in ("thinking", "reasoningConfig", "output_config"):
        if name in call.additional:
            raise from_model(call.model.says["unknown-fields-refused"].replace("{field}", name))


def effort_is_low_to_high(call: Call) -> None:
    effort = call.additional.get("reasoning_effort", LOW_TO_HIGH[0])
    if effort not in LOW_TO_HIGH:
        raise from_model(
            "Failed to deserialize the JSON body into the target type: reasoning_effort: unknown variant "
            f"`{effort}`, expected one of `low`, `medium`, `high` at line 1 column 100"
        )


def no_unknown_parameters(call: Call) -> None:
    for name in ("thinking", "reasoning_config", "reasoningConfig", "reasoning_effort", "output_config"):
        if name in call.additional:
            raise openai_error("unknown_parameter", f"Unknown parameter: '{name}'.", name)
    reasoning = call.additional.get("reasoning")
    effort = reasoning.get("effort") if isinstance(reasoning, dict) else None
    if effort not in (None, "none", *EFFORTS):
        model = call.model.id.partition(".")[2]
        raise openai_error(
            "unsupported_value",
            f"Unsupported value: '{effort}' is not supported with the '{model}' model. Supported values "
            "are: 'none', 'low', 'medium', 'high', 'xhigh', and 'max'.",
            "reasoning.effort",
        )


def openai_error(code: str, message: str, param: str | None) -> Refusal:
    """OpenAI's own error body, which Bedrock quotes whole."""
    error = {"code": code, "message": message, "param": param, "type": "invalid_request_error"}
    return from_model(orjson.dumps({"error": error}).decode())


RULES: tuple[tuple[str, Callable[[Call], None]], ...] = (
    ("thinking-refused", no_thinking),
    ("thinking-typed", thinking_is_an_object),
    ("thinking-typed", thinking_has_a_type),
    ("thinking-adaptive-only", thinking_is_adaptive),
    ("thinking-always", thinking_is_not_disabled),
    ("thinking-in-budget", thinking_in_budget),
    ("thinking-budget-only", thinking_is_not_adaptive),
    ("thinking-leaves-sampling-alone", thinking_leaves_sampling_alone),
    ("block-binding-refused", no_block_binding),
    ("block-binding-needs-beta", block_binding_has_its_beta),
    ("effort-refused", no_effort),
    ("effort-checked", effort_is_known),
    ("reasoning-config-refused", no_reasoning_config),
    ("reasoning-config-checked", reasoning_config_is_valid),
    ("unknown-fields-refused", no_unknown_fields),
    ("effort-low-to-high", effort_is_low_to_high),
    ("unknown-parameters-refused", no_unknown_parameters),
)
