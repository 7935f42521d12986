"""Lessons: which of Bedrock's refusals teach, and what each changes."""

from typing import Any

import pytest

from translators.chat import Plan, plan, repair
from translators.errors import BadRequestError, from_aws
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

CHAT: dict[str, Any] = {
    "model": "maker.unknown-v1:0",
    "messages": [{"role": "user", "content": "Hi"}],
    "temperature": 0.5,
    "top_p": 0.5,
    "stop": ["END"],
    "max_tokens": 9000,
    "tools": [{"type": "function", "function": {"name": "f"}}],
    "tool_choice": "required",
}

# Bedrock's words, what is no longer asked, and the verb that tells of it.
TAUGHT = [
    (
        "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value"
        " that is lower than 4096.",
        "max_tokens",
        "clamped",
    ),
    (
        "The model returned the following errors: `temperature` and `top_p` cannot both be specified for this"
        " model. Please use only one.",
        "top_p",
        "dropped",
    ),
    (
        "The model returned the following errors: `temperature` is deprecated for this model.",
        "temperature",
        "dropped",
    ),
    (
        'The model returned the following errors: {"type":"error","error":{"message":"`temperature` is deprecated'
        ' for this model."}}',
        "temperature",
        "dropped",
    ),
    ("This model doesn't support the topP field. Remove topP and try again.", "top_p", "dropped"),
    (
        "This model doesn't support the stopSequences field. Remove stopSequences and try again.",
        "stop",
        "dropped",
    ),
    (
        "This model doesn't support the toolConfig.toolChoice.any field. Remove toolConfig.toolChoice.any and try"
        " again.",
        "tool_choice",
        "dropped",
    ),
]


def made(**changes: Any) -> Plan:
    return plan(conform({**CHAT, **changes}, ChatCompletionRequest))


def refusal(words: str) -> BadRequestError:
    error = from_aws("ValidationException", words)
    assert isinstance(error, BadRequestError)
    return error


@pytest.mark.parametrize(("words", "field", "verb"), TAUGHT, ids=[row[0][-50:] for row in TAUGHT])
def test_a_refusal_that_teaches(words: str, field: str, verb: str) -> None:
    asked = made()
    lesson = repair.learn(refusal(words), asked)
    assert lesson
    repaired = repair.apply([lesson], asked)

    assert [(a.field, a.verb) for a in repaired.adjusted] == [(field, verb)]
    assert repaired.converse != asked.converse
    assert repair.learn(refusal(words), repaired) is None, "a lesson is learnt once, so nothing loops"
    assert repair.apply([lesson], repaired) is repaired


def test_a_lesson_about_two_fields_leaves_one_alone() -> None:
    asked = made(temperature=None)

    assert repair.apply([repair.Lesson("top_p beside temperature")], asked) is asked


def test_a_lesson_about_one_kind_of_choice_leaves_the_others_alone() -> None:
    for choice in ("auto", {"type": "function", "function": {"name": "f"}}):
        asked = made(tool_choice=choice)
        assert repair.apply([repair.Lesson("tool_choice any")], asked) is asked


def test_what_is_kept_is_kept() -> None:
    asked = made()
    repaired = repair.apply([repair.Lesson("temperature"), repair.Lesson("max_tokens", 4096)], asked)

    assert repaired.converse["inferenceConfig"] == {"topP": 0.5, "stopSequences": ["END"], "maxTokens": 4096}
    assert repaired.converse["toolConfig"] == asked.converse["toolConfig"]


def test_a_limit_that_is_kept_is_no_lesson() -> None:
    asked = made(max_tokens=100)

    assert repair.apply([repair.Lesson("max_tokens", 4096)], asked) is asked


@pytest.mark.parametrize(
    "words",
    [
        "The text field in the ContentBlock object at messages.0.content.0 is blank.",
        "1 validation error detected: Value '5.0' at 'inferenceConfig.temperature' failed to satisfy constraint",
        "This model doesn't support the image content block that you provided.",
        "",
    ],
)
def test_a_refusal_that_is_the_users_to_mend(words: str) -> None:
    assert repair.learn(refusal(words), made()) is None


def test_a_refusal_of_what_was_not_asked_teaches_nothing() -> None:
    words = "This model doesn't support the stopSequences field. Remove stopSequences and try again."

    assert repair.learn(refusal(words), made(stop=None)) is None
