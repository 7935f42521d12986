"""Every error leaves as an OpenAI error body, including the framework's own."""

import logging

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from proxy.bodies import json_response
from proxy.garbage import let_go
from translators.errors import UNDESCRIBED, APIError, InternalServerError

log = logging.getLogger("outcrop")


def error_response(error: APIError) -> Response:
    return json_response(error.body(), error.status, error.headers())


async def api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, APIError)  # noqa: S101  (Starlette's handlers are typed for any exception)
    report(error)
    return error_response(error)


def report(error: APIError) -> None:
    """Logs what clients alone cannot mend, and lets go of the error: nothing more is done about it.

    Its words may quote a prompt, so they stay out.
    """
    if error.status >= 500:
        surprise = error.__cause__ if isinstance(error.__cause__, UNDESCRIBED) else None
        log.warning(
            "%d %s (AWS request %s)",
            error.status,
            error.code,
            error.aws_request_id or "none",
            exc_info=surprise,
        )
    let_go(error)


async def http_error(request: Request, error: Exception) -> Response:
    """Starlette's own: a route or a method that is not there."""
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == 405:
        message, code = f"{request.method} is not allowed on {request.url.path}.", "method_not_allowed"
    else:
        message, code = f"No route {request.method} {request.url.path}. {routes(request)}", "not_found"
    response = error_response(
        APIError(message, code=code, status=error.status_code, type="invalid_request_error")
    )
    response.headers.update(error.headers or {})  # Allow
    return response


def routes(request: Request) -> str:
    paths = ", ".join(f"{'/'.join(sorted(r.methods - {'HEAD'}))} {r.path}" for r in request.app.routes)
    return f"Outcrop serves {paths.replace(':path}', '}')}."


async def gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # nobody is there to read it


async def bug(request: Request, error: Exception) -> Response:
    """The traceback is logged by the server, to which Starlette raises the exception once more."""
    response = error_response(InternalServerError("Internal server error.", code="server_error"))
    response.headers["connection"] = "close"  # as uvicorn will when the exception reaches it: say so
    return response


HANDLERS = {APIError: api_error, HTTPException: http_error, ClientDisconnect: gone, Exception: bug}
