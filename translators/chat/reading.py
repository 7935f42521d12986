"""A request of megabytes, read in pieces: within one call of orjson nothing else runs.

    {"messages":[{...},{...},{...}]}    is read as    {"messages":[{...},"(5f0c9a)",{...}]}    and    [{...}]
    "It was a dark and stormy night"    is read as    "It was (5f0c9a 0) night"    and    "a dark and stormy"

Where to part it is guessed, from the few bytes around a place, and proven by reading: both halves are JSON,
and the stand-in turns up where it belongs, only if what it stands for was a list of messages, or the inside
of a text. Whatever is not so is read in one call, which has the words, too, for what is wrong with it.
"""

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

import orjson

Json = bytes | bytearray

# Bytes, or characters: they take a few milliseconds.
PIECE = 1024 * 1024

# The keys with which messages begin; within a text their quotes would be escaped.
MESSAGE = re.compile(rb",\s*\{\s*\"(?:role|content)\"\s*:")

# What may stand before a place within a text, at which it cannot be parted: half of a pair of escapes.
HALF = re.compile(rb"\\u[dD][89abAB]")
BACKSLASH, ESCAPE = ord("\\"), len(rb"\uXXXX")
TRIES = 64


def read(json: Json, key: str, *, piece: int = PIECE) -> Any:
    """As `orjson.loads` does. Raises JSONDecodeError. `key` is what nobody can have written into it."""
    if len(json) <= 2 * piece:
        return orjson.loads(json)
    try:
        return messages_apart(json, key, piece)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return orjson.loads(json)


def messages_apart(json: Json, key: str, piece: int) -> Any:
    runs = list(pairwise(parting_commas(json, piece)))
    if not runs:
        return texts_apart(json, key, piece)
    stand_in = f"({key})"
    before, after = json[: runs[0][0] + 1], json[runs[-1][1] :]
    request = texts_apart(b'%s"%s"%s' % (before, stand_in.encode(), after), key, piece)
    messages = request["messages"]
    place = messages.index(stand_in)
    messages[place : place + 1] = [message for run in runs for message in messages_of(json, run, key, piece)]
    return request


def messages_of(json: Json, run: tuple[int, int], key: str, piece: int) -> list[Any]:
    """Those between two commas, read as deep as they stand: orjson goes no deeper than 1024 levels."""
    start, end = run
    [messages] = texts_apart(b"[[%s]]" % json[start + 1 : end], key, piece)
    found: list[Any] = messages
    return found


def parting_commas(json: Json, piece: int) -> Iterator[int]:
    """Those before messages, about a piece apart."""
    place = piece
    while place < len(json):
        if found := MESSAGE.search(json, place, place + piece):
            yield found.start()
            place = found.start()
        place += piece


def texts_apart(json: Json, key: str, piece: int) -> Any:
    texts: list[list[str]] = []
    kept: list[Json] = []
    done = 0
    for start, end in pairwise(parting_places(json, piece)):
        try:
            text = orjson.loads(b'"%s"' % json[start:end])
        except orjson.JSONDecodeError:
            continue  # there is more than a text
        if start == done:
            texts[-1].append(text)
        else:
            kept += [json[done:start], f"({key} {len(texts)})".encode()]
            texts.append([text])
        done = end
    if not texts:
        return orjson.loads(json)
    return put_back(orjson.loads(b"".join([*kept, json[done:]])), texts, key)


def parting_places(json: Json, piece: int) -> Iterator[int]:
    """Where a text, should there be one, is within neither a character nor an escape."""
    for place in range(piece, len(json), piece):
        tried = range(place, min(place + TRIES, len(json)))
        yield from islice((each for each in tried if can_part(json, each)), 1)


def can_part(json: Json, place: int) -> bool:
    before = json[place - ESCAPE : place]
    if json[place] & 0xC0 == 0x80:
        return False
    if BACKSLASH not in before:
        return True
    return json[place] == BACKSLASH != before[-1] and not HALF.match(before)


def put_back(value: Any, texts: list[list[str]], key: str) -> Any:
    """The value with texts in the place of their stand-ins. Raises ValueError where one has none."""
    stand_in = re.compile(rf"\({key} (\d+)\)")
    left = len(texts)

    def whole(value: Any) -> Any:
        nonlocal left
        match value:
            case str() if key in value:
                words, *rest = stand_in.split(value)
                left -= len(rest) // 2
                for number, more in zip(rest[::2], rest[1::2], strict=True):
                    for piece in [*texts[int(number)], more]:
                        words += piece  # grows in place; to join them all would be one call
                return words
            case dict():
                for name, each in value.items():
                    value[name] = whole(each)
            case list():
                value[:] = map(whole, value)
        return value

    found = whole(value)
    if left:
        raise ValueError("A text stood where none is put back")
    return found
