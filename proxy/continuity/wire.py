"""What workers and their parent say to each other: frames of byte strings, on a Unix socket.

    frame     length of the rest (4 bytes, big-endian), kind (1 byte), strings
    string    length (4 bytes), bytes

    RECALL    names                     answered by FOUND: where each name's value stands, the values
    REMEMBER  a value, then its names   answered by DONE: nothing

Answers come in the order of the questions, so that many can be under way on one connection.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from struct import Struct
from typing import NamedTuple

LARGEST_FRAME = 32 * 1024 * 1024

LENGTH = Struct(">I")
HEAD = Struct(">IB")
NOWHERE = 0xFFFFFFFF


class Garbage(Exception):
    """What the other side sent is no frame: the connection cannot be used any more."""


class Kind(IntEnum):
    RECALL = 1
    REMEMBER = 2
    FOUND = 3
    DONE = 4


class Frame(NamedTuple):
    kind: int
    strings: list[bytes]


def packed(kind: Kind, strings: Sequence[bytes]) -> bytes:
    """A frame. Raises ValueError if it would be larger than the other side reads."""
    length = 1 + sum(LENGTH.size + len(string) for string in strings)
    if length > LARGEST_FRAME:
        raise ValueError("larger than a frame may be")
    parts = [HEAD.pack(length, kind)]
    for string in strings:
        parts += (LENGTH.pack(len(string)), string)
    return b"".join(parts)


class Frames:
    """Frames out of what the network brings, however it is cut."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Raises Garbage."""
        self._buffer += data
        while len(self._buffer) >= HEAD.size:
            length, kind = HEAD.unpack_from(self._buffer)
            if not 1 <= length <= LARGEST_FRAME:
                raise Garbage
            end = LENGTH.size + length
            if len(self._buffer) < end:
                return
            body = bytes(memoryview(self._buffer)[HEAD.size : end])
            del self._buffer[:end]
            yield Frame(kind, list(strings(body)))


def strings(body: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(body):
        if len(body) - start < LENGTH.size:
            raise Garbage
        (length,) = LENGTH.unpack_from(body, start)
        start += LENGTH.size
        if len(body) - start < length:
            raise Garbage
        yield body[start : start + length]
        start += length


def found(values: Sequence[bytes | None]) -> bytes:
    """The answer to a RECALL. A value under several names goes once; what the frame cannot hold is a miss."""
    places: list[int] = []
    distinct: dict[int, int] = {}  # the identity of a value -> where it stands
    sent: list[bytes] = []
    room = LARGEST_FRAME - HEAD.size - LENGTH.size * (1 + len(values))
    for value in values:
        if value is not None and id(value) not in distinct and LENGTH.size + len(value) <= room:
            distinct[id(value)] = len(sent)
            sent.append(value)
            room -= LENGTH.size + len(value)
        places.append(NOWHERE if value is None else distinct.get(id(value), NOWHERE))
    return packed(Kind.FOUND, [Struct(f">{len(places)}I").pack(*places), *sent])


def values(strings: Sequence[bytes]) -> list[bytes | None]:
    """What a FOUND frame says: one value for each name. Raises Garbage."""
    if not strings or len(strings[0]) % LENGTH.size:
        raise Garbage
    places, sent = strings[0], strings[1:]
    try:
        return [None if place == NOWHERE else sent[place] for (place,) in LENGTH.iter_unpack(places)]
    except IndexError:
        raise Garbage from None
