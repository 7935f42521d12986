"""JSON written and read on the way to Bedrock and back: what cannot be is the client's 400, with its path.

orjson's integers have 64 bits. A tool's arguments may hold longer ones, such as ids, which are kept exactly.
"""

import json
from typing import Any

import orjson

from translators.errors import invalid

# orjson writes about 250 levels.
SURELY_SHALLOW = 200
# What may be an integer of more than 64 bits, once every digit is a 0.
LONG = b"0" * 19
DIGITS = bytes(ord("0") if chr(byte).isdecimal() else ord(".") for byte in range(256))


def write(value: object, param: str) -> bytes:
    """Raises BadRequestError for what orjson reads but does not write: nesting deeper than about 250."""
    try:
        return written(value)
    except orjson.JSONEncodeError as error:
        raise invalid(param, f"it cannot be passed on: {error}") from None


def written(value: object) -> bytes:
    """Raises JSONEncodeError."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        if "64-bit" not in str(error):
            raise
        return written_with_long_integers(value)


def written_with_long_integers(value: object) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except (RecursionError, ValueError) as error:
        raise orjson.JSONEncodeError("recursion limit reached") from error


def in_order(value: object) -> bytes:
    """For a digest: the same for the same JSON, whatever the order of its members.

    >>> in_order({"b": 10**30, "a": 1})
    b'{"a": 1, "b": 1000000000000000000000000000000}'
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # integers of more than 64 bits, or too deep
        return json.dumps(value, sort_keys=True).encode()


def read_object(text: str) -> dict[str, Any] | None:
    """The JSON object that a client sends as text; None where it is no such thing, or could not be passed on.

    >>> read_object(""), read_object('{"city": "Bern"}'), read_object('{"city": ')
    ({}, {'city': 'Bern'}, None)
    >>> read_object('{"id": 12345678901234567890123}')
    {'id': 12345678901234567890123}
    """
    try:
        value = read(text) if text.strip() else {}
        if text.count("{") + text.count("[") > SURELY_SHALLOW:
            written([[[[[[[[[[value]]]]]]]]]])  # at least as deep as it will stand in a request
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return value if type(value) is dict else None


def read(text: str) -> Any:
    """Raises JSONDecodeError."""
    value = orjson.loads(text)
    return read_exactly(text) if has_long_integer(text.encode()) else value


def read_answer(body: bytes) -> Any:
    """Bedrock's, in which only a tool's input holds integers of any length. Raises JSONDecodeError."""
    value = orjson.loads(body)
    # Looking for digits takes longer than reading all of it.
    return read_exactly(body.decode()) if b'"toolUse"' in body and has_long_integer(body) else value


def has_long_integer(json: bytes) -> bool:
    """Or anything with as many digits. A pattern would take eight times as long: 15 ms for a megabyte."""
    return LONG in json.translate(DIGITS)


def read_exactly(text: str) -> Any:
    """What orjson has read before, so that it is JSON."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise orjson.JSONDecodeError(str(error), text, 0) from error
