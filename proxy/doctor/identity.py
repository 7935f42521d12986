"""Who calls: where the credentials are from, and what STS says whose they are.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from proxy.bedrock import Bedrock
from proxy.credentials import Caller, Held
from proxy.doctor.checks import Check
from proxy.remedies import Origin, refused
from proxy.sdk.failures import words
from proxy.sources import Found
from proxy.threads import off_the_loop
from translators.errors import APIError

NAME = "identity"
# Seconds.
PATIENCE = 5


class Identity(NamedTuple):
    arn: str
    account: str


async def credentials_check(bedrock: Bedrock) -> tuple[Check, Caller | None]:
    try:
        caller = await bedrock.credentials.caller()
    except APIError as error:
        return refusal("credentials", error), None
    return Check(name="credentials", state="ok", words=f"{held(caller)}."), caller


def held(caller: Caller) -> str:
    told = [str(caller.origin)]
    if isinstance(caller, Held):
        told.append(f"key {masked(caller.found.keys.access_key)}")
    if caller.expires:
        told.append(f"until {datetime.fromtimestamp(caller.expires, UTC):%Y-%m-%d %H:%M} UTC")
    return ", ".join(told)


def masked(access_key: str) -> str:
    """As the AWS CLI shows it.

    >>> masked("AKIAIOSFODNN7EXAMPLE")
    '****************MPLE'
    """
    return "*" * 16 + access_key[-4:] if len(access_key) > 4 else "*" * 16


async def identity_check(caller: Caller | None) -> tuple[Check, Identity | None]:
    if caller is None:
        return skipped("There are no credentials."), None
    if not isinstance(caller, Held):
        return skipped("A Bedrock API key does not tell whose it is."), None
    try:
        identity = await off_the_loop(ask(caller.found))
    except ClientError as error:
        return sts_refusal(error, caller.origin), None
    except (BotoCoreError, ResponseParserError, ValueError) as error:  # the last: an endpoint that is none
        return skipped(f"STS cannot be asked: {words(error)}"), None
    return Check(name=NAME, state="ok", words=f"{identity.arn}."), identity


async def ask(found: Found) -> Identity:
    async with get_session().create_client(
        "sts",
        region_name=found.region.name,
        aws_access_key_id=found.keys.access_key,
        aws_secret_access_key=found.keys.secret_key,
        aws_session_token=found.keys.token,
        config=AioConfig(
            connect_timeout=PATIENCE,
            read_timeout=PATIENCE,
            retries={"total_max_attempts": 1, "mode": "standard"},
        ),
    ) as sts:
        told = await sts.get_caller_identity()
    return Identity(told["Arn"], told["Account"])


def sts_refusal(error: ClientError, origin: Origin) -> Check:
    """Whether a chat works nevertheless, Bedrock's own answers say."""
    told = refused(error.response["Error"]["Code"], error.response["Error"]["Message"], origin)
    if told.code.startswith("aws_credentials"):
        return replace(refusal(NAME, told), vital=False)
    return skipped(f"STS did not say: {error}.")


def skipped(words: str) -> Check:
    return Check(name=NAME, state="skipped", words=words)


def refusal(name: str, error: APIError) -> Check:
    """No chat can work with them; the message holds what to do, and a command where there is one."""
    remedy = f"Run `{error.command}`." if error.command else ""
    return Check(name=name, state="failed", words=error.message, remedy=remedy, vital=True)
