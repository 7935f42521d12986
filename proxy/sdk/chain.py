"""AWS's chain of credentials, walked once: config files, STS, SSO, a metadata service, a program."""

import asyncio
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError, RefreshWithMFAUnsupportedError
from botocore.parsers import ResponseParserError

from proxy.config_files import config_files, stamp
from proxy.region import Region, region
from proxy.remedies import Origin
from proxy.sdk.failures import explained, nothing_found
from proxy.sigv4 import Keys
from proxy.sources import Found

# A program that asks a question nobody sees, a service that does not answer: both end here.
PATIENCE = 30.0

# Where a login may be behind the keys that were found; keys in the environment have none.
LOGINS = {"sso", "login", "assume-role"}


async def find() -> Found:
    """Raises APIError, its `command` set where one would help."""
    session = get_session()  # a new one reads the config files anew
    where = region(os.environ)
    session.set_config_variable("region", where.name)  # STS's too: botocore would not look at AWS_REGION
    try:
        async with asyncio.timeout(PATIENCE):
            return await walk(session, where)
    # The last three: JSON that is none or lacks a member, and "the refreshed credentials are still expired".
    except (
        BotoCoreError,
        ClientError,
        ResponseParserError,
        OSError,
        ValueError,
        KeyError,
        RuntimeError,
    ) as error:
        raise explained(error, Origin("", profile(session), login(session))) from error


async def walk(session: Any, region: Region) -> Found:
    files = config_files(os.environ)
    before = stamp(files)
    session.get_component("credential_provider").get_provider("assume-role")._prompter = cannot_ask
    credentials = await session.get_credentials()
    if credentials is None:
        raise nothing_found()
    frozen = await credentials.get_frozen_credentials()
    # botocore's public face only tells whether it is less than so many seconds away.
    expiry = getattr(credentials, "_expiry_time", None)
    method = credentials.method
    return Found(
        Keys(frozen.access_key, frozen.secret_key, frozen.token),
        Origin(method, profile(session), login(session) if method in LOGINS else None),
        expiry.timestamp() if expiry else None,
        region,
        files,
        before,
    )


def cannot_ask(prompt: str) -> str:
    """botocore would ask for the MFA code on the terminal, and wait."""
    raise RefreshWithMFAUnsupportedError


def profile(session: Any) -> str:
    return str(session.get_config_variable("profile") or "default")


def login(session: Any) -> str | None:
    """The command for the profile that logs in: the one in use, or the one whose role it assumes from."""
    with suppress(BotoCoreError):  # a config file that cannot be read has its own words
        for name, settings in sources(session.full_config.get("profiles", {}), profile(session)):
            option = "" if name == "default" else f" --profile {shlex.quote(name)}"
            if "sso_session" in settings or "sso_start_url" in settings:
                return f"aws sso login{option}"
            if "login_session" in settings:
                return f"aws login{option}"
    return None


def sources(profiles: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    seen: set[str] = set()
    while name in profiles and name not in seen:
        seen.add(name)
        yield name, profiles[name]
        name = profiles[name].get("source_profile", "")
