"""The memory in one process: bounded in entries, bytes and age; what was used longest ago leaves first."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol


class Memory(Protocol):
    """What those who use it see: it may forget, but it does not fail, and does not keep them waiting."""

    async def recall(self, names: Sequence[str]) -> list[bytes | None]:
        """One value for each name, None on a miss."""

    async def remember(self, names: Sequence[str], value: bytes) -> None:
        """One value under several names; of two under one name the newer is found."""


class Entry:
    """A value, and the names under which it is still found."""

    __slots__ = ("names", "size", "until", "value")

    def __init__(self, value: bytes, names: Iterable[str], until: float) -> None:
        self.value = value
        self.names = set(names)
        self.until = until
        self.size = len(value) + sum(map(len, self.names))


class LocalMemory:
    """Every operation costs the same however much is remembered: nothing is ever searched for."""

    def __init__(
        self,
        *,
        max_entries: int,
        max_bytes: int,
        max_age: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`max_bytes` counts values, each once, and their names; `max_age` is seconds since `remember`."""
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._clock = clock
        self._named: dict[str, Entry] = {}
        # Entries are their own keys, so that each is found in both orders at once.
        self._by_age: OrderedDict[Entry, None] = OrderedDict()
        self._by_use: OrderedDict[Entry, None] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._by_age)

    async def recall(self, names: Sequence[str]) -> list[bytes | None]:
        return self.get(names)

    async def remember(self, names: Sequence[str], value: bytes) -> None:
        self.put(names, value)

    def get(self, names: Sequence[str]) -> list[bytes | None]:
        self._forget_old()
        return [self._used(name) for name in names]

    def put(self, names: Sequence[str], value: bytes) -> None:
        self._forget_old()
        for name in names:
            self._unname(name)
        entry = Entry(value, names, self._clock() + self._max_age)
        if not entry.names or entry.size > self._max_bytes:
            return  # it would push out all else and then itself
        self._by_age[entry] = self._by_use[entry] = None
        self._named.update(dict.fromkeys(entry.names, entry))
        self.size += entry.size
        while len(self) > self._max_entries or self.size > self._max_bytes:
            self._forget(next(iter(self._by_use)))

    def _used(self, name: str) -> bytes | None:
        entry = self._named.get(name)
        if entry is None:
            return None
        self._by_use.move_to_end(entry)
        return entry.value

    def _unname(self, name: str) -> None:
        """An entry that is found under no name any more leaves at once."""
        entry = self._named.pop(name, None)
        if entry is None:
            return
        entry.names.discard(name)
        entry.size -= len(name)
        self.size -= len(name)
        if not entry.names:
            self._forget(entry)

    def _forget_old(self) -> None:
        now = self._clock()
        while self._by_age and (oldest := next(iter(self._by_age))).until <= now:
            self._forget(oldest)

    def _forget(self, entry: Entry) -> None:
        del self._by_age[entry], self._by_use[entry]
        for name in entry.names:
            del self._named[name]
        self.size -= entry.size
