"""Which guardrail is asked for, of headers, body and setting; and what names none."""

from typing import Any

import pytest

from tests.plans import converse
from translators.chat import plan
from translators.chat.guardrails import IDENTIFIER, TRACE, VERSION
from translators.chat.options import Options
from translators.converse import GuardrailConfig
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

CHAT: dict[str, Any] = {"model": "maker.unknown-v1:0", "messages": [{"role": "user", "content": "Hi"}]}
LLAMA = "us.meta.llama3-3-70b-instruct-v1:0"
ARN = "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:guardrail/abc123"

SETTING: GuardrailConfig = {"guardrailIdentifier": "setting", "guardrailVersion": "1", "trace": "disabled"}
BODY = {"guardrailIdentifier": "body", "guardrailVersion": "2"}
OWN = {"guardrailIdentifier": "own", "guardrailVersion": "3"}
HEADERS = {IDENTIFIER: "headers", VERSION: "DRAFT"}


def asked(
    headers: dict[str, str] | None = None, *, setting: bool = False, **fields: Any
) -> GuardrailConfig | None:
    options = Options(guardrail=SETTING if setting else {}, headers=headers or {})
    made = plan(conform({**CHAT, **fields}, ChatCompletionRequest), options=options)
    return converse(made).get("guardrailConfig")


def test_nobody_asks_for_one() -> None:
    assert asked() is None
    assert asked(guardrailConfig=None, bedrock={"guardrailConfig": None}) is None


def test_headers_beat_the_body_and_the_body_beats_the_setting() -> None:
    body: dict[str, Any] = {"guardrailConfig": BODY, "bedrock": {"guardrailConfig": OWN}}

    assert asked(setting=True) == SETTING
    assert asked(setting=True, guardrailConfig=BODY) == BODY, "nothing is mixed"
    assert asked(setting=True, **body) == OWN
    assert asked(HEADERS, setting=True, **body) == {
        "guardrailIdentifier": "headers",
        "guardrailVersion": "DRAFT",
    }


@pytest.mark.parametrize("said", ["ENABLED_FULL", "enabled_full"])
def test_a_trace_is_asked_for_of_whichever_it_is(said: str) -> None:
    """InvokeModel's header says ENABLED, Converse's field enabled."""
    trace = {TRACE: said}

    assert asked(trace) is None
    assert asked(trace, setting=True) == {**SETTING, "trace": "enabled_full"}
    assert asked(trace, guardrailConfig={**BODY, "trace": "enabled"}) == {**BODY, "trace": "enabled_full"}
    assert asked({**HEADERS, **trace}) == {
        "guardrailIdentifier": "headers",
        "guardrailVersion": "DRAFT",
        "trace": "enabled_full",
    }


@pytest.mark.parametrize(
    ("request_", "kept"),
    [
        ({"stream": True}, True),
        ({}, False),
        ({"stream": True, "model": LLAMA, "tools": [{"type": "function", "function": {"name": "f"}}]}, False),
    ],
)
def test_how_a_stream_is_processed_is_for_converse_stream_only(request_: dict[str, Any], kept: bool) -> None:
    config = asked(guardrailConfig={**BODY, "streamProcessingMode": "async"}, **request_)

    assert config == ({**BODY, "streamProcessingMode": "async"} if kept else BODY)


def test_a_guardrail_may_be_an_arn() -> None:
    assert asked({**HEADERS, IDENTIFIER: ARN}) == {"guardrailIdentifier": ARN, "guardrailVersion": "DRAFT"}


@pytest.mark.parametrize(
    ("headers", "param", "code"),
    [
        ({IDENTIFIER: "abc"}, VERSION, "missing_required_parameter"),
        ({VERSION: "1"}, IDENTIFIER, "missing_required_parameter"),
        ({**HEADERS, IDENTIFIER: "not an id"}, IDENTIFIER, "invalid_value"),
        ({**HEADERS, VERSION: "0"}, VERSION, "invalid_value"),
        ({**HEADERS, VERSION: "draft"}, VERSION, "invalid_value"),
        ({**HEADERS, TRACE: "yes"}, TRACE, "invalid_value"),
    ],
)
def test_headers_that_name_no_guardrail(headers: dict[str, str], param: str, code: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        asked(headers)

    assert (caught.value.param, caught.value.code) == (param, code)


@pytest.mark.parametrize(
    ("config", "member", "code"),
    [
        ({"guardrailIdentifier": "abc"}, "guardrailVersion", "missing_required_parameter"),
        ({**BODY, "guardrailVersion": 1}, "guardrailVersion", "invalid_type"),
        ({**BODY, "guardrailVersion": "v1"}, "guardrailVersion", "invalid_value"),
        ({**BODY, "guardrailIdentifier": "A B"}, "guardrailIdentifier", "invalid_value"),
        ({**BODY, "trace": "ENABLED"}, "trace", "invalid_value"),
        ({**BODY, "streamProcessingMode": "fast"}, "streamProcessingMode", "invalid_value"),
        ({**BODY, "guardrailName": "x"}, "guardrailName", "unsupported_parameter"),
    ],
)
def test_a_body_that_names_no_guardrail(config: dict[str, Any], member: str, code: str) -> None:
    for path, fields in (
        ("guardrailConfig", {"guardrailConfig": config}),
        ("bedrock.guardrailConfig", {"bedrock": {"guardrailConfig": config}}),
    ):
        with pytest.raises(BadRequestError) as caught:
            asked(**fields)
        assert (caught.value.param, caught.value.code) == (f"{path}.{member}", code)
