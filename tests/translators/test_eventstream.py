"""The event stream, against AWS's own vectors and byte by byte."""

import json
from base64 import b64decode
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translators.eventstream import CRC, PRELUDE, CorruptFrame, Decoder, Frame, HeaderValue, encode

VECTORS = Path(__file__).parents[3] / "shared" / "recordings" / "smithy-eventstream-vectors"
here_only = pytest.mark.skipif(not VECTORS.exists(), reason="the AWS vectors are not here")

HEADERS = {":event-type": "ping", ":content-type": "application/json", ":message-type": "event"}
STREAM = [
    Frame({}, b""),
    Frame(HEADERS, b'{"p":"abc"}'),
    Frame({":event-type": "größer"}, "…".encode() * 40),
    Frame(HEADERS, b""),
]
BYTES = b"".join(encode({k: str(v) for k, v in frame.headers.items()}, frame.payload) for frame in STREAM)


def decoded(*pieces: bytes) -> list[Frame]:
    decoder = Decoder()
    frames = [frame for piece in pieces for frame in decoder.feed(piece)]
    decoder.flush()
    return frames


def vectors(kind: str) -> list[Any]:
    paths = sorted((VECTORS / "decoded" / kind).glob("*"))
    return [pytest.param(path, id=path.name) for path in paths]


def encoded(path: Path) -> bytes:
    return (VECTORS / "encoded" / path.parent.name / path.name).read_bytes()


@here_only
@pytest.mark.parametrize("path", vectors("positive"))
def test_awss_valid_vectors_decode_to_what_aws_says(path: Path) -> None:
    expected = json.loads(path.read_text())
    (frame,) = decoded(encoded(path))
    assert frame.payload == b64decode(expected["payload"])
    assert {name: _plain(value) for name, value in frame.headers.items()} == {
        header["name"]: _vector_value(header) for header in expected["headers"]
    }


@here_only
@pytest.mark.parametrize("path", vectors("negative"))
def test_awss_damaged_vectors_are_refused(path: Path) -> None:
    with pytest.raises(CorruptFrame, match="prelude" if "Prelude" in path.read_text() else "of a frame does"):
        decoded(encoded(path))


@here_only
def test_there_are_nine_vectors() -> None:
    assert len(vectors("positive")) + len(vectors("negative")) == 9


def _vector_value(header: dict[str, Any]) -> Any:
    """The vectors write text, bytes and UUIDs in base64, a time in milliseconds."""
    return b64decode(header["value"]) if header["type"] in (6, 7, 9) else header["value"]


def _plain(value: HeaderValue) -> Any:
    match value:
        case str():
            return value.encode()
        case UUID():
            return value.bytes
        case datetime():
            return round(value.timestamp() * 1000)
        case _:
            return value


# Pieces


@pytest.mark.parametrize("size", [1, 2, 3, 5, 11, 12, 13, 16, 64, 1000])
def test_a_stream_may_be_cut_into_pieces_of_any_size(size: int) -> None:
    assert decoded(*(BYTES[start : start + size] for start in range(0, len(BYTES), size))) == STREAM


def test_a_stream_may_be_cut_anywhere() -> None:
    for cut in range(len(BYTES) + 1):
        assert decoded(BYTES[:cut], BYTES[cut:]) == STREAM, cut


@given(st.lists(st.integers(0, len(BYTES)), max_size=12).map(sorted))
def test_a_stream_may_be_cut_anywhere_and_often(cuts: list[int]) -> None:
    edges = [0, *cuts, len(BYTES)]
    assert decoded(*(BYTES[a:b] for a, b in pairwise(edges))) == STREAM


def test_a_frame_comes_out_with_its_last_byte() -> None:
    decoder, frame = Decoder(), encode(HEADERS, b"{}")
    assert [len(decoder.feed(bytes([byte]))) for byte in frame] == [0] * (len(frame) - 1) + [1]


@given(
    st.lists(st.tuples(st.dictionaries(st.text(max_size=60), st.text(max_size=60), max_size=4), st.binary()))
)
def test_what_is_encoded_is_decoded(frames: list[tuple[dict[str, str], bytes]]) -> None:
    data = b"".join(encode(headers, payload) for headers, payload in frames)
    assert [(dict(frame.headers), frame.payload) for frame in decoded(data)] == frames


# Damage


def test_a_flipped_bit_anywhere_is_noticed() -> None:
    frame = encode(HEADERS, b'{"p":"abc"}')
    for place in range(len(frame)):
        damaged = frame[:place] + bytes([frame[place] ^ 0x10]) + frame[place + 1 :]
        with pytest.raises(CorruptFrame):
            decoded(damaged)


def test_what_stands_before_the_damage_is_given_first() -> None:
    decoder, good = Decoder(), encode(HEADERS, b"{}")
    bad = good[:-1] + bytes([good[-1] ^ 1])
    assert len(decoder.feed(good + good + bad + good)) == 2
    with pytest.raises(CorruptFrame, match="checksum"):
        decoder.feed(good)
    with pytest.raises(CorruptFrame):
        decoder.flush()


def test_an_end_inside_a_frame_is_noticed() -> None:
    ends = [0, *accumulate(map(_size, STREAM))]
    for end in set(range(len(BYTES))).difference(ends):
        decoder = Decoder()
        decoder.feed(BYTES[:end])
        left = end - max(edge for edge in ends if edge < end)
        with pytest.raises(CorruptFrame, match=f"ended {left} bytes into a frame"):
            decoder.flush()


def _size(frame: Frame) -> int:
    return len(encode({name: str(value) for name, value in frame.headers.items()}, frame.payload))


def prelude(total: int, headers: int) -> bytes:
    lengths = PRELUDE.pack(total, headers, 0)[:8]
    return lengths + CRC.pack(crc32(lengths))


@pytest.mark.parametrize(
    ("total", "headers"),
    [
        (0, 0),
        (15, 0),
        (2**32 - 1, 0),
        (100, 85),
        (100, 2**32 - 1),
        (2**31, 128 * 1024),
        (200_000, 130_000 + 2_000),
    ],
)
def test_absurd_lengths_are_refused_at_once(total: int, headers: int) -> None:
    with pytest.raises(CorruptFrame, match="is not possible"):
        Decoder().feed(prelude(total, headers))


# Headers


def framed(headers: bytes) -> bytes:
    message = prelude(16 + len(headers), len(headers)) + headers
    return message + CRC.pack(crc32(message))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"\x00", True),
        (b"\x01", False),
        (b"\x02\xff", -1),
        (b"\x03\x01\x00", 256),
        (b"\x04\xff\xff\xff\xfe", -2),
        (b"\x05" + (2**40).to_bytes(8, "big"), 2**40),
        (b"\x06\x00\x02\x00\xff", b"\x00\xff"),
        (b"\x07\x00\x03\xe2\x82\xac", "€"),
        (b"\x08" + (1_700_000_000_123).to_bytes(8, "big"), datetime(2023, 11, 14, 22, 13, 20, 123000, UTC)),
        (b"\x09" + bytes(range(16)), UUID(bytes=bytes(range(16)))),
    ],
)
def test_every_type_of_header_is_read(raw: bytes, value: HeaderValue) -> None:
    (frame,) = decoded(framed(b"\x01a" + raw + b"\x01b\x01"))
    assert frame.headers == {"a": value, "b": False}
    assert type(frame.headers["a"]) is type(value)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x05a",  # the name runs past the end
        b"\x01a",  # no type
        b"\x01a\x0a",  # no such type
        b"\x01a\x04\x00",  # too short an integer
        b"\x01a\x07\x00\x05abc",  # too short a string
        b"\x01a\x07\x00\x01\xff",  # not UTF-8
        b"\x01a\x09\x00",  # too short a UUID
        b"\x01a\x08" + b"\x7f" + b"\xff" * 7,  # a time after all times
    ],
)
def test_headers_that_cannot_be_read_are_refused(raw: bytes) -> None:
    with pytest.raises(CorruptFrame, match="headers cannot be read"):
        decoded(framed(raw))
