"""Long base64 that is cut out of a request's JSON before it is read, and put back into what is written.

    {"url": "data:image/png;base64,iVBORw0K..."}  ->  {"url": "data:image/png;base64,(cut 5f0c9a 0 4194304)"}

A picture is megabytes of which nobody needs to know more than the first bytes. With them in it JSON is
copied when it is read and again when it is written, and meanwhile nothing else runs. So they stay in the body
that the client sent, and go to Bedrock from there.

Cut is what Bedrock takes as it is. All else stays, for `data_urls` to mend or to refuse.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from translators.chat.data_urls import DATA_URL, LONGEST_PREFIX, Data, foreign

Pieces = list[bytes | memoryview]

# Bytes; what is shorter is read and written in no time.
LEAST = 16 * 1024

# The fields in which `media` looks for data, and so for stand-ins.
FIELDS = (b'"url"', b'"file_data"', b'"image_url"', b'"video_url"', b'"data"')
WHITE = b" \t\r\n"


class Cuts(NamedTuple):
    key: str
    """In each stand-in; nobody can guess it, and so nobody but `cut` can write one."""
    held: Mapping[str, memoryview]
    """By stand-in."""
    left: int
    """How many bytes of JSON are left."""

    def data(self, text: str) -> Data | None:
        """What a data URL with a stand-in holds; None for any other text."""
        if not self.held or not (prefix := DATA_URL.match(text, 0, LONGEST_PREFIX)):
            return None
        stand_in = text[prefix.end() :]
        found = self.held.get(stand_in)
        return Data(prefix[1].strip().lower(), found, stand_in) if found is not None else None

    def pasted(self, jsons: Iterable[bytes | memoryview]) -> Pieces:
        """The JSON, with what was cut in the place of the stand-ins."""
        if not self.held:
            return [*jsons]
        stand_in = re.compile(rb"\(cut %s \d+ \d+\)" % self.key.encode())
        pieces: Pieces = []
        for json in jsons:
            end = 0
            for match in stand_in.finditer(json):
                pieces += [json[end : match.start()], self.held[match[0].decode()]]
                end = match.end()
            pieces.append(json[end:])
        return pieces

    def restored(self, text: str) -> str:
        """Text that has more done to it than to be passed on, as the client sent it."""
        return b"".join(self.pasted([text.encode()])).decode() if self.held else text


NO_CUTS = Cuts("", MappingProxyType({}), 0)


def cut(body: bytes | bytearray, key: str, *, least: int = LEAST) -> tuple[bytes | bytearray, Cuts]:
    """The body without long base64, and what was cut; `least` is in bytes."""
    held: dict[str, memoryview] = {}
    kept: Pieces = []
    view, done = memoryview(body), 0
    for start, end in long_strings(body, least):
        first = body.find(b",", start, start + LONGEST_PREFIX) + 1
        if least <= end - first < end and is_cut(body, start, first, view[first:end]):
            stand_in = f"(cut {key} {len(held)} {end - first})"
            held[stand_in] = view[first:end]
            kept += [view[done:first], stand_in.encode()]
            done = end
    if not held:
        return body, Cuts(key, NO_CUTS.held, len(body))
    rest = b"".join([*kept, view[done:]])
    if len(rest) > len(body) / 2:  # not worth keeping all of the body for
        held = {stand_in: memoryview(bytes(data)) for stand_in, data in held.items()}
    return rest, Cuts(key, held, len(rest))


def long_strings(body: bytes | bytearray, least: int) -> Iterator[tuple[int, int]]:
    """The places of two quotes that have so many bytes between them, or half as many.

    Whatever is so long lies across a multiple of half its length: only there is looked, which in a text
    without long strings is hardly any work.
    """
    step = max(1, least // 2)
    place = 0
    while (end := body.find(b'"', place)) >= 0:
        if end - place >= step:
            yield body.rfind(b'"', max(0, place - step - 1), place), end
            place = end
        place += step


def is_cut(body: bytes | bytearray, start: int, first: int, data: memoryview) -> bool:
    """Whether it is a data URL in a field as media have it, and its data base64 without anything to mend."""
    before = body[max(0, start - 64) : start].rstrip(WHITE)
    if not before.endswith(b":") or not before[:-1].rstrip(WHITE).endswith(FIELDS):
        return False
    beginning = body[start:first]
    if not beginning.startswith(b'"data:') or not beginning.endswith(b";base64,") or b"\\" in beginning:
        return False
    last = bytes(data[-3:])
    padding = len(last) - len(last.rstrip(b"="))
    return len(data) % 4 == 0 and padding < 3 and not foreign(data[: len(data) - padding])


def characters(base64: str) -> int:
    """How long it is, or what it stands for."""
    return int(base64[:-1].rpartition(" ")[2]) if base64.startswith("(") else len(base64)
