"""In what a model may depart from the plain Converse contract, each a field; whose do is told in `quirks`."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal

CacheSection = Literal["tools", "system", "messages"]
ToolChoiceKind = Literal["auto", "any", "tool"]
MediaKind = Literal["image", "document", "video"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Quirks:
    """One family's departures from the plain Converse contract. Defaults are the contract."""

    # Tokens and how they are drawn

    max_tokens: int | None = None
    """The most tokens that may be asked for; None where no limit is known."""

    least_tokens: int = 1
    """The fewest tokens that may be asked for."""

    temperature: bool = True

    top_p: bool = True

    top_p_beside_temperature: bool = True

    stop_sequences: bool = True

    top_k: tuple[str, ...] = ()
    """Where in additionalModelRequestFields the model takes it; nowhere, unless said so."""

    penalties: tuple[float, float] | None = None
    """The least and the most that frequency_penalty and presence_penalty may be; None: it takes neither."""

    service_tier: bool = True
    """Whether a tier may be named at all."""

    # Reasoning

    reasoning: Literal[
        "none",
        "thinking enabled",
        "thinking adaptive",
        "reasoningConfig",
        "reasoning_effort",
        "reasoning.effort",
        "reasoning_config",
    ] = "none"
    """By which of additionalModelRequestFields the model is asked to think."""

    efforts: tuple[str, ...] = ()
    """The levels that the model knows, where it is asked for one."""

    thinks: Literal["when_asked", "by_default", "always"] = "when_asked"

    thinks_alone: bool = False
    """Whether beside thinking there may be no sampling, no demanded tool call and no prefill."""

    thinking_hidden: bool = False
    """Whether what it thinks is only told where that is asked for."""

    beta_between_calls: tuple[str, ...] = ()
    """Where in additionalModelRequestFields which beta asks it to think between tool calls too."""

    thoughts_demanded: bool = False
    """Whether a tool call under way must come with the thinking that led to it, if it is to think on."""

    thoughts_back: Literal["never", "signed", "encrypted", "text"] = "never"
    """What of its thinking the model takes back: with its signature, as an opaque blob, or as mere text."""

    reasoning_format: str = "unknown"
    """Whose reasoning it is, by OpenRouter's names where it has one; it goes back to the same family only."""

    inline_reasoning: str = ""
    """The tag under which the model writes what it thinks into its text."""

    # Tools

    tools: bool = True

    tool_choices: frozenset[ToolChoiceKind] = frozenset({"auto", "any", "tool"})
    """The kinds of toolChoice the model accepts."""

    one_call: bool = False
    """Whether it can be asked, as Claude can, for no more than one call at a time."""

    tools_in_stream: bool = True
    """Whether ConverseStream takes tools."""

    schema_unions: bool = True
    """Whether a tool's schema may have anyOf, oneOf or allOf at its top."""

    plain_schemas: bool = False
    """Whether a tool's schema may have little but type, properties and required at its top."""

    lookaround: bool = True
    """Whether a schema's pattern may look ahead or behind."""

    strict_tools: bool = False
    """Whether it can be held to a tool's schema."""

    # Prompt caching

    cache_points: frozenset[CacheSection] = frozenset()
    """The parts of a prompt that a cachePoint may stand in."""

    cache_minimum: int = 0
    """How many tokens a prompt must have to be cached."""

    cache_ttl: bool = False
    """Whether a cachePoint may be asked to last for an hour."""

    cache_after_tools: bool = True
    """Whether a cachePoint may stand right behind a tool's call or result."""

    # The conversation, and the format of the answer

    system: bool = True
    """Whether there is a system prompt."""

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

    # Media

    images: bool = True

    documents: bool = True

    video: bool = True

    audio: bool = True

    media_in_results: frozenset[MediaKind] = frozenset({"image"})
    """What a tool's result may hold beside text."""

    s3: bool = True
    """Whether media may be in S3."""


PLAIN = Quirks()


def departures(quirks: Quirks, others: Quirks = PLAIN) -> Iterator[tuple[str, Any]]:
    """The fields in which quirks differ from others. Any: one of Quirks' fields, whose type it has."""
    for field in fields(quirks):
        value = getattr(quirks, field.name)
        if value != getattr(others, field.name):
            yield field.name, value
