"""`outcrop models`: what GET /v1/models lists, for people."""

import json
import os
import subprocess
import sys

import pytest

from proxy.cli import main
from tests.e2e.door import Door

DENIED = {"type": "AccessDeniedException", "message": "No."}


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["models", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_table(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    heading, *lines = listed(capsys)

    assert heading.split() == ["MODEL", "CONTEXT", "OUTPUT", "INPUT", "CAN", "NAME"]
    assert len(lines) > 60
    (haiku,) = (line for line in lines if line.startswith("us.anthropic.claude-haiku-4-5"))
    assert haiku.split()[1:] == (
        [
            "200,000",
            "64,000",
            "text",
            "image",
            "tools,",
            "reasoning",
            "US",
            "Anthropic",
            "Claude",
            "Haiku",
            "4.5",
        ]
    )


@pytest.mark.parametrize(
    ("arguments", "makers"),
    [
        (["NOVA"], {"Amazon"}),
        (["--provider", "Anthropic", "--provider", "cohere"], {"Anthropic"}),
        (["--provider", "amazon", "haiku"], set()),
    ],
)
def test_filters(
    door: Door, capsys: pytest.CaptureFixture[str], arguments: list[str], makers: set[str]
) -> None:
    models = json.loads("\n".join(listed(capsys, "--json", *arguments)))

    assert {model["owned_by"] for model in models} == makers


def test_a_text_that_no_model_has(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "nowhere"]) == 0

    assert "no listed model has 'nowhere' in its id or name" in capsys.readouterr().err


def test_why_there_is_none(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    rules = [
        {"when": {"operation": operation}, "error": DENIED, "times": "always"}
        for operation in ("ListFoundationModels", "ListInferenceProfiles")
    ]
    door.script(*rules)

    assert main(["models"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("outcrop: 403 access_denied: The proxy's AWS identity may not list models")


def test_what_is_not_permitted_is_named(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    door.script(denied=["bedrock:ListInferenceProfiles"])

    assert main(["models", "--json"]) == 0
    told = capsys.readouterr()
    assert told.err == "outcrop: bedrock:ListInferenceProfiles is not permitted: what it lists is left out.\n"
    assert len(json.loads(told.out)) > 20


def test_those_of_the_local_bedrock() -> None:
    command = [sys.executable, "-m", "proxy", "models", "--local", "claude-for-agents"]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )

    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 2
