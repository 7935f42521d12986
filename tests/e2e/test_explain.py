"""What a request becomes, shown without asking Bedrock: the dry run, the command, and strict mode."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import openai
import pytest

from proxy.cli import main
from proxy.settings import Settings
from tests.e2e.door import Door
from tests.servers import outcrop as serving_outcrop

TAKES_NO_TEMPERATURE = "us.anthropic.claude-opus-4-7"
ASK: dict[str, Any] = {
    "model": TAKES_NO_TEMPERATURE,
    "messages": [{"role": "user", "content": "Hi"}],
    "temperature": 0.3,
}
EXPLAINED = {
    "model": TAKES_NO_TEMPERATURE,
    "converse": {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]},
    "adjusted": [{"field": "temperature", "verb": "dropped", "reason": "this model takes none"}],
}
HEADER = "temperature=dropped; this model takes none"


@pytest.mark.parametrize("stream", [False, True])
def test_a_dry_run_does_not_ask_bedrock(http: httpx.Client, door: Door, stream: bool) -> None:
    dry = {"x-outcrop-dry-run": "true"}
    answer = http.post("/v1/chat/completions", json={**ASK, "stream": stream}, headers=dry)

    assert answer.status_code == 200
    assert answer.json() == EXPLAINED
    assert answer.headers["x-outcrop-adjusted"] == HEADER
    assert "x-amzn-requestid" not in answer.headers
    assert door.requests() == []


def test_a_dry_run_of_what_cannot_be_passed_on(http: httpx.Client, door: Door) -> None:
    schema = '{"properties":' * 300 + "{}" + "}" * 300
    tools = '[{"type":"function","function":{"name":"f","parameters":' + schema + "}}]"
    content = json.dumps(ASK)[:-1] + f',"tools":{tools}}}'
    answer = http.post("/v1/chat/completions", content=content, headers={"x-outcrop-dry-run": "true"})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "tools")


def test_a_dry_run_that_is_not_asked_for(http: httpx.Client, door: Door) -> None:
    answer = http.post("/v1/chat/completions", json=ASK, headers={"x-outcrop-dry-run": "false"})

    assert answer.json()["object"] == "chat.completion"
    assert answer.headers["x-outcrop-adjusted"] == HEADER
    assert len(door.requests()) == 1


@pytest.fixture(scope="module")
def strict(bedrock: str) -> Iterator[str]:
    with serving_outcrop(Settings(strict=True)) as url:
        yield url


def test_strict_mode_refuses_what_it_would_have_to_change(strict: str, door: Door) -> None:
    with openai.OpenAI(base_url=f"{strict}/v1", api_key="any", max_retries=0) as client:
        with pytest.raises(openai.BadRequestError, match="would be dropped: this model takes none") as caught:
            client.chat.completions.create(**ASK)
        untouched = client.chat.completions.create(**{**ASK, "temperature": None})

    assert (caught.value.param, caught.value.code) == ("temperature", "unsupported_value")
    assert untouched.choices[0].message.content
    assert len(door.requests()) == 1


def test_the_command_explains_a_file(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    (tmp_path / "request.json").write_text(json.dumps(ASK))

    assert main(["explain", str(tmp_path / "request.json")]) == 0
    assert json.loads(capsysbinary.readouterr().out) == EXPLAINED


def test_the_command_explains_what_it_is_piped(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    piped = SimpleNamespace(buffer=io.BytesIO(json.dumps(ASK).encode()))
    monkeypatch.setattr("sys.stdin", piped)

    assert main(["explain", "-"]) == 0
    assert json.loads(capsysbinary.readouterr().out) == EXPLAINED


def test_the_command_knows_the_aliases_of_a_settings_file(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "request.json").write_text(json.dumps({**ASK, "model": "mine"}))
    (tmp_path / "named.toml").write_text(f'aliases = {{mine = "{TAKES_NO_TEMPERATURE}"}}')

    assert main(["explain", str(tmp_path / "request.json"), "--config", str(tmp_path / "named.toml")]) == 0
    assert json.loads(capsysbinary.readouterr().out) == EXPLAINED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "400 invalid_json: "),
        ('{"model": "m", "messages": 5}', "400 invalid_type: Invalid 'messages': "),
        (
            '{"model": "m", "messages": [{"role": "user", "content": "Hi"}], "logprobs": true}',
            "400 unsupported_parameter: ",
        ),
    ],
)
def test_the_command_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (tmp_path / "request.json").write_text(text)

    assert main(["explain", str(tmp_path / "request.json")]) == 1
    assert capsys.readouterr().err.startswith(f"outcrop: {said}")


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "no-such-file.json"]) == 2
    assert "no-such-file.json" in capsys.readouterr().err
