"""application/vnd.amazon.eventstream: bytes to frames as they arrive, and frames to bytes.

    0            4               8             12                                       end-4   end
    | total length | headers length | prelude CRC | headers | payload                     | CRC    |

All integers are big-endian; both checksums are CRC-32. A header is a name (1-byte length), a type
byte and a value. https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from struct import Struct
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID
from zlib import crc32

HeaderValue = bool | int | bytes | str | datetime | UUID
Headers = Mapping[str, HeaderValue]

PRELUDE = Struct(">III")
CRC = Struct(">I")
MAX_PAYLOAD = 24 * 1024 * 1024  # what AWS's own codecs allow
MAX_HEADERS = 128 * 1024


class CorruptFrame(ValueError):
    """The bytes are not an event stream, or were damaged on the way."""


class Frame(NamedTuple):
    headers: Headers
    payload: bytes


class Decoder:
    """Frames out of a byte stream whose pieces end anywhere.

    >>> decoder = Decoder()
    >>> data = encode({":event-type": "ping"}, b"{}")
    >>> decoder.feed(data[:20])
    []
    >>> decoder.feed(data[20:])[0].payload
    b'{}'
    """

    def __init__(self) -> None:
        self._rest: bytes | bytearray = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Every frame that is whole now, in order.

        Raises CorruptFrame at damage. Frames that stand before it are given first: then the damaged
        one is still there, and the next call, or flush, raises.
        """
        if self._rest:
            self._rest = bytearray(self._rest) if isinstance(self._rest, bytes) else self._rest
            self._rest += data  # a large frame grows in place
        else:
            self._rest = data
        frames: list[Frame] = []
        start = 0
        try:
            while start < len(self._rest) and (found := frame_at(start, self._rest)):
                frame, start = found
                frames.append(frame)
        except CorruptFrame:
            if not frames:
                raise
        if start:
            self._rest = self._rest[start:]
        return frames

    def flush(self) -> None:
        """Call at the end of the stream. Raises CorruptFrame if it ended inside a frame."""
        if self._rest:
            raise CorruptFrame(f"The stream ended {len(self._rest)} bytes into a frame")


def frame_at(start: int, data: bytes | bytearray) -> tuple[Frame, int] | None:
    """The frame that begins here and where it ends, or None while it is not all there.

    The prelude is checked as soon as it is there: a damaged length must not make us wait for
    gigabytes that never come.
    """
    if len(data) - start < PRELUDE.size:
        return None
    total, headers, checksum = PRELUDE.unpack_from(data, start)
    if crc32(data[start : start + 8]) != checksum:
        raise CorruptFrame("The checksum of a frame's prelude does not match")
    if headers > MAX_HEADERS or not 16 + headers <= total <= 16 + headers + MAX_PAYLOAD:
        raise CorruptFrame(f"A frame of {total} bytes with {headers} bytes of headers is not possible")
    end = start + total
    if end > len(data):
        return None
    rest = bytes(data[start + 8 : end - 4])  # after what the prelude's checksum, its own first 4 bytes, is of
    if crc32(rest, checksum) != CRC.unpack_from(data, end - 4)[0]:
        raise CorruptFrame("The checksum of a frame does not match")
    return Frame(decode_headers(rest[4 : 4 + headers]), rest[4 + headers :]), end


# A stream repeats the same few headers on every frame.
@lru_cache(maxsize=256)
def decode_headers(data: bytes) -> Headers:
    headers: dict[str, HeaderValue] = {}
    position = 0
    try:
        while position < len(data):
            name, position = _short_string(data, position)
            headers[name], position = HEADER_TYPES[data[position]](data, position + 1)
    except (IndexError, KeyError, ValueError, OverflowError, OSError) as error:
        raise CorruptFrame(f"A frame's headers cannot be read: {error!r}") from error
    return MappingProxyType(headers)


def encode(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One frame; its headers are strings, as all of Bedrock's are."""
    head = b"".join(_encode_header(name, value) for name, value in headers.items())
    lengths = PRELUDE.pack(16 + len(head) + len(payload), len(head), 0)[:8]
    message = lengths + CRC.pack(crc32(lengths)) + head + payload
    return message + CRC.pack(crc32(message))


STRING = 7


def _encode_header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return bytes([len(key)]) + key + bytes([STRING]) + len(text).to_bytes(2, "big") + text


Reader = Callable[[bytes, int], tuple[HeaderValue, int]]
"""Reads a header's value at a position; gives it and the position after it."""


def _take(data: bytes, position: int, length: int) -> tuple[bytes, int]:
    value = data[position : position + length]
    if len(value) < length:
        raise ValueError("a value runs past the end")
    return value, position + length


def _short_string(data: bytes, position: int) -> tuple[str, int]:
    value, end = _take(data, position + 1, data[position])
    return value.decode(), end


def _constant(value: bool) -> Reader:
    return lambda _, position: (value, position)


def _integer(size: int) -> Reader:
    def read(data: bytes, position: int) -> tuple[HeaderValue, int]:
        value, end = _take(data, position, size)
        return int.from_bytes(value, "big", signed=True), end

    return read


def _bytes(data: bytes, position: int) -> tuple[bytes, int]:
    length, start = _take(data, position, 2)
    return _take(data, start, int.from_bytes(length, "big"))


def _string(data: bytes, position: int) -> tuple[HeaderValue, int]:
    value, end = _bytes(data, position)
    return value.decode(), end


def _timestamp(data: bytes, position: int) -> tuple[HeaderValue, int]:
    value, end = _take(data, position, 8)
    milliseconds = int.from_bytes(value, "big", signed=True)
    return datetime.fromtimestamp(milliseconds / 1000, UTC), end


def _uuid(data: bytes, position: int) -> tuple[HeaderValue, int]:
    value, end = _take(data, position, 16)
    return UUID(bytes=value), end


HEADER_TYPES: dict[int, Reader] = {
    0: _constant(True),
    1: _constant(False),
    2: _integer(1),
    3: _integer(2),
    4: _integer(4),
    5: _integer(8),
    6: _bytes,
    STRING: _string,
    8: _timestamp,
    9: _uuid,
}
