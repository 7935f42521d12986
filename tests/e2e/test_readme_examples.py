"""README's examples as a stranger runs them: pasted, with nothing changed but the ports."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import orjson
import pytest

from tests.e2e.caller import calling
from tests.e2e.door import Door
from tests.e2e.process import BARE, Process, running, shell
from tests.readme import LOCAL, examples

OFFLINE = "Test your own agent offline"
QUESTION: dict[str, Any] = {
    "model": "us.amazon.nova-pro-v1:0",
    "messages": [{"role": "user", "content": "How is the weather?"}],
}

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the user is, with README's answers.json."""
    folder = tmp_path_factory.mktemp("agent")
    (script,) = examples(OFFLINE, "json")
    (folder / "answers.json").write_text(script)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Process]:
    with running("serve", "--local", "--port", "0", "--script", "answers.json", env={}, cwd=folder) as served:
        httpx.get(f"{served.base_url}/models").raise_for_status()  # no listing comes between tests' requests
        yield served


@pytest.fixture
def door(served: Process, folder: Path) -> Iterator[Door]:
    """The script as if the server had just been started."""
    with httpx.Client(base_url=served.local_url, timeout=20) as http:
        door = Door(http)
        door.clear()
        door.script(*orjson.loads((folder / "answers.json").read_bytes())["answers"])
        yield door


def here(example: str, served: Process) -> str:
    """The example with this server's ports."""
    moved = example.replace("http://127.0.0.1:8000/v1", served.base_url)
    moved = moved.replace("http://127.0.0.1:9099", served.local_url)
    assert moved != example
    return moved


def python(code: str) -> str:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=BARE, check=True, capture_output=True, text=True, timeout=20
    ).stdout


# Use it


@pytest.mark.usefixtures("door")
def test_the_first_snippet_of_python(served: Process) -> None:
    (snippet,) = examples("Use it", "python")

    assert python(here(snippet, served)).startswith('You said: "Why is the sky blue?".')


@needs_curl
def test_the_first_lines_of_curl(served: Process, door: Door) -> None:
    door.http.delete("/_local/script")
    lines = examples("Use it", "sh")[0]

    models, completion = shell(here(lines, served)).split('{"id":"chatcmpl-')
    assert len(orjson.loads(models)["data"]) > 10
    assert 'You said: \\"Why is the sky blue?\\".' in completion


# Test your own agent offline


@needs_curl
def test_the_scripted_answer_by_curl(served: Process, door: Door) -> None:
    (curl,) = [example for example in examples(OFFLINE, "sh") if example.startswith("curl -N")]

    *chunks, done = [line.removeprefix("data: ") for line in shell(here(curl, served)).split("\n") if line]
    deltas = [orjson.loads(chunk)["choices"][0]["delta"] for chunk in chunks]
    assert "".join(delta.get("content", "") for delta in deltas) == "Sunny, 21 degrees."
    assert done == "[DONE]"
    assert [request["status"] for request in door.requests()] == [429, 200]


def test_the_scripted_answer_by_python(served: Process, door: Door) -> None:
    (snippet,) = examples(OFFLINE, "python")

    assert python(here(snippet, served)) == "Sunny, 21 degrees.\n"
    assert [request["status"] for request in door.requests()] == [429, 200]


@pytest.mark.usefixtures("door")
def test_any_other_stream_from_nova_is_cut(served: Process) -> None:
    other: Any = {**QUESTION, "messages": [{"role": "user", "content": "Hello"}], "stream": True}

    with (
        openai.OpenAI(base_url=served.base_url, api_key="any", max_retries=0) as client,
        client.chat.completions.create(**other) as stream,
    ):
        assert next(stream).choices[0].delta.role == "assistant"
        assert next(stream).choices[0].delta.content == "This"
        with pytest.raises(openai.APIError, match="connection to Bedrock failed"):
            next(stream)


@needs_curl
def test_the_lines_that_steer_the_local_bedrock(served: Process, door: Door, folder: Path) -> None:
    (block,) = examples("While it runs", "sh", LOCAL)
    load, requests, aborted, release = here(block, served).splitlines()
    door.script({"hold": "gate", "hold_after": 1}, {"hold": "closed", "hold_after": 1})

    with httpx.stream(
        "POST", f"{served.base_url}/chat/completions", json={**QUESTION, "stream": True}
    ) as answer:
        shell(release, folder)
        assert list(answer.iter_lines())[-2] == "data: [DONE]"
    with calling(served.base_url.removesuffix("/v1"), {**QUESTION, "stream": True}):
        door.requests(wait="answering")

    states = ["done", "aborted"]
    assert [request["state"] for request in orjson.loads(shell(aborted, folder))["requests"]] == states
    assert [request["state"] for request in orjson.loads(shell(requests, folder))["requests"]] == states
    assert orjson.loads(shell(load, folder)) == orjson.loads((folder / "answers.json").read_bytes())
