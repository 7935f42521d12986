"""Who gets a connection: workers that this test speaks for, on sockets as real ones have them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress

import pytest

from proxy.workers import sharing
from proxy.workers.channel import GONE, LEAVES, LOST, MOST_UNTAKEN, PROBE, READY, TAKEN
from proxy.workers.sharing import Sharing

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Worker:
    """One that says only what it is told to."""

    def __init__(self, sharing: Sharing) -> None:
        ours, theirs = socket.socketpair()
        self._end = theirs.dup()  # as a process of its own would have it
        self.begun = asyncio.get_running_loop().create_future()
        self.channel = sharing.channel(ours, theirs, self.begun)
        self.probed = 0
        self.has: list[socket.socket] = []

    async def say(self, words: bytes) -> None:
        self._end.send(words)
        await settled()

    def reads(self) -> list[socket.socket]:
        """The connections that have been sent to it; it has them now."""
        before = len(self.has)
        with suppress(BlockingIOError):
            while True:
                word, descriptors, _, _ = socket.recv_fds(self._end, 1, 1)
                self.probed += word == PROBE
                self.has += [socket.socket(fileno=descriptor) for descriptor in descriptors]
        return self.has[before:]

    def close(self) -> None:
        self._end.close()
        for connection in self.has:
            connection.close()


async def settled() -> None:
    """All has been done that could be."""
    for _ in range(4 * MOST_UNTAKEN):
        await asyncio.sleep(0)


class Office:
    """Two workers that are ready, and clients."""

    def __init__(self, until: ExitStack) -> None:
        self._until = until
        self._listener = until.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.sharing = Sharing(self._listener)
        until.callback(self.sharing.close)
        self.first, self.second = self.worker(), self.worker()

    def worker(self) -> Worker:
        worker = Worker(self.sharing)
        self._until.callback(worker.close)
        return worker

    async def clients(self, count: int) -> list[socket.socket]:
        came = [socket.create_connection(self._listener.getsockname()) for _ in range(count)]
        for each in came:
            self._until.enter_context(each)
        await settled()
        return came


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    with ExitStack() as until:
        office = Office(until)
        await office.first.say(READY)
        await office.second.say(READY)
        office.sharing.open()
        yield office


async def test_the_worker_with_the_fewest_is_next(office: Office) -> None:
    await office.clients(6)
    assert (len(office.first.reads()), len(office.second.reads())) == (3, 3)

    await office.first.say(TAKEN * 3 + GONE * 2)
    await office.clients(2)
    assert (len(office.first.reads()), len(office.second.reads())) == (2, 0)


async def test_nobody_has_more_on_their_way_than_they_can_take_soon(office: Office) -> None:
    """The others wait, rather than go to whoever is faster."""
    await office.clients(2 * MOST_UNTAKEN + 4)
    assert (len(office.first.reads()), len(office.second.reads())) == (MOST_UNTAKEN, MOST_UNTAKEN)

    await office.first.say(TAKEN * MOST_UNTAKEN)
    await office.second.say(TAKEN * MOST_UNTAKEN)
    assert (len(office.first.reads()), len(office.second.reads())) == (2, 2)


async def test_what_a_worker_could_not_take_is_anothers(office: Office) -> None:
    """It has no room until it has closed one, or for a while."""
    clients = await office.clients(4)
    office.first.reads(), office.second.reads()
    await office.first.say(TAKEN + LOST)
    [given] = office.second.reads()
    assert given.getpeername() in {each.getsockname() for each in clients}

    await office.clients(2)
    assert (office.first.reads(), len(office.second.reads())) == ([], 2)
    await office.first.say(GONE)
    await office.clients(1)
    assert (len(office.first.reads()), office.second.reads()) == (1, [])

    await office.first.say(LOST)
    office.second.reads()
    office.sharing.look()
    await office.clients(1)
    assert (len(office.first.reads()), office.second.reads()) == (1, [])


async def test_what_a_worker_has_not_taken_is_anothers_until_it_answers(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "PATIENCE", 0)
    clients = await office.clients(4)
    office.second.reads()
    await office.second.say(TAKEN * 2)
    office.sharing.look()
    await settled()
    assert len(office.second.reads()) == 2
    assert {each.getpeername() for each in office.second.has} == {each.getsockname() for each in clients}

    await office.second.say(TAKEN * 2)
    office.sharing.look()
    await office.clients(1)
    assert (office.first.reads(), len(office.second.reads())) == ([], 1)
    assert office.first.probed == 1

    await office.first.say(READY)
    await office.clients(2)
    assert (len(office.first.reads()), len(office.second.reads())) == (2, 0)


async def test_of_what_a_worker_took_before_it_stood_still_nothing_is_anothers(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "PATIENCE", 0)
    await office.second.say(LEAVES)
    clients = await office.clients(3)
    _, descriptors, _, _ = socket.recv_fds(office.first._end, 1, 1)
    office.first.has += [socket.socket(fileno=descriptor) for descriptor in descriptors]
    office.sharing.look()
    third = office.worker()
    await third.say(READY)

    given = [each.getpeername() for each in (*office.first.has, *third.reads())]
    assert given == [each.getsockname() for each in clients]


@pytest.mark.parametrize("dies", [True, False], ids=["dies", "leaves"])
async def test_what_waits_for_a_worker_that_is_no_more_waits_for_the_next(office: Office, dies: bool) -> None:
    await office.second.say(LEAVES)
    await office.clients(3)
    if dies:
        office.sharing.ended(office.first.channel)
    else:
        await office.first.say(LEAVES)

    third = office.worker()
    await third.say(READY)
    assert len(third.reads()) == 3


async def test_a_worker_that_took_one_keeps_it(office: Office) -> None:
    """Its last words are heard after its death."""
    await office.second.say(LEAVES)
    await office.clients(2)
    office.first._end.send(TAKEN)
    office.sharing.ended(office.first.channel)

    third = office.worker()
    await third.say(READY)
    assert len(third.reads()) == 1
