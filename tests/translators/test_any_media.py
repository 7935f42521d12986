"""Any list of messages with images and files becomes a request that the strict local Bedrock accepts.

None of them is lost, wherever it stood; and a model that sees none says so.
"""

import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.local.refusals import Refusal
from proxy.local.validation import check
from tests.plans import converse
from tests.samples import PNG
from tests.translators.conversations import good_call, good_messages, media_parts, messages, words
from translators.chat import plan
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

# One of every kind of family that sees; in results they take images, documents, both or neither.
MODELS = {
    "Claude 4.5": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "Gemma": "google.gemma-3-27b-it",
    "Kimi": "moonshotai.kimi-k2.5",
    "Llama 4": "us.meta.llama4-maverick-17b-instruct-v1:0",
    "Nova": "us.amazon.nova-pro-v1:0",
    "Pixtral": "us.mistral.pixtral-large-2502-v1:0",
}
# And of those that see nothing: with documents, with neither, without tools too.
BLIND = {
    "gpt-oss": "openai.gpt-oss-120b-1:0",
    "Nova Micro": "us.amazon.nova-micro-v1:0",
    "Mistral 7B": "mistral.mistral-7b-instruct-v0:2",
}

CSV, PDF = "Y2l0eQpCZXJuCg==", "JVBERi0xLjQK"
# What is Bedrock's to refuse.
TOO_MANY = "You can't include more than 5 documents in a request."

often = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
lists = messages(min_size=1, content=media_parts())


def told(history: list[Any], model: str) -> dict[str, Any]:
    return converse(plan(conform({"messages": history, "model": model}, ChatCompletionRequest)))


def refusal(asked: dict[str, Any], model: str) -> str:
    try:
        check("Converse", model, asked)
    except Refusal as refused:
        return refused.message
    return ""


@often
@given(lists, st.sampled_from(sorted(MODELS)))
def test_the_strict_local_bedrock_accepts_any_media(history: list[Any], family: str) -> None:
    words = refusal(told(history, MODELS[family]), MODELS[family])

    assert not words or words.startswith(TOO_MANY)


@often
@given(lists, st.sampled_from(sorted(MODELS)))
def test_no_media_are_lost(history: list[Any], family: str) -> None:
    said, asked = json.dumps(history), json.dumps(told(history, MODELS[family])["messages"])

    for data in (PNG, CSV, PDF):
        assert asked.count(data) == said.count(data)


@often
@given(lists, st.sampled_from(sorted(BLIND)))
def test_a_model_that_sees_nothing_is_shown_nothing(history: list[Any], family: str) -> None:
    model, has_pictures = BLIND[family], PNG.encode() in orjson.dumps(history)
    try:
        words = refusal(told(history, model), model)
    except BadRequestError as error:
        assert error.code == "unsupported_value"  # noqa: PT017
        assert has_pictures or PDF.encode() in orjson.dumps(history)
    else:
        assert not has_pictures
        assert not words or words.startswith(TOO_MANY)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@settings(often, max_examples=40)
@given(history=good_messages(content=media_parts() | words))
def test_a_conversation_that_goes_on_begins_as_it_did(model: str, history: list[Any]) -> None:
    """The names of documents too: Bedrock's prompt cache knows it by that."""
    more = [*history, {"role": "assistant", "tool_calls": [good_call("call_9_9", "f")]}]
    before, after = (told(each, model)["messages"] for each in (history, more))

    assert after[: len(before)] == before
