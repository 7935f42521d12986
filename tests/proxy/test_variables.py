"""What is read of AWS's variables without AWS's libraries is what these libraries read."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.connections import Endpoint
from proxy.endpoints import endpoint
from proxy.sdk.chain import find
from proxy.sdk.endpoints import of_client
from proxy.sources import in_variables
from proxy.variables import endpoint_url, keys

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
RUNTIME = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"

TOKENS: list[dict[str, str]] = [
    {},
    {"AWS_SESSION_TOKEN": "token"},
    {"AWS_SECURITY_TOKEN": "older"},
    {"AWS_SESSION_TOKEN": "token", "AWS_SECURITY_TOKEN": "older"},
]


@pytest.mark.parametrize("token", TOKENS)
def test_keys_are_those_that_the_chain_finds(environ: pytest.MonkeyPatch, token: dict[str, str]) -> None:
    for name, value in (KEYS | token).items():
        environ.setenv(name, value)

    assert in_variables() == asyncio.run(find())


NOT_FOR_US: dict[str, dict[str, str]] = {
    "no keys": {"AWS_ACCESS_KEY_ID": ""},
    "half a pair": {"AWS_SECRET_ACCESS_KEY": ""},
    "keys that expire": {"AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z"},
    "a profile": {"AWS_PROFILE": "dev"},
    "a profile, by its older name": {"AWS_DEFAULT_PROFILE": "dev"},
}


@pytest.mark.parametrize("variables", NOT_FOR_US.values(), ids=NOT_FOR_US.keys())
def test_all_else_is_left_to_the_chain(environ: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in (KEYS | variables).items():
        environ.setenv(name, value)

    assert keys(os.environ) is None


@pytest.mark.parametrize("file", ["config", "credentials"])
def test_a_file_that_says_something_has_to_be_read(
    environ: pytest.MonkeyPatch, tmp_path: Path, file: str
) -> None:
    for name, value in (KEYS | {RUNTIME: "http://one:2"}).items():
        environ.setenv(name, value)
    (tmp_path / file).write_text("[default]\n")

    assert keys(os.environ) is None
    assert endpoint_url("bedrock-runtime", "us-east-1", os.environ) is None


URLS: list[tuple[dict[str, str], str]] = [
    ({"AWS_ENDPOINT_URL": "http://all:1"}, "http://all:1"),
    ({"AWS_ENDPOINT_URL": "http://all:1", RUNTIME: "http://one:2"}, "http://one:2"),
    ({RUNTIME: "https://vpce-1.bedrock-runtime.eu-west-1.vpce.amazonaws.com"}, "https://vpce-1.bedrock-"),
    ({RUNTIME: "http://one:2/base/"}, "http://one:2/base/"),
]


@pytest.mark.parametrize(("variables", "expected"), URLS)
def test_an_endpoint_is_the_one_that_botocore_would_call(
    environ: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    environ.delenv(RUNTIME)
    for name, value in variables.items():
        environ.setenv(name, value)

    read = endpoint_url("bedrock-runtime", "eu-west-1", os.environ)

    assert read is not None
    assert read.startswith(expected)
    assert read == asyncio.run(of_client("bedrock-runtime", "eu-west-1"))


ODD = {
    "none": ({RUNTIME: ""}, "eu-west-1"),
    "to be ignored": ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "eu-west-1"),
    "no URL": ({RUNTIME: "nonsense"}, "eu-west-1"),
    "no scheme of HTTP": ({RUNTIME: "ftp://one"}, "eu-west-1"),
    "a user": ({RUNTIME: "http://me:secret@one"}, "eu-west-1"),
    "no region": ({}, "bad_region!"),
}


@pytest.mark.parametrize(("variables", "region"), ODD.values(), ids=ODD.keys())
def test_what_looks_odd_is_left_to_botocore(
    environ: pytest.MonkeyPatch, variables: dict[str, str], region: str
) -> None:
    for name, value in variables.items():
        environ.setenv(name, value)

    assert endpoint_url("bedrock-runtime", region, os.environ) is None


def test_an_endpoint_in_variables_is_not_looked_for(environ: pytest.MonkeyPatch) -> None:
    environ.setenv(RUNTIME, "http://one:2/base/")

    assert asyncio.run(endpoint("bedrock-runtime", "eu-west-1")) == Endpoint("http://one:2/base")


NOT_NEEDED = {
    "aiobotocore",
    "botocore",
    "cryptography",
    "proxy.doctor",
    "proxy.local",
    "proxy.sdk",
    "redis",
    "urllib3",
}
LOCATE = """
import asyncio, proxy.app, proxy.server, proxy.bedrock, sys

async def locate():
    async with proxy.bedrock.connect() as bedrock:
        await bedrock.credentials.caller()
        await bedrock.endpoint("bedrock-runtime")

asyncio.run(locate())
print(sorted(NOT_NEEDED & set(sys.modules)))
"""


def test_who_has_all_in_variables_does_not_wait_for_what_others_need(environ: pytest.MonkeyPatch) -> None:
    """It is half of all that there is to import: half of each start, and of each worker's memory."""
    for name, value in (KEYS | {RUNTIME: "http://one:2"}).items():
        environ.setenv(name, value)
    code = LOCATE.replace("NOT_NEEDED", repr(NOT_NEEDED))

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert done.stdout == "[]\n"
