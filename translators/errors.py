"""Everything that can go wrong, as the OpenAI error it becomes; aws_errors.py has the table of AWS's.

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
        self.aws_message: str | None = None
        """AWS's own words, where there are ours around them."""
        self.aws_request_id: str | None = None
        self.command: str | None = None
        """What the proxy's user runs to mend it, where that is one command; the message holds it too."""
        self.model_id: str | None = None
        """What was invoked."""

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
        if self.model_id:
            headers["x-outcrop-model"] = self.model_id
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


# What only the proxy itself says. Of a request: `path` is that of the field, or the name of a header.


def invalid_json(reason: str) -> BadRequestError:
    return BadRequestError(f"The request body is not valid JSON: {reason}.", code="invalid_json")


def missing(path: str) -> BadRequestError:
    return BadRequestError(
        f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter"
    )


def invalid(path: str, reason: str) -> BadRequestError:
    """What nobody could make sense of."""
    return BadRequestError(f"Invalid '{path}': {reason}.", param=path, code="invalid_value")


def unsupported(path: str, reason: str) -> BadRequestError:
    """What makes sense, and cannot be had of Bedrock, of this model, or here."""
    return BadRequestError(f"Unsupported value: '{path}': {reason}.", param=path, code="unsupported_value")


def unsupported_parameter(path: str) -> BadRequestError:
    return BadRequestError(
        f"Unsupported parameter: '{path}' cannot be honoured with Bedrock Converse.",
        param=path,
        code="unsupported_parameter",
    )


# Of an answer.


def stream_cut_short(where: str) -> InternalServerError:
    return InternalServerError(
        f"Bedrock's answer was cut short: {sentence(where)}", code="upstream_error", status=502
    )


def server_stopping() -> InternalServerError:
    return InternalServerError(
        "Outcrop is being stopped, and the answer was not complete in the time that it gives. Try again.",
        code="server_stopping",
        status=503,
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


def sentence(message: str) -> str:
    text = message.strip() or "Bedrock gave no reason."
    return text if text[-1] in ".!?)\"'" else text + "."
