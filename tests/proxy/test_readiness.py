"""GET /readyz: 200 where a chat could be served, else 503 with what is missing and the command that mends it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.settings import Discovery, Settings
from tests.aws import Aws, container
from tests.door import AdminDoor
from tests.servers import outcrop

KEYS = "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
ASK = {
    "model": "anthropic.claude-3-haiku-20240307-v1:0",
    "messages": [{"role": "user", "content": "Hello"}],
}


@pytest.fixture
def http(environ: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    with outcrop() as url, httpx.Client(base_url=url, timeout=20) as http:
        yield http


def ready(http: httpx.Client) -> dict[str, Any]:
    answer = http.get("/readyz")
    told: dict[str, Any] = answer.json()
    assert answer.status_code == (200 if told["ready"] else 503)
    assert answer.headers["cache-control"] == "no-store"
    return told


def test_it_turns_true_without_a_request_or_a_restart(
    http: httpx.Client, tmp_path: Path, door: AdminDoor
) -> None:
    told = ready(http)
    assert told["ready"] is False
    assert told["error"]["code"] == "aws_credentials_missing"
    assert told["command"] == "aws configure sso"
    assert told["credentials"] is None

    (tmp_path / "config").write_text("[default]\nregion = eu-west-1\n")
    (tmp_path / "credentials").write_text(KEYS)

    assert ready(http) == {
        "ready": True,
        "region": "eu-west-1",
        "credentials": {"source": "the shared credentials file, profile default", "expires": None},
        "models": None,
    }
    assert door.requests() == []


def test_a_login_that_is_missing_is_told_with_its_command(http: httpx.Client, tmp_path: Path) -> None:
    sso = "sso_start_url = https://x\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = dev\n"
    (tmp_path / "config").write_text(f"[default]\n{sso}")

    told = ready(http)

    assert (told["error"]["code"], told["command"]) == ("aws_credentials_expired", "aws sso login")


def test_keys_that_bedrock_refuses(http: httpx.Client, tmp_path: Path, door: AdminDoor) -> None:
    (tmp_path / "credentials").write_text(KEYS)
    assert ready(http)["ready"]
    door.script(refused={"AKID*": "invalid"})

    assert http.post("/v1/chat/completions", json=ASK).status_code == 503
    assert ready(http)["error"]["code"] == "aws_credentials_invalid"

    door.script()
    assert http.post("/v1/chat/completions", json=ASK).status_code == 200
    assert ready(http)["ready"]


def test_a_region_that_is_none(http: httpx.Client, environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environ.delenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME")
    (tmp_path / "config").write_text("[default]\nregion = no region!\n")
    (tmp_path / "credentials").write_text(KEYS)

    told = ready(http)

    assert told["error"]["code"] == "upstream_unreachable"
    assert "no region!" in told["error"]["message"]


def test_a_probe_does_not_wait_for_a_service_that_hangs(aws: Aws, environ: pytest.MonkeyPatch) -> None:
    for name, value in container(aws).items():
        environ.setenv(name, value)
    aws.open.clear()
    with outcrop() as url, httpx.Client(base_url=url, timeout=5) as http:
        told = ready(http)
        aws.open.set()

    assert told["error"]["code"] == "aws_credentials_unavailable"


def test_credentials_that_expire_say_when(aws: Aws, environ: pytest.MonkeyPatch) -> None:
    for name, value in container(aws).items():
        environ.setenv(name, value)
    with outcrop() as url, httpx.Client(base_url=url, timeout=5) as http:
        told = ready(http)

    assert told["credentials"]["source"] == "the container's role"
    assert told["credentials"]["expires"].endswith("+00:00")


def test_a_bedrock_api_key_needs_no_other_credentials(environ: pytest.MonkeyPatch) -> None:
    with outcrop(Settings(bedrock_api_key="key")) as url, httpx.Client(base_url=url) as http:
        assert ready(http)["credentials"] == {"source": "OUTCROP_BEDROCK_API_KEY", "expires": None}


def test_the_list_of_models_is_told_and_decides_nothing(
    environ: pytest.MonkeyPatch, door: AdminDoor, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(KEYS)
    with (
        outcrop(Settings(discovery=Discovery(enabled=True))) as url,
        httpx.Client(base_url=url, timeout=20) as http,
    ):
        listed = http.get("/v1/models").json()["data"]
        told = ready(http)["models"]

    assert (told["listed"], told["not_permitted"], told["error"]) == (len(listed), [], None)
    assert told["age"] >= 0


@pytest.mark.parametrize(
    ("denied", "not_permitted", "error"),
    [
        (["bedrock:ListInferenceProfiles"], ["bedrock:ListInferenceProfiles"], ""),
        (["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"], [], "it needs bedrock:ListFound"),
    ],
)
def test_a_permission_that_is_missing_is_named(
    environ: pytest.MonkeyPatch,
    door: AdminDoor,
    tmp_path: Path,
    denied: list[str],
    not_permitted: list[str],
    error: str,
) -> None:
    (tmp_path / "credentials").write_text(KEYS)
    door.script(denied=denied)
    with (
        outcrop(Settings(discovery=Discovery(enabled=True))) as url,
        httpx.Client(base_url=url, timeout=20) as http,
    ):
        http.get("/v1/models")
        told = ready(http)

    assert told["ready"]
    assert told["models"]["not_permitted"] == not_permitted
    assert error in (told["models"]["error"] or "")
