"""Whatever a store does, there is an answer, soon, and one line in the log for each outage."""

import asyncio
import logging
from collections.abc import Sequence

import pytest

from proxy.continuity.forgiving import LARGEST_VALUE, QUIET, UNDER_WAY, Forgiving
from proxy.continuity.memory import LocalMemory

pytestmark = pytest.mark.anyio


class Fragile:
    """A store that can be made to fail, or to wait."""

    def __init__(self) -> None:
        self.memory = LocalMemory(max_entries=100, max_bytes=2 * LARGEST_VALUE, max_age=60)
        self.failure: BaseException | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.closed = False
        self.now = 100.0

    def forgiving(self) -> Forgiving:
        return Forgiving(self, "the store", patience=0.01, clock=lambda: self.now)

    async def recall(self, names: Sequence[str]) -> list[bytes | None]:
        await self.behave()
        return await self.memory.recall(names)

    async def remember(self, names: Sequence[str], value: bytes) -> None:
        await self.behave()
        await self.memory.remember(names, value)

    async def behave(self) -> None:
        await self.open.wait()
        if self.failure:
            raise self.failure

    async def aclose(self) -> None:
        self.closed = True


async def test_what_a_healthy_store_remembers_is_there_when_remember_returns() -> None:
    store = Fragile()
    memory = store.forgiving()

    await memory.remember(["a", "b"], b"x")

    assert store.memory.get(["a"]) == [b"x"]
    assert await memory.recall(["b", "c"]) == [b"x", None]
    assert await memory.recall([]) == []


@pytest.mark.parametrize("failure", [OSError("down"), ValueError("garbage"), RuntimeError("a bug")], ids=repr)
async def test_a_store_that_fails_has_nothing(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    store = Fragile()
    memory = store.forgiving()
    store.failure = failure

    await memory.remember(["a"], b"secret")
    assert await memory.recall(["a", "b"]) == [None, None]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert type(failure).__name__ in caplog.text
    assert str(failure) not in caplog.text


async def test_a_store_that_hangs_has_nothing_and_delays_nobody() -> None:
    store = Fragile()
    memory = store.forgiving()
    store.open.clear()

    await memory.remember(["a"], b"x")
    assert await memory.recall(["a"]) == [None]

    store.open.set()
    await memory.aclose()
    assert store.memory.get(["a"]) == [b"x"]
    assert store.closed


async def test_a_store_that_failed_is_not_waited_for() -> None:
    store = Fragile()
    memory = Forgiving(store, "the store", patience=3600)
    store.failure = OSError()
    await memory.recall(["a"])
    store.failure = None
    store.open.clear()

    await memory.remember(["a"], b"x")

    store.open.set()
    await memory.aclose()
    assert store.memory.get(["a"]) == [b"x"]


async def test_who_leaves_while_it_is_remembered_takes_nothing_back() -> None:
    store = Fragile()
    memory = store.forgiving()
    store.open.clear()
    leaving = asyncio.create_task(memory.remember(["a"], b"x"))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])

    store.open.set()
    await memory.aclose()
    assert leaving.cancelled()
    assert store.memory.get(["a"]) == [b"x"]


async def test_what_a_store_owes_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    store = Fragile()
    memory = store.forgiving()
    store.open.clear()

    await asyncio.gather(*(memory.remember([f"{number}"], b"x") for number in range(UNDER_WAY + 10)))
    store.open.set()
    await memory.aclose()

    assert len(store.memory) == UNDER_WAY
    assert "too slow" in caplog.text


async def test_what_is_too_large_is_not_kept() -> None:
    store = Fragile()
    memory = store.forgiving()

    await memory.remember(["a"], bytes(LARGEST_VALUE))
    await memory.remember(["b"], bytes(LARGEST_VALUE + 1))
    await memory.remember([], b"x")

    assert len(store.memory) == 1


async def test_an_outage_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    store = Fragile()
    memory = store.forgiving()
    levels = []
    for failure, later in [(OSError(), 0), (OSError(), 3600), (None, 1), (OSError(), 1), (None, QUIET)]:
        store.failure, store.now = failure, store.now + later
        await memory.recall(["a"])
        levels.append([record.levelname for record in caplog.records])
    assert levels == [["WARNING"]] * 4 + [["WARNING", "INFO"]]

    store.failure = OSError()
    await memory.recall(["a"])
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "WARNING"]


async def test_a_request_that_is_given_up_gives_up_its_recall() -> None:
    store = Fragile()
    store.open.clear()
    asking = asyncio.create_task(Forgiving(store, "the store", patience=60).recall(["a"]))
    await asyncio.sleep(0)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
