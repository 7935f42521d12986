"""What one worker remembers the others find: real processes, their parent, its signals."""

import asyncio
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from proxy.continuity import opened
from proxy.continuity.worker import SharedMemory
from proxy.settings import Continuity
from tests.e2e.process import Process, running
from tests.redis_server import RedisServer


@contextmanager
def remembering(env: dict[str, str]) -> Iterator[Process]:
    with running(program="tests.e2e.remembering", env=env) as process:
        yield process
        process.stop()
        assert process.ended()[0] == 0


def put(process: Process, value: bytes) -> int:
    answer = httpx.put(url(process), content=value, timeout=20)
    assert answer.status_code == 200
    return int(answer.headers["x-pid"])


def get(process: Process) -> tuple[int, bytes]:
    """Who answered, and what was found; asks again where a worker died with the question."""
    for _ in range(10):
        with suppress(httpx.ReadError, httpx.RemoteProtocolError):
            answer = httpx.get(url(process), timeout=20)
            return int(answer.headers["x-pid"]), answer.content
    raise AssertionError("no worker answers")


def url(process: Process) -> str:
    return process.base_url.removesuffix("v1") + "memory/toolu_1"


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """Meanwhile another worker has to answer."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # its parent may have taken it for dead
            os.kill(pid, signal.SIGCONT)


def test_a_worker_finds_what_another_remembered_and_so_do_those_that_replace_them(folder: Path) -> None:
    with remembering({"TMPDIR": str(folder)}) as process:
        first = put(process, b"thoughts")
        with paused(first):
            second, found = get(process)
        assert second != first
        assert found == b"thoughts"

        for pid in (first, second):
            os.kill(pid, signal.SIGKILL)
        third, found = get(process)
        assert third not in (first, second)
        assert found == b"thoughts"
    assert list(folder.iterdir()) == []


def test_workers_with_a_redis_use_it(redis_server: RedisServer, folder: Path) -> None:
    settings = Continuity(url=redis_server.url, key="correct horse battery")
    env = {
        "TMPDIR": str(folder),
        "OUTCROP_CONTINUITY_URL": settings.url,
        "OUTCROP_CONTINUITY_KEY": settings.key,
    }

    async def recall() -> list[bytes | None]:
        async with opened(settings) as memory:
            return await memory.recall(["toolu_1"])

    with remembering(env) as process:
        put(process, b"thoughts")
        assert asyncio.run(recall()) == [b"thoughts"]
        assert list(folder.iterdir()) == []


def test_serve_shares_a_memory_that_nobody_else_can_reach_and_leaves_nothing_behind(folder: Path) -> None:
    async def remember_and_recall(path: Path) -> list[bytes | None]:
        memory = SharedMemory(str(path))
        await memory.remember(["a"], b"x")
        found = await memory.recall(["a", "b"])
        await memory.aclose()
        return found

    env = {"TMPDIR": str(folder)}
    with running("serve", "--local", "--workers", "2", "--port", "0", env=env) as outcrop:
        assert httpx.get(outcrop.base_url + "/models", timeout=20).status_code == 200
        [directory] = folder.iterdir()
        [path] = directory.iterdir()
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert asyncio.run(remember_and_recall(path)) == [b"x", None]
        outcrop.stop()
        assert outcrop.ended() == (0, "")
    assert list(folder.iterdir()) == []
