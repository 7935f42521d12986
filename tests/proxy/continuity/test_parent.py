"""Workers share what their parent remembers, over a socket that is nobody else's."""

import asyncio
import pathlib
import socket
import stat
from collections.abc import Awaitable, Callable, Iterator

import pytest

from proxy.continuity import parent
from proxy.continuity.memory import LocalMemory
from proxy.continuity.wire import Garbage, Kind, packed
from proxy.continuity.worker import UNREAD, SharedMemory

pytestmark = pytest.mark.anyio


def memory() -> LocalMemory:
    return LocalMemory(max_entries=10_000, max_bytes=100_000_000, max_age=60)


@pytest.fixture
def path() -> Iterator[str]:
    with parent.serving(memory()) as path:
        yield path


async def test_what_one_worker_remembers_another_finds(path: str) -> None:
    one, other = SharedMemory(path), SharedMemory(path)

    await one.remember(["a", "b"], b"x")

    assert await other.recall(["b", "c", "a"]) == [b"x", None, b"x"]
    await one.aclose()
    await other.aclose()


async def test_many_questions_are_under_way_at_once_and_none_gets_the_answer_of_another(path: str) -> None:
    worker = SharedMemory(path)
    values = {f"{number}": b"%d" % number * number for number in range(500)}

    await asyncio.gather(*(worker.remember([name], value) for name, value in values.items()))
    found = await asyncio.gather(*(worker.recall([name]) for name in values))

    assert found == [[value] for value in values.values()]
    await worker.aclose()


async def test_large_values_and_many_names(path: str) -> None:
    worker = SharedMemory(path)
    names = [f"{number:064}" for number in range(2000)]

    await worker.remember(names, bytes(4_000_000))

    assert await worker.recall(names) == [bytes(4_000_000)] * 2000
    await worker.aclose()


async def test_an_answer_that_nobody_waits_for_any_more_is_not_taken_for_the_next(path: str) -> None:
    worker = SharedMemory(path)
    await worker.remember(["a"], b"a")
    await worker.remember(["b"], b"b")

    impatient = asyncio.create_task(worker.recall(["a"]))
    await asyncio.sleep(0)
    impatient.cancel()

    assert await worker.recall(["b"]) == [b"b"]
    assert impatient.cancelled()
    await worker.aclose()


def test_nobody_else_can_reach_the_socket_and_it_goes_with_its_directory() -> None:
    with parent.serving(memory()) as path:
        folder = pathlib.Path(path).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_ISSOCK(pathlib.Path(path).stat().st_mode)

    assert not folder.exists()


async def test_a_parent_that_ends_hangs_up() -> None:
    with parent.serving(memory()) as path:
        worker = SharedMemory(path)
        await worker.remember(["a"], b"x")
    with pytest.raises(OSError):  # noqa: PT011  (closed, or not there any more)
        await worker.recall(["a"])
    await worker.aclose()


def test_a_directory_that_no_socket_fits_in(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))

    with pytest.raises(OSError, match="too long"), parent.serving(memory()):
        pytest.fail("listens")
    assert list(long.iterdir()) == []


GARBAGE = {
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "an answer": packed(Kind.DONE, []),
    "an unknown kind": packed(9, [b"a"]),  # type: ignore[arg-type]
    "no value": packed(Kind.REMEMBER, []),
    "a name that is no text": packed(Kind.RECALL, [b"\xff"]),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_ends_a_connection_and_no_other(path: str, garbage: bytes) -> None:
    worker = SharedMemory(path)
    await worker.remember(["a"], b"x")

    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.settimeout(5)
        stranger.connect(path)
        stranger.sendall(garbage)
        assert closed(stranger)

    assert await worker.recall(["a"]) == [b"x"]
    await worker.aclose()


def closed(stranger: socket.socket) -> bool:
    try:
        return stranger.recv(1) == b""
    except ConnectionResetError:  # so it is told where something was left unread
        return True


# Parents that misbehave

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Parent:
    """Does one thing with the first connection, another with the second."""

    def __init__(self, folder: pathlib.Path, *behaviours: Behaviour) -> None:
        self.path = str(folder / "memory")
        self._behaviours = iter(behaviours)
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> SharedMemory:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.append(writer)
            await next(self._behaviours)(reader, writer)

        self._server = await asyncio.start_unix_server(connected, self.path)
        self._worker = SharedMemory(self.path)
        return self._worker

    @property
    def connections(self) -> int:
        return len(self._writers)

    async def __aexit__(self, *_: object) -> None:
        await self._worker.aclose()
        for writer in self._writers:
            writer.transport.abort()
        self._server.close()
        await self._server.wait_closed()


def says(data: bytes) -> Behaviour:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)  # the question
        writer.write(data)

    return say


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def does_not_read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    transport = writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()


async def test_a_connection_that_was_lost_is_made_anew(folder: pathlib.Path) -> None:
    async with Parent(folder, hangs_up, says(packed(Kind.FOUND, [b"\0\0\0\0", b"x"]))) as worker:
        with pytest.raises(ConnectionError):
            await worker.recall(["a"])
        assert await worker.recall(["a"]) == [b"x"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 \r\n\r\n",
        packed(Kind.FOUND, []),
        packed(Kind.FOUND, [b"\0\0\0\1"]),
        packed(Kind.FOUND, [b""]),
    ],
    ids=["text", "nothing", "a value that is not there", "too few"],
)
async def test_garbage_for_an_answer_is_an_error_not_a_value(folder: pathlib.Path, answer: bytes) -> None:
    async with Parent(folder, says(answer)) as worker:
        with pytest.raises((Garbage, ConnectionError)):
            await worker.recall(["a"])


async def test_an_answer_without_a_question_ends_the_connection(folder: pathlib.Path) -> None:
    done = packed(Kind.DONE, [])
    parent = Parent(folder, says(done + done), says(done))
    async with parent as worker:
        await worker.remember(["a"], b"x")
        await worker.remember(["a"], b"x")
        assert parent.connections == 2


async def test_what_waits_for_a_parent_that_does_not_read_is_bounded(folder: pathlib.Path) -> None:
    async with Parent(folder, does_not_read) as worker:
        size = 4_000_000
        asked = [asyncio.create_task(worker.remember(["a"], bytes(size))) for _ in range(UNREAD // size + 3)]
        done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert {type(task.exception()) for task in done} == {ConnectionError}
        for task in waiting:
            task.cancel()
