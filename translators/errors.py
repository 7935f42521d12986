"""Everything that can go wrong, and the OpenAI error each becomes: one table for all of it.

Our exceptions are named as the OpenAI SDKs name what their users catch:

* APIError
  - BadRequestError (400)
  - AuthenticationError (401)
  - PermissionDeniedError (403)
  - NotFoundError (404)
  - RateLimitError (429)
  - InternalServerError (500 and above)

The same error leaves as a status before the first byte and as one event after it.
https://platform.openai.com/docs/guides/error-codes
"""

import re
from typing import NamedTuple

from translators.openai import ErrorBody


class APIError(Exception):
    """An error that the client should see. `status` may also be one the SDK has no class for: 405, 413."""

    status: int = 500
    type: str = "server_error"

    def __init__(
        self,
        message: str,
        *,
        code: str,
        param: str | None = None,
        status: int | None = None,
        type: str | None = None,
        retry_after: int | None = None,
        retryable: bool = True,
    ) -> None:
        """`param` is the JSON path of the field; `retry_after` is whole seconds.

        `retryable` False tells the SDK not to try again where the status alone would make it.
        """
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.status = status or self.status
        self.type = type or self.type
        self.retry_after = retry_after
        self.retryable = retryable
        self.aws_request_id: str | None = None

    def body(self) -> ErrorBody:
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}

    def headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        if self.retry_after is not None:
            headers["retry-after"] = str(self.retry_after)
        if not self.retryable:
            headers["x-should-retry"] = "false"
        if self.aws_request_id:
            headers["x-amzn-requestid"] = self.aws_request_id
        return headers


class BadRequestError(APIError):
    status, type = 400, "invalid_request_error"


class AuthenticationError(APIError):
    status, type = 401, "authentication_error"


class PermissionDeniedError(APIError):
    status, type = 403, "permission_error"


class NotFoundError(APIError):
    status, type = 404, "invalid_request_error"


class RateLimitError(APIError):
    status, type = 429, "rate_limit_error"


class InternalServerError(APIError):
    status, type = 500, "server_error"


class Row(NamedTuple):
    """One row of the table: which AWS errors, and what they become."""

    aws: tuple[str, ...]
    """Exception names; empty means any."""
    error: type[APIError]
    code: str
    says: str = ""
    """A pattern in AWS's message; empty means any."""
    words: str = "{message}"
    """Ours around AWS's own: what clients match on, and the next step."""
    status: int | None = None
    type: str | None = None
    param: str | None = None
    retry_after: int | None = None
    retryable: bool = True


REFRESH = "{message} Renew the AWS credentials of the proxy (for SSO: aws sso login); no restart is needed."
# Without a type there is only the status; then the words still tell which.
VALIDATION = ("ValidationException", "SerializationException", "ParamValidationError", "400")

# The first row that fits decides. https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
TABLE = (
    Row(
        VALIDATION,
        BadRequestError,
        "context_length_exceeded",
        says=r"(?i)(input|prompt) is too long|input tokens exceeded|too many total text bytes"
        r"|exceeds? the (model'?s )?(maximum )?context|context (length|window)",
        param="messages",
        # Each phrase is one that some client's recovery looks for.
        words="prompt is too long (context_length_exceeded): this model's maximum context length is"
        " smaller than the request. Bedrock: {message}",
    ),
    Row(
        VALIDATION,
        NotFoundError,
        "model_not_found",
        says="model identifier is invalid",
        param="model",
        words="{message} GET /v1/models lists what this account can call.",
    ),
    Row(
        VALIDATION,
        BadRequestError,
        "invalid_value",
        # The apostrophe of "isn't" is typographic at times.
        says="on-demand throughput isn.t supported",
        param="model",
        words="{message} GET /v1/models lists the ids of inference profiles.",
    ),
    Row(VALIDATION, BadRequestError, "invalid_value"),
    Row(("ResourceNotFoundException",), NotFoundError, "model_not_found", param="model"),
    Row(
        ("AccessDeniedException",),
        PermissionDeniedError,
        "access_denied",
        words="{message} The proxy's AWS identity needs bedrock:InvokeModel, InvokeModelWithResponseStream,"
        " ListFoundationModels and ListInferenceProfiles, and its account access to the model.",
    ),
    Row(
        ("ExpiredTokenException", "CredentialRetrievalError"),
        InternalServerError,
        "aws_credentials_expired",
        words=REFRESH,
        status=503,
        retryable=False,
    ),
    Row(
        ("InvalidSignatureException",),
        InternalServerError,
        "aws_credentials_invalid",
        says="Signature expired|not yet current",
        words="{message} Set the clock of the proxy's machine.",
        status=503,
        retryable=False,
    ),
    Row(
        (
            "UnrecognizedClientException",
            "InvalidSignatureException",
            "InvalidClientTokenId",
            "IncompleteSignatureException",
            "MissingAuthenticationTokenException",
            "403",  # a wrong Bedrock API key: no type, only the status
        ),
        InternalServerError,
        "aws_credentials_invalid",
        words="{message} Check the AWS credentials of the proxy, and that their region is the one called.",
        status=503,
        retryable=False,
    ),
    Row(
        ("NoCredentialsError",),
        InternalServerError,
        "aws_credentials_missing",
        words="{message} Set AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or"
        " AWS_BEARER_TOKEN_BEDROCK for the proxy; or try it without AWS: outcrop serve --local.",
        status=503,
        retryable=False,
    ),
    Row(
        ("ThrottlingException",),
        RateLimitError,
        "insufficient_quota",
        says="per day",
        words="Quota exceeded (Bedrock {aws}): {message}",
        type="insufficient_quota",
        retryable=False,
    ),
    Row(
        ("ThrottlingException", "TooManyRequestsException", "429"),
        RateLimitError,
        "rate_limit_exceeded",
        # Without the first words some clients take "too many tokens" for a context overflow.
        words="Rate limit exceeded (Bedrock {aws}): {message}",
        retry_after=1,
    ),
    Row(
        ("ServiceQuotaExceededException",),
        RateLimitError,
        "insufficient_quota",
        type="insufficient_quota",
        retryable=False,
    ),
    Row(
        ("ModelNotReadyException", "ServiceUnavailableException", "503"),
        InternalServerError,
        "service_unavailable",
        status=503,
        retry_after=2,
    ),
    # Each try is billed.
    Row(("ModelTimeoutException",), InternalServerError, "model_timeout", status=504, retryable=False),
    Row(
        ("ModelErrorException", "ModelStreamErrorException"),
        InternalServerError,
        "upstream_error",
        status=502,
    ),
    Row(("ConnectionError",), InternalServerError, "upstream_unreachable", status=502),
    Row(("ReadTimeoutError",), InternalServerError, "upstream_timeout", status=504),
    Row((), InternalServerError, "server_error"),
)


def from_aws(aws: str, message: str) -> APIError:
    """The error for an AWS exception, by its name in a header or in a stream's frame.

    >>> from_aws("throttlingException", "Too many tokens, please wait before trying again.").message
    'Rate limit exceeded (Bedrock ThrottlingException): Too many tokens, please wait before trying again.'
    """
    name = aws[:1].upper() + aws[1:]  # in a stream it is throttlingException
    row = next(row for row in TABLE if _fits(row, name, message))
    return row.error(
        row.words.format(message=_sentence(message), aws=name),
        code=row.code,
        param=row.param,
        status=row.status,
        type=row.type,
        retry_after=row.retry_after,
        retryable=row.retryable,
    )


def _fits(row: Row, name: str, message: str) -> bool:
    return (not row.aws or name in row.aws) and (not row.says or re.search(row.says, message) is not None)


def _sentence(message: str) -> str:
    text = message.strip() or "Bedrock gave no reason."
    return text if text[-1] in ".!?)\"'" else text + "."


# What only the proxy itself says.


def invalid_json(reason: str) -> BadRequestError:
    return BadRequestError(f"The request body is not valid JSON: {reason}.", code="invalid_json")


def unsupported(param: str, message: str) -> BadRequestError:
    return BadRequestError(message, code="unsupported_parameter", param=param)


def stream_cut_short(where: str) -> InternalServerError:
    return InternalServerError(
        f"Bedrock's answer was cut short: {_sentence(where)}", code="upstream_error", status=502
    )


# What translating meets in an answer that is not JSON, lacks a key, or has another type where one belongs.
UNDESCRIBED = (KeyError, TypeError, AttributeError, ValueError)


def undescribed(error: Exception) -> InternalServerError:
    """AWS's model vouches for the shape of every answer, so none is checked; here one was not so."""
    return InternalServerError(
        f"Bedrock's answer is not as its API describes it ({type(error).__name__}: {error}).",
        code="upstream_error",
        status=502,
    )
