"""What goes wrong at Bedrock, as the official client sees it: before the answer, in it, and at its end."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from proxy.bedrock import BACKOFF
from proxy.settings import Settings
from tests.e2e.door import Door
from tests.samples import MODEL
from tests.servers import outcrop as serving_outcrop

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
STREAM: dict[str, Any] = {"model": MODEL, "messages": HELLO, "stream": True}

either = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


class Expected(NamedTuple):
    """What the client's user catches."""

    error: type[openai.APIStatusError]
    status: int
    type: str
    code: str
    param: str | None = None
    retry_after: str | None = None
    should_retry: str | None = None


INVALID = "invalid_request_error"
INVALID_VALUE = Expected(openai.BadRequestError, 400, INVALID, "invalid_value")
INVALID_MODEL = Expected(openai.BadRequestError, 400, INVALID, "invalid_value", "model")
OVERFLOW = Expected(openai.BadRequestError, 400, INVALID, "context_length_exceeded", "messages")
NO_MODEL = Expected(openai.NotFoundError, 404, INVALID, "model_not_found", "model")
DENIED = Expected(openai.PermissionDeniedError, 403, "permission_error", "access_denied")
THROTTLED = Expected(openai.RateLimitError, 429, "rate_limit_error", "rate_limit_exceeded", retry_after="1")
QUOTA = Expected(openai.RateLimitError, 429, "insufficient_quota", "insufficient_quota", should_retry="false")


def server_error(status: int, code: str, **headers: str) -> Expected:
    return Expected(openai.InternalServerError, status, "server_error", code, **headers)


EXPIRED = server_error(503, "aws_credentials_expired", should_retry="false")
WRONG_CREDENTIALS = server_error(503, "aws_credentials_invalid", should_retry="false")
UNAVAILABLE = server_error(503, "service_unavailable", retry_after="2")
MODEL_TIMEOUT = server_error(504, "model_timeout", should_retry="false")
UPSTREAM = server_error(502, "upstream_error")
INTERNAL = server_error(500, "server_error")

# Clients' recoveries look for these words.
TOO_LONG = "prompt is too long (context_length_exceeded): this model's maximum context length is"
RATE_LIMIT = "Rate limit exceeded (Bedrock ThrottlingException): "


class Case(NamedTuple):
    """One row of the error table: what AWS says, and what becomes of it."""

    status: int
    type: str
    message: str
    expected: Expected
    before: str = ""
    """Our words before AWS's."""
    after: str = ""


TABLE = [
    Case(400, "ValidationException", "Temperature: range: 0..1", INVALID_VALUE),
    Case(400, "SerializationException", "Unexpected value type in payload", INVALID_VALUE),
    Case(400, "ParamValidationError", "Parameter validation failed", INVALID_VALUE),
    Case(400, "ValidationException", "Input is too long for requested model.", OVERFLOW, TOO_LONG),
    Case(400, "ValidationException", "prompt is too long: 9 tokens > 8 maximum", OVERFLOW, TOO_LONG),
    Case(
        400, "ValidationException", "The provided model identifier is invalid.", NO_MODEL, after="/v1/models"
    ),
    Case(
        400,
        "ValidationException",
        "Invocation of model ID x with on-demand throughput isn’t supported.",
        INVALID_MODEL,
        after="/v1/models",
    ),
    Case(404, "ResourceNotFoundException", "This model version has reached its end of life.", NO_MODEL),
    Case(
        403,
        "AccessDeniedException",
        "You don't have access to the model.",
        DENIED,
        after="bedrock:InvokeModel",
    ),
    Case(403, "ExpiredTokenException", "The security token is expired", EXPIRED, after="aws sso login"),
    Case(403, "UnrecognizedClientException", "The security token is invalid.", WRONG_CREDENTIALS),
    Case(403, "InvalidSignatureException", "The signature does not match.", WRONG_CREDENTIALS),
    Case(403, "InvalidSignatureException", "Signature expired: 1 < 2", WRONG_CREDENTIALS, after="clock"),
    Case(403, "", "Authentication failed: make sure your API Key is valid.", WRONG_CREDENTIALS),
    Case(429, "ThrottlingException", "Too many requests, please wait.", THROTTLED, RATE_LIMIT),
    Case(429, "ThrottlingException", "Too many tokens, please wait.", THROTTLED, RATE_LIMIT),
    Case(429, "ThrottlingException", "Too many tokens per day, please wait.", QUOTA, "Quota exceeded"),
    Case(400, "ServiceQuotaExceededException", "Your request exceeds the quota.", QUOTA),
    Case(429, "ModelNotReadyException", "The model is not ready for inference.", UNAVAILABLE),
    Case(503, "ServiceUnavailableException", "Bedrock is unable to process it.", UNAVAILABLE),
    Case(408, "ModelTimeoutException", "The model timed out.", MODEL_TIMEOUT),
    Case(424, "ModelErrorException", "The model failed.", UPSTREAM),
    Case(424, "ModelStreamErrorException", "The model's stream failed.", UPSTREAM),
    Case(500, "InternalServerException", "The system encountered an unexpected error.", INTERNAL),
    Case(507, "SomethingNewException", "Nobody has seen this yet.", INTERNAL),
]
TYPED = [case for case in TABLE if case.type]  # an exception in a stream has one


def named(case: Case) -> str:
    return f"{case.type or case.status} {case.message[:24]}"


def assert_says(case: Case, error: openai.APIError) -> None:
    """AWS's words survive, between ours."""
    expected = case.expected
    assert (error.type, error.code, error.param) == (expected.type, expected.code, expected.param)
    assert isinstance(error.body, dict)
    before, found, after = error.body["message"].partition(case.message)
    assert found
    assert before.startswith(case.before)
    assert case.after in after


# Before the answer


@pytest.fixture(scope="module")
def hasty(bedrock: str) -> Iterator[openai.OpenAI]:
    """A client whose proxy tries once."""
    with ExitStack() as stack:
        with (
            pytest.MonkeyPatch.context() as patch
        ):  # only while it starts: others start in this environment too
            patch.setenv("AWS_MAX_ATTEMPTS", "1")
            url = stack.enter_context(serving_outcrop())
        yield stack.enter_context(openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0))


@either
@pytest.mark.parametrize("case", TABLE, ids=named)
def test_a_refusal_before_the_answer(hasty: openai.OpenAI, door: Door, case: Case, stream: bool) -> None:
    refusal = {"status": case.status, "type": case.type, "message": case.message}
    door.script({"times": "always", "error": refusal})

    with pytest.raises(case.expected.error) as caught:
        hasty.chat.completions.create(model=MODEL, messages=HELLO, stream=stream)

    assert_says(case, caught.value)
    assert_is(case.expected, caught.value)
    assert caught.value.response.headers["x-amzn-requestid"] == door.requests()[-1]["id"]


def assert_is(expected: Expected, error: openai.APIStatusError) -> None:
    headers = error.response.headers
    assert error.status_code == expected.status
    assert headers.get("retry-after") == expected.retry_after
    assert headers.get("x-should-retry") == expected.should_retry
    assert headers["content-type"] == "application/json"
    assert (error.request_id or "").startswith("req_")


@pytest.mark.parametrize("case", TYPED, ids=named)
def test_an_exception_as_the_first_frame_is_a_status_too(
    client: openai.OpenAI, door: Door, case: Case
) -> None:
    door.script({"exception": {"type": case.type, "message": case.message}})

    with pytest.raises(case.expected.error) as caught:
        client.chat.completions.create(**STREAM)

    assert_says(case, caught.value)
    assert_is(case.expected, caught.value)
    assert caught.value.response.headers["x-amzn-requestid"] == door.requests()[-1]["id"]


@either
def test_an_answer_of_something_in_between_is_not_taken_for_bedrocks(
    client: openai.OpenAI, door: Door, stream: bool
) -> None:
    page = {"status": 502, "type": "", "body": "<html>Bad gateway</html>"}
    door.script({"times": "always", "error": page})

    with pytest.raises(openai.InternalServerError, match="something between the proxy and AWS"):
        client.chat.completions.create(model=MODEL, messages=HELLO, stream=stream)


TRIED_AGAIN = {
    "dropped": {"drop": True},
    "throttled": {"error": {"type": "ThrottlingException", "message": "Too many requests."}},
    "failed": {"error": {"type": "InternalServerException", "message": "Unexpected."}},
    "unavailable": {"error": {"type": "ServiceUnavailableException", "message": "Try again."}},
}


@either
@pytest.mark.parametrize("how", TRIED_AGAIN.values(), ids=TRIED_AGAIN.keys())
def test_what_fails_once_is_tried_again(
    client: openai.OpenAI, door: Door, how: dict[str, Any], stream: bool
) -> None:
    door.script({"times": 1, **how})

    client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO, stream=stream)

    assert len(door.requests()) == 2


NOT_TRIED_AGAIN = {
    "wrong": {"type": "ValidationException", "message": "No."},
    "out of quota": {"type": "ThrottlingException", "message": "Too many tokens per day, please wait."},
    "timed out": {"type": "ModelTimeoutException", "message": "It took too long."},
}


@pytest.mark.parametrize("error", NOT_TRIED_AGAIN.values(), ids=NOT_TRIED_AGAIN.keys())
def test_what_would_fail_again_is_not_tried_again(
    client: openai.OpenAI, door: Door, error: dict[str, str]
) -> None:
    door.script({"times": "always", "error": error})

    with pytest.raises(openai.APIStatusError):
        client.chat.completions.create(model=MODEL, messages=HELLO)

    assert len(door.requests()) == 1


@pytest.mark.parametrize(("attempts", "requests"), [("", 2), ("1", 1), ("3", 3)])
def test_throttling_reaches_the_client_soon(
    door: Door, monkeypatch: pytest.MonkeyPatch, attempts: str, requests: int
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", attempts)
    door.script({"times": "always", "error": {"type": "ThrottlingException", "message": "Too many."}})

    with serving_outcrop() as url, httpx.Client(timeout=10) as http:
        answer = http.post(f"{url}/v1/chat/completions", json=STREAM)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert len(door.requests()) == requests
    # Seconds waited between them: two at the most leave a client its own retries. The rest is the machine's.
    assert sum(BACKOFF * attempt for attempt in range(1, requests)) < 2


def test_the_official_client_does_not_repeat_what_cannot_succeed(client: openai.OpenAI, door: Door) -> None:
    door.script({"times": "always", "error": {"type": "ExpiredTokenException", "message": "Expired."}})

    with pytest.raises(openai.InternalServerError):
        client.with_options(max_retries=2).chat.completions.create(model=MODEL, messages=HELLO)

    assert len(door.requests()) == 1


@either
def test_a_connection_that_is_dropped_before_the_answer(
    client: openai.OpenAI, door: Door, stream: bool
) -> None:
    door.script({"times": "always", "drop": True})

    with pytest.raises(openai.InternalServerError, match="The connection to Bedrock failed") as caught:
        client.chat.completions.create(model=MODEL, messages=HELLO, stream=stream)

    assert (caught.value.status_code, caught.value.code) == (502, "upstream_unreachable")


# Within the answer


class Failed(NamedTuple):
    """A stream that failed: what came before, and the error in the place of its end."""

    text: str
    error: openai.APIError


def failed_stream(client: openai.OpenAI) -> Failed:
    text, failed = "", None
    stream = client.chat.completions.create(**STREAM)
    try:
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
    except openai.APIError as error:
        failed = Failed(text, error)
    assert failed, f"the stream ended as if all were well, after {text!r}"
    assert not isinstance(failed.error, openai.APIStatusError | openai.APIConnectionError)
    return failed


@pytest.mark.parametrize("case", TYPED, ids=named)
def test_an_exception_within_the_answer_is_an_event(client: openai.OpenAI, door: Door, case: Case) -> None:
    door.script(
        {"text": "One two three.", "exception": {"type": case.type, "message": case.message, "after": 3}}
    )

    failed = failed_stream(client)

    assert failed.text == "One two"
    assert_says(case, failed.error)


CUTS = {
    "early end": ({"end_after": 3}, "upstream_error", "cut short"),
    "dropped connection": ({"drop_after": 3}, "upstream_unreachable", "connection to Bedrock failed"),
    "corrupt frame": ({"corrupt_after": 3}, "upstream_error", "cut short"),
}
cuts = pytest.mark.parametrize(("how", "code", "words"), CUTS.values(), ids=CUTS.keys())


@cuts
def test_a_stream_that_breaks_is_an_error(
    client: openai.OpenAI, door: Door, how: dict[str, Any], code: str, words: str
) -> None:
    door.script({"text": "One two three.", **how})

    failed = failed_stream(client)

    assert failed.text == "One two"
    assert (failed.error.type, failed.error.code) == ("server_error", code)
    assert words in failed.error.message


@cuts
def test_a_stream_that_breaks_at_once_is_a_status(
    client: openai.OpenAI, door: Door, how: dict[str, Any], code: str, words: str
) -> None:
    door.script(dict.fromkeys(how, 0))

    with pytest.raises(openai.InternalServerError, match=words) as caught:
        client.chat.completions.create(**STREAM)

    assert (caught.value.status_code, caught.value.code) == (502, code)


@cuts
def test_the_error_is_the_last_event(
    http: httpx.Client, door: Door, how: dict[str, Any], code: str, words: str
) -> None:
    door.script(how)

    lines = [line for line in http.post("/v1/chat/completions", json=STREAM).text.split("\n") if line]

    assert all(line.startswith("data: {") for line in lines)  # no [DONE]
    assert [line for line in lines if '"error"' in line] == lines[-1:]
    assert code in lines[-1]


@pytest.mark.parametrize("how", ["end_after", "drop_after"])
def test_an_answer_that_lacks_only_its_usage_is_an_answer(
    client: openai.OpenAI, door: Door, how: str
) -> None:
    door.script({"text": "Hi", how: 4})  # messageStart, delta, contentBlockStop, messageStop

    chunks = list(client.chat.completions.create(**STREAM, stream_options={"include_usage": True}))

    assert chunks[-1].choices[0].finish_reason == "stop"


def test_a_whole_answer_that_breaks_is_an_error(client: openai.OpenAI, door: Door) -> None:
    door.script({"drop_after": 1})

    with pytest.raises(openai.InternalServerError, match="The connection to Bedrock failed") as caught:
        client.chat.completions.create(model=MODEL, messages=HELLO)

    assert (caught.value.status_code, caught.value.code) == (502, "upstream_unreachable")


MALFORMED = {
    "output": {"message": {"role": "assistant", "content": [{"text": "{"}]}},
    "stopReason": "malformed_model_output",
}


def test_output_that_cannot_be_used_is_an_error(client: openai.OpenAI, door: Door) -> None:
    door.script({"response": MALFORMED})

    with pytest.raises(openai.InternalServerError, match="malformed_model_output") as caught:
        client.chat.completions.create(model=MODEL, messages=HELLO)

    assert (caught.value.status_code, caught.value.code) == (502, "upstream_error")
    assert caught.value.response.headers["x-amzn-requestid"] == door.requests()[-1]["id"]


def test_output_that_cannot_be_used_is_an_error_in_a_stream_too(client: openai.OpenAI, door: Door) -> None:
    door.script({"response": MALFORMED})

    failed = failed_stream(client)

    assert failed.error.code == "upstream_error"
    assert "malformed_model_output" in failed.error.message


def test_an_event_that_nobody_could_expect_does_not_end_as_an_answer(
    client: openai.OpenAI, door: Door
) -> None:
    door.script({"events": [{"messageStart": {"role": "assistant"}}, {"contentBlockDelta": {}}]})

    with pytest.raises(openai.APIError, match="not as its API describes"):
        list(client.chat.completions.create(**STREAM))


# Silence


@pytest.fixture(scope="module")
def impatient(bedrock: str) -> Iterator[str]:
    """An Outcrop that sends comments after a twentieth of a second of silence, not after fifteen."""
    with serving_outcrop(Settings(keep_alive=0.05)) as url:
        yield url


@pytest.fixture
def impatient_client(impatient: str, door: Door) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{impatient}/v1", api_key="any", max_retries=0) as client:
        yield client


def test_comments_come_when_the_settings_say(bedrock: str, door: Door) -> None:
    door.script({"hold": "silence", "hold_after": 0})

    with serving_outcrop(Settings(keep_alive=0.3)) as url:
        asked = time.monotonic()
        with httpx.stream("POST", f"{url}/v1/chat/completions", json=STREAM, timeout=2) as answer:
            began = time.monotonic()
            first = next(answer.iter_lines())
            told = time.monotonic()

    assert first == ": keep-alive"
    assert began - asked >= 0.3  # the first frame is waited for
    assert told - began >= 0.25  # the clock started a little before its headers came


@pytest.mark.parametrize("events", [0, 3])
def test_comments_keep_a_silent_stream_alive(impatient: str, door: Door, events: int) -> None:
    door.script({"text": "One two three.", "hold": "silence", "hold_after": events})

    with httpx.stream("POST", f"{impatient}/v1/chat/completions", json=STREAM) as answer:
        lines = answer.iter_lines()
        before = [next(lines) for _ in range(2 + 2 * events)]
        while (line := next(lines)) != ": keep-alive":
            before.append(line)
        door.release("silence")
        after = list(lines)

    assert answer.status_code == 200
    assert [line for line in before + after if line[:6] not in ("", "data: ", ": keep")] == []
    assert after[-2:] == ["data: [DONE]", ""]


def test_the_official_client_reads_past_comments(impatient_client: openai.OpenAI, door: Door) -> None:
    door.script({"text": "At last.", "hold": "silence", "hold_after": 0})

    stream = impatient_client.chat.completions.create(**STREAM)  # returns: the status has come
    door.release("silence")

    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "At last."


def test_an_exception_after_long_silence_is_an_event(impatient_client: openai.OpenAI, door: Door) -> None:
    door.script(
        {
            "hold": "silence",
            "hold_after": 0,
            "exception": {"type": "modelStreamErrorException", "message": "It gave up."},
        }
    )
    stream = impatient_client.chat.completions.create(**STREAM)
    door.release("silence")

    with pytest.raises(openai.APIError, match="It gave up"):
        list(stream)
