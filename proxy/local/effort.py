"""How a request asks a model to think: `additionalModelRequestFields`, in each family's own spelling.

    Claude    thinking, reasoning_config: {type: enabled, budget_tokens}, {type: adaptive};
              output_config: {effort}
    Nova 2    reasoningConfig: {type: enabled, maxReasoningEffort}
    GPT       reasoning: {effort}
    others    reasoning_effort, reasoning_config: "high"

https://docs.aws.amazon.com/bedrock/latest/userguide/inference-reasoning.html
"""

from collections.abc import Mapping
from typing import Any

# Any: JSON, which nobody describes: every family reads its own fields and says no to the rest.
Fields = Mapping[str, Any]

SPELLINGS = ("thinking", "reasoning_config", "reasoningConfig", "reasoning", "reasoning_effort")
INTERLEAVED = "interleaved-thinking-2025-05-14"


def asked(fields: Fields) -> bool | None:
    """Whether thinking is asked for or declined; None where nothing is said.

    >>> asked({"thinking": {"type": "adaptive"}}), asked({"reasoning_effort": "none"}), asked({"top_k": 5})
    (True, False, None)
    """
    said = [_asks(fields[name]) for name in SPELLINGS if fields.get(name) is not None]
    return any(said) if said else None


def _asks(value: object) -> bool:
    """An object that is enabled or has an effort, or the name of an effort."""
    if isinstance(value, Mapping):
        return value.get("type", value.get("effort", "none")) not in ("none", "disabled")
    return isinstance(value, str) and value != "none"


def thinking_config(fields: Fields) -> Fields:
    """Claude's own field, or Bedrock's older name for it."""
    config = fields.get("thinking", fields.get("reasoning_config"))
    return config if isinstance(config, Mapping) else {}


def betas(fields: Fields) -> list[str]:
    """
    >>> betas({"maker_beta": ["a", "b"]})
    ['a', 'b']
    """
    lists = [value for name, value in fields.items() if name.endswith("_beta") and isinstance(value, list)]
    return [beta for listed in lists for beta in listed if isinstance(beta, str)]


def thinks_between_calls(fields: Fields) -> bool:
    """Adaptive thinking goes on after a tool's result, a budget only with its beta: recorded with Claude 3.7.

    https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html
    """
    return thinking_config(fields).get("type") != "enabled" or INTERLEAVED in betas(fields)
