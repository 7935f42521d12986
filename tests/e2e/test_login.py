"""One process, from no credentials to expired ones and back: each error says what to run, and no restart is needed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import httpx
import orjson
import pytest

from tests.aws import Aws, serving_aws
from tests.e2e.door import Door
from tests.e2e.process import running

CONFIG = """[default]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = dev
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
"""
ASK = {
    "model": "anthropic.claude-3-haiku-20240307-v1:0",
    "messages": [{"role": "user", "content": "Hello"}],
}


@pytest.fixture
def aws() -> Iterator[Aws]:
    with serving_aws() as aws:
        yield aws


@pytest.fixture
def http(bedrock: str, aws: Aws, tmp_path: Path) -> Iterator[httpx.Client]:
    """A process that finds its home empty."""
    environ = {
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL_BEDROCK": bedrock,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock,
        "AWS_ENDPOINT_URL_SSO": aws.url,
    }
    with running("serve", "--port", "0", env=environ, cwd=tmp_path) as process:
        base = process.base_url.removesuffix("/v1")
        with httpx.Client(base_url=base, timeout=20) as http:
            yield http


def log_in(home: Path, token: str) -> None:
    """What `aws sso login` leaves."""
    cache = home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    expires = (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
    login = {"accessToken": token, "expiresAt": expires, "region": "eu-west-1"}
    name = sha1(b"corp").hexdigest()  # noqa: S324
    (cache / f"{name}.json").write_bytes(orjson.dumps(login))


def assert_served(http: httpx.Client) -> None:
    assert http.get("/readyz").json()["credentials"]["source"] == "SSO, profile default"
    assert http.post("/v1/chat/completions", json=ASK).status_code == 200


def assert_refused(http: httpx.Client, code: str, command: str) -> None:
    answer = http.post("/v1/chat/completions", json=ASK)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"]) == (503, "server_error", code)
    assert answer.headers["x-should-retry"] == "false"
    told = http.get("/readyz")
    assert (told.status_code, told.json()["command"]) == (503, command)
    assert http.get("/livez").status_code == 200


def test_one_process_from_no_credentials_to_renewed_ones(
    http: httpx.Client, door: Door, aws: Aws, tmp_path: Path
) -> None:
    assert_refused(http, "aws_credentials_missing", "aws configure sso")

    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    assert_refused(http, "aws_credentials_expired", "aws sso login")

    log_in(tmp_path, "sso-token")
    assert_served(http)

    aws.logins = {"another"}
    door.script(refused={"ASIA1": "expired"})
    assert_refused(http, "aws_credentials_expired", "aws sso login")

    log_in(tmp_path, "another")
    assert_served(http)
