"""The local Bedrock against recorded traffic: what AWS took it takes, what AWS refused it refuses alike.

The recordings are not part of the project; without them these tests are skipped.
"""

from base64 import b64decode, b64encode
from typing import Any, cast

import pytest

from proxy.local.call import ConverseOperation
from proxy.local.refusals import Refusal
from proxy.local.validation import check
from tests import recordings
from tests.recordings import Recording, load
from tests.samples import PNG

# Not requests that AWS can have seen as they stand here.
NO_REQUEST_KEPT = {
    "anthropic.claude-unknown": "the answer alone was kept, with a name its test gave it",
    "unknown": "the answer alone was kept",
}
BODY_CUT_SHORT = {
    # Kept as text, because what was kept is not JSON: a brace is missing at the end, or a quote inside.
    "pydantic-ai/Converse__test_bedrock_model_guardrail_config_2.json",
    "pydantic-ai/Converse__test_bedrock_model_other_parameters.json",
    "pydantic-ai/Converse__test_video_as_binary_content_input.json",
}

# Refused for who asked or when, not for what was asked.
REFUSED_FOR_CREDENTIALS = {
    "dd-trace-py/Converse__bedrock_converse_error.json": "ExpiredTokenException",
    "newrelic-python-agent/Converse__mock_external_bedrock_server_converse_2.json": (
        "UnrecognizedClientException"
    ),
    "req_llm/Converse__anthropic_claude_opus_4_1_20250805_v1_0__usage.json": "InvalidSignatureException",
    "ruby_llm/Converse__chat_error_handling_with_bedrock_amazon_nova-2-lite-v1_0_raises_appropriate_auth"
    "_error.json": "UnrecognizedClientException",
}
# Hold signatures that Claude gave: that they are genuine, only AWS can tell.
SIGNED_BY_CLAUDE = {
    "pydantic-ai/Converse__test_bedrock_anthropic_tool_with_thinking_2.json",
    "pydantic-ai/Converse__test_bedrock_anthropic_tool_with_thinking_4.json",
    "pydantic-ai/Converse__test_bedrock_model_thinking_part_anthropic_2.json",
    "pydantic-ai/Converse__test_bedrock_model_thinking_part_anthropic_4.json",
    "pydantic-ai/Converse__test_bedrock_model_thinking_part_anthropic_adaptive_2.json",
    "pydantic-ai/Converse__test_bedrock_model_thinking_part_anthropic_adaptive_effort_2.json",
    "pydantic-ai/Converse__test_bedrock_model_thinking_part_anthropic_legacy_2.json",
    "pydantic-ai/Converse__test_bedrock_model_thinking_part_redacted_2.json",
    "pydantic-ai/Converse__test_bedrock_model_thinking_part_redacted_4.json",
    "ruby_llm/Converse__chat_with_extended_thinking_bedrock_claude-haiku-4-5_preserves_thinking_sign"
    "atures_between_turns_when_provided_2.json",
    "ruby_llm/Converse__chat_with_extended_thinking_bedrock_claude-haiku-4-5_preserves_thinking_sign"
    "atures_between_turns_when_provided_5.json",
}
# Stands in where a recording kept the model and the answer, but not the body.
BODY_NOT_KEPT: dict[str, Any] = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}

SMALL_FILES = {
    "png": b64decode(PNG),
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "gif": b"GIF89a\x01\x00\x01\x00",
    "webp": b"RIFF\x1a\x00\x00\x00WEBPVP8 ",
}

CONVERSATIONS = recordings.names("Converse", "ConverseStream")


def outcome(recording: Recording) -> tuple[int, str | None]:
    """The status that was recorded, and the words of a refusal, also of one that is all of a stream."""
    if recording.status != 200:
        return recording.status, recording.json["message"]
    if recording.operation == "ConverseStream" and recording.events()[0][0].endswith("Exception"):
        ((name, event),) = recording.events()
        assert name == "validationException"
        return 200, event["message"]
    return 200, None


def sendable(value: Any, *, file_format: str = "") -> Any:
    """The body with small files of the right format where the recording elides them, and long texts too."""
    match value:
        case str() if value.startswith("<elided base64"):
            return b64encode(SMALL_FILES.get(file_format, b"%PDF-1.7 a small file")).decode()
        case "<MASSIVE_TEXT>":
            return "a long text " * 100_000
        case dict():
            inside = value.get("format", file_format)
            return {key: sendable(item, file_format=inside) for key, item in value.items()}
        case list():
            return [sendable(item, file_format=file_format) for item in value]
    return value


pytestmark = pytest.mark.skipif(not CONVERSATIONS, reason="the recordings are not part of the project")

TOLD_BY_THE_REQUEST = [
    name
    for name in CONVERSATIONS
    if name not in {*BODY_CUT_SHORT, *REFUSED_FOR_CREDENTIALS} and load(name).model_id not in NO_REQUEST_KEPT
]
"""The recordings whose answer depended on what is kept of the request."""


def test_no_recording_is_left_out_but_for_the_reasons_given() -> None:
    assert (len(CONVERSATIONS), len(TOLD_BY_THE_REQUEST)) == (601, 582)


@pytest.mark.parametrize("name", TOLD_BY_THE_REQUEST)
def test_a_recorded_request_meets_its_recorded_answer(name: str) -> None:
    recording = load(name)
    operation = cast(ConverseOperation, recording.operation)
    body = sendable(recording.asked or BODY_NOT_KEPT)
    status, words = outcome(recording)

    if words is None:
        check(operation, recording.model_id, body, signatures_are_ours=name not in SIGNED_BY_CLAUDE)
        return
    with pytest.raises(Refusal) as refused:
        check(operation, recording.model_id, body)

    assert refused.value.message == words
    assert refused.value.type == "ValidationException"
    assert recording.error_type in ("ValidationException", str(recording.status))
    assert (200 if refused.value.in_stream else refused.value.status) == status


@pytest.mark.parametrize("name", sorted(SIGNED_BY_CLAUDE))
def test_a_signature_that_claude_gave_is_foreign_here(name: str) -> None:
    recording = load(name)

    with pytest.raises(Refusal, match=r"messages\.1\.content\.0: Invalid `(signature|data)` in `\w+` block$"):
        check("Converse", recording.model_id, recording.asked)


def test_what_is_left_out_has_the_reason_that_is_given() -> None:
    for name, error in REFUSED_FOR_CREDENTIALS.items():
        assert load(name).error_type == error
    for name in BODY_CUT_SHORT:
        assert load(name).asked is None
