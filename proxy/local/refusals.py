"""What Bedrock says no with: a status, an exception type and words, exactly as they stand on the wire.

Errors of the service itself carry `message` in the body, those of AWS's front end `Message`; the type
is only in the `x-amzn-errortype` header. https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
"""

from dataclasses import dataclass
from typing import Literal

MessageKey = Literal["message", "Message"]


# Not frozen: contextlib assigns `__traceback__` to an exception on its way out.
@dataclass(kw_only=True, eq=False)
class Refusal(Exception):
    """One refusal. `in_stream`: ConverseStream sends it as the only frame of a 200, Converse as a status."""

    status: int
    type: str
    message: str
    key: MessageKey = "message"
    in_stream: bool = False

    def __str__(self) -> str:
        return f"{self.status} {self.type}: {self.message}"


def validation(message: str) -> Refusal:
    return Refusal(status=400, type="ValidationException", message=message)


def from_model(message: str, *, in_stream: bool = False) -> Refusal:
    """What the model behind Bedrock refuses is a ValidationException that quotes the model."""
    return Refusal(
        status=400,
        type="ValidationException",
        message=f"The model returned the following errors: {message}",
        in_stream=in_stream,
    )


def serialization(message: str = "Unexpected value type in payload") -> Refusal:
    """The body is not the JSON that the operation takes; the front end says so, before any rule."""
    return Refusal(status=400, type="SerializationException", message=message, key="Message")


def access_denied(message: str) -> Refusal:
    return Refusal(status=403, type="AccessDeniedException", message=message)


def resource_not_found(message: str) -> Refusal:
    return Refusal(status=404, type="ResourceNotFoundException", message=message)
