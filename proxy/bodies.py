"""Bodies: requests read with a limit, responses written as JSON."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from translators.chat.json_text import written
from translators.errors import APIError


async def read_body(request: Request, *, limit: int) -> bytes:
    """The request's whole body. Raises APIError where it has more than `limit` bytes."""
    if int(request.headers.get("content-length", 0)) > limit:
        raise too_large(limit)
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        pieces.append(piece)
    return b"".join(pieces)


def too_large(limit: int) -> APIError:
    return APIError(
        f"The request body is larger than {limit} bytes (OUTCROP_MAX_BODY_BYTES).",
        code="request_too_large",
        type="invalid_request_error",
        status=413,
    )


def json_response(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(written(content), status, headers, "application/json")
