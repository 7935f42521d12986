"""Who may call: API keys, and the names under which browsers may reach a proxy that has none.

A web page can make a browser send requests to this machine. So where a proxy without keys knows its
own names, a request under another name (DNS rebinding) or from another origin's page is refused.
"""

from functools import lru_cache
from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy.errors import error_response
from proxy.settings import Settings
from translators.errors import APIError, AuthenticationError, PermissionDeniedError

OPEN = {"/livez"}
# Load balancers have no keys: whoever has none learns no more than its status.
PROBES = {"/readyz"}


class Access:
    """ASGI middleware: refuses before anything is read."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._keys = [key.encode() for key in settings.api_keys]
        self._hosts = {host.lower() for host in settings.allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN:
            try:
                self._check(Headers(scope=scope))
            except APIError as error:
                if scope["path"] not in PROBES:
                    await error_response(error)(scope, receive, send)
                    return
                scope.setdefault("state", {})["stranger"] = True
        await self._app(scope, receive, send)

    def _check(self, headers: Headers) -> None:
        if self._keys:
            check_key(headers, self._keys)
        elif self._hosts:
            check_host(headers, self._hosts)


def check_key(headers: Headers, keys: list[bytes]) -> None:
    scheme, _, credentials = headers.get("authorization", "").strip().partition(" ")
    given = credentials.strip().encode() if scheme.lower() == "bearer" else b""
    if not sum(compare_digest(given, key) for key in keys):  # every one, so that time tells nothing
        raise AuthenticationError(
            "Incorrect API key provided. The proxy's keys are set with OUTCROP_API_KEYS.",
            code="invalid_api_key",
        )


def check_host(headers: Headers, hosts: set[str]) -> None:
    host = hostname("//" + headers.get("host", ""))
    if host not in hosts:
        raise forbidden(f"This proxy is not reached as '{host or ''}'")
    origin = headers.get("origin")
    if origin is not None and hostname(origin) not in hosts:
        raise forbidden("Web pages of other origins may not call this proxy")


@lru_cache  # the same few come with every request
def hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def forbidden(reason: str) -> PermissionDeniedError:
    return PermissionDeniedError(
        f"{reason}. Set OUTCROP_ALLOWED_HOSTS, or keys with OUTCROP_API_KEYS.", code="access_denied"
    )
