"""Who calls Bedrock: absent, wrong or new credentials are a state that each request looks at again."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.credentials import region
from tests.servers import outcrop

ASK: dict[str, Any] = {
    "model": "anthropic.claude-3-haiku-20240307-v1:0",
    "messages": [{"role": "user", "content": "Hello"}],
}


@pytest.fixture
def aws(bedrock: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without credentials, whose config files may be written."""
    for name in os.environ:
        if name.startswith("AWS_") and not name.startswith("AWS_ENDPOINT_URL"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    httpx.delete(f"{bedrock}/_local/requests")
    return monkeypatch


@pytest.fixture
def http(aws: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    with outcrop() as url, httpx.Client(base_url=url, timeout=20) as http:
        yield http


def chat(http: httpx.Client) -> httpx.Response:
    return http.post("/v1/chat/completions", json=ASK)


def authorization(bedrock: str) -> str:
    """Of the last request that arrived; the local Bedrock hides all but the scheme."""
    requests = httpx.get(f"{bedrock}/_local/requests").json()["requests"]
    scheme: str = requests[-1]["headers"]["authorization"]
    return scheme


def assert_refused(answer: httpx.Response, code: str, words: str) -> None:
    error = answer.json()["error"]
    assert answer.status_code == 503
    assert (error["type"], error["code"]) == ("server_error", code)
    assert words in error["message"]
    assert answer.headers["x-should-retry"] == "false"


def test_no_credentials_at_all(http: httpx.Client, bedrock: str) -> None:
    assert_refused(chat(http), "aws_credentials_missing", "outcrop serve --local")
    assert_refused(http.get("/v1/models"), "aws_credentials_missing", "AWS_PROFILE")
    assert http.get("/livez").status_code == 200
    assert httpx.get(f"{bedrock}/_local/requests").json()["requests"] == []


def test_credentials_that_appear_in_the_environment(http: httpx.Client, aws: pytest.MonkeyPatch) -> None:
    assert chat(http).status_code == 503

    aws.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    aws.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    assert chat(http).status_code == 200
    assert http.get("/v1/models").status_code == 200


def test_credentials_that_appear_in_the_shared_file(http: httpx.Client, tmp_path: Path) -> None:
    assert chat(http).status_code == 503

    keys = "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
    (tmp_path / "credentials").write_text(keys)

    assert chat(http).status_code == 200


def test_a_profile_that_does_not_exist(aws: pytest.MonkeyPatch, tmp_path: Path) -> None:
    aws.setenv("AWS_PROFILE", "nonexistent")
    with outcrop() as url, httpx.Client(base_url=url) as http:
        refused = chat(http)
        alive = http.get("/livez")
        keys = "[nonexistent]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
        (tmp_path / "credentials").write_text(keys)
        found = chat(http)

    assert refused.status_code == 503
    assert "nonexistent" in refused.json()["error"]["message"]
    assert alive.status_code == 200
    assert found.status_code == 200


def test_a_credential_process_that_fails_and_recovers(aws: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\ncredential_process = false\n")
    with outcrop() as url, httpx.Client(base_url=url) as http:
        refused = chat(http)
        keys = '{"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "secret"}'
        (tmp_path / "keys.json").write_text(keys)
        (tmp_path / "config").write_text(f"[default]\ncredential_process = cat {tmp_path / 'keys.json'}\n")
        found = chat(http)

    assert_refused(refused, "aws_credentials_expired", "no restart is needed")
    assert found.status_code == 200


def test_keys_sign(http: httpx.Client, bedrock: str, aws: pytest.MonkeyPatch) -> None:
    aws.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    aws.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    assert chat(http).status_code == 200
    assert authorization(bedrock) == "AWS4-HMAC-SHA256 [hidden]"


def test_a_bedrock_api_key_is_sent_and_beats_the_rest(
    http: httpx.Client, bedrock: str, aws: pytest.MonkeyPatch
) -> None:
    aws.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key")
    assert chat(http).status_code == 200
    assert authorization(bedrock) == "Bearer [hidden]"

    aws.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    aws.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert chat(http).status_code == 200
    assert authorization(bedrock) == "Bearer [hidden]"


EMPTY = [
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
]


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_variable_is_an_absent_one(bedrock: str, aws: pytest.MonkeyPatch, name: str) -> None:
    aws.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    aws.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    aws.setenv(name, "")

    with outcrop() as url, httpx.Client(base_url=url) as http:
        assert chat(http).status_code == 200
    assert authorization(bedrock) == "AWS4-HMAC-SHA256 [hidden]"


# Where

REGIONS: list[tuple[dict[str, str], str, str]] = [
    ({}, "", "us-east-1"),
    ({}, "[default]\nregion = eu-west-1\n", "eu-west-1"),
    ({"AWS_PROFILE": "other"}, "[default]\nregion = a\n[profile other]\nregion = eu-west-3\n", "eu-west-3"),
    ({"AWS_DEFAULT_REGION": "eu-west-2"}, "[default]\nregion = eu-west-1\n", "eu-west-2"),
    ({"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "", "eu-north-1"),
    ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"}, "", "eu-west-2"),
    ({"AWS_PROFILE": "nonexistent"}, "", "us-east-1"),
]


@pytest.mark.parametrize(("environ", "config", "expected"), REGIONS)
def test_the_region(
    aws: pytest.MonkeyPatch, tmp_path: Path, environ: dict[str, str], config: str, expected: str
) -> None:
    (tmp_path / "config").write_text(config)
    for name, value in environ.items():
        aws.setenv(name, value)

    assert region(os.environ) == expected
