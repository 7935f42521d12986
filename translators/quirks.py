"""What each model family does differently, as data.

No other module mentions a model by name. A row cites the evidence it rests on: AWS's documentation,
or the error that Bedrock returned and where it was seen.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

ToolChoiceKind = Literal["auto", "any", "tool"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Quirks:
    """One family's departures from the plain Converse contract. Defaults are the contract."""

    tool_choices: frozenset[ToolChoiceKind] = frozenset({"auto", "any", "tool"})
    """The kinds of toolChoice the model accepts."""

    sampling: Literal["both", "one", "none"] = "both"
    """Whether temperature and topP may be sent together, only one of them, or neither."""

    stop_sequences: bool = True


PLAIN = Quirks()

# "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
# reported for Claude 4.1, 4.5 and 4.6: github.com/BerriAI/litellm/issues/15070
ONE_OF_TWO = Quirks(sampling="one")

# "`temperature` is deprecated for this model." for any value, reported for Opus 4.7, 4.8 and 5;
# Anthropic documents the same for its whole fifth generation.
NO_SAMPLING = Quirks(sampling="none")

# "This model doesn't support the temperature field. Remove temperature and try again.", the same for topP
# and stopSequences: reported for the GPT-5 and Grok models on Converse.
NEITHER_SAMPLING_NOR_STOP = Quirks(sampling="none", stop_sequences=False)

# "This model doesn't support the stopSequences field. Remove stopSequences and try again.": reported for
# Qwen3 Coder, GLM and Nemotron.
NO_STOP = Quirks(stop_sequences=False)

# "This model doesn't support the toolConfig.toolChoice.any field. Remove toolConfig.toolChoice.any and try
# again.": reported for Llama 4 (strands-agents/harness-sdk#1241); no Meta model is on AWS's page:
# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html
NO_TOOL_CHOICE = Quirks(tool_choices=frozenset())

# The same page gives a choice by name to Claude and Nova only; later Mistral models were recorded with it.
NO_NAMED_TOOL = Quirks(tool_choices=frozenset({"auto", "any"}))

# By the beginning of the foundation model's id; the longest that fits decides.
QUIRKS: dict[str, Quirks] = {
    "anthropic.claude-opus-4-1": ONE_OF_TWO,
    "anthropic.claude-opus-4-5": ONE_OF_TWO,
    "anthropic.claude-opus-4-6": ONE_OF_TWO,
    "anthropic.claude-opus-4-7": NO_SAMPLING,
    "anthropic.claude-opus-4-8": NO_SAMPLING,
    "anthropic.claude-opus-5": NO_SAMPLING,
    "anthropic.claude-sonnet-4-5": ONE_OF_TWO,
    "anthropic.claude-sonnet-4-6": ONE_OF_TWO,
    "anthropic.claude-sonnet-5": NO_SAMPLING,
    "anthropic.claude-haiku-4-5": ONE_OF_TWO,
    "anthropic.claude-fable-5": NO_SAMPLING,
    "meta.llama": NO_TOOL_CHOICE,
    "mistral.mistral-large-24": NO_NAMED_TOOL,
    "mistral.mistral-small": NO_NAMED_TOOL,
    "mistral.pixtral": NO_NAMED_TOOL,
    "nvidia.": NO_STOP,
    "openai.gpt-5": NEITHER_SAMPLING_NOR_STOP,
    "qwen.": NO_STOP,
    "xai.grok": NEITHER_SAMPLING_NOR_STOP,
    "zai.glm": NO_STOP,
}

GEOGRAPHY = re.compile(r"^(us-gov|us|eu|apac|jp|au|ca|in|global)\.")


@lru_cache(maxsize=1024)
def quirks_for(model_id: str) -> Quirks:
    """The most specific row for a model or inference profile, by id or ARN; or the plain contract.

    The ARN of an application profile does not say which model is behind it: the plain contract.

    >>> quirks_for("eu.meta.llama3-1-8b-instruct-v1:0").tool_choices
    frozenset()
    """
    name = GEOGRAPHY.sub("", model_id.rpartition("/")[2])
    prefixes = [prefix for prefix in QUIRKS if name.startswith(prefix)]
    return QUIRKS[max(prefixes, key=len)] if prefixes else PLAIN
