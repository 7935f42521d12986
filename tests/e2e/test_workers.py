"""`outcrop serve --workers 2`: real processes, their parent, and the clients' connections that they share."""

import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.process import ROOT, Process, running

ASK = b"GET /memory/a HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def outcrop(folder: Path) -> Iterator[Process]:
    with running(program="tests.e2e.remembering", env={"TMPDIR": str(folder)}) as process:
        yield process


def connected(outcrop: Process, count: int, until: ExitStack) -> list[socket.socket]:
    """So many connections in one burst."""
    url = urlsplit(outcrop.base_url)
    address = (url.hostname, url.port)
    return [until.enter_context(socket.create_connection(address, timeout=20)) for _ in range(count)]


def whose(connections: list[socket.socket]) -> list[int]:
    """The process that answers on each of them."""
    for connection in connections:
        connection.sendall(ASK)
    return [pid(connection) for connection in connections]


def pid(connection: socket.socket) -> int:
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65536)
    [found] = [line for line in head.split(b"\r\n") if line.startswith(b"x-pid: ")]
    return int(found.removeprefix(b"x-pid: "))


def test_connections_that_stay_open_are_shared_evenly(outcrop: Process) -> None:
    """From the first on, in bursts of any size."""
    with ExitStack() as until:
        for burst in (1, 1, 2, 16, 64, 200):
            workers = Counter(whose(connected(outcrop, burst, until)))
            assert set(workers.values()) == {max(1, burst // 2)}


def test_what_waits_for_a_worker_that_dies_is_anothers(outcrop: Process) -> None:
    with ExitStack() as until:
        first, second = whose(connected(outcrop, 2, until))
        os.kill(first, signal.SIGSTOP)
        connections = connected(outcrop, 10, until)
        for connection in connections:
            connection.sendall(ASK)
        os.kill(first, signal.SIGKILL)

        workers = [pid(connection) for connection in connections]
        assert first not in workers
        assert workers.count(second) >= 5


def test_a_worker_that_dies_is_replaced_again_and_again(outcrop: Process) -> None:
    """With pauses that grow, so that one that can no longer live does not keep the machine busy."""
    died: set[int] = set()
    with ExitStack() as until:
        for _ in range(3):
            died.add(killed(connected(outcrop, 2, until)))
        assert died.isdisjoint(whose(connected(outcrop, 2, until)))
        outcrop.stop()
        status, errors = outcrop.ended()

    assert len(died) == 3
    assert status == 0
    assert errors.count("A worker has ended, with -9.") == 3
    assert "Another starts in 0.2 s." in errors


def killed(connections: list[socket.socket]) -> int:
    """The process that has the first of them, once it has ended."""
    worker = whose(connections)[0]
    os.kill(worker, signal.SIGKILL)
    with suppress(ConnectionError):
        assert connections[0].recv(1) == b""
    return worker


def test_workers_end_where_their_parent_is_killed(outcrop: Process) -> None:
    """Even with words of theirs unread."""
    with ExitStack() as until:
        first, _, third, _ = connections = connected(outcrop, 4, until)
        workers = whose(connections)
        assert workers[0] == workers[2] != workers[1] == workers[3]
        outcrop.stop(signal.SIGSTOP)
        first.close()
        assert whose([third]) == [workers[0]]
        outcrop.popen.kill()

        assert [connection.recv(1) for connection in connections[1:]] == [b""] * 3
        _, errors = outcrop.ended()
    assert "Traceback" not in errors


def test_where_no_worker_can_start_the_command_fails(tmp_path: Path) -> None:
    """Here one of their libraries is broken; they would fail so each time."""
    (tmp_path / "starlette.py").write_text("raise ImportError('broken')")
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "TMPDIR": str(tmp_path)}
    with running("serve", "--workers", "2", "--port", "0", env=env) as outcrop:
        status, errors = outcrop.ended()

    assert status == 1
    assert "ImportError: broken" in errors
    assert errors.splitlines()[-1].endswith("No worker could be started; above is why.")
