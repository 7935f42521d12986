"""A stranger's first minutes: start a server, wait for /livez, chat whole, then streamed with a tool call.

Only the standard library, so that nothing but the installed wheel stands between this and Bedrock's wire.

    chat.py [--within SECONDS] COMMAND [ARGUMENT ...]

The port is in the environment, so that a command may be README's own, word for word.
"""

# ruff: noqa: S101, S310, S603 - a check asserts; what it opens and runs is its own

import argparse
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

MODEL = "amazon.nova-lite-v1:0"
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
# Loopback only, so a proxy of the environment must not be asked.
open_url = build_opener(ProxyHandler({})).open


def chat(base: str) -> None:
    """Raises unless the server at `base` answers both ways."""
    whole = json.loads(_post(base, messages=[{"role": "user", "content": "Hello"}]))
    assert whole["choices"][0]["message"]["content"], whole
    assert whole["usage"]["total_tokens"] > 0, whole
    print("whole:   ", whole["choices"][0]["message"]["content"])

    question = {"role": "user", "content": "Please call get_weather for Paris."}
    lines = _post(base, messages=[question], tools=[TOOL], stream=True).splitlines()
    data = [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: ")]
    assert data[-1] == b"[DONE]", data
    name, arguments, finish_reason = _tool_call([json.loads(chunk) for chunk in data[:-1]])
    assert (name, finish_reason) == ("get_weather", "tool_calls"), data
    assert isinstance(json.loads(arguments)["city"], str), arguments
    print("streamed:", f"{name}({arguments})")


@contextmanager
def serving(
    command: Sequence[str], port: int, env: Mapping[str, str] | None = None, *, within: float = 30
) -> Iterator[str]:
    """The command's server from its first /livez until the block ends; `env` is all that it sees.

    `within` so many seconds it has to answer.
    """
    process = subprocess.Popen(command, env=env, start_new_session=True)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(process, f"{base}/livez", within)
        yield base
    finally:
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, signal.SIGTERM)  # the command may be a shell, and the server its child
        process.wait(timeout=30)


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], url: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"The server ended with status {process.returncode} before it answered.")
        try:
            with open_url(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit(f"{url} did not answer within {seconds:g} s.")


def _post(base: str, **body: Any) -> bytes:
    request = Request(
        f"{base}/v1/chat/completions",
        data=json.dumps({"model": MODEL, **body}).encode(),
        headers={"content-type": "application/json"},
    )
    with open_url(request, timeout=30) as answer:
        content: bytes = answer.read()
        return content


def _tool_call(chunks: Sequence[Any]) -> tuple[str, str, str]:
    """The one call that the chunks add up to: its name, its arguments, the finish reason."""
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    calls = [call["function"] for choice in choices for call in choice["delta"].get("tool_calls", ())]
    [finish_reason] = [choice["finish_reason"] for choice in choices if choice["finish_reason"]]
    name = "".join(call.get("name") or "" for call in calls)
    return name, "".join(call.get("arguments") or "" for call in calls), finish_reason


def main(command: Sequence[str], within: float) -> None:
    """Run the command without a single AWS variable, and chat with it: all `within` so many seconds."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "OUTCROP_"))}
    port = free_port()
    started = time.monotonic()
    with serving(command, port, {**env, "OUTCROP_PORT": str(port)}, within=within) as base:
        chat(base)
        took = time.monotonic() - started
    print(f"took:     {took:.1f} s")
    if took > within:
        raise SystemExit(f"That is more than {within:g} s.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--within", type=float, default=30)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    main(**vars(parser.parse_args()))
