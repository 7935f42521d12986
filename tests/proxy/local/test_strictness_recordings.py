"""The local Bedrock against recorded traffic: what AWS took it takes, what AWS refused it refuses alike.

The recordings are not part of the project; without them these tests are skipped.
"""

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from proxy.local.call import ConverseOperation
from proxy.local.refusals import Refusal
from proxy.local.validation import check
from translators.eventstream import Decoder

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "recordings"

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
# Stands in where a recording kept the model and the answer, but not the body.
BODY_NOT_KEPT: dict[str, Any] = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}

SMALL_FILES = {
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "gif": b"GIF89a\x01\x00\x01\x00",
    "webp": b"RIFF\x1a\x00\x00\x00WEBPVP8 ",
}


def recordings() -> list[Path]:
    return sorted(RECORDINGS.glob("*/Converse*.json"))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


# Any: recorded JSON.
def read(path: Path) -> dict[str, Any]:
    return cast(dict[str, Any], orjson.loads(path.read_bytes()))


def outcome(recording: dict[str, Any]) -> tuple[int, str | None]:
    """The status that was recorded, and the words of a refusal, also of one inside the stream."""
    response = recording["response"]
    if response["status"] != 200:
        return response["status"], response["body_json"]["message"]
    if any(tag.startswith("stream-exception:") for tag in recording["exercises"]):
        return 200, words_of_exception(recording)
    return 200, None


def words_of_exception(recording: dict[str, Any]) -> str:
    (frame,) = Decoder().feed(b64decode(recording["response"]["body_base64"]))
    assert frame.headers[":exception-type"] == "validationException"
    return str(orjson.loads(frame.payload)["message"])


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


pytestmark = pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings are not part of the project")


def told_by_the_request() -> list[Path]:
    """The recordings whose answer depended on what is kept of the request."""
    return [
        path
        for path in recordings()
        if name_of(path) not in {*BODY_CUT_SHORT, *REFUSED_FOR_CREDENTIALS}
        and read(path)["model_id"] not in NO_REQUEST_KEPT
    ]


def test_no_recording_is_left_out_but_for_the_reasons_given() -> None:
    assert (len(recordings()), len(told_by_the_request())) == (601, 582)


@pytest.mark.parametrize("path", told_by_the_request(), ids=name_of)
def test_a_recorded_request_meets_its_recorded_answer(path: Path) -> None:
    recording = read(path)
    body = sendable(recording["request"]["body_json"] or BODY_NOT_KEPT)
    status, words = outcome(recording)

    if words is None:
        check(cast(ConverseOperation, recording["operation"]), recording["model_id"], body)
        return
    with pytest.raises(Refusal) as refused:
        check(cast(ConverseOperation, recording["operation"]), recording["model_id"], body)

    assert refused.value.message == words
    assert refused.value.type == error_type(recording) == "ValidationException"
    assert (200 if refused.value.in_stream else refused.value.status) == status


def error_type(recording: dict[str, Any]) -> str:
    """One of the sources filters the header, and one refusal stands in the stream."""
    header = recording["response"]["headers"].get("x-amzn-errortype", "ValidationException:")
    return str(header.partition(":")[0])


def test_what_is_left_out_has_the_reason_that_is_given() -> None:
    for name, error in REFUSED_FOR_CREDENTIALS.items():
        assert error_type(read(RECORDINGS / name)) == error
    for name in BODY_CUT_SHORT:
        assert read(RECORDINGS / name)["request"]["body_json"] is None
