"""The way to AWS through a company's network: its proxy, and its own authority for certificates."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from proxy.bedrock import connect
from proxy.connections import authorities
from proxy.connections import proxy as proxy_of
from proxy.settings import InvalidSetting
from proxy.sources import look
from tests.e2e.upstream import bedrock_that, read_request
from translators.errors import APIError

OPENSSL = shutil.which("openssl")
ANSWER = b'{"output": {}}'

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="makes a certificate with openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company's, for every name of AWS's; its key is beside it."""
    folder = tmp_path_factory.mktemp("certificate")
    names = "subjectAltName=DNS:*.eu-west-1.amazonaws.com,DNS:*.eu-west-1.api.aws"
    command = (
        f"{OPENSSL} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
        f" -subj /CN=company -addext {names} -keyout {folder / 'key.pem'} -out {folder / 'ca.pem'}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)  # noqa: S603
    return folder / "ca.pem"


@pytest.fixture
def company(environ: pytest.MonkeyPatch, certificate: Path) -> Iterator[list[str]]:
    """A network that lets nothing out but through its proxy, which looks into TLS; what it was asked for."""
    for name in os.environ:
        if name.startswith("AWS_ENDPOINT_URL"):
            environ.delenv(name)
    environ.setenv("AWS_REGION", "eu-west-1")
    environ.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    environ.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    environ.setenv("AWS_MAX_ATTEMPTS", "1")
    with proxy(certificate) as (url, asked):
        environ.setenv("HTTPS_PROXY", url)
        yield asked


@contextmanager
def proxy(certificate: Path) -> Iterator[tuple[str, list[str]]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    asked: list[str] = []

    def tunnel(connection: socket.socket) -> None:
        asked.append(read_request(connection).split(b"\r\n")[0].decode())
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            inside = context.wrap_socket(connection, server_side=True)
        except ssl.SSLError:  # the other side does not know the company
            return
        with inside:
            asked.append(read_request(inside).split(b"\r\n")[0].decode())
            inside.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER))

    with bedrock_that(tunnel) as url:
        yield url, asked


def answer() -> bytes:
    async def ask() -> bytes:
        async with connect() as bedrock:
            return (await bedrock.converse("m", [b"{}"])).body

    return asyncio.run(ask())


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_companys_proxy_and_authority(
    company: list[str], environ: pytest.MonkeyPatch, certificate: Path, variable: str
) -> None:
    environ.setenv(variable, str(certificate))

    assert answer() == ANSWER
    assert company == [
        "CONNECT bedrock-runtime.eu-west-1.amazonaws.com:443 HTTP/1.1",
        "POST /model/m/converse HTTP/1.1",
    ]


def test_the_password_of_a_proxy_is_sent_to_it_and_shown_to_nobody(
    company: list[str], environ: pytest.MonkeyPatch
) -> None:
    heads: list[bytes] = []

    def refuses(connection: socket.socket) -> None:
        heads.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    with bedrock_that(refuses) as url:
        environ.setenv("HTTPS_PROXY", url.replace("//", "//me:s3cret@"))
        with pytest.raises(APIError, match="407") as caught:
            answer()

    assert b"Proxy-Authorization: Basic bWU6czNjcmV0" in heads[0]
    assert "s3cret" not in caught.value.message
    assert "http://***@127.0.0.1" in caught.value.message


PROXIES = {
    "proxy:3128": "http://proxy:3128",
    "me:s3cret@proxy:3128": "http://me:s3cret@proxy:3128",
    "https://proxy": "https://proxy",
    "": None,
}


@pytest.mark.parametrize(("given", "read"), PROXIES.items())
def test_a_proxy_may_lack_its_scheme(environ: pytest.MonkeyPatch, given: str, read: str | None) -> None:
    environ.setenv("HTTPS_PROXY", given)

    assert proxy_of("https://bedrock.eu-west-1.amazonaws.com") == read
    assert proxy_of("http://127.0.0.1:9099") is None


@pytest.mark.parametrize("given", ["socks5://me:s3cret@proxy:1", "http://[me:s3cret", "http://"])
def test_a_proxy_that_is_none_is_told(environ: pytest.MonkeyPatch, given: str) -> None:
    environ.delenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME")
    environ.setenv("HTTPS_PROXY", given)

    with pytest.raises(APIError, match="HTTPS_PROXY is not the http:// address of a proxy") as caught:
        answer()

    assert "s3cret" not in caught.value.message


def test_the_token_service_is_reached_through_it_too(
    company: list[str], environ: pytest.MonkeyPatch, certificate: Path, tmp_path: Path
) -> None:
    environ.delenv("AWS_ACCESS_KEY_ID")
    environ.setenv("AWS_CA_BUNDLE", str(certificate))
    base = "[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
    role = "role_arn = arn:aws:iam::123456789012:role/dev\n"
    (tmp_path / "config").write_text(f"[default]\nsource_profile = base\n{role}{base}")

    with pytest.raises(APIError, match="The answer was not AWS's") as caught:  # but the company's
        asyncio.run(look())

    assert caught.value.code == "aws_credentials_unavailable"
    assert company[:2] == ["CONNECT sts.eu-west-1.amazonaws.com:443 HTTP/1.1", "POST / HTTP/1.1"]


def test_the_profiles_authority(company: list[str], certificate: Path, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(f"[default]\nca_bundle = {certificate}\n")

    assert answer() == ANSWER


def test_an_authority_that_nobody_named_is_not_trusted(company: list[str]) -> None:
    with pytest.raises(APIError, match="certificate verify failed") as caught:
        answer()

    assert (caught.value.status, caught.value.code) == (502, "upstream_unreachable")


ENDPOINTS = {
    ("AWS_USE_FIPS_ENDPOINT",): "bedrock-runtime-fips.eu-west-1.amazonaws.com",
    ("AWS_USE_DUALSTACK_ENDPOINT",): "bedrock-runtime.eu-west-1.api.aws",
    ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"): "bedrock-runtime-fips.eu-west-1.api.aws",
}


@pytest.mark.parametrize(("variables", "host"), ENDPOINTS.items())
def test_the_endpoints_that_aws_has_for_fips_and_dual_stack(
    company: list[str],
    environ: pytest.MonkeyPatch,
    certificate: Path,
    variables: tuple[str, ...],
    host: str,
) -> None:
    environ.setenv("AWS_CA_BUNDLE", str(certificate))
    for variable in variables:
        environ.setenv(variable, "true")

    assert answer() == ANSWER
    assert company[0] == f"CONNECT {host}:443 HTTP/1.1"


def test_what_is_in_no_proxy_goes_past_it(
    company: list[str], bedrock: str, environ: pytest.MonkeyPatch
) -> None:
    environ.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock)
    environ.setenv("HTTP_PROXY", os.environ["HTTPS_PROXY"])
    environ.setenv("NO_PROXY", "127.0.0.1")

    with pytest.raises(APIError, match="model identifier is invalid"):  # so says the local Bedrock
        answer()

    assert company == []


def test_a_folder_of_authorities(tmp_path: Path) -> None:
    assert authorities({"AWS_CA_BUNDLE": str(tmp_path)}) is not None


def test_authorities_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for file in ("absent.pem", "empty.pem"):
        with pytest.raises(InvalidSetting, match=f"AWS_CA_BUNDLE: .*{file}"):
            authorities({"AWS_CA_BUNDLE": str(tmp_path / file)})


def test_the_systems_authorities_where_none_is_named() -> None:
    assert authorities({}) is None
