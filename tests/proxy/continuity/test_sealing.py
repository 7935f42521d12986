"""What a store sees tells nothing without the key, and cannot be changed or moved unnoticed."""

from collections.abc import Callable

import pytest

from proxy.continuity.sealing import Key, Unsealable


def test_what_is_sealed_can_be_unsealed_where_it_was_put(key: Key) -> None:
    sealed = key.seal(b"thoughts", b"here")

    assert key.unseal(sealed, b"here") == b"thoughts"
    assert b"thoughts" not in sealed
    assert key.seal(b"thoughts", b"here") != sealed


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda sealed: sealed[:-1],
    "changed": lambda sealed: bytes([sealed[0] ^ 1]) + sealed[1:],
    "too short": lambda sealed: sealed[:20],
    "no nonce": lambda sealed: sealed[:3],
    "empty": lambda sealed: b"",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_was_changed_cannot_be_unsealed(key: Key, change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Unsealable):
        key.unseal(change(key.seal(b"thoughts", b"here")), b"here")


def test_what_was_moved_cannot_be_unsealed(key: Key) -> None:
    with pytest.raises(Unsealable):
        key.unseal(key.seal(b"thoughts", b"here"), b"there")


def test_another_key_unseals_nothing_and_names_other_places(key: Key, other: Key) -> None:
    with pytest.raises(Unsealable):
        other.unseal(key.seal(b"thoughts", b"here"), b"here")
    assert len({key.place("a"), key.place("b"), other.place("a")}) == 3


def test_every_replica_derives_the_same_key_from_the_same_secret(key: Key) -> None:
    replica = Key("correct horse battery")

    assert replica.place("a") == key.place("a")
    assert replica.unseal(key.seal(b"thoughts", b"here"), b"here") == b"thoughts"
