"""The way to AWS: a pool of connections, through the proxies and authorities that the environment names."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError

from proxy.settings import InvalidSetting

CONNECT_TIMEOUT = 10.0
# Between two reads. A model may think for minutes before its first token; AWS advises an hour for some.
READ_TIMEOUT = 3600.0


def connections(read_timeout: float = READ_TIMEOUT) -> aiohttp.ClientSession:
    """A pool without a total timeout: an answer may take as long as it goes on. Raises InvalidSetting."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0,  # as many streams as clients ask for
            ssl=authorities(os.environ) or True,
        ),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT, sock_read=read_timeout),
        # trust_env would look for a proxy and in ~/.netrc with every request, each in a thread; `proxy` tells
        # once, and a password from ~/.netrc has no place beside a signature.
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers={"Accept-Encoding"},
    )


def proxy(url: str) -> str | None:
    """The one that the environment has for this URL, its credentials included: HTTPS_PROXY, NO_PROXY, ..."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


def authorities(environ: Mapping[str, str]) -> ssl.SSLContext | None:
    """Those of AWS's own variable or the profile's, else of the one that others obey; None: the system's.

    Raises InvalidSetting.
    """
    name, path = "AWS_CA_BUNDLE", environ.get("AWS_CA_BUNDLE")
    if not path:
        name, path = "ca_bundle of the AWS profile", of_profile()
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


def of_profile() -> str | None:
    try:
        path: str | None = get_session().get_config_variable("ca_bundle")
    except BotoCoreError:  # a profile that does not exist: the first request says so
        return None
    return path
