"""Asking a model to think, in its family's own way: a Wish as members of additionalModelRequestFields.

`Quirks.reasoning` says which way is a model's:

    thinking enabled    {"thinking": {"type": "enabled", "budget_tokens": 8192}}         in_budget
    thinking adaptive   {"thinking": {"type": "adaptive"}, "output_config": {...}}       adaptive
    reasoningConfig     {"reasoningConfig": {"type": "enabled", "maxReasoningEffort"}}   max_reasoning_effort
    reasoning_effort    {"reasoning_effort": "low"}                                      flat_effort
    reasoning.effort    {"reasoning": {"effort": "low"}}                                 nested_effort
    reasoning_config    {"reasoning_config": "high"}                                     flat_config
"""

from collections.abc import Callable, Mapping
from typing import Any

from translators.chat.adjustments import Adjustments
from translators.chat.reasoning import Wish
from translators.converse import InferenceConfig, ToolConfig
from translators.departures import Quirks

# OpenAI's efforts in their order; what Anthropic and others count in tokens, as other gateways translate it.
BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384, "xhigh": 32_768, "max": 65_536}
LEAST_BUDGET = 1024

Fields = dict[str, Any]  # members of additionalModelRequestFields, each family's own


def thinking(
    wished: Wish | None, config: InferenceConfig, quirks: Quirks, adjusted: Adjustments
) -> tuple[Fields, InferenceConfig]:
    """The fields that ask for it, and the inferenceConfig that can stand beside them."""
    if wished is None or (wished.none and quirks.thinks == "when_asked"):
        return {}, config
    return ASK[quirks.reasoning](wished, config, quirks, adjusted)


def between_calls(thoughts: Fields, tools: ToolConfig | None, quirks: Quirks) -> Fields:
    """The beta that lets it think about what tools say too, beside a budget."""
    if not (thoughts and tools and quirks.beta_between_calls):
        return {}
    field, beta = quirks.beta_between_calls
    return {field: [beta]}


def in_budget(
    wished: Wish, config: InferenceConfig, quirks: Quirks, adjusted: Adjustments
) -> tuple[Fields, InferenceConfig]:
    """The budget is part of maxTokens: an effort shares it with the answer, a number of tokens is kept."""
    most = config.get("maxTokens") or quirks.max_tokens
    tokens = wished.budget or BUDGETS[wished.effort or "medium"]
    if tokens < LEAST_BUDGET:
        adjusted.note(wished.field, "clamped", f"the least budget is {LEAST_BUDGET} tokens")
        tokens = LEAST_BUDGET
    if most and not wished.budget:
        tokens = max(LEAST_BUDGET, min(tokens, most // 2))
    if most and tokens >= most:
        tokens, config = with_room(tokens, config, wished, quirks, adjusted)
    return {"thinking": {"type": "enabled", "budget_tokens": tokens}}, config


def with_room(
    tokens: int, config: InferenceConfig, wished: Wish, quirks: Quirks, adjusted: Adjustments
) -> tuple[int, InferenceConfig]:
    """ "`max_tokens` must be greater than `thinking.budget_tokens`.": the answer keeps what it was given."""
    limit = quirks.max_tokens
    answer = config.get("maxTokens", LEAST_BUDGET)
    if limit and tokens >= limit:
        adjusted.note(wished.field, "clamped", f"the budget must be below this model's limit of {limit}")
        tokens = limit - LEAST_BUDGET
    most = tokens + answer if limit is None else min(tokens + answer, limit)
    adjusted.note("max_tokens", "repaired", f"raised to {most}: it must be above the budget for thinking")
    return tokens, {**config, "maxTokens": most}


def adaptive(
    wished: Wish, config: InferenceConfig, quirks: Quirks, adjusted: Adjustments
) -> tuple[Fields, InferenceConfig]:
    if wished.none and quirks.thinks == "by_default":
        return {"thinking": {"type": "disabled"}}, config
    asked: Fields = {"type": "adaptive"}
    if quirks.thinking_hidden:
        asked["display"] = "summarized"
    fields: Fields = {"thinking": asked}
    if wished.effort or wished.budget:
        fields["output_config"] = {"effort": effort(wished, quirks, adjusted)}
    return fields, config


def max_reasoning_effort(
    wished: Wish, config: InferenceConfig, quirks: Quirks, adjusted: Adjustments
) -> tuple[Fields, InferenceConfig]:
    level = effort(wished, quirks, adjusted)
    if level == "high":
        config = without_inference(config, adjusted)
    return {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": level}}, config


def without_inference(config: InferenceConfig, adjusted: Adjustments) -> InferenceConfig:
    """At high effort Nova 2 takes none of these: "... must be unset when maxReasoningEffort is high"."""
    for member, field in (("maxTokens", "max_tokens"), ("temperature", "temperature"), ("topP", "top_p")):
        if member in config:
            adjusted.note(field, "dropped", "this model takes none at high effort")
    return {"stopSequences": config["stopSequences"]} if "stopSequences" in config else {}


def flat_effort(
    wished: Wish, config: InferenceConfig, quirks: Quirks, adjusted: Adjustments
) -> tuple[Fields, InferenceConfig]:
    return {"reasoning_effort": effort(wished, quirks, adjusted)}, config


def nested_effort(
    wished: Wish, config: InferenceConfig, quirks: Quirks, adjusted: Adjustments
) -> tuple[Fields, InferenceConfig]:
    return {"reasoning": {"effort": effort(wished, quirks, adjusted)}}, config


def flat_config(
    wished: Wish, config: InferenceConfig, quirks: Quirks, adjusted: Adjustments
) -> tuple[Fields, InferenceConfig]:
    return {"reasoning_config": effort(wished, quirks, adjusted)}, config


def effort(wished: Wish, quirks: Quirks, adjusted: Adjustments) -> str:
    """The level among the model's own: the one asked for, or the next below it, or its lowest."""
    level = wished.effort or (level_of(wished.budget) if wished.budget else "medium")
    if level in quirks.efforts:
        return level
    order = ["none", *BUDGETS]
    below = [each for each in quirks.efforts if order.index(each) < order.index(level)]
    taken = max(below, key=order.index) if below else min(quirks.efforts, key=order.index)
    if wished.none:
        adjusted.note(wished.field, "dropped", "this model always thinks")
    elif wished.effort and len(quirks.efforts) > 1:
        adjusted.note(wished.field, "clamped", f"this model takes {' or '.join(quirks.efforts)}: {taken}")
    return taken


def level_of(budget: int) -> str:
    """
    >>> level_of(500), level_of(10_000), level_of(1_000_000)
    ('minimal', 'medium', 'max')
    """
    return next((each for each in reversed(BUDGETS) if BUDGETS[each] <= budget), "minimal")


Ask = Callable[[Wish, InferenceConfig, Quirks, Adjustments], tuple[Fields, InferenceConfig]]

ASK: Mapping[str, Ask] = {
    "thinking enabled": in_budget,
    "thinking adaptive": adaptive,
    "reasoningConfig": max_reasoning_effort,
    "reasoning_effort": flat_effort,
    "reasoning.effort": nested_effort,
    "reasoning_config": flat_config,
}
