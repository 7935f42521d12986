"""Frames arrive as they were sent, however they are cut; whatever else arrives is garbage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.continuity import wire
from proxy.continuity.wire import LARGEST_FRAME, Frame, Frames, Garbage, Kind

STRINGS = st.lists(st.binary(max_size=20), max_size=5)


@given(st.lists(st.tuples(st.sampled_from(Kind), STRINGS), max_size=4), st.integers(1, 9))
def test_frames_however_they_are_cut(sent: list[tuple[Kind, list[bytes]]], size: int) -> None:
    data = b"".join(wire.packed(kind, strings) for kind, strings in sent)
    frames = Frames()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]

    assert [frame for piece in pieces for frame in frames.feed(piece)] == sent


@given(st.lists(st.none() | st.sampled_from([b"", b"a", b"bc"])))
def test_values_come_as_they_were_found(values: list[bytes | None]) -> None:
    [frame] = Frames().feed(wire.found(values))

    assert frame.kind == Kind.FOUND
    assert wire.values(frame.strings) == values


def test_a_value_under_several_names_is_sent_once() -> None:
    value = bytes(1000)

    assert len(wire.found([value, None, value, value])) < 1100


def test_values_that_no_frame_could_hold_are_misses() -> None:
    large = bytes(LARGEST_FRAME // 2)
    again = large[1:]
    [frame] = Frames().feed(wire.found([b"x", large, again, b"y"]))

    assert wire.values(frame.strings) == [b"x", large, None, b"y"]


def test_what_would_be_too_large_for_a_frame_is_not_sent() -> None:
    with pytest.raises(ValueError, match="larger"):
        wire.packed(Kind.REMEMBER, [bytes(LARGEST_FRAME)])


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\0\1",
        b"\2\0\0\1\1",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0\0\0\3\1ab",
        b"\0\0\0\6\1\0\0\0\2a",
        b"\0\0\0\6\1\xff\xff\xff\xffa",
    ],
    ids=["no kind", "too large", "text", "half a length", "too short", "too long a string"],
)
def test_garbage_is_noticed_at_once(data: bytes) -> None:
    with pytest.raises(Garbage):
        list(Frames().feed(data))


@pytest.mark.parametrize("strings", [[], [b"ab"], [b"\0\0\0\1", b"x"], [b"\0\0\0\0"]], ids=repr)
def test_an_answer_that_says_nothing_is_garbage(strings: list[bytes]) -> None:
    with pytest.raises(Garbage):
        wire.values(strings)


def test_a_frame_reads_as_a_pair() -> None:
    assert list(Frames().feed(b"\0\0\0\6\1\0\0\0\1a")) == [Frame(Kind.RECALL, [b"a"])]
