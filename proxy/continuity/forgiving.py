"""A store that can fail, as a memory that cannot: what it does not say in time is a miss.

A failure is logged once an outage, by its kind alone: messages of foreign libraries may hold addresses,
passwords or what was stored.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from proxy.continuity.memory import Memory

log = logging.getLogger("outcrop")

# Seconds. A miss costs a model its thread; a user who waits longer than this for the first token notices.
PATIENCE = 0.25
# How long a store may take to remember, with nobody waiting for it.
BACKGROUND = 5.0
# A store is well again when it has not failed for so long; until then its failures are one outage.
QUIET = 30.0

# The signed reasoning of 128k tokens is below 2 MB; what is larger is not reasoning.
LARGEST_VALUE = 4 * 1024 * 1024
# Under way at once; more means that the store does not keep up.
UNDER_WAY = 64


class Store(Memory, Protocol):
    """What a Memory stands on; it may raise and take its time."""

    async def aclose(self) -> None: ...


class Outage:
    """When a failure is news."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._clock = clock
        self._failed_at: float | None = None

    @property
    def lasts(self) -> bool:
        return self._failed_at is not None

    def failed(self, kind: str) -> None:
        if self._failed_at is None:
            log.warning(
                "continuity: %s fails (%s); requests are served without what it remembers", self._name, kind
            )
        self._failed_at = self._clock()

    def worked(self) -> None:
        if self._failed_at is not None and self._clock() - self._failed_at >= QUIET:
            self._failed_at = None
            log.info("continuity: %s is well again", self._name)


class Forgiving:
    """A Memory on a Store."""

    def __init__(
        self,
        store: Store,
        name: str,
        *,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`name` is what the log calls the store."""
        self._store = store
        self._patience = patience
        self._outage = Outage(name, clock)
        self._under_way: set[asyncio.Task[None]] = set()

    async def recall(self, names: Sequence[str]) -> list[bytes | None]:
        if not names:
            return []
        try:
            async with asyncio.timeout(self._patience):
                values = await self._store.recall(names)
        except Exception as error:  # of whatever kind: the user gets an answer all the same
            self._outage.failed(type(error).__name__)
            return [None] * len(names)
        self._outage.worked()
        return values

    async def remember(self, names: Sequence[str], value: bytes) -> None:
        """Waits for a store that is well, a millisecond or two: the next request, wherever, finds it."""
        if not names or len(value) > LARGEST_VALUE:
            return
        if len(self._under_way) >= UNDER_WAY:
            self._outage.failed("too slow")
            return
        task = asyncio.create_task(self._remembered(names, value))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        if not self._outage.lasts:
            done, _ = await asyncio.wait([task], timeout=self._patience)
            if not done:
                self._outage.failed("too slow")

    async def aclose(self) -> None:
        """What is under way may still arrive."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=1)
        for task in self._under_way:
            task.cancel()
        await self._store.aclose()

    async def _remembered(self, names: Sequence[str], value: bytes) -> None:
        try:
            async with asyncio.timeout(BACKGROUND):
                await self._store.remember(names, value)
        except Exception as error:  # as above
            self._outage.failed(type(error).__name__)
        else:
            self._outage.worked()
