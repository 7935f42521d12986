"""Entries, bytes and age are bounded; what was used longest ago leaves first."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from proxy.continuity.memory import LocalMemory


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def memory(
    *, max_entries: int = 100, max_bytes: int = 10_000, max_age: float = 60, clock: Clock | None = None
) -> LocalMemory:
    return LocalMemory(max_entries=max_entries, max_bytes=max_bytes, max_age=max_age, clock=clock or Clock())


def test_a_value_is_found_under_each_of_its_names() -> None:
    store = memory()
    store.put(["a", "b"], b"one")
    store.put(["c"], b"")

    assert store.get(["b", "x", "a", "c"]) == [b"one", None, b"one", b""]
    assert store.get([]) == []


def test_of_two_values_under_one_name_the_newer_is_found() -> None:
    store = memory()
    store.put(["a", "b"], b"old")
    store.put(["b", "c"], b"new")

    assert store.get(["a", "b", "c"]) == [b"old", b"new", b"new"]


def test_a_value_counts_once_and_leaves_with_its_last_name() -> None:
    store = memory()
    store.put(["a", "b", "c"], bytes(1000))
    assert (len(store), store.size) == (1, 1003)

    store.put(["a", "b"], b"")
    store.put(["c"], b"")
    assert (len(store), store.size) == (2, 3)


def test_what_was_used_longest_ago_leaves_first() -> None:
    store = memory(max_entries=3)
    for name in "abc":
        store.put([name], b"x")
    store.get(["a"])
    store.put(["d"], b"x")

    assert store.get(list("abcd")) == [b"x", None, b"x", b"x"]


def test_bytes_are_bounded() -> None:
    store = memory(max_bytes=1000)
    for name in "abc":
        store.put([name], bytes(400))

    assert store.get(list("abc")) == [None, bytes(400), bytes(400)]
    assert store.size <= 1000


def test_a_value_that_fits_nowhere_pushes_nothing_out_and_hides_its_elder() -> None:
    store = memory(max_bytes=1000)
    store.put(["a"], b"x")
    store.put(["b"], b"old")
    store.put(["b"], bytes(1000))

    assert store.get(["a", "b"]) == [b"x", None]


def test_nothing_is_remembered_where_nothing_may_be() -> None:
    for store in (memory(max_entries=0), memory(max_bytes=0)):
        store.put(["a"], b"x")
        assert (store.get(["a"]), len(store), store.size) == ([None], 0, 0)


def test_age_counts_from_when_it_was_remembered_and_what_is_old_takes_no_room() -> None:
    clock = Clock()
    store = memory(max_age=60, clock=clock)
    store.put(["a"], b"x")
    clock.now += 30
    store.put(["b"], b"y")
    store.get(["a"])
    clock.now += 29.9
    assert store.get(["a", "b"]) == [b"x", b"y"]

    clock.now += 0.1
    assert store.get(["b"]) == [b"y"]
    assert (len(store), store.size) == (1, 2)
    assert store.get(["a"]) == [None]


class Kept(NamedTuple):
    names: frozenset[str]
    value: bytes
    until: float


class Plain:
    """The same bounds told the slow way: a list, least recently used first."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []

    def get(self, names: Sequence[str], now: float) -> list[bytes | None]:
        self.kept = [each for each in self.kept if now < each.until]
        return [self.used(name) for name in names]

    def used(self, name: str) -> bytes | None:
        for each in self.kept:
            if name in each.names:
                self.kept.remove(each)
                self.kept.append(each)
                return each.value
        return None

    def put(self, names: Sequence[str], value: bytes, now: float) -> None:
        kept = [each._replace(names=each.names - {*names}) for each in self.kept if now < each.until]
        self.kept = [each for each in kept if each.names]
        new = Kept(frozenset(names), value, now + 60)
        if new.names and size(new) <= 40:
            self.kept.append(new)
        while len(self.kept) > 3 or sum(map(size, self.kept)) > 40:
            self.kept.pop(0)


def size(kept: Kept) -> int:
    return len(kept.value) + sum(map(len, kept.names))


NAMES = st.lists(st.sampled_from(["a", "b", "cc", "ddd"]), max_size=3)


@given(st.lists(st.tuples(NAMES, st.none() | st.integers(0, 45), st.sampled_from([0, 0, 20, 61]))))
def test_any_order_of_operations(operations: list[tuple[list[str], int | None, int]]) -> None:
    clock, plain = Clock(), Plain()
    store = memory(max_entries=3, max_bytes=40, clock=clock)
    for number, (names, length, later) in enumerate(operations):
        clock.now += later
        if length is None:
            assert store.get(names) == plain.get(names, clock.now)
        else:
            value = bytes([number % 256]) * length
            store.put(names, value)
            plain.put(names, value, clock.now)
        assert (len(store), store.size) == (len(plain.kept), sum(map(size, plain.kept)))
