"""Reasoning that clients hand back, in every form that they have for it."""

from typing import Any

import pytest

from translators.chat.thoughts import blocks, detail, text
from translators.quirks import quirks_for

CLAUDE, GPT = quirks_for("anthropic.claude-sonnet-4-6"), quirks_for("openai.gpt-5.6-sol")
FORMAT = CLAUDE.reasoning_format

SIGNED = {"reasoningContent": {"reasoningText": {"text": "Hm. Yes.", "signature": "c2ln"}}}
REDACTED = {"reasoningContent": {"redactedContent": "cmVk"}}


def entry(**fields: Any) -> dict[str, Any]:
    return {"type": "reasoning.text", "format": FORMAT, "index": 0, **fields}


FORMS: list[tuple[dict[str, Any], list[Any]]] = [
    ({}, []),
    ({"reasoning_content": "Hm. Yes."}, []),
    ({"reasoning_content": "Hm. Yes.", "reasoning_signature": "c2ln"}, [SIGNED]),
    ({"reasoning": "Hm. Yes.", "reasoning_signature": "c2ln"}, [SIGNED]),
    ({"reasoning_details": [entry(text="Hm. Yes.", signature="c2ln")]}, [SIGNED]),
    # As they were streamed, and as the SDK's helper joins them.
    (
        {"reasoning_details": [entry(text="Hm."), entry(text=" Yes."), entry(text="", signature="c2ln")]},
        [SIGNED],
    ),
    ({"reasoning_details": [entry(text="Hm. Yes.", signature="c2ln", format=FORMAT * 3)]}, [SIGNED]),
    # Without index, and without format.
    (
        {
            "reasoning_details": [
                {"type": "reasoning.text", "text": "Hm."},
                {"type": "reasoning.text", "text": " Yes.", "signature": "c2ln"},
                {"type": "reasoning.encrypted", "data": "cmVk"},
                {"type": "reasoning.text", "text": "Hm. Yes.", "signature": "c2ln"},
            ]
        },
        [SIGNED, REDACTED, SIGNED],
    ),
    (
        {
            "reasoning_details": [
                {"type": "reasoning.encrypted", "data": "cmVk", "index": 0},
                entry(text="Hm. Yes.", signature="c2ln", index=1),
            ]
        },
        [REDACTED, SIGNED],
    ),
    # A signature of another family, none at all, and what is no entry.
    ({"reasoning_details": [entry(text="Hm.", signature="c2ln", format="openai-responses-v1")]}, []),
    ({"reasoning_details": [entry(text="Hm.")]}, []),
    ({"reasoning_details": ["nonsense", {"index": "0"}, {"signature": 5}, None]}, []),
    ({"reasoning_details": "nonsense", "thinking_blocks": 7, "reasoning_content": ["x"]}, []),
    (
        {
            "thinking_blocks": [
                {"type": "thinking", "thinking": "Hm. Yes.", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "cmVk"},
                {"type": "thinking", "thinking": "unsigned"},
            ]
        },
        [SIGNED, REDACTED],
    ),
    (
        {
            "content": [
                {"type": "thinking", "thinking": "Hm. Yes.", "signature": "c2ln"},
                {"type": "text", "text": "Hello"},
            ]
        },
        [SIGNED],
    ),
    (
        {"reasoning_details": [entry(text="", signature="c2ln")]},
        [{"reasoningContent": {"reasoningText": {"text": "", "signature": "c2ln"}}}],
    ),
]


@pytest.mark.parametrize(("message", "found"), FORMS)
def test_blocks_are_rebuilt_from_any_form(message: dict[str, Any], found: list[Any]) -> None:
    assert blocks({"role": "assistant", **message}, CLAUDE) == found  # type: ignore[typeddict-item]


def test_what_another_family_signed_is_not_taken() -> None:
    for message, _ in FORMS:
        if any(field in message for field in ("thinking_blocks", "content")):
            assert blocks({"role": "assistant", **message}, GPT) == []  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({}, ""),
        ({"reasoning_content": "a", "reasoning": "b"}, "a"),
        ({"reasoning_text": "c"}, "c"),
        ({"reasoning_details": [{"text": "a"}, {"text": "b", "signature": "s"}]}, "ab"),
        ({"thinking_blocks": [{"type": "thinking", "thinking": "d"}]}, "d"),
    ],
)
def test_the_text_alone(message: dict[str, Any], said: str) -> None:
    assert text({"role": "assistant", **message}) == said  # type: ignore[typeddict-item]


@pytest.mark.parametrize("block", [SIGNED, REDACTED])
def test_what_is_told_comes_back_as_it_was(block: Any) -> None:
    told = detail(block["reasoningContent"], 0, FORMAT)

    assert blocks({"role": "assistant", "reasoning_details": [told]}, CLAUDE) == [block]
