"""The error table, row by row: what AWS says, and what the client of OpenAI's SDK gets."""

import pytest

from translators.aws_errors import from_aws

BLOCKED = {"x-should-retry": "false"}

# AWS's name, its words -> status, type, code, param, headers.
TABLE: list[tuple[str, str, int, str, str, str | None, dict[str, str]]] = [
    ("ValidationException", "Bad thing.", 400, "invalid_request_error", "invalid_value", None, {}),
    ("SerializationException", "Bad thing.", 400, "invalid_request_error", "invalid_value", None, {}),
    ("ValidationException", "The provided model identifier is invalid.", 404, "invalid_request_error",
     "model_not_found", "model", {}),
    ("ValidationException", "Invocation of model ID x with on-demand throughput isn’t supported. Retry.", 400,
     "invalid_request_error", "invalid_value", "model", {}),
    ("ValidationException", "Input is too long for requested model.", 400, "invalid_request_error",
     "context_length_exceeded", "messages", {}),
    ("ValidationException", "The model returned the following errors: prompt is too long: 9 tokens > 8 maximum",
     400, "invalid_request_error", "context_length_exceeded", "messages", {}),
    ("ValidationException", "The model returned the following errors: Input Tokens Exceeded: Number of input"
     " tokens exceeds maximum length.", 400, "invalid_request_error", "context_length_exceeded", "messages", {}),
    ("ValidationException", "too many total text bytes: 10000002 > 9000000", 400, "invalid_request_error",
     "context_length_exceeded", "messages", {}),
    ("ResourceNotFoundException", "End of its life.", 404, "invalid_request_error", "model_not_found", "model", {}),
    ("AccessDeniedException", "You don't have access.", 403, "permission_error", "access_denied", None, {}),
    ("ExpiredTokenException", "Expired", 503, "server_error", "aws_credentials_expired", None, BLOCKED),
    ("CredentialRetrievalError", "SSO", 503, "server_error", "aws_credentials_expired", None, BLOCKED),
    ("400", "No type.", 400, "invalid_request_error", "invalid_value", None, {}),
    ("UnrecognizedClientException", "Invalid.", 503, "server_error", "aws_credentials_invalid", None, BLOCKED),
    ("InvalidSignatureException", "Signature expired: 1 is now earlier than 2", 503, "server_error",
     "aws_credentials_invalid", None, BLOCKED),
    ("403", "Authentication failed: Please make sure your API Key is valid.", 503, "server_error",
     "aws_credentials_invalid", None, BLOCKED),
    ("NoCredentialsError", "None.", 503, "server_error", "aws_credentials_missing", None, BLOCKED),
    ("ThrottlingException", "Too many requests, please wait before trying again.", 429, "rate_limit_error",
     "rate_limit_exceeded", None, {"retry-after": "1"}),
    ("throttlingException", "Too many tokens, please wait before trying again.", 429, "rate_limit_error",
     "rate_limit_exceeded", None, {"retry-after": "1"}),
    ("ThrottlingException", "Too many tokens per day, please wait before trying again.", 429,
     "insufficient_quota", "insufficient_quota", None, BLOCKED),
    ("ServiceQuotaExceededException", "Quota.", 429, "insufficient_quota", "insufficient_quota", None, BLOCKED),
    ("ModelNotReadyException", "Wait.", 503, "server_error", "service_unavailable", None, {"retry-after": "2"}),
    ("ServiceUnavailableException", "Model is getting throttled.", 503, "server_error", "service_unavailable",
     None, {"retry-after": "2"}),
    ("ModelTimeoutException", "Slow.", 504, "server_error", "model_timeout", None, BLOCKED),
    ("ModelErrorException", "Broken.", 502, "server_error", "upstream_error", None, {}),
    ("modelStreamErrorException", "Broken.", 502, "server_error", "upstream_error", None, {}),
    ("InternalServerException", "Oops.", 500, "server_error", "server_error", None, {}),
    ("SomethingNewException", "New.", 500, "server_error", "server_error", None, {}),
    ("ConnectionError", "Refused.", 502, "server_error", "upstream_unreachable", None, {}),
    ("ReadTimeoutError", "Silent.", 504, "server_error", "upstream_timeout", None, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("aws", "words", "status", "type", "code", "param", "headers"),
    TABLE,
    ids=[f"{r[0]}: {r[1]}"[:60] for r in TABLE],
)
def test_the_table(
    aws: str, words: str, status: int, type: str, code: str, param: str | None, headers: dict[str, str]
) -> None:
    error = from_aws(aws, words)

    assert error.status == status
    assert error.body()["error"] == {"message": error.message, "type": type, "param": param, "code": code}
    assert error.headers() == headers
    assert words in error.message, "Bedrock's own words survive"


def test_an_overflow_is_told_in_the_words_that_clients_look_for() -> None:
    message = from_aws("ValidationException", "Input is too long for requested model.").message

    assert "prompt is too long" in message
    assert "context_length_exceeded" in message
    assert "this model's maximum context length is" in message


def test_a_throttle_cannot_be_taken_for_an_overflow() -> None:
    message = from_aws("ThrottlingException", "Too many tokens, please wait before trying again.").message

    assert message.startswith("Rate limit exceeded (Bedrock ThrottlingException): Too many tokens")


def test_braces_in_the_words_of_aws_are_only_words() -> None:
    assert from_aws("ValidationException", "{message} {0}").message == "{message} {0}."


def test_the_request_id_of_aws_is_in_the_headers() -> None:
    error = from_aws("ModelErrorException", "x")
    error.aws_request_id = "abc"

    assert error.headers() == {"x-amzn-requestid": "abc"}
