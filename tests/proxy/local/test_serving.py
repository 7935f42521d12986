"""The local Bedrock starts and stops in a thread: at once, quietly, and with errors where they belong."""

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from proxy.local.script import parse
from proxy.local.serving import serving
from tests.proxy.local.caller import path
from tests.proxy.local.requests import ask

AUTHORIZED = {"authorization": "Bearer test"}


def test_it_answers_as_soon_as_it_is_there_and_not_after() -> None:
    with serving() as url:
        assert httpx.get(f"{url}/health").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")


def test_it_begins_with_the_script_it_was_given() -> None:
    with serving(parse({"answers": [{"text": "Hi."}]})) as url:
        answer = httpx.post(url + path("converse"), json=ask("Hello"), headers=AUTHORIZED).json()
    assert answer["output"]["message"]["content"] == [{"text": "Hi."}]


def test_several_live_side_by_side_and_share_nothing() -> None:
    with serving() as one, serving() as other:
        httpx.post(f"{one}/_local/script", json={"answers": [{"text": "Hi."}]})
        assert httpx.get(f"{other}/_local/script").json() == {"answers": []}


def test_a_port_that_is_taken_is_the_callers_error() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
        serving(port=taken.getsockname()[1]),
    ):
        pytest.fail("it listens where another does")


@pytest.mark.parametrize("rule", [{"delay": 60}, {"hold": "never"}, {"hold": "never", "hold_after": 1}])
def test_it_stops_at_once_while_answers_wait(rule: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    with serving(parse({"answers": [rule]})) as url:
        waiting = threading.Thread(target=_ask_in_vain, args=(url,))
        waiting.start()
        answering = httpx.get(f"{url}/_local/requests?wait=answering").json()
        assert len(answering["requests"]) == 1
        start = monotonic()
    assert monotonic() - start < 10, "it waited for the answers"
    waiting.join(5)
    assert not waiting.is_alive()
    assert capfd.readouterr() == ("", "")


def _ask_in_vain(url: str) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.post(url + path("converse-stream"), json=ask("Hello"), headers=AUTHORIZED, timeout=30)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_it_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
    code = "from proxy.local.serving import run; run(ready=lambda url: print(url, flush=True))"
    with subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        assert httpx.get(f"{url}/health").status_code == 200
        server.send_signal(number)
        assert server.communicate(timeout=10) == ("", "")
    assert server.returncode == 0


def test_it_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    for _ in range(5):
        with serving() as url:
            httpx.get(f"{url}/health")
    assert threading.active_count() == before
