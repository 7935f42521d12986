"""The outcrop command as a user runs it: a process, its words, its signals, its environment."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
import httpx
import openai
import orjson
import pytest
from botocore.config import Config

from proxy.cli import main
from tests.e2e.door import Door
from tests.e2e.firehose import firehose, slow_client
from tests.e2e.process import BARE, ROOT, running, shell
from tests.samples import MODEL

ASK: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}

HOSTILE = {
    "AWS_PROFILE": "nonexistent",
    "AWS_BEARER_TOKEN_BEDROCK": "x",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://127.0.0.1:1",
    "AWS_REGION": "nowhere-1",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_MAX_ATTEMPTS": "1",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
}


@pytest.fixture
def aws(bedrock: str) -> dict[str, str]:
    """All that a proxy needs to reach AWS, here the tests' local Bedrock, on plain http; and no more asked of
    it than by the test."""
    return {
        "OUTCROP_DISCOVERY_ENABLED": "false",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock,
    }


# outcrop serve --local


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("more", [[], ["--workers", "2"]], ids=["one worker", "two workers"])
def test_serve_local_prints_a_curl_line_that_answers(more: list[str], tmp_path: Path) -> None:
    with running("serve", "--local", "--port", "0", *more, env=HOSTILE, cwd=tmp_path) as outcrop:
        curl = outcrop.said[outcrop.said.index("chat      ") + len("chat") :].strip()
        answer = shell(curl)
        models = shell(
            next(line for line in outcrop.said.splitlines() if "models" in line).split(maxsplit=1)[1]
        )
        outcrop.stop()
        ended = outcrop.ended()

    assert 'You said: "Hello"' in text(answer)
    assert answer.endswith("data: [DONE]\n\n")
    assert len(orjson.loads(models)["data"]) > 10
    assert ended == (0, "")


def text(answer: str) -> str:
    events = [line.removeprefix("data: ") for line in answer.splitlines() if line.startswith("data: {")]
    deltas = [choice["delta"] for event in events for choice in orjson.loads(event)["choices"]]
    return "".join(delta.get("content", "") for delta in deltas)


def test_serve_local_answers_as_its_script_says(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_bytes(orjson.dumps({"answers": [{"text": "As you wrote."}]}))

    with (
        running("serve", "--local", "--port", "0", "--script", str(script), env={}) as outcrop,
        openai.OpenAI(base_url=outcrop.base_url, api_key="any") as client,
    ):
        completion = client.chat.completions.create(**ASK)
        outcrop.stop(signal.SIGINT)
        ended = outcrop.ended()

    assert completion.choices[0].message.content == "As you wrote."
    assert ended == (0, "")


# outcrop serve


def test_three_variables_and_an_endpoint_are_enough(aws: dict[str, str], door: Door) -> None:
    with (
        running("serve", "--port", "0", env=aws) as outcrop,
        openai.OpenAI(base_url=outcrop.base_url, api_key="any") as client,
    ):
        completion = client.chat.completions.create(**ASK)
        outcrop.stop()
        ended = outcrop.ended()

    assert completion.choices[0].finish_reason == "stop"
    assert ended == (0, "")
    assert "AWS4-HMAC-SHA256" in door.requests()[0]["headers"]["authorization"]


def test_the_file_that_is_named_is_the_only_one(aws: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "outcrop.toml").write_text('api_keys = ["of the other file"]')
    (tmp_path / "named.toml").write_text("port = 0\nmax_body_bytes = 10")

    with running("serve", "--config", "named.toml", env=aws, cwd=tmp_path) as outcrop:
        answer = httpx.post(f"{outcrop.base_url}/chat/completions", json=ASK)

    assert answer.status_code == 413


@pytest.mark.parametrize("more", [[], ["--workers", "2"]], ids=["one worker", "two workers"])
def test_an_open_stream_may_finish_when_the_server_stops(
    aws: dict[str, str], door: Door, more: list[str]
) -> None:
    door.script({"text": "One two three.", "hold": "x", "hold_after": 2})

    with (
        running("serve", "--port", "0", *more, env=aws) as outcrop,
        # Both workers may still be starting, on a machine that is busy.
        httpx.stream(
            "POST", f"{outcrop.base_url}/chat/completions", json={**ASK, "stream": True}, timeout=30
        ) as answer,
    ):
        lines = answer.iter_lines()
        next(lines)
        outcrop.stop()
        stops_answering(outcrop.base_url)
        door.release("x")
        rest = list(lines)
        ended = outcrop.ended()

    assert rest[-2:] == ["data: [DONE]", ""]
    assert ended == (0, "")


def stops_answering(base_url: str) -> None:
    """Returns when the server has begun to stop: new requests get no answer."""
    livez = base_url.removesuffix("/v1") + "/livez"
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        try:
            httpx.get(livez, timeout=0.3)  # the parent of two workers still listens, but nobody accepts
        except httpx.TransportError:
            return
    pytest.fail("the server goes on answering")


@pytest.mark.parametrize("more", [[], ["--workers", "2"]], ids=["one worker", "two workers"])
@pytest.mark.parametrize("n", [1, 2])
def test_a_stream_that_does_not_finish_in_time_ends_in_an_error(
    aws: dict[str, str], door: Door, more: list[str], n: int
) -> None:
    door.script({"text": "One two three.", "hold": "x", "hold_after": 2, "times": n})

    with (
        running("serve", "--port", "0", *more, env={**aws, "OUTCROP_SHUTDOWN_GRACE": "0.2"}) as outcrop,
        openai.OpenAI(base_url=outcrop.base_url, api_key="any", max_retries=0, timeout=30) as client,
    ):
        stream = client.chat.completions.create(**ASK, n=n, stream=True)
        next(stream)
        outcrop.stop()
        with pytest.raises(openai.APIError) as caught:
            list(stream)
        status, errors = outcrop.ended()

    assert caught.value.code == "server_stopping"
    assert status == 0
    assert "503 server_stopping" in errors
    assert "Traceback" not in errors
    assert len(door.requests(wait="aborted", count=n)) == n


def test_an_answer_that_is_not_there_in_time_is_an_error(aws: dict[str, str], door: Door) -> None:
    door.script({"hold": "x"})

    with (
        running("serve", "--port", "0", env={**aws, "OUTCROP_SHUTDOWN_GRACE": "0.2"}) as outcrop,
        socket.create_connection(address(outcrop.base_url), timeout=20) as client,
    ):
        body = orjson.dumps(ASK)
        client.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
        door.requests(wait="answering")
        outcrop.stop()
        answer = client.makefile("rb").read()
        status, _ = outcrop.ended()

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert orjson.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "server_stopping"
    assert status == 0
    assert door.requests(wait="aborted")


def address(url: str) -> tuple[str, int]:
    parts = httpx.URL(url)
    return parts.host, parts.port or 80


def test_a_client_that_does_not_read_the_end_is_hung_up_on(aws: dict[str, str]) -> None:
    with (
        firehose(1000) as bedrock,
        running(
            "serve",
            "--port",
            "0",
            env={**aws, "OUTCROP_SHUTDOWN_GRACE": "0", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock.url},
        ) as outcrop,
        slow_client(outcrop.base_url),
    ):
        assert bedrock.streams[0].stalled.wait(20)
        outcrop.stop()
        status, errors = outcrop.ended()

    assert status == 0
    assert "Traceback" not in errors
    assert bedrock.streams[0].left.wait(20)


def test_keys_are_asked_for_where_they_are_set(aws: dict[str, str]) -> None:
    env = {**aws, "OUTCROP_API_KEYS": "first, second", "OUTCROP_PORT": "0"}
    with running("serve", "--host", "0.0.0.0", env=env) as outcrop:  # noqa: S104
        url = outcrop.base_url
        refused = httpx.post(f"{url}/chat/completions", json=ASK)
        wrong = httpx.post(f"{url}/chat/completions", json=ASK, headers={"authorization": "Bearer third"})
        right = [
            httpx.post(f"{url}/chat/completions", json=ASK, headers={"authorization": f"Bearer {key}"})
            for key in ("first", "second")
        ]
        alive = httpx.get(url.removesuffix("/v1") + "/livez")

    assert (refused.status_code, wrong.status_code, alive.status_code) == (401, 401, 200)
    assert refused.json()["error"]["code"] == wrong.json()["error"]["code"] == "invalid_api_key"
    assert [answer.status_code for answer in right] == [200, 200]
    assert "Authorization: Bearer" in outcrop.said
    assert "first" not in outcrop.said


def test_other_machines_are_served_without_keys_only_when_told_so(aws: dict[str, str]) -> None:
    with running("serve", "--host", "0.0.0.0", "--port", "0", "--no-auth", env=aws) as outcrop:  # noqa: S104
        answer = httpx.post(f"{outcrop.base_url}/chat/completions", json=ASK)

    assert answer.status_code == 200


# What is refused: one clear sentence, and status 2


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("outcrop: ")
    assert said.err.count("\n") == 1
    return said.err


def test_a_port_that_is_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refusal(capsys, "serve", "--local", "--port", port)

    assert f"127.0.0.1:{port}" in said
    assert "in use" in said
    assert "--port" in said
    assert said.count(port) == 1


def test_a_host_that_is_none_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    said = refusal(capsys, "serve", "--local", "--no-auth", "--host", "192.0.2.1", "--port", "0")

    assert "cannot listen on 192.0.2.1:0 (Cannot assign requested address); choose another --host" in said


def test_a_port_of_the_local_bedrock_that_is_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in refusal(capsys, "local", "--port", port)


@pytest.mark.parametrize("command", [["serve"], ["serve", "--local"], ["local"]], ids=" ".join)
@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_is_none(capsys: pytest.CaptureFixture[str], command: list[str], port: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*command, "--port", port])

    assert stopped.value.code == 2
    assert f"{port} is not a port: expected 0-65535" in capsys.readouterr().err


def test_there_is_at_least_one_worker(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--workers", "0"])

    assert "expected at least 1, got 0" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104
def test_other_machines_are_not_served_by_accident(capsys: pytest.CaptureFixture[str], host: str) -> None:
    said = refusal(capsys, "serve", "--host", host, "--port", "0")

    assert host in said
    assert "OUTCROP_API_KEYS" in said
    assert "--no-auth" in said


def test_a_memory_that_would_not_be_encrypted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCROP_CONTINUITY_URL", "redis://:hunter2@127.0.0.1")
    said = refusal(capsys, "serve", "--port", "0")

    assert "OUTCROP_CONTINUITY_KEY" in said
    assert "hunter2" not in said


FILES = {
    "an unknown key": ("prot = 1\n", "prot"),
    "an unknown key of a table": ("[discovery]\nrefresh = 1\n", "discovery.refresh"),
    "an unknown table": ("[discover]\n", "discover"),
    "a wrong type": ('port = "8000"\n', "port"),
    "a table that is none": ("discovery = 5\n", "discovery"),
    "no TOML": ("port: 8000\n", "outcrop.toml"),
}


@pytest.mark.parametrize(("content", "named"), FILES.values(), ids=FILES.keys())
def test_a_settings_file_that_is_wrong(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    named: str,
) -> None:
    (tmp_path / "outcrop.toml").write_text(content)
    monkeypatch.chdir(tmp_path)

    assert named in refusal(capsys, "serve")
    assert named in refusal(capsys, "serve", "--config", "outcrop.toml")


def test_a_settings_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    said = refusal(capsys, "serve", "--config", "nowhere.toml")

    assert said == "outcrop: nowhere.toml: No such file or directory\n"


@pytest.mark.parametrize("command", [["explain"], ["local", "--script"]], ids=" ".join)
def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert refusal(capsys, *command, "nowhere") == "outcrop: nowhere: No such file or directory\n"


def test_a_variable_that_is_no_setting_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCROP_KEEPALIVE", "5")
    monkeypatch.setenv("OUTCROP_SERVICE_HOST", "10.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it ends by itself
        main(["serve", "--local", "--port", str(taken.getsockname()[1])])

    told = capsys.readouterr().err.splitlines()
    assert told[:2] == [
        "outcrop: OUTCROP_KEEPALIVE is no setting. Did you mean OUTCROP_KEEP_ALIVE?",
        "outcrop: OUTCROP_SERVICE_HOST is no setting.",
    ]


@pytest.mark.parametrize("value", ["many", "1.5", ""])
def test_a_variable_that_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("OUTCROP_MAX_BODY_BYTES", value)
    monkeypatch.setenv("OUTCROP_HOST", "0.0.0.0")  # noqa: S104  (refused in any case)

    assert ("OUTCROP_MAX_BODY_BYTES" in refusal(capsys, "serve")) is bool(value)


SCRIPTS = {
    "is not JSON": ("{", ""),
    "has a wrong field": ('{"answers": [{"txet": "Hi"}]}', "answers[0].txet"),
}


@pytest.mark.parametrize(("content", "named"), SCRIPTS.values(), ids=SCRIPTS.keys())
@pytest.mark.parametrize("command", [["serve", "--local"], ["local"]], ids=["serve", "local"])
def test_a_script_that_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str], content: str, named: str
) -> None:
    script = tmp_path / "script.json"
    script.write_text(content)

    said = refusal(capsys, *command, "--port", "0", "--script", str(script))
    assert str(script) in said
    assert named in said


def test_a_script_needs_the_local_bedrock(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--local" in refusal(capsys, "serve", "--script", "script.json")


@pytest.mark.parametrize("arguments", [[], ["serv"], ["serve", "--prot", "1"], ["serve", "--port", "x"]])
def test_a_command_line_that_is_wrong(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "usage: outcrop" in capsys.readouterr().err


# outcrop local


def test_local_serves_boto3_and_says_how() -> None:
    with running("local", "--port", "0", env={}) as local:
        exported = dict(re.findall(r"(AWS_\w+)=(\S+)", local.said))
        client = boto3.client(
            "bedrock-runtime",
            endpoint_url=exported["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"],
            region_name=exported["AWS_REGION"],
            aws_access_key_id=exported["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=exported["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}),
        )
        answer = client.converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": "Hello"}]}])
        client.close()
        local.stop()
        ended = local.ended()

    assert 'You said: "Hello"' in answer["output"]["message"]["content"][0]["text"]
    assert ended == (0, "")


# The command itself


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["local", "--help"]])
def test_help(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 0
    assert "usage: outcrop" in capsys.readouterr().out


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])

    assert caught.value.code == 0
    assert re.fullmatch(r"outcrop \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_who_reads_only_the_first_line_sees_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m proxy models --local --json"
    # Standard error is the last that is read: `head` has gone by then.
    said = shell(f"PYTHONPATH={ROOT} {command} 2>{tmp_path / 'errors'} | head -1")

    assert said == "[\n"
    assert (tmp_path / "errors").read_text() == ""


def test_help_does_not_wait_for_heavy_imports() -> None:
    heavy = "{'aiobotocore', 'botocore', 'uvicorn', 'starlette', 'aiohttp'}"
    code = f"import sys, proxy.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=BARE, capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
