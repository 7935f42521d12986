"""How Bedrock is reached: AWS's rules for endpoints, one path segment for any model id, and how long it has."""

import asyncio
import os
import re
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from proxy.bedrock import (
    ATTEMPTS,
    Bedrock,
    attempts,
    connect,
    model_path,
)
from proxy.connections import READ_TIMEOUT
from proxy.endpoints import endpoint
from proxy.variables import Service
from tests.e2e.upstream import bedrock_that, read_request
from translators.errors import APIError

T = TypeVar("T")


@pytest.fixture(autouse=True)
def no_endpoint(no_aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AWS_ENDPOINT_URL"):
            monkeypatch.delenv(name)


ENDPOINTS: list[tuple[dict[str, str], Service, str]] = [
    ({}, "bedrock-runtime", "https://bedrock-runtime.eu-west-1.amazonaws.com"),
    ({}, "bedrock", "https://bedrock.eu-west-1.amazonaws.com"),
    ({"AWS_ENDPOINT_URL": "http://all:1"}, "bedrock", "http://all:1"),
    ({"AWS_ENDPOINT_URL": "http://all:1"}, "bedrock-runtime", "http://all:1"),
    (
        {"AWS_ENDPOINT_URL": "http://all:1", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://one:2/"},
        "bedrock-runtime",
        "http://one:2",
    ),
    ({"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://one:2/base/"}, "bedrock-runtime", "http://one:2/base"),
    (
        {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://one:2"},
        "bedrock",
        "https://bedrock.eu-west-1.amazonaws.com",
    ),
    ({"AWS_ENDPOINT_URL_BEDROCK": "http://two:3"}, "bedrock", "http://two:3"),
    ({"AWS_USE_FIPS_ENDPOINT": "true"}, "bedrock", "https://bedrock-fips.eu-west-1.amazonaws.com"),
    ({"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "bedrock", "https://bedrock.eu-west-1.api.aws"),
]


@pytest.mark.parametrize(("environ", "service", "expected"), ENDPOINTS)
def test_endpoints(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], service: Service, expected: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert asyncio.run(endpoint(service, "eu-west-1")).url == expected


SERVICES = """[default]
services = ours
[services ours]
bedrock_runtime =
  endpoint_url = http://one:2
"""


@pytest.mark.parametrize(
    ("ignored", "expected"), [("", "http://one:2"), ("true", "https://bedrock-runtime.")]
)
def test_an_endpoint_of_the_profile(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ignored: str, expected: str
) -> None:
    (tmp_path / "config").write_text(SERVICES)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ignored)

    assert asyncio.run(endpoint("bedrock-runtime", "eu-west-1")).url.startswith(expected)


WHERE_NOT = {
    "an endpoint": ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "nonsense"),
    "a region": ("AWS_REGION", "bad_region!"),
}


@pytest.mark.parametrize(("variable", "value"), WHERE_NOT.values(), ids=WHERE_NOT.keys())
def test_a_variable_that_says_nowhere_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(APIError, match=f"{value}.*AWS_REGION and the AWS_ENDPOINT_URL variables") as caught:
        asked(lambda bedrock: bedrock.converse("m", [b"{}"]))

    assert (caught.value.status, caught.value.code) == (502, "upstream_unreachable")


def asked(ask: Callable[[Bedrock], Awaitable[T]], *, read_timeout: float = READ_TIMEOUT) -> T:
    """What Bedrock, as the environment describes it, answers."""

    async def answer() -> T:
        async with connect(read_timeout=read_timeout) as bedrock:
            return await ask(bedrock)

    return asyncio.run(answer())


PATHS = {
    "amazon.nova-lite-v1:0": "amazon.nova-lite-v1%3A0",
    "arn:aws:bedrock:us-east-1:1:inference-profile/us.x": (
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x"
    ),
    "a%2Fb": "a%252Fb",
    "../../x?y#z": "..%2F..%2Fx%3Fy%23z",
    "x" * 2048: "x" * 2048,
}


@pytest.mark.parametrize(("model_id", "segment"), PATHS.items(), ids=lambda value: value[:20])
def test_a_model_id_is_one_path_segment(model_id: str, segment: str) -> None:
    assert model_path(model_id, "converse") == f"/model/{segment}/converse"


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, ATTEMPTS), ("", ATTEMPTS), ("1", 1), ("5", 5), ("0", 1), ("many", ATTEMPTS)],
)
def test_attempts(given: str | None, expected: int) -> None:
    assert attempts({} if given is None else {"AWS_MAX_ATTEMPTS": given}) == expected


def test_attempts_that_are_no_number_are_told(caplog: pytest.LogCaptureFixture) -> None:
    attempts({"AWS_MAX_ATTEMPTS": "many"})

    assert "AWS_MAX_ATTEMPTS is not a number: 'many'" in caplog.text


def test_what_bedrock_fell_silent_about_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the request, may work on it still, and bills it."""
    requests: list[bytes] = []

    def falls_silent(connection: socket.socket) -> None:
        if request := read_request(connection):
            requests.append(request)
            connection.recv(1)  # until the other side hangs up

    with bedrock_that(falls_silent) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", upstream)
        with pytest.raises(APIError, match="Bedrock stopped answering") as caught:
            asked(lambda bedrock: bedrock.converse("m", [b"{}"]), read_timeout=0.1)

    assert (caught.value.status, caught.value.code) == (504, "upstream_timeout")
    assert len(requests) == 1


def test_a_password_in_netrc_is_not_for_bedrock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    heads: list[bytes] = []

    def answers(connection: socket.socket) -> None:
        heads.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")

    with bedrock_that(answers) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL", upstream)
        asked(lambda bedrock: bedrock.converse("m", [b"{}"]))

    assert b"Authorization: AWS4-HMAC-SHA256" in heads[0]


def test_a_call_in_another_region_goes_there_signed_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []

    def answers(connection: socket.socket) -> None:
        heads.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")

    async def ask(bedrock: Bedrock) -> None:
        for region in ("", "eu-west-1", ""):
            await bedrock.converse("m", [b"{}"], region)
            await bedrock.control_plane("/foundation-models", region)

    with bedrock_that(answers) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL", upstream)
        asked(ask)

    scopes = [re.search(rb"Credential=test/\d+/([a-z0-9-]+)/bedrock/", head) for head in heads]
    here, there = [b"us-east-1"] * 2, [b"eu-west-1"] * 2
    assert [scope and scope[1] for scope in scopes] == [*here, *there, *here]
