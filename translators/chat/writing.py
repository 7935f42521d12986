"""A Converse request of megabytes, written in pieces: within one call of orjson nothing else runs.

    {"messages":[    {...},{...},{...}    ,{"role":"user","content":[{"text":"    It was a dark    and stormy

What there may be much of is parted: the messages, what is in a long one, and a long text in there. Each piece
is written as deep as it stands, for orjson writes about 250 levels.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from translators.chat.cuts import Pieces
from translators.chat.json_text import write
from translators.converse import ConverseRequest

# Characters: they take one or two milliseconds.
PIECE = 1024 * 1024

# Pieces that are written in one call after all: to see how long messages are takes as long as to write them.
FEW = 6

# Of what is no text, with what is around it.
SHORT = 40

# Bytes that are put together with others: to copy more costs more than a piece of its own.
COPIED = 16 * 1024

Piece = bytes | memoryview


def written(
    request: ConverseRequest, size: int, param: str, *, whole: str = "", piece: int = PIECE
) -> Pieces:
    """As `json_text.write` does. `size` is about how many bytes; a text with `whole` in it is not parted."""
    if size <= FEW * piece:
        return [write(request, param)]
    return list(joined(Writer(param, whole, piece).members(request, 0)))


class Writer:
    def __init__(self, param: str, whole: str, piece: int) -> None:
        self._param = param
        self._whole = whole
        self._piece = piece

    def members(self, value: Mapping[str, Any], depth: int) -> Iterator[Piece]:
        """Of the request, a message, a block or what a tool gave, which stands so many levels deep."""
        before = b"{"
        for name, each in value.items():
            yield b'%s"%s":' % (before, name.encode())
            match name, each:
                case "messages" | "system" | "content", list():
                    yield from self._elements(each, depth + 1)
                case "toolResult", dict():
                    yield from self.members(each, depth + 1)
                case "text", str() if not (self._whole and self._whole in each):
                    yield from self._text(each)
                case _:
                    yield self._write(each, depth + 1)
            before = b","
        yield b"}"

    def _elements(self, values: list[Any], depth: int) -> Iterator[Piece]:
        """One call for as many as make a piece."""
        yield b"["
        between = b""
        for group, size in grouped(values, self._piece):
            yield between
            if size > self._piece:
                yield from self.members(group[0], depth + 1)
            else:
                yield self._write(group, depth)[1:-1]
            between = b","
        yield b"]"

    def _text(self, text: str) -> Iterator[Piece]:
        yield b'"'
        for start in range(0, len(text), self._piece):
            yield self._write(text[start : start + self._piece], 0)[1:-1]
        yield b'"'

    def _write(self, value: Any, depth: int) -> Piece:
        for _ in range(depth):
            value = [value]
        json = memoryview(write(value, self._param))
        return json[depth : len(json) - depth]


def grouped(values: Iterable[Any], piece: int) -> Iterator[tuple[list[Any], int]]:
    """As many as make a piece, and their length; what is longer stands alone."""
    group: list[Any] = []
    size = 0
    for value in values:
        more = length(value)
        if group and size + more > piece:
            yield group, size
            group, size = [], 0
        group.append(value)
        size += more
    if group:
        yield group, size


def length(value: Any) -> int:
    """About how many characters."""
    kind = type(value)
    if kind is not dict and kind is not list:
        return len(value) if kind is str else SHORT
    size = SHORT
    for each in value.values() if kind is dict else value:
        size += len(each) if type(each) is str else length(each)  # a call less for most
    return size


def joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Fewer, where they are short."""
    held: list[Piece] = []
    for each in pieces:
        if len(each) < COPIED:
            held.append(each)
        else:
            yield b"".join(held)
            held = []
            yield each
    yield b"".join(held)
