"""Lessons: which of Bedrock's refusals teach, and what each changes."""

from dataclasses import replace
from typing import Any

import pytest

from tests.plans import body, converse
from tests.samples import PNG
from translators.aws_errors import from_aws
from translators.chat import Plan, plan, repair
from translators.chat.repair import RULES
from translators.departures import Quirks, departures
from translators.errors import BadRequestError
from translators.models import Resolved
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

USER, ASSISTANT = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}
CALL = {
    "role": "assistant",
    "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": ""}}],
}
RESULT = {"role": "tool", "tool_call_id": "1", "content": "Done."}
UNION = {"type": "function", "function": {"name": "f", "parameters": {"anyOf": [{"required": ["a"]}]}}}
TOOLS: dict[str, Any] = {"tools": [{"type": "function", "function": {"name": "f"}}]}
STRICT = {"type": "function", "function": {"name": "f", "strict": True}}
LOOKING = {
    "type": "function",
    "function": {"name": "f", "parameters": {"properties": {"to": {"pattern": "(?=a)"}}}},
}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object", "properties": {}}}}

CHAT: dict[str, Any] = {
    **TOOLS,
    "model": "maker.unknown-v1:0",
    "messages": [USER],
    "temperature": 0.5,
    "top_p": 0.5,
    "stop": ["END"],
    "max_tokens": 9000,
    "tool_choice": "required",
    "service_tier": "flex",
}

PICTURE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
TABLE = {"type": "file", "file": {"file_data": "data:text/csv,a%2Cb"}}
PDF = {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0xLjQK"}}
NO_DOCUMENTS = (
    "This model doesn't support the document content block that you provided. Update the content block and try"
    " again."
)

# Bedrock's words; the request that they refuse, beside the one above; what is told then, and by which verb.
TAUGHT: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    (
        "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value"
        " that is lower than 4096.",
        {},
        [("max_tokens", "clamped")],
    ),
    (
        "The model returned the following errors: max_tokens: 9000 > 8192, which is the maximum allowed number of"
        " output tokens for claude-3-5-haiku",
        {},
        [("max_tokens", "clamped")],
    ),
    (
        "The model returned the following errors: Invalid 'max_output_tokens': integer below minimum value."
        " Expected a value >= 16, but got 1 instead.",
        {"max_tokens": 1},
        [("max_tokens", "clamped")],
    ),
    (
        "The model returned the following errors: `temperature` and `top_p` cannot both be specified for this"
        " model. Please use only one.",
        {},
        [("top_p", "dropped")],
    ),
    (
        "The model returned the following errors: `temperature` is deprecated for this model.",
        {},
        [("temperature", "dropped")],
    ),
    (
        'The model returned the following errors: {"type":"error","error":{"message":"`temperature` is deprecated'
        ' for this model."}}',
        {},
        [("temperature", "dropped")],
    ),
    (
        "The model returned the following errors: Invalid JSON schema: regex lookaround is not supported. Found at"
        " $.properties.to.pattern.",
        {"tools": [LOOKING]},
        [("tools[0].function.parameters", "repaired")],
    ),
    ("This model doesn't support the topP field. Remove topP and try again.", {}, [("top_p", "dropped")]),
    (
        "This model doesn't support the stopSequences field. Remove stopSequences and try again.",
        {},
        [("stop", "dropped")],
    ),
    (
        "This model doesn't support the serviceTier field. Remove serviceTier and try again.",
        {},
        [("service_tier", "dropped")],
    ),
    (
        "This model doesn't support the toolConfig.toolChoice.any field. Remove toolConfig.toolChoice.any and try"
        " again.",
        {},
        [("tool_choice", "dropped")],
    ),
    (
        "This model doesn't support tool use.",
        {"messages": [USER, CALL, RESULT], "tools": None, "tool_choice": None},
        [("messages[1].tool_calls[0]", "repaired"), ("messages[2].tool_call_id", "repaired")],
    ),
    ("This model doesn't support tool use in streaming mode.", {"stream": True}, []),
    (
        "This model doesn't support the toolResult.status field. Remove toolResult.status and try again.",
        {"messages": [USER, CALL, USER]},
        [],
    ),
    (
        "messages.2.content: Conversation blocks and tool result blocks cannot be provided in the same turn.",
        {"messages": [USER, CALL, RESULT, USER]},
        [("messages[2]", "repaired")],
    ),
    (
        "The model returned the following errors: tools.0.custom.input_schema: input_schema does not support"
        " oneOf, allOf, or anyOf at the top level",
        {"tools": [UNION]},
        [("tools[0].function.parameters", "repaired")],
    ),
    (
        "This model doesn't support the outputConfig field. Remove outputConfig and try again.",
        {"tools": None, "tool_choice": None, "response_format": SCHEMA},
        [("response_format", "emulated")],
    ),
    (
        "The model returned the following errors: output_config.format: Extra inputs are not permitted",
        {"tools": None, "tool_choice": None, "response_format": SCHEMA},
        [("response_format", "emulated")],
    ),
    (
        "This model doesn't support system messages. Try again without a system message or use a model that"
        " supports system messages.",
        {"messages": [{"role": "system", "content": "Be brief."}, USER]},
        [("messages[0]", "repaired")],
    ),
    (
        "This model doesn't support the image content block that you provided. Update the content block and try"
        " again.",
        {"messages": [USER, CALL, {**RESULT, "content": [PICTURE]}]},
        [("messages[2].content", "repaired")],
    ),
    (
        "The model returned the following errors: Malformed input request: #/messages/2/content/0: extraneous key"
        " [toolResult] is not permitted, please reformat your input and try again.",
        {"messages": [USER, CALL, {**RESULT, "content": [PICTURE]}]},
        [("messages[2].content", "repaired")],
    ),
    (
        NO_DOCUMENTS,
        {"messages": [USER, {"role": "user", "content": [TABLE]}]},
        [("messages[1].content[0]", "emulated")],
    ),
]

CACHES = Quirks(cache_points=frozenset({"tools", "system", "messages"}), cache_ttl=True)
MARK = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}

# The same about prompt caching, which changes nothing that a user would be told of.
CACHED: list[tuple[str, dict[str, Any], int]] = [
    (
        "#/toolConfig/tools/1: extraneous key [cachePoint] is not permitted",
        {"tools": [{**TOOLS["tools"][0], **MARK}]},
        0,
    ),
    (
        "#/system/1: extraneous key [cachePoint] is not permitted",
        {"messages": [{"role": "system", "content": "Hi", **MARK}, USER]},
        0,
    ),
    (
        "#/messages/2/content/0: extraneous key [cachePoint] is not permitted",
        {"messages": [USER, CALL, {**RESULT, **MARK}]},
        0,
    ),
    (
        "#/messages/0/content/0: extraneous key [cachePoint] is not permitted",
        {"messages": [{**USER, **MARK}]},
        0,
    ),
    (
        "Extended TTL prompt caching is only supported for Anthropic models",
        {"messages": [{**USER, **MARK}]},
        1,
    ),
    (
        "messages.0.content.0.cache_control.ttl: Extra inputs are not permitted",
        {"messages": [{**USER, **MARK}]},
        1,
    ),
    (
        "You invoked an unsupported model or your request did not allow prompt caching. See the documentation for"
        " more information.",
        {"messages": [{**USER, **MARK}]},
        0,
    ),
]

# Words about what a model of the plain contract is never sent: of one whose row says otherwise.
KNOWN: list[tuple[str, dict[str, Any], Quirks]] = [
    (
        "The model returned the following errors: `top_k` is deprecated for this model.",
        {"top_k": 5},
        Quirks(top_k=("top_k",)),
    ),
    (
        "The model returned the following errors: Malformed input request: #: extraneous key [top_k] is not"
        " permitted, please reformat your input and try again.",
        {"top_k": 5},
        Quirks(top_k=("top_k",)),
    ),
    (
        "The model returned the following errors: The 'frequency_penalty' parameter is not supported",
        {"frequency_penalty": 1},
        Quirks(penalties=(-2, 2)),
    ),
    (
        "A conversation must start with a user message. Try again with a conversation that starts with a user"
        " message.",
        {"messages": [ASSISTANT, USER]},
        Quirks(assistant_first=True),
    ),
    (
        "This model does not support assistant message prefill. The conversation must end with a user message.",
        {"messages": [USER, ASSISTANT]},
        Quirks(prefill="always"),
    ),
    (
        "The model that you are using requires the last turn in the conversation to be a user message.",
        {"messages": [USER, ASSISTANT]},
        Quirks(prefill="always"),
    ),
    (
        "The model returned the following errors: Your API request included an `assistant` message in the final"
        " position, which would pre-fill the `assistant` response. When using tools, pre-filling the `assistant`"
        " response is not supported.",
        {"messages": [USER, ASSISTANT]},
        Quirks(prefill="always"),
    ),
    (
        "The model returned the following errors: tools.0.custom.strict: Extra inputs are not permitted",
        {"tools": [STRICT]},
        Quirks(strict_tools=True),
    ),
    (
        "The model returned the following errors: tools.0.custom: For 'array' type, property 'maxItems' is not"
        " supported",
        {"tools": [STRICT]},
        Quirks(strict_tools=True),
    ),
    (
        "The model returned the following errors: The compiled grammar is too large, which would cause"
        " performance issues. Simplify your tool schemas or reduce the number of strict tools.",
        {"tools": [STRICT]},
        Quirks(strict_tools=True),
    ),
    (
        "The model returned the following errors: The compiled grammar is too large, which would cause"
        " performance issues.",
        {"response_format": SCHEMA, "tool_choice": "auto"},
        Quirks(),
    ),
    (
        "The model returned the following errors: Malformed input request: #/tool_choice: extraneous key"
        " [disable_parallel_tool_use] is not permitted, please reformat your input and try again.",
        {"parallel_tool_calls": False},
        Quirks(one_call=True),
    ),
]


HANDED_BACK = {
    **CALL,
    "reasoning_details": [
        {"type": "reasoning.text", "text": "Hm.", "signature": "c2ln", "format": "unknown", "index": 0},
    ],
}
THINKER = Quirks(reasoning="thinking adaptive", efforts=("high",), thoughts_back="signed")
IN_A_LOOP: dict[str, Any] = {
    "messages": [USER, HANDED_BACK, RESULT],
    "tool_choice": None,
    "reasoning_effort": "high",
}
FORGOTTEN = {**IN_A_LOOP, "messages": [USER, CALL, RESULT]}

# Words about what the model thought, the request that they refuse, and the quirk that they show.
THOUGHTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "This model doesn't support the reasoningContent.reasoningText.signature field. Remove"
        " reasoningContent.reasoningText.signature and try again.",
        IN_A_LOOP,
        {"thoughts_back": "text"},
    ),
    (
        "This model doesn't support the reasoningContent content block.",
        IN_A_LOOP,
        {"thoughts_back": "never"},
    ),
    (
        "The model returned the following errors: messages.1.content.0.type: Expected `thinking` or"
        " `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must"
        " start with a thinking block.",
        FORGOTTEN,
        {"thoughts_demanded": True},
    ),
]


NO_BETA = "The model returned the following errors: invalid beta flag"


def chat(**changes: Any) -> ChatCompletionRequest:
    return conform({**CHAT, **changes}, ChatCompletionRequest)


def made(quirks: Quirks | None = None, **changes: Any) -> Plan:
    return plan(chat(**changes), quirks)


def learnt(words: str, asked: Plan, **changes: Any) -> Plan | None:
    """What a refusal in these words makes of a plan, which was made of the chat with these changes."""
    return repair.learn(refusal(words), asked, chat(**changes))


def refusal(words: str) -> BadRequestError:
    error = from_aws("ValidationException", words)
    assert isinstance(error, BadRequestError)
    return error


@pytest.mark.parametrize(("words", "changes", "told"), TAUGHT, ids=[row[0][-50:] for row in TAUGHT])
def test_a_refusal_that_teaches(words: str, changes: dict[str, Any], told: list[tuple[str, str]]) -> None:
    asked = made(**changes)
    again = learnt(words, asked, **changes)
    assert again

    assert [(a.field, a.verb) for a in again.adjusted if a not in asked.adjusted] == told
    assert learnt(words, again, **changes) is None, "a lesson is learnt once, so nothing loops"


@pytest.mark.parametrize(("words", "changes", "quirks"), KNOWN, ids=[row[0][-50:] for row in KNOWN])
def test_a_refusal_of_what_was_thought_to_be_taken(
    words: str, changes: dict[str, Any], quirks: Quirks
) -> None:
    asked = made(quirks, **changes)
    again = learnt(words, asked, **changes)
    assert again

    [told] = [a.field for a in again.adjusted if a not in asked.adjusted]
    assert told.startswith(next(iter(changes)))
    assert learnt(words, again, **changes) is None


@pytest.mark.parametrize(("words", "changes", "quirk"), THOUGHTS)
def test_a_refusal_of_thoughts_shows_what_goes_back(
    words: str, changes: dict[str, Any], quirk: dict[str, Any]
) -> None:
    again = learnt(words, made(THINKER, **changes), **changes)
    assert again

    assert dict(departures(again.quirks, THINKER)) == quirk
    assert b"signature" not in body(again)
    assert learnt(words, again, **changes) is None


@pytest.mark.parametrize(
    "words",
    [
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        "messages.1.content.0.thinking.signature: Field required",
        "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be"
        " modified. These blocks must remain as they were in the original response.",
        "messages.1.content.0: Invalid `data` in `redacted_thinking` block",
    ],
)
def test_thoughts_that_are_refused_are_left_out_of_this_request(words: str) -> None:
    asked = made(THINKER, **IN_A_LOOP)
    again = learnt(words, asked, **IN_A_LOOP)
    assert again

    assert b"reasoningContent" in body(asked)
    assert b"reasoningContent" not in body(again)
    assert again.quirks == asked.quirks, "of the model it shows nothing"
    assert [(a.field, a.verb) for a in again.adjusted] == [("messages", "dropped")]
    assert learnt(words, again, **IN_A_LOOP) is None
    assert learnt(words, made(**IN_A_LOOP), **IN_A_LOOP) is None


def test_thoughts_that_are_refused_are_left_out_for_the_model_that_was_invoked() -> None:
    invoked = Resolved("us.thinker", "thinker", "us-west-2")
    asked = plan(conform({**CHAT, **IN_A_LOOP}, ChatCompletionRequest), THINKER, invoked=invoked)
    again = learnt("messages.1.content.0: Invalid `signature` in `thinking` block", asked, **IN_A_LOOP)
    assert again

    assert again.invoked == invoked


def test_where_thinking_is_missing_after_all_none_is_asked_for() -> None:
    """What a turn begins with was told, and it was not enough: then without thinking."""
    demanding = replace(THINKER, thoughts_demanded=True, thinks_alone=True)
    asked = made(demanding, **IN_A_LOOP)
    words = "messages.3.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`."
    again = learnt(words, asked, **IN_A_LOOP)
    assert again

    assert "additionalModelRequestFields" in converse(asked)
    assert "additionalModelRequestFields" not in converse(again)
    assert b"reasoningContent" not in body(again)
    assert [(a.field, a.verb) for a in again.adjusted if a not in asked.adjusted] == [
        ("reasoning_effort", "dropped"),
        ("messages", "dropped"),
    ]
    assert learnt(words, again, **IN_A_LOOP) is None


def test_a_beta_that_is_refused_is_left_out() -> None:
    asked = made(replace(THINKER, beta_between_calls=("maker_beta", "between")), **IN_A_LOOP)
    again = learnt(NO_BETA, asked, **IN_A_LOOP)
    assert again

    assert converse(asked)["additionalModelRequestFields"]["maker_beta"] == ["between"]
    assert "maker_beta" not in converse(again)["additionalModelRequestFields"]
    assert again.adjusted == asked.adjusted, "what was asked for is done all the same"
    assert learnt(NO_BETA, again, **IN_A_LOOP) is None


@pytest.mark.parametrize(("words", "changes", "points"), CACHED)
def test_a_refusal_of_a_cache_point(words: str, changes: dict[str, Any], points: int) -> None:
    asked = made(CACHES, **changes)
    again = learnt(words, asked, **changes)
    assert again

    assert again.adjusted == asked.adjusted
    assert str(converse(asked)).count("'cachePoint'") == 1
    assert str(converse(again)).count("'cachePoint': {'type': 'default'}") == points
    assert learnt(words, again, **changes) is None


def test_every_rule_has_its_words() -> None:
    said = [NO_BETA, *(words for words, *_ in (*TAUGHT, *KNOWN, *THOUGHTS, *CACHED))]

    assert [pattern.pattern for pattern, _ in RULES if not any(map(pattern.search, said))] == []


def test_the_request_is_read_once_more_only_for_words_that_may_teach() -> None:
    said = [NO_BETA, *(words for words, *_ in (*TAUGHT, *KNOWN, *THOUGHTS, *CACHED))]

    assert all(repair.may_teach(refusal(words)) for words in said)
    assert not repair.may_teach(from_aws("ThrottlingException", "Too many requests, please wait."))
    assert not repair.may_teach(refusal("The text field in the ContentBlock object is blank."))


def test_a_model_that_streams_no_tools_is_asked_for_the_whole_answer() -> None:
    again = learnt("This model doesn't support tool use in streaming mode.", made(stream=True), stream=True)

    assert again
    assert (again.stream, again.streams) == (True, False)


def test_what_could_only_be_refused_otherwise_is_no_lesson() -> None:
    said = [{"role": "user", "content": [PDF]}]

    assert learnt(NO_DOCUMENTS, made(messages=said), messages=said) is None


def test_what_is_kept_is_kept() -> None:
    asked = made()
    again = learnt("This model doesn't support the temperature field.", asked)
    assert again
    again = learnt("... exceeds the model limit of 4096.", again)
    assert again

    assert converse(again)["inferenceConfig"] == {"topP": 0.5, "stopSequences": ["END"], "maxTokens": 4096}
    assert converse(again)["toolConfig"] == converse(asked)["toolConfig"]


def test_a_lesson_about_one_kind_of_choice_leaves_the_others_alone() -> None:
    words = "This model doesn't support the toolConfig.toolChoice.any field."
    again = learnt(words, made())
    assert again

    for choice in ("auto", {"type": "function", "function": {"name": "f"}}):
        asked = made(tool_choice=choice)
        assert converse(made(again.quirks, tool_choice=choice)) == converse(asked)


@pytest.mark.parametrize(
    "words",
    [
        "The text field in the ContentBlock object at messages.0.content.0 is blank.",
        "1 validation error detected: Value '5.0' at 'inferenceConfig.temperature' failed to satisfy constraint",
        "This model doesn't support the image content block that you provided.",
        "This model doesn't support tool use.",
        "",
    ],
)
def test_a_refusal_that_is_the_users_to_mend(words: str) -> None:
    assert learnt(words, made()) is None


def test_a_refusal_of_what_was_not_asked_teaches_nothing() -> None:
    words = "This model doesn't support the stopSequences field. Remove stopSequences and try again."

    assert learnt(words, made(stop=None), stop=None) is None
