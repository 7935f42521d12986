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
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Every frame that is whole now, in order.

        Raises CorruptFrame at damage. Frames that stand before it are given first: then the damaged
        one is still there, and the next call, or flush, raises.
        """
        self._buffer += data
        frames: list[Frame] = []
        start = 0
        try:
            while (end := self._frame_end(start)) is not None:
                with memoryview(self._buffer) as view:
                    frames.append(decode(bytes(view[start:end])))
                start = end
        except CorruptFrame:
            if not frames:
                raise
        del self._buffer[:start]
        return frames

    def flush(self) -> None:
        """Call at the end of the stream. Raises CorruptFrame if it ended inside a frame."""
        if self._buffer:
            raise CorruptFrame(f"The stream ended {len(self._buffer)} bytes into a frame")

    def _frame_end(self, start: int) -> int | None:
        """Where the frame that begins here ends, or None while it is not all there.

        The prelude is checked as soon as it is there: a damaged length must not make us wait for
        gigabytes that never come.
        """
        if len(self._buffer) - start < PRELUDE.size:
            return None
        total, headers, checksum = PRELUDE.unpack_from(self._buffer, start)
        if crc32(self._buffer[start : start + 8]) != checksum:
            raise CorruptFrame("The checksum of a frame's prelude does not match")
        if headers > MAX_HEADERS or not 16 + headers <= total <= 16 + headers + MAX_PAYLOAD:
            raise CorruptFrame(f"A frame of {total} bytes with {headers} bytes of headers is not possible")
        end: int = start + total
        return end if end <= len(self._buffer) else None


def decode(frame: bytes) -> Frame:
    """One whole frame whose prelude was checked."""
    (checksum,) = CRC.unpack_from(frame, len(frame) - 4)
    if crc32(memoryview(frame)[:-4]) != checksum:
        raise CorruptFrame("The checksum of a frame does not match")
    headers_end = 12 + int.from_bytes(frame[4:8], "big")
    return Frame(decode_headers(frame[12:headers_end]), frame[headers_end:-4])


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
