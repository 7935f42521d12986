"""Media that a request names by URL, fetched in its place; carefully, for anybody may name any URL.

Where a name leads is looked at when the socket is made that will connect there: a name that resolves
otherwise the next time, a redirect and an address spelt oddly all come by. A proxy of the environment is not
used, because it would resolve the names itself. No cookies, no credentials, nothing kept. What is told of a
URL is its host, for the rest may hold secrets.
"""

import asyncio
import re
import socket
from binascii import b2a_base64
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
from yarl import URL

from proxy.addresses import is_public
from proxy.settings import RemoteMedia
from proxy.threads import LONG, aside
from translators.errors import BadRequestError, invalid

Allowed = Callable[[str, int], bool]
"""Whether there may be a connection to this address and port."""

REDIRECTS = 3
REDIRECTED = {301, 302, 303, 307, 308}
READY = re.compile(r"[!-~]+")
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "outcrop"}


def public_https(address: str, port: int) -> bool:
    return port == 443 and is_public(address)


class Forbidden(OSError):
    """An address that is not connected to."""


class Unfetched(Exception):
    """Why something could not be fetched, in words that follow "it"."""


class Fetcher:
    """Fetches what requests name, each request's media side by side."""

    def __init__(self, http: aiohttp.ClientSession, settings: RemoteMedia, schemes: tuple[str, ...]) -> None:
        self._http = http
        self._settings = settings
        self._schemes = schemes

    async def fetch(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """A data URL for each URL. Raises BadRequestError for the paths that they are given with."""
        self._check(wanted)
        budget = Budget(self._settings.max_bytes)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = {
                    url: group.create_task(self._fetch(url, path, budget)) for url, path in wanted.items()
                }
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        return {url: task.result() for url, task in tasks.items()}

    def _check(self, wanted: Mapping[str, str]) -> None:
        if not self._settings.remote:
            path = next(iter(wanted.values()))
            raise invalid(path, "this proxy fetches nothing (OUTCROP_MEDIA_REMOTE is false): send a data URL")
        for path in list(wanted.values())[self._settings.max_count :]:
            most = self._settings.max_count
            raise invalid(path, f"a request may name {most} remote media (OUTCROP_MEDIA_MAX_COUNT)")

    async def _fetch(self, text: str, path: str, budget: "Budget") -> str:
        try:
            url = parsed(text)
        except ValueError as error:
            raise invalid(path, "this is not a URL") from error
        try:
            async with asyncio.timeout(self._settings.timeout):
                return await self._get(url, budget)
        except Unfetched as error:
            raise unfetched(path, url, str(error)) from error
        except TimeoutError as error:
            limit = f"{self._settings.timeout:g} s (OUTCROP_MEDIA_TIMEOUT)"
            raise unfetched(path, url, f"took longer than {limit}") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise unfetched(path, url, why(error)) from error

    async def _get(self, url: URL, budget: "Budget") -> str:
        for _ in range(REDIRECTS + 1):
            self._check_url(url)
            async with self._http.get(url, allow_redirects=False) as response:
                location = response.headers.get("Location")
                if response.status not in REDIRECTED or not location:
                    return await data_url(response, budget)
                url = url.join(parsed(location))
        raise Unfetched(f"redirects more than {REDIRECTS} times")

    def _check_url(self, url: URL) -> None:
        if url.scheme not in self._schemes:
            raise Unfetched("is not at an https URL")
        if not url.host or url.user is not None or url.password is not None:
            raise Unfetched("is at a URL without a host, or with a password in it")


class Budget:
    """How many bytes the media of one request may still have."""

    def __init__(self, limit: int) -> None:
        self._limit = self._left = limit

    def check(self, size: int) -> None:
        if size > self._left:
            raise Unfetched(f"has too much data: {self._limit} bytes a request (OUTCROP_MEDIA_MAX_BYTES)")

    def spend(self, size: int) -> None:
        self.check(size)
        self._left -= size

    @property
    def spent(self) -> int:
        return self._limit - self._left


async def data_url(response: aiohttp.ClientResponse, budget: Budget) -> str:
    """The body, turned into base64 as it arrives and joined aside: no loop stands still for a large one."""
    if response.status != 200:
        raise Unfetched(f"was answered with status {response.status}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unfetched("came compressed")
    budget.check(response.content_length or 0)
    encoded = [f"data:{response.content_type};base64,".encode()]
    rest = b""
    async for piece in response.content.iter_any():
        budget.spend(len(piece))
        rest += piece
        whole = len(rest) // 3 * 3
        encoded.append(b2a_base64(rest[:whole], newline=False))
        rest = rest[whole:]
    encoded.append(b2a_base64(rest, newline=False))
    return await aside(budget.spent > LONG, joined, encoded)


def joined(ascii: list[bytes]) -> str:
    return b"".join(ascii).decode("ascii", "replace")


def parsed(text: str) -> URL:
    """What can be sent as it is stays so: signed URLs bear no other spelling."""
    text = text.strip()
    return URL(text, encoded=bool(READY.fullmatch(text)))


def why(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorError(os_error=Forbidden()):
            return "is not at a public address, on https's own port"
        case aiohttp.ClientSSLError():
            return "did not prove whose it is (TLS)"
        case aiohttp.ClientConnectorError():
            return "could not be reached"
        case aiohttp.InvalidURL() | ValueError():
            return "leads to a URL that is none"
        case _:
            return "broke off"


def unfetched(path: str, url: URL, reason: str) -> BadRequestError:
    return invalid(path, f"the media of {url.host or 'this URL'} cannot be fetched: it {reason}")


@asynccontextmanager
async def fetching(
    settings: RemoteMedia,
    *,
    allowed: Allowed = public_https,
    schemes: tuple[str, ...] = ("https",),
    resolver: aiohttp.abc.AbstractResolver | None = None,
) -> AsyncGenerator[Fetcher, None]:
    """A Fetcher with connections of its own; Bedrock's go by other rules."""
    connector = aiohttp.TCPConnector(
        socket_factory=guarded(allowed), force_close=True, use_dns_cache=False, resolver=resolver
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=HEADERS,
        trust_env=False,
        auto_decompress=False,
    ) as http:
        yield Fetcher(http, settings, schemes)


Fetching = Callable[[RemoteMedia], AbstractAsyncContextManager[Fetcher]]
"""What an app makes its Fetcher with."""


def guarded(allowed: Allowed) -> Callable[[aiohttp.AddrInfoType], socket.socket]:
    """What makes the socket for an address that has been resolved, or stands in the URL."""

    def make(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        if not allowed(str(address[0]), int(address[1])):
            raise Forbidden("not allowed")
        return socket.socket(family, kind, protocol)

    return make
