"""Fields that Bedrock has no place for: refused by name, or dropped and told."""

from typing import Any

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsBase

from tests.plans import body, converse
from translators.chat import plan
from translators.chat.adjustments import MAX_HEADER, Adjustment, header
from translators.chat.fields import IGNORED, REFUSED
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("logprobs", True),
        ("top_logprobs", 3),
        ("logit_bias", {"50256": -100}),
        ("modalities", ["text", "audio"]),
        ("audio", {"format": "wav", "voice": "alloy"}),
        ("web_search_options", {}),
        ("moderation", {"model": "m"}),
    ],
)
def test_what_would_change_the_meaning_is_refused(field: str, value: Any) -> None:
    with pytest.raises(BadRequestError) as caught:
        plan({**CHAT, field: value})  # type: ignore[typeddict-item]

    assert (caught.value.param, caught.value.code) == (field, "unsupported_parameter")


def test_every_field_of_the_official_client_has_its_fate() -> None:
    """Mapped, refused, dropped or ignored: when OpenAI's SDK learns a field, somebody decides which."""
    known = {**ChatCompletionRequest.__annotations__, **REFUSED, **dict.fromkeys(IGNORED)}
    theirs = set(CompletionCreateParamsBase.__annotations__) | {"stream"}

    assert theirs - set(known) == set()
    assert sum(map(len, (ChatCompletionRequest.__annotations__, REFUSED, IGNORED))) == len(known)


def test_labels_are_cut_to_what_aws_takes() -> None:
    metadata = {
        "team": "A & B\u2003C",
        "long": "x" * 500,
        "number": 5,
        "": "empty",
        **{f"k{i}": "v" for i in range(20)},
    }
    sent = converse(plan({**CHAT, "metadata": metadata}))["requestMetadata"]  # type: ignore[typeddict-item]

    assert len(sent) == 16
    assert sent["team"] == "A _ B_C"
    assert sent["long"] == "x" * 256
    assert "number" not in sent
    assert "" not in sent


def test_an_unknown_key_never_reaches_bedrock() -> None:
    asked = plan({**CHAT, "frobnicate": {"modelId": "x"}})  # type: ignore[typeddict-item]

    assert b"frobnicate" not in body(asked)
    assert asked.adjusted == ()


def test_a_model_that_could_be_no_id_is_refused() -> None:
    for model in ("", " ", "a b", "a\r\nx-header: 1", "a\x00", "modèle", "a" * 2049):
        with pytest.raises(BadRequestError) as caught:
            plan({**CHAT, "model": model})  # type: ignore[typeddict-item]
        assert caught.value.param == "model"


def test_bottomless_json_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(300):
        schema = {"properties": schema}
    tools = [{"type": "function", "function": {"name": "f", "parameters": schema}}]

    with pytest.raises(BadRequestError):
        plan({**CHAT, "tools": tools})  # type: ignore[typeddict-item]


def test_the_header_is_ascii_bounded_and_parted_by_commas() -> None:
    adjusted = [Adjustment(f"field{i}", "dropped", "naïve, with\r\nlines") for i in range(200)]
    value = header(adjusted)

    assert value.isascii()
    assert value.isprintable()
    assert MAX_HEADER - 50 < len(value) <= MAX_HEADER
    *entries, more = value.split(", ")
    assert entries == [f"field{i}=dropped; na?ve? with??lines" for i in range(len(entries))]
    assert more == "..."


def test_an_entry_too_long_for_the_header_is_cut() -> None:
    value = header([Adjustment("f" * 3000, "dropped", "long")])

    assert value == "f" * (MAX_HEADER - 3) + "..."


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_change_is_told_by_the_name_that_the_client_used(name: str) -> None:
    asked = plan({**CHAT, "model": "us.amazon.nova-lite-v1:0", name: 100_000})  # type: ignore[typeddict-item]

    assert [(each.field, each.verb) for each in asked.adjusted] == [(name, "clamped")]


def test_a_body_is_converse_json() -> None:
    assert converse(plan(CHAT)) == {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}  # type: ignore[arg-type]
