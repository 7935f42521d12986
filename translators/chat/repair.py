"""Lessons from refusals: what Bedrock says that a model does not take is a quirk that was not known.

Where a refusal shows one, the same request becomes another Plan, made as if its row were in `quirks`.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from translators.chat.adjustments import Adjustment
from translators.chat.cuts import NO_CUTS, Cuts
from translators.chat.request import Plan, plan
from translators.departures import CacheSection, Quirks
from translators.errors import APIError, BadRequestError
from translators.openai import ChatCompletionRequest

Shows = Callable[[Quirks, re.Match[str]], Quirks]
"""The model's quirks by what was known and what Bedrock said."""


def may_teach(refusal: APIError) -> bool:
    """Whether its words are any that `learn` knows; else the request need not be read once more for it."""
    return any(words.search(refusal.message) for words in (THOUGHTS, OPENING, *(row[0] for row in RULES)))


def learn(
    refusal: APIError, asked: Plan, request: ChatCompletionRequest, cuts: Cuts = NO_CUTS
) -> Plan | None:
    """The request as the model may take it; None where the refusal is the user's to mend.

    `asked` is the plan that was made of it, and refused.
    What was known already, and what would change nothing of this request, is no lesson: so nothing loops.
    """
    if THOUGHTS.search(refusal.message) and not asked.options.recollection.refused:
        return without_thoughts(asked, request, cuts)
    for pattern, shows in RULES:
        if match := pattern.search(refusal.message):
            try:
                again = plan(request, shows(asked.quirks, match), asked.options, asked.invoked, cuts)
            except BadRequestError:
                continue  # there is no other way to ask: Bedrock's words say so best
            if (again.pieces, again.streams) != (asked.pieces, asked.streams):
                return again
    if OPENING.search(refusal.message) and not asked.options.recollection.refused:
        # And so without thinking: what we took for a turn's beginning is none.
        return without_thoughts(asked, request, cuts)
    return None


def without_thoughts(asked: Plan, request: ChatCompletionRequest, cuts: Cuts) -> Plan | None:
    """What the model thought is left out of this conversation; of the model that shows nothing."""
    refused = replace(asked.options, recollection=replace(asked.options.recollection, refused=True))
    again = plan(request, asked.quirks, refused, asked.invoked, cuts)
    if again.pieces == asked.pieces:
        return None
    told = Adjustment("messages", "dropped", "Bedrock refused what the model had thought: it was left out")
    return replace(again, adjusted=(*again.adjusted, told))


def differs(**departs: Any) -> Shows:
    """Any: values of Quirks' fields; a test makes each of them."""
    return lambda quirks, _: replace(quirks, **departs)


def unless_limited(quirks: Quirks, match: re.Match[str]) -> Quirks:
    return replace(quirks, max_tokens=int(match["limit"]))


def unless_enough(quirks: Quirks, match: re.Match[str]) -> Quirks:
    return replace(quirks, least_tokens=int(match["least"]))


def without_choice(quirks: Quirks, match: re.Match[str]) -> Quirks:
    return replace(quirks, tool_choices=quirks.tool_choices - {match["kind"]})


def without_points(section: CacheSection) -> Shows:
    return lambda quirks, _: replace(quirks, cache_points=quirks.cache_points - {section})


# "messages.1.content.0: Invalid `signature` in `thinking` block", "...thinking.signature: Field required",
# "messages.5.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be
# modified. These blocks must remain as they were in the original response."
THOUGHTS = re.compile(
    r"`signature` in `thinking`|thinking\.signature|`redacted_thinking` blocks .* cannot be modified"
    r"|in `redacted_thinking`|redactedContent"
)
# "Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, ..."
OPENING = re.compile(r"Expected `thinking` or `redacted_thinking`")
HELD = r"(For '\w+' type, |Schema type '\w+' is not supported)"
TOO_MUCH = r"compiled grammar is too large|Schemas contains too many parameters"


# Bedrock's words, recorded or reported, -> what they show. The first that fits and helps counts.
RULES: tuple[tuple[re.Pattern[str], Shows], ...] = (
    # "The maximum tokens you requested exceeds the model limit of 4096. Try again with a ..."
    # "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for claude-..."
    (re.compile(r"exceeds the model limit of (?P<limit>\d+)"), unless_limited),
    (re.compile(r"> (?P<limit>\d+), which is the maximum allowed number of output tokens"), unless_limited),
    # "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead."
    (re.compile(r"max_\w*tokens'.*Expected a value >= (?P<least>\d+)"), unless_enough),
    # "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
    (
        re.compile(r"`temperature` and `top_p` cannot both be specified"),
        differs(top_p_beside_temperature=False),
    ),
    # "`temperature` is deprecated for this model." "This model doesn't support the temperature field."
    (
        re.compile(r"`temperature` is deprecated|doesn't support the temperature field"),
        differs(temperature=False),
    ),
    (re.compile(r"`top_p` is deprecated|doesn't support the topP field"), differs(top_p=False)),
    # "`top_k` is deprecated for this model." "#: extraneous key [top_k] is not permitted"
    (
        re.compile(
            r"`top_k` is deprecated|top_k: Extra inputs are not permitted|extraneous key \[(top_k|k)\]"
        ),
        differs(top_k=()),
    ),
    # "The 'frequency_penalty' parameter is not supported"
    (
        re.compile(
            r"(frequency|presence)_penalty(: Extra inputs are not permitted|\] is not permitted"
            r"|' parameter is not supported)"
        ),
        differs(penalties=None),
    ),
    # "#/toolConfig/tools/18: extraneous key [cachePoint] is not permitted"
    (re.compile(r"#/toolConfig/tools/\d+: extraneous key \[cachePoint\]"), without_points("tools")),
    (re.compile(r"#/system/\d+: extraneous key \[cachePoint\]"), without_points("system")),
    (re.compile(r"#/messages/[\d/a-z]+: extraneous key \[cachePoint\]"), differs(cache_after_tools=False)),
    (re.compile(r"#/messages/[\d/a-z]+: extraneous key \[cachePoint\]"), without_points("messages")),
    # "Extended TTL prompt caching is only supported for Anthropic models"
    # "messages.0.content.0.cache_control.ttl: Extra inputs are not permitted"
    (
        re.compile(r"Extended TTL prompt caching|cache_control[.\w]*\.ttl: Extra inputs are not permitted"),
        differs(cache_ttl=False),
    ),
    # "You invoked an unsupported model or your request did not allow prompt caching. See the ..."
    (re.compile(r"your request did not allow prompt caching"), differs(cache_points=frozenset())),
    (re.compile(r"doesn't support the stopSequences field"), differs(stop_sequences=False)),
    (re.compile(r"doesn't support the serviceTier"), differs(service_tier=False)),
    # "This model doesn't support the toolConfig.toolChoice.any field. Remove toolConfig.toolChoice.any ..."
    (
        re.compile(r"doesn't support the toolConfig\.toolChoice\.(?P<kind>\w+) field"),
        without_choice,
    ),
    # "This model doesn't support tool use.": the history's calls become text; tools that are offered do not.
    (re.compile(r"doesn't support tool use\."), differs(tools=False)),
    # "This model doesn't support tool use in streaming mode."
    (re.compile(r"doesn't support tool use in streaming mode"), differs(tools_in_stream=False)),
    # "This model doesn't support the toolResult.status field. Remove toolResult.status and try again."
    (re.compile(r"doesn't support the [\w.]*toolResult\.status field"), differs(result_status=False)),
    # "messages.2.content: Conversation blocks and tool result blocks cannot be provided in the same turn."
    (
        re.compile(r"Conversation blocks and tool result blocks cannot be provided in the same turn"),
        differs(results_alone=True),
    ),
    # "tools.6.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level"
    (
        re.compile(r"input_schema does not support oneOf, allOf, or anyOf at the top level"),
        differs(schema_unions=False),
    ),
    # "Invalid JSON schema: regex lookaround is not supported. Found at $.properties.to.items.pattern."
    (re.compile(r"regex lookaround is not supported"), differs(lookaround=False)),
    # "#/tool_choice: extraneous key [disable_parallel_tool_use] is not permitted"
    (re.compile(r"\[disable_parallel_tool_use\] is not permitted"), differs(one_call=False)),
    # "tools.0.custom.strict: Extra inputs are not permitted"
    # "tools.1.custom: For 'array' type, property 'maxItems' is not supported"
    # "The compiled grammar is too large", "Too many strict tools (", "Schemas contains too many parameters"
    (
        re.compile(
            r"\.strict: Extra inputs are not permitted|doesn't support the [\w.]*strict field"
            rf"|tools\.\d+\.custom: {HELD}|Too many strict tools|{TOO_MUCH}"
        ),
        differs(strict_tools=False),
    ),
    (re.compile(rf"output_config\.format\.schema: {HELD}|{TOO_MUCH}"), differs(text_format=False)),
    # "This model doesn't support the outputConfig field. Remove outputConfig and try again."
    # "output_config.format: Extra inputs are not permitted"
    (
        re.compile(r"doesn't support the outputConfig|output_config\.format: Extra inputs are not permitted"),
        differs(text_format=False),
    ),
    # "This model doesn't support the document content block that you provided. Update the content block ..."
    # "Malformed input request: #/messages/2/content/0: extraneous key [toolResult] is not permitted, ..."
    (
        re.compile(r"doesn't support the \w+ content block|extraneous key \[toolResult\] is not permitted"),
        differs(media_in_results=frozenset()),
    ),
    (re.compile(r"doesn't support the document content block"), differs(documents=False)),
    # "This model doesn't support the reasoningContent.reasoningText.signature field. Remove ..."
    (
        re.compile(r"doesn't support the [\w.]*reasoningText\.signature"),
        differs(thoughts_back="text"),
    ),
    (re.compile(r"doesn't support the reasoningContent(?!\.)"), differs(thoughts_back="never")),
    (OPENING, differs(thoughts_demanded=True)),
    # "The model returned the following errors: invalid beta flag"
    (re.compile(r"invalid beta flag"), differs(beta_between_calls=())),
    # "This model doesn't support system messages. Try again without a system message or use a model ..."
    (re.compile(r"doesn't support system messages"), differs(system=False)),
    # "A conversation must start with a user message. Try again with a conversation that ..."
    (re.compile(r"conversation must start with a user message"), differs(assistant_first=False)),
    # "This model does not support assistant message prefill. The conversation must end with a user message."
    # "The model that you are using requires the last turn in the conversation to be a user message."
    # "When using tools, pre-filling the `assistant` response is not supported."
    (
        re.compile(r"not support assistant message prefill|requires the last turn .* to be a user message"),
        differs(prefill="never"),
    ),
    (
        re.compile(r"When using tools, pre-filling the `assistant` response is not supported"),
        differs(prefill="without_tools"),
    ),
)
