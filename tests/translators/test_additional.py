"""additionalModelRequestFields: what meets there, who wins, and what a family takes."""

from typing import Any

import pytest

from tests.plans import converse
from translators.chat import plan
from translators.chat.additional import additional_fields
from translators.chat.adjustments import Adjustments
from translators.departures import Quirks
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

CHAT: dict[str, Any] = {"model": "maker.unknown-v1:0", "messages": [{"role": "user", "content": "Hi"}]}

CLAUDE, NOVA = Quirks(top_k=("top_k",)), Quirks(top_k=("inferenceConfig", "topK"))
NARROW = Quirks(penalties=(0, 1))

# What a family takes; the request; what is sent; what is told.
MADE: list[tuple[Quirks, dict[str, Any], dict[str, Any], list[tuple[str, str]]]] = [
    (CLAUDE, {"top_k": 20}, {"top_k": 20}, []),
    (NOVA, {"top_k": 20}, {"inferenceConfig": {"topK": 20}}, []),
    (Quirks(), {"top_k": 20}, {}, [("top_k", "dropped")]),
    *((Quirks(), {"top_k": neutral}, {}, []) for neutral in (None, 0, -1)),
    (
        NARROW,
        {"frequency_penalty": 0.5, "presence_penalty": 1},
        {"frequency_penalty": 0.5, "presence_penalty": 1},
        [],
    ),
    (NARROW, {"frequency_penalty": 1.5}, {"frequency_penalty": 1}, [("frequency_penalty", "clamped")]),
    (NARROW, {"presence_penalty": -2}, {}, [("presence_penalty", "clamped")]),
    (Quirks(), {"presence_penalty": -2}, {}, [("presence_penalty", "dropped")]),
    *(
        (Quirks(), {"frequency_penalty": neutral, "presence_penalty": neutral}, {}, [])
        for neutral in (None, 0, 0.0)
    ),
    (Quirks(), {"additionalModelRequestFields": {"x": {"y": [1]}}}, {"x": {"y": [1]}}, []),
    (Quirks(), {"additionalModelRequestFields": {}}, {}, []),
    (CLAUDE, {"top_k": 20, "additionalModelRequestFields": {"top_k": 5}}, {"top_k": 5}, []),
    (
        NOVA,
        {"top_k": 20, "additionalModelRequestFields": {"inferenceConfig": {"x": 1}, "y": 2}},
        {"inferenceConfig": {"topK": 20, "x": 1}, "y": 2},
        [],
    ),
]


def checked(**fields: Any) -> ChatCompletionRequest:
    return conform({**CHAT, **fields}, ChatCompletionRequest)


@pytest.mark.parametrize(("quirks", "asked", "sent", "told"), MADE)
def test_what_is_sent_and_what_is_told(
    quirks: Quirks, asked: dict[str, Any], sent: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    made = plan(checked(**asked), quirks)

    assert converse(made).get("additionalModelRequestFields", {}) == sent
    assert ("additionalModelRequestFields" in converse(made)) == bool(sent), (
        "Bedrock is not sent an empty object"
    )
    assert [(a.field, a.verb) for a in made.adjusted] == told


def test_what_other_modules_derive_lies_between_the_fields_and_the_user_s_own() -> None:
    own = {"tool_choice": {"type": "any"}}
    request = checked(top_k=20, additionalModelRequestFields=own)
    derived = {"top_k": 5, "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}

    assert additional_fields(request, CLAUDE, Adjustments(), derived, {"thinking": {}}) == {
        "top_k": 5,
        "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
        "thinking": {},
    }


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("frequency_penalty", 2.1, "invalid_value"),
        ("presence_penalty", -2.1, "invalid_value"),
        ("presence_penalty", "1", "invalid_type"),
        ("top_k", 1.5, "invalid_type"),
        ("additionalModelRequestFields", [], "invalid_type"),
    ],
)
def test_what_is_none_is_refused_at_the_door(field: str, value: Any, code: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        checked(**{field: value})

    assert (caught.value.param, caught.value.code) == (field, code)


def test_an_object_too_deep_to_be_passed_on_is_named() -> None:
    bottomless: dict[str, Any] = {}
    for _ in range(300):
        bottomless = {"x": bottomless}

    with pytest.raises(BadRequestError) as caught:
        plan(checked(additionalModelRequestFields=bottomless))

    assert (caught.value.param, caught.value.code) == ("additionalModelRequestFields", "invalid_value")
