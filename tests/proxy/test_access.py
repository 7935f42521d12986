"""Who may call, asked over a socket: keys where there are some, names where there are none."""

from collections.abc import Iterator

import httpx
import pytest

from proxy.settings import Settings
from tests.servers import outcrop


@pytest.fixture(scope="module")
def keyed(no_aws: None) -> Iterator[str]:
    with outcrop(Settings(api_keys=("first", "second"), allowed_hosts=("localhost",))) as url:
        yield url


@pytest.fixture(scope="module")
def local(no_aws: None) -> Iterator[str]:
    """As `outcrop serve` on a loopback address."""
    with outcrop(Settings(allowed_hosts=("localhost", "127.0.0.1", "::1"))) as url:
        yield url


NOT_THERE = "/v1/not-there"  # a 404 means that the request was let in


@pytest.mark.parametrize("given", ["Bearer first", "Bearer second", "bearer first", "BEARER  first"])
def test_a_right_key(keyed: str, given: str) -> None:
    assert httpx.get(keyed + NOT_THERE, headers={"authorization": given}).status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer third",
        "Bearer firs",
        "Bearer first second",
        "Bearer FIRST",
        "Basic first",
        "first",
        "Bearer \xfc",
    ],
)
@pytest.mark.parametrize("path", ["/v1/models", "/v1/chat/completions", NOT_THERE, "/", "/livez/"])
def test_a_wrong_key(keyed: str, given: str | None, path: str) -> None:
    headers = {} if given is None else {"authorization": given.encode("latin-1")}
    answer = httpx.request("POST", keyed + path, headers=headers, content=b"{")  # type: ignore[arg-type]

    error = answer.json()["error"]
    assert answer.status_code == 401
    assert (error["type"], error["code"]) == ("authentication_error", "invalid_api_key")
    assert "OUTCROP_API_KEYS" in error["message"]
    assert (
        not given or given.removeprefix("Bearer ").strip() in ("", "first") or given not in error["message"]
    )
    assert answer.headers["x-request-id"].startswith("req_")


def test_keys_make_names_unnecessary(keyed: str) -> None:
    headers = {"host": "proxy.example", "origin": "https://app.example", "authorization": "Bearer first"}
    assert httpx.get(keyed + NOT_THERE, headers=headers).status_code == 404


def test_livez_is_open(keyed: str, local: str) -> None:
    assert httpx.get(keyed + "/livez").status_code == 200
    assert httpx.get(local + "/livez", headers={"host": "10.0.0.1:8000"}).status_code == 200


def test_readyz_tells_strangers_no_more_than_whether_it_is_ready(
    keyed: str, local: str, bedrock: str
) -> None:
    known = httpx.get(keyed + "/readyz", headers={"authorization": "Bearer first"})
    assert known.json()["credentials"]["source"].startswith("AWS_ACCESS_KEY_ID")

    for stranger in (
        httpx.get(keyed + "/readyz"),
        httpx.get(local + "/readyz", headers={"host": "10.0.0.1:8000"}),
    ):
        assert (stranger.status_code, stranger.json()) == (200, {"ready": True})


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "[::1]:8000"])
@pytest.mark.parametrize("origin", [None, "http://localhost:3000", "https://127.0.0.1", "http://[::1]"])
def test_a_page_of_this_machine(local: str, host: str, origin: str | None) -> None:
    headers = {"host": host} | ({"origin": origin} if origin else {})
    assert httpx.get(local + NOT_THERE, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "localhost.evil.example"},
        {"host": "evil.example:8000"},
        {"host": "["},
        {"host": ""},
        {"host": "user@evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_page_of_another_origin(local: str, method: str, headers: dict[str, str]) -> None:
    answer = httpx.request(method, local + "/v1/models", headers={"host": "localhost", **headers})

    error = answer.json()["error"]
    assert answer.status_code == 403
    assert (error["type"], error["code"]) == ("permission_error", "access_denied")
    assert "OUTCROP_ALLOWED_HOSTS" in error["message"]
    assert not [name for name in answer.headers if name.startswith("access-control-")]
