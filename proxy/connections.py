"""The way to AWS: a pool of connections, through the proxies and authorities that the environment names."""

import asyncio
import os
import re
import socket
import ssl
from base64 import b64encode
from collections import deque
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from proxy.config_files import of_profile
from proxy.http1 import MOST_UNREAD, Body, Connection, Response
from proxy.settings import InvalidSetting

CONNECT_TIMEOUT = 10.0
# Between two reads. A model may think for minutes before its first token; AWS advises an hour for some.
READ_TIMEOUT = 3600.0
# Seconds for which a connection is kept that nobody uses: what is between may forget older ones.
KEPT = 15.0

# In a URL.
LOGIN = re.compile(r"//[^/\s]+@")


class Endpoint(NamedTuple):
    url: str
    """Without a slash at its end."""
    proxy: str | None = None
    """Through which it is reached."""


class Connections:
    """A pool of them, as many as are wanted at once; an answer may take as long as it goes on."""

    def __init__(self, read_timeout: float = READ_TIMEOUT, kept: float = KEPT) -> None:
        """Raises InvalidSetting."""
        self._connector = aiohttp.TCPConnector(
            limit=0, ssl=authorities(os.environ) or True, socket_factory=that_makes_wait
        )
        self._read_timeout = read_timeout
        self._keep = kept
        self._idle: dict[Endpoint, deque[Connection]] = {}
        self._open: set[Connection] = set()

    async def ask(
        self, there: Endpoint, method: str, path: str, headers: Mapping[str, str], body: Body = ()
    ) -> Response:
        """The answer, once its head is there. Raises aiohttp.ClientError."""
        connection = self._kept(there) or await self._opened(there)
        return await connection.ask([head(there, method, path, headers, sum(map(len, body))), *body])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in list(self._open):
            connection.close()
        await self._connector.close()

    def _kept(self, there: Endpoint) -> Connection | None:
        """The one that was used last."""
        idle = self._idle.get(there)
        while idle:
            connection = idle.pop()
            if self._fresh(connection):
                return connection
            connection.close()
        return None

    def _rests(self, there: Endpoint, connection: Connection) -> None:
        """Keeps it for the next request, and no longer those that a busier time has left."""
        idle = self._idle.setdefault(there, deque())
        while idle and not self._fresh(idle[0]):
            idle.popleft().close()
        idle.append(connection)

    def _fresh(self, connection: Connection) -> bool:
        return connection.usable() and connection.idle_since > connection.loop.time() - self._keep

    async def _opened(self, there: Endpoint) -> Connection:
        proxy = URL(there.proxy) if there.proxy else None
        wanted = aiohttp.ClientRequest("POST", URL(there.url), loop=asyncio.get_running_loop(), proxy=proxy)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT)
        try:
            opened = await self._connector.connect(wanted, [], timeout)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"No connection in {CONNECT_TIMEOUT:.0f} seconds") from error
        connection = Connection(
            opened,
            read_timeout=self._read_timeout,
            idle=partial(self._rests, there),
            lost=self._open.discard,
        )
        self._open.add(connection)
        return connection


def that_makes_wait(address: aiohttp.AddrInfoType) -> socket.socket:
    """A socket whose buffer stays as it begins (Linux doubles what is said); it could grow to megabytes."""
    made = socket.socket(*address[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MOST_UNREAD)
    return made


def head(there: Endpoint, method: str, path: str, headers: Mapping[str, str], length: int) -> bytes:
    """That of a request. Raises ValueError for what no header can hold."""
    target, added = target_of(there)
    lines = [f"{method} {target}{path} HTTP/1.1", *added]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {length}"] if length else []
    text = "\r\n".join([*lines, "", ""])
    if text.count("\n") != len(lines) + 1 or text.count("\r") != len(lines) + 1:
        raise ValueError("A header holds a line's end")
    return text.encode("latin-1")


@lru_cache
def target_of(there: Endpoint) -> tuple[str, tuple[str, ...]]:
    """What is in front of a request's path, and the headers that each one to this endpoint has.

    Plain HTTP through a proxy is asked of the proxy; with TLS it is only asked for a tunnel.
    """
    url = URL(there.url)
    port = "" if url.is_default_port() else f":{url.port}"
    headers = (f"Host: {url.host_subcomponent}{port}", "User-Agent: outcrop", "Accept: */*")
    if there.proxy and url.scheme == "http":
        return there.url, (*headers, *authorization(URL(there.proxy)))
    return url.raw_path.rstrip("/"), headers


def authorization(proxy: URL) -> tuple[str, ...]:
    if proxy.user is None:
        return ()
    login = b64encode(f"{proxy.user}:{proxy.password or ''}".encode()).decode()
    return (f"Proxy-Authorization: Basic {login}",)


def proxy(url: str) -> str | None:
    """The one that the environment has for this URL, its credentials included: HTTPS_PROXY, NO_PROXY, ...

    Raises ValueError for what is none.
    """
    parts = urlsplit(url)
    given = "" if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme, "")
    if not given:
        return None
    address = given if "://" in given else f"http://{given}"  # as curl and botocore read it
    try:
        usable = urlsplit(address).scheme in ("http", "https") and bool(URL(address).host)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"{parts.scheme.upper()}_PROXY is not the http:// address of a proxy.")
    return address


def words(error: Exception) -> str:
    """Its kind and what it says, without the password that a proxy's address may hold.

    >>> words(ValueError("407, url='http://me:secret@proxy:8080'"))
    "ValueError: 407, url='http://***@proxy:8080'"
    """
    said = LOGIN.sub("//***@", str(error))
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def authorities(environ: Mapping[str, str]) -> ssl.SSLContext | None:
    """Those of AWS's own variable or the profile's, else of the one that others obey; None: the system's.

    Raises InvalidSetting.
    """
    name, path = "AWS_CA_BUNDLE", environ.get("AWS_CA_BUNDLE")
    if not path:
        name, path = "ca_bundle of the AWS profile", of_profile("ca_bundle", environ)
    if not path:
        name, path = "REQUESTS_CA_BUNDLE", environ.get("REQUESTS_CA_BUNDLE")
    if not path:
        return None
    try:
        if Path(path).is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as error:  # which an ssl.SSLError is
        raise InvalidSetting(f"{name}: {path}: {error.strerror or error}") from error
