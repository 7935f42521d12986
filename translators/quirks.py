"""What each model family does differently, as data.

No other module mentions a model by name. A row cites the evidence it rests on: AWS's documentation,
or the error that Bedrock returned and where it was seen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Literal, NamedTuple

ToolChoiceKind = Literal["auto", "any", "tool"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Quirks:
    """One family's departures from the plain Converse contract. Defaults are the contract."""

    tool_choices: frozenset[ToolChoiceKind] = frozenset({"auto", "any", "tool"})
    """The kinds of toolChoice the model accepts."""

    sampling: Literal["both", "one", "none"] = "both"
    """Whether temperature and topP may be sent together, only one of them, or neither."""

    stop_sequences: bool = True

    system: bool = True
    """Whether there is a system prompt."""

    tools: bool = True

    tools_in_stream: bool = True
    """Whether ConverseStream takes tools."""

    schema_unions: bool = True
    """Whether a tool's schema may have anyOf, oneOf or allOf at its top."""

    assistant_first: bool = False
    """Whether the conversation may begin with the assistant."""

    prefill: Literal["always", "without_tools", "never"] = "never"
    """Whether the assistant's turn may be the last, for the model to go on with."""

    results_alone: bool = False
    """Whether a turn with tool results may hold nothing else."""

    result_status: bool = True
    """Whether a tool result may say that it is an error."""

    text_format: bool = True
    """Whether outputConfig takes a JSON schema for the answer."""


PLAIN = Quirks()


class Row(NamedTuple):
    """A departure, and whose it is: by the beginnings of foundation models' ids.

    A maker's newest rules are for all of its models `besides` the older ones, so that a model nobody has
    heard of has them.
    """

    departs: Quirks
    models: tuple[str, ...]
    besides: tuple[str, ...] = ()

    def names(self, model: str) -> bool:
        return model.startswith(self.models) and not model.startswith(self.besides)


# What a model does differently is all of the rows that name it.
ROWS = (
    Row(
        # "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        # reported for Claude 4.1, 4.5 and 4.6: github.com/BerriAI/litellm/issues/15070
        Quirks(sampling="one"),
        (
            "anthropic.claude-opus-4-1",
            "anthropic.claude-opus-4-5",
            "anthropic.claude-opus-4-6",
            "anthropic.claude-sonnet-4-5",
            "anthropic.claude-sonnet-4-6",
            "anthropic.claude-haiku-4-5",
        ),
    ),
    Row(
        # "`temperature` is deprecated for this model." for any value, reported for Opus 4.7, 4.8 and 5;
        # Anthropic documents the same for its whole fifth generation.
        Quirks(sampling="none"),
        (
            "anthropic.claude-opus-4-7",
            "anthropic.claude-opus-4-8",
            "anthropic.claude-opus-5",
            "anthropic.claude-sonnet-5",
            "anthropic.claude-fable-5",
        ),
    ),
    Row(
        # "This model doesn't support the temperature field. Remove temperature and try again.", the same
        # for topP and stopSequences: reported for the GPT-5 and Grok models on Converse.
        Quirks(sampling="none", stop_sequences=False),
        ("openai.gpt-5", "xai.grok"),
    ),
    Row(
        # "This model doesn't support the stopSequences field. Remove stopSequences and try again.":
        # reported for Qwen3 Coder, GLM and Nemotron.
        Quirks(stop_sequences=False),
        ("nvidia.", "qwen.", "zai.glm"),
    ),
    Row(
        # "This model doesn't support the toolConfig.toolChoice.any field. Remove toolConfig.toolChoice.any
        # and try again.": reported for Llama 4 (strands-agents/harness-sdk#1241); no Meta model is on
        # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html
        Quirks(tool_choices=frozenset()),
        ("meta.llama",),
    ),
    Row(
        # The same page gives a choice by name to Claude and Nova only; later Mistral models were recorded
        # with it.
        Quirks(tool_choices=frozenset({"auto", "any"})),
        ("mistral.mistral-large-24", "mistral.mistral-small", "mistral.pixtral"),
    ),
    Row(
        # "This model doesn't support system messages. Try again without a system message or use a model
        # that supports system messages.": reported for Titan Text (danny-avila/LibreChat#6456), Mistral 7B
        # and Mixtral (567-labs/instructor#1753). Command by AWS's table of what Converse does for whom:
        # https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
        Quirks(system=False),
        (
            "amazon.titan-text",
            "cohere.command-light",
            "cohere.command-text",
            "mistral.mistral-7b",
            "mistral.mixtral",
        ),
    ),
    Row(
        # "This model doesn't support tool use.": recorded for Llama 3.2 3B; the others by the same table.
        Quirks(tools=False),
        (
            "amazon.titan-text",
            "anthropic.claude-instant",
            "anthropic.claude-v2",
            "cohere.command-light",
            "cohere.command-text",
            "deepseek.r1",
            "meta.llama3-2-1b",
            "meta.llama3-2-3b",
            "meta.llama3-70b",
            "meta.llama3-8b",
            "mistral.mistral-7b",
            "mistral.mixtral",
        ),
    ),
    Row(
        # "This model doesn't support tool use in streaming mode.": reported for Llama 3.x, Llama 4 and
        # Writer's Palmyra (badlogic/pi-mono#3739, n8n-io/n8n#14206).
        Quirks(tools_in_stream=False),
        ("meta.llama", "writer.palmyra"),
    ),
    Row(
        # "tools.6.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top
        # level": reported for Claude on Bedrock (trycua/cua#3303); others take it (code-yeongyu/senpi#1947).
        Quirks(schema_unions=False),
        ("anthropic.",),
    ),
    Row(
        # Recorded as accepted by Claude Sonnet 4.5; Qwen, GLM and Kimi by pydantic-ai's profiles. Elsewhere
        # "A conversation must start with a user message. Try again with a conversation that ..."
        Quirks(assistant_first=True),
        ("anthropic.", "moonshot", "qwen.", "zai."),
    ),
    Row(
        # Recorded as accepted by Nova 2. Elsewhere "The model that you are using requires the last turn in
        # the conversation to be a user message.", reported for Llama 3 (i-am-bee/beeai-framework#753).
        Quirks(prefill="always"),
        ("amazon.nova",),
    ),
    Row(
        # Recorded as accepted by Claude 3, but with tools "... pre-filling the `assistant` response is not
        # supported." From 4.6 on "This model does not support assistant message prefill. The conversation
        # must end with a user message." (anomalyco/opencode#29760)
        Quirks(prefill="without_tools"),
        (
            "anthropic.claude-3",
            "anthropic.claude-haiku-4-5",
            "anthropic.claude-opus-4-1",
            "anthropic.claude-opus-4-2",
            "anthropic.claude-opus-4-5",
            "anthropic.claude-sonnet-4-2",
            "anthropic.claude-sonnet-4-5",
        ),
    ),
    Row(
        # "messages.2.content: Conversation blocks and tool result blocks cannot be provided in the same
        # turn.": reported for Llama 3.3 and Mistral Large (browser-use/browser-use#710); Writer by
        # pydantic-ai's profile.
        Quirks(results_alone=True),
        ("meta.llama", "mistral.", "writer."),
    ),
    Row(
        # Refused by Writer's models, by pydantic-ai's profile. Documented for Claude and Nova only, but
        # recorded as accepted by Llama 4, Mistral and Kimi too.
        Quirks(result_status=False),
        ("writer.",),
    ),
    Row(
        # "This model doesn't support the outputConfig field. Remove outputConfig and try again.": reported
        # for Nova, Llama 4 and Pixtral; the others are not on AWS's list of models with structured output:
        # https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html
        # Refused by Opus 4.7 and later by pydantic-ai's and LiteLLM's tables.
        Quirks(text_format=False),
        (
            "ai21.",
            "amazon.",
            "anthropic.claude-3",
            "anthropic.claude-fable-5",
            "anthropic.claude-opus-4-1",
            "anthropic.claude-opus-4-2",
            "anthropic.claude-opus-4-7",
            "anthropic.claude-opus-4-8",
            "anthropic.claude-opus-5",
            "anthropic.claude-sonnet-4-2",
            "anthropic.claude-sonnet-5",
            "anthropic.claude-v2",
            "cohere.",
            "meta.",
            "mistral.pixtral",
            "writer.",
        ),
    ),
)

GEOGRAPHY = re.compile(r"^(us-gov|us|eu|apac|jp|au|ca|in|global)\.")


@lru_cache(maxsize=1024)
def quirks_for(model_id: str) -> Quirks:
    """The rows for a model or inference profile, by id or ARN, as one; without any the plain contract.

    The ARN of an application profile does not say which model is behind it: the plain contract.

    >>> quirks_for("eu.meta.llama3-1-8b-instruct-v1:0").tool_choices
    frozenset()
    """
    name = GEOGRAPHY.sub("", model_id.rpartition("/")[2])
    rows = [row.departs for row in ROWS if row.names(name)]
    return replace(PLAIN, **{field: value for departs in rows for field, value in departures(departs)})


def departures(quirks: Quirks) -> Iterator[tuple[str, Any]]:
    """Any: a field of Quirks, whose type its row was checked against."""
    for field in fields(quirks):
        value = getattr(quirks, field.name)
        if value != field.default:
            yield field.name, value
