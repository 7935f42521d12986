"""Bodies: requests read with a limit, responses written as JSON."""

from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from translators.chat.json_text import written
from translators.errors import APIError


async def read_body(request: Request, *, limit: int, declared: int) -> bytearray:
    """The request's whole body, of `declared` bytes. Raises APIError where it has more than `limit`."""
    if declared > limit:
        raise too_large(limit)
    body = bytearray()  # grows in place: a list of pieces, and they joined, would be twice as much
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit:
            raise too_large(limit)
        more = message.get("more_body", False)
    return body


def too_large(limit: int) -> APIError:
    return APIError(
        f"The request body is larger than {limit} bytes (OUTCROP_MAX_BODY_BYTES).",
        code="request_too_large",
        type="invalid_request_error",
        status=413,
    )


def json_response(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(written(content), status, headers, "application/json")
