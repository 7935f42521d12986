"""An environment without credentials, the AWS that gives some, and the door of the local Bedrock."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.aws import Aws, serving_aws
from tests.door import AdminDoor


@pytest.fixture
def environ(bedrock: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing of AWS's but the local Bedrock's address."""
    for name in os.environ:
        if name.startswith("AWS_") and not name.startswith("AWS_ENDPOINT_URL"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    httpx.delete(f"{bedrock}/_local/requests")
    return monkeypatch


@pytest.fixture(scope="session")
def shared_aws() -> Iterator[Aws]:
    with serving_aws() as aws:
        yield aws


@pytest.fixture
def aws(shared_aws: Aws, environ: pytest.MonkeyPatch) -> Iterator[Aws]:
    """STS and SSO are there; the metadata services where a test says so."""
    shared_aws.reset()
    environ.setenv("AWS_ENDPOINT_URL_STS", shared_aws.url)
    for service in ("SSO", "SSO_OIDC", "SIGNIN"):
        environ.setenv(f"AWS_ENDPOINT_URL_{service}", shared_aws.url)
    yield shared_aws
    shared_aws.reset()


@pytest.fixture
def door(bedrock: str) -> Iterator[AdminDoor]:
    with httpx.Client(base_url=bedrock, timeout=20) as http:
        door = AdminDoor(http)
        door.clear()
        yield door
        door.clear()
