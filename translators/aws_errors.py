"""AWS's errors and the OpenAI error each becomes: one table for whole answers, before a stream and in one.

The words are AWS's, then the next step. https://platform.openai.com/docs/guides/error-codes
"""

import re
from typing import NamedTuple

from translators.errors import (
    APIError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    sentence,
)


class Row(NamedTuple):
    """One row of the table: which AWS errors, and what they become."""

    aws: tuple[str, ...]
    """Exception names; empty means any."""
    error: type[APIError]
    code: str
    says: str = ""
    """A pattern in AWS's message; empty means any."""
    words: str = "{message}"
    """Ours around AWS's own: what clients match on."""
    remedy: str = ""
    """The next step, where whoever met the error does not know a better one."""
    status: int | None = None
    type: str | None = None
    param: str | None = None
    retry_after: int | None = None
    retryable: bool = True


def unusable(aws: tuple[str, ...], code: str, *, says: str = "", remedy: str) -> Row:
    """Credentials: never a 401, which would make clients blame their own key."""
    return Row(aws, InternalServerError, code, says, remedy=remedy, status=503, retryable=False)


RENEW = "Renew the AWS credentials of the proxy (for SSO: aws sso login); no restart is needed."
CLOCK = "Set the clock of the proxy's machine: AWS takes no request that is five minutes off."
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
    # As LiteLLM met it: {"Message": "Bearer Token has expired"}
    unusable(
        ("403", "AccessDeniedException", "ExpiredTokenException", "UnrecognizedClientException"),
        "aws_credentials_expired",
        says="(?i)(bearer token|api key) (has|is) expired",
        remedy=RENEW,
    ),
    Row(
        ("AccessDeniedException",),
        PermissionDeniedError,
        "access_denied",
        remedy="The proxy's AWS identity needs bedrock:InvokeModel, InvokeModelWithResponseStream,"
        " ListFoundationModels and ListInferenceProfiles, and its account access to the model"
        " (outcrop doctor tells which is missing).",
    ),
    unusable(
        # STS names it without the ending.
        ("ExpiredTokenException", "ExpiredToken", "TokenRefreshRequired", "CredentialRetrievalError"),
        "aws_credentials_expired",
        remedy=RENEW,
    ),
    unusable(
        ("InvalidSignatureException", "SignatureDoesNotMatch", "RequestExpired", "RequestTimeTooSkewed"),
        "aws_credentials_invalid",
        says="(?i)signature expired|not yet current|request has expired|request time",
        remedy=CLOCK,
    ),
    unusable(
        (
            "UnrecognizedClientException",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "InvalidClientTokenId",
            "IncompleteSignatureException",
            "MissingAuthenticationTokenException",
            "InvalidConfigError",  # botocore's, of a profile that cannot be used
            "403",  # a wrong Bedrock API key: no type, only the status
        ),
        "aws_credentials_invalid",
        remedy="Check the AWS credentials of the proxy, and that their region is the one called.",
    ),
    unusable(
        ("NoCredentialsError",),
        "aws_credentials_missing",
        remedy="Set AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or"
        " AWS_BEARER_TOKEN_BEDROCK for the proxy; or try it without AWS: outcrop serve --local.",
    ),
    # STS, SSO, the metadata service of an instance or a container: nothing is wrong with the credentials.
    Row(
        ("TokenServiceError",),
        InternalServerError,
        "aws_credentials_unavailable",
        words="AWS's credential service did not help: {message}",
        remedy="It is asked again with the next request.",
        status=503,
        retry_after=2,
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


def from_aws(aws: str, message: str, *, remedy: str = "") -> APIError:
    """The error for an AWS exception, by its name in a header or in a stream's frame.

    `remedy` is the next step where more is known than the table knows.

    >>> from_aws("throttlingException", "Too many tokens, please wait before trying again.").message
    'Rate limit exceeded (Bedrock ThrottlingException): Too many tokens, please wait before trying again.'
    """
    name = aws[:1].upper() + aws[1:]  # in a stream it is throttlingException
    row = next(row for row in TABLE if _fits(row, name, message))
    words = row.words.format(message=sentence(message), aws=name)
    error = row.error(
        " ".join(filter(None, (words, remedy or row.remedy))),
        code=row.code,
        param=row.param,
        status=row.status,
        type=row.type,
        retry_after=row.retry_after,
        retryable=row.retryable,
    )
    error.aws_message = sentence(message)
    return error


def _fits(row: Row, name: str, message: str) -> bool:
    return (not row.aws or name in row.aws) and (not row.says or re.search(row.says, message) is not None)
