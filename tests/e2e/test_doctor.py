"""`outcrop doctor`: what does not work, in the situations in which users ask; nothing it prints is a secret."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proxy.cli import main
from tests.aws import Aws, container, serving_aws
from tests.e2e.door import Door
from tests.e2e.upstream import bedrock_that, read_request

HAIKU = "anthropic.claude-3-haiku-20240307-v1:0"
KEYS = "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n"
DENIED = {"type": "AccessDeniedException", "message": "No."}


@dataclass
class Told:
    status: int
    checks: dict[str, dict[str, Any]]
    policy: dict[str, Any] | None
    out: str

    def states(self, *states: str) -> set[str]:
        return {name for name, check in self.checks.items() if check["state"] in states}

    @property
    def actions(self) -> list[str]:
        """Those that the policy allows."""
        return [
            action for each in (self.policy or {"Statement": []})["Statement"] for action in each["Action"]
        ]


class Doctor:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def told(self, *arguments: str) -> Told:
        status = main(["doctor", "--json", *arguments])
        printed = self._capsys.readouterr()
        assert printed.err == ""
        told = json.loads(printed.out)
        assert told["works"] is (status == 0)
        return Told(status, {each["name"]: each for each in told["checks"]}, told["policy"], printed.out)


@pytest.fixture
def environ(bedrock: str, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An account whose keys are in the shared file, all of AWS at the local Bedrock."""
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    (tmp_path / "credentials").write_text(KEYS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", bedrock)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    return monkeypatch


@pytest.fixture
def doctor(environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    return Doctor(capsys)


@pytest.fixture
def aws() -> Iterator[Aws]:
    with serving_aws() as aws:
        yield aws


@pytest.fixture
def nobody() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_all_is_well(doctor: Doctor, door: Door) -> None:
    told = doctor.told()

    assert told.status == 0
    assert told.states("ok", "skipped") == set(told.checks)
    assert told.states("skipped") == {"one-token call"}
    assert told.policy is None
    assert "wJalrXUtnFEMI" not in told.out
    assert "AKIAIOSFODNN7" not in told.out
    assert "key ****************MPLE" in told.checks["credentials"]["message"]
    assert told.checks["identity"]["message"] == "arn:aws:iam::123456789012:user/local."
    assert told.checks["region"]["message"] == "us-east-1 (AWS_REGION)."
    assert re.search(r"answers in \d+ ms", told.checks["runtime endpoint"]["message"])
    # No model has said anything, so nothing is billed.
    assert {each["status"] for each in door.requests() if each["operation"].startswith("Converse")} == {400}


def test_it_is_told_line_by_line(environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    environ.setenv("OUTCROP_PROT", "80")

    assert main(["doctor"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["warning", "settings", "OUTCROP_PROT", "is", "no", "setting."]
    assert lines[1].strip() == "-> Did you mean OUTCROP_PORT?"
    assert lines[-1] == "A chat works."


def test_without_credentials(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "credentials").unlink()

    told = doctor.told()

    assert told.status == 1
    assert told.states("failed") == {"credentials"}
    assert told.checks["credentials"]["remedy"] == "Run `aws configure sso`."
    assert told.states("ok") >= {"region", "runtime endpoint", "control plane", "clock"}


def test_a_profile_that_is_not_there(doctor: Doctor, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_PROFILE", "wrok")

    told = doctor.told()

    assert "wrok" in told.checks["credentials"]["message"]
    assert told.checks["credentials"]["remedy"] == "Run `aws configure list-profiles`."


def test_a_login_that_is_over(doctor: Doctor, environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sso = "sso_start_url = https://x\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = dev\n"
    (tmp_path / "config").write_text(f"[profile dev]\n{sso}")
    environ.setenv("AWS_PROFILE", "dev")

    assert doctor.told().checks["credentials"]["remedy"] == "Run `aws sso login --profile dev`."


def test_keys_that_expired(doctor: Doctor, door: Door) -> None:
    door.script(refused={"AKIA*": "expired"})

    told = doctor.told()

    assert told.status == 1
    assert {"identity", "bedrock:InvokeModel", "bedrock:ListFoundationModels"} <= told.states("failed")
    assert "Write new keys to the shared credentials file" in told.checks["identity"]["message"]
    assert told.policy is None  # no permission is missing


def test_a_bedrock_api_key(doctor: Doctor, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-SECRET")

    told = doctor.told()

    assert told.status == 0
    assert told.checks["credentials"]["message"] == "AWS_BEARER_TOKEN_BEDROCK."
    assert told.checks["identity"]["state"] == "skipped"
    assert "API key does not tell" in told.checks["identity"]["message"]
    assert "SECRET" not in told.out


def test_a_role_of_a_container_says_until_when(
    doctor: Doctor, environ: pytest.MonkeyPatch, aws: Aws, tmp_path: Path
) -> None:
    (tmp_path / "credentials").unlink()
    for name, value in container(aws).items():
        environ.setenv(name, value)
    environ.setenv("AWS_ENDPOINT_URL_STS", aws.url)

    told = doctor.told()

    assert re.search(r"the container's role, key .*SIA1, until \d{4}-", told.checks["credentials"]["message"])
    assert told.checks["identity"]["message"] == "arn:aws:sts::123456789012:assumed-role/dev/me."


def test_sts_that_cannot_be_reached_is_no_failure(
    doctor: Doctor, environ: pytest.MonkeyPatch, nobody: str
) -> None:
    environ.setenv("AWS_ENDPOINT_URL_STS", nobody)

    told = doctor.told()

    assert (told.status, told.checks["identity"]["state"]) == (0, "skipped")


def test_permissions_that_are_missing_become_a_policy(doctor: Doctor, door: Door) -> None:
    missing = ["bedrock:InvokeModelWithResponseStream", "bedrock:ListInferenceProfiles"]
    door.script(denied=missing)

    told = doctor.told()

    assert told.status == 1
    assert told.states("failed") == set(missing)
    assert told.actions == missing
    assert told.policy is not None
    assert "arn:aws:bedrock:*:123456789012:inference-profile/*" in told.policy["Statement"][0]["Resource"]
    assert told.checks["bedrock:InvokeModelWithResponseStream"]["remedy"].startswith("Attach the policy")
    assert told.checks["bedrock:InvokeModel"]["state"] == "ok"


def test_chats_work_where_only_lists_are_denied(doctor: Doctor, door: Door) -> None:
    lists = ["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"]
    door.script(denied=[*lists, "bedrock:GetFoundationModelAvailability"])

    told = doctor.told()

    assert told.status == 0
    assert told.states("failed") == set(lists)
    assert told.checks["model access"]["state"] == "skipped"
    assert told.checks["bedrock:GetInferenceProfile"]["state"] == "skipped"
    assert told.checks["bedrock:InvokeModel"]["state"] == "ok"  # of a model that is known without the lists


def test_what_the_settings_include_is_tried_too(
    doctor: Doctor, environ: pytest.MonkeyPatch, door: Door
) -> None:
    environ.setenv("OUTCROP_DISCOVERY_INCLUDE", "imported")
    environ.setenv("OUTCROP_DISCOVERY_REGION", "us-east-1,eu-west-1")
    door.script(denied=["bedrock:ListImportedModels"])

    told = doctor.told()

    assert told.states("failed") == {"bedrock:ListImportedModels", "bedrock:ListImportedModels in eu-west-1"}
    assert told.actions == ["bedrock:ListImportedModels"]


def test_a_control_plane_that_is_dead_harms_no_chat(
    doctor: Doctor, environ: pytest.MonkeyPatch, nobody: str
) -> None:
    environ.setenv("AWS_ENDPOINT_URL_BEDROCK", nobody)

    told = doctor.told("--model", HAIKU)

    assert told.status == 0
    assert told.states("failed") == {"control plane"}
    assert "The control plane cannot be reached." in told.checks["bedrock:ListFoundationModels"]["message"]


def test_an_endpoint_that_is_dead(doctor: Doctor, environ: pytest.MonkeyPatch, nobody: str) -> None:
    environ.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", nobody)

    told = doctor.told()

    assert told.status == 1
    assert told.states("failed") == {"runtime endpoint"}
    assert "AWS_ENDPOINT_URL" in told.checks["runtime endpoint"]["remedy"]
    assert told.checks["bedrock:InvokeModel"]["state"] == "skipped"


def test_an_endpoint_that_is_not_awss(doctor: Doctor, environ: pytest.MonkeyPatch, aws: Aws) -> None:
    environ.setenv("AWS_ENDPOINT_URL_BEDROCK", aws.url)

    told = doctor.told()

    assert "not as AWS does" in told.checks["control plane"]["message"]


def test_a_proxy_that_is_dead(doctor: Doctor, environ: pytest.MonkeyPatch, nobody: str) -> None:
    environ.delenv("AWS_ENDPOINT_URL")
    environ.setenv("HTTPS_PROXY", nobody)

    told = doctor.told()

    assert told.status == 1
    assert "HTTPS_PROXY" in told.checks["runtime endpoint"]["remedy"]


def test_a_proxy_that_wants_another_password(doctor: Doctor, environ: pytest.MonkeyPatch) -> None:
    def refuses(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")

    environ.delenv("AWS_ENDPOINT_URL")
    with bedrock_that(refuses) as url:
        environ.setenv("HTTPS_PROXY", url.replace("//", "//me:s3cret@"))
        told = doctor.told()

    assert "407" in told.checks["runtime endpoint"]["message"]
    assert "HTTPS_PROXY" in told.checks["runtime endpoint"]["remedy"]
    assert "s3cret" not in told.out


def test_a_region_that_is_none(doctor: Doctor, environ: pytest.MonkeyPatch) -> None:
    environ.delenv("AWS_ENDPOINT_URL")
    environ.setenv("AWS_REGION", "no region!")
    environ.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # so that STS is not reached

    told = doctor.told()

    assert "no region!" in told.checks["runtime endpoint"]["message"]


def test_an_address_without_a_scheme(doctor: Doctor, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_ENDPOINT_URL", "localhost:9099")

    told = doctor.told()

    assert "localhost:9099" in told.checks["runtime endpoint"]["message"]
    assert told.checks["identity"]["state"] == "skipped"


def test_a_config_file_that_cannot_be_read(
    doctor: Doctor, environ: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile")

    told = doctor.told()

    for name in ("runtime endpoint", "credentials"):
        assert "Mend the AWS config files" in told.checks[name]["message"]


def test_a_region_that_is_misspelt(doctor: Doctor, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_REGION", "eu-wset-1")

    assert doctor.told().checks["region"]["remedy"] == "Did you mean eu-west-1?"


def test_a_region_that_nobody_named(doctor: Doctor, environ: pytest.MonkeyPatch) -> None:
    environ.delenv("AWS_REGION")

    told = doctor.told()

    assert (told.status, told.checks["region"]["state"]) == (0, "warning")


def test_a_model_by_any_name(doctor: Doctor) -> None:
    told = doctor.told("--model", "claude-haiku-4-5", "--call")

    assert told.checks["model"]["message"] == (
        "claude-haiku-4-5 is us.anthropic.claude-haiku-4-5-20251001-v1:0."
    )
    assert told.checks["one-token call"]["state"] == "ok"


def test_a_call_asks_for_one_token(doctor: Doctor, door: Door) -> None:
    assert doctor.told("--model", HAIKU, "--call").status == 0

    (answered,) = [each for each in door.requests() if each["body"] and each["status"] == 200]
    assert answered["body"]["inferenceConfig"] == {"maxTokens": 1}


def test_a_call_that_fails(doctor: Doctor, door: Door) -> None:
    door.script({"error": DENIED})

    told = doctor.told("--call")

    assert (told.status, told.states("failed")) == (1, {"one-token call"})


def test_a_model_that_does_not_exist(doctor: Doctor) -> None:
    told = doctor.told("--model", "anthropic.claude-3-haiku-20240307-v9:0")

    assert told.checks["model"]["state"] == "warning"
    assert HAIKU in told.checks["model"]["remedy"]
    assert told.checks["bedrock:InvokeModel"]["state"] == "warning"


AVAILABLE = {
    "modelId": HAIKU,
    "agreementAvailability": {"status": "AVAILABLE"},
    "authorizationStatus": "AUTHORIZED",
    "entitlementAvailability": "AVAILABLE",
    "regionAvailability": "AVAILABLE",
}


def test_an_alias_that_leads_nowhere(doctor: Doctor, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("OUTCROP_ALIASES", '{"fast": "nova-micro", "best": "no-such-model"}')

    told = doctor.told()

    assert told.states("warning") == {"alias best"}
    assert "no-such-model is not listed" in told.checks["alias best"]["message"]


NO_ACCESS: list[tuple[dict[str, Any], str]] = [
    ({"agreementAvailability": {"status": "NOT_AVAILABLE"}}, "agreement NOT_AVAILABLE"),
    ({"authorizationStatus": "NOT_AUTHORIZED"}, "not authorized"),
    ({"regionAvailability": "NOT_AVAILABLE"}, "not there in this region"),
]


@pytest.mark.parametrize(("missing", "words"), NO_ACCESS)
def test_a_model_that_the_account_may_not_have(
    doctor: Doctor, door: Door, missing: dict[str, Any], words: str
) -> None:
    door.script({"when": {"operation": "GetFoundationModelAvailability"}, "response": AVAILABLE | missing})

    found = doctor.told("--model", HAIKU)

    assert words in found.checks["model access"]["message"]
    assert (found.status, found.states("failed")) == (1, {"model access"})


def test_a_model_that_was_only_at_hand_may_be_missing(doctor: Doctor, door: Door) -> None:
    door.script(
        {"when": {"operation": "GetFoundationModelAvailability"}, "response": AVAILABLE | NO_ACCESS[0][0]}
    )

    found = doctor.told()

    assert (found.status, found.states("warning")) == (0, {"model access"})


def test_discovery_that_is_switched_off(doctor: Doctor, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("OUTCROP_DISCOVERY_ENABLED", "false")

    told = doctor.told()

    assert "Switched off" in told.checks["bedrock:ListFoundationModels"]["message"]
    assert told.status == 0


def test_a_setting_that_is_wrong(environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    environ.setenv("OUTCROP_PORT", "high")

    assert main(["doctor"]) == 2
    assert "OUTCROP_PORT" in capsys.readouterr().err


def test_the_local_bedrock_is_well() -> None:
    command = [sys.executable, "-m", "proxy", "doctor", "--local", "--call"]
    environ = {"PATH": os.environ["PATH"], "OUTCROP_BEDROCK_API_KEY_FILE": "/of/the/users/account"}
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, env=environ
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert {line.split()[0] for line in done.stdout.splitlines()[:-2]} == {"ok"}
