"""The fields of a script's JSON, each read by the kind it has to be; an error names the path of the field."""

import re
from collections.abc import Callable, Mapping
from math import inf
from typing import Any

import orjson

Reader = Callable[[object, str], Any]
"""A value and its path in, what the rule holds out."""


class ScriptError(ValueError):
    """The script cannot be used; `path` is the field that says why."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path


def record(
    value: object, path: str, fields: Mapping[str, Reader], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    members = an_object(value, path)
    prefix = f"{path}." if path else ""
    for name in required:
        if name not in members:
            raise ScriptError(f"{prefix}{name}", "is required")
    for name in members:
        if name not in fields:
            raise ScriptError(f"{prefix}{name}", f"is not known here; known are {', '.join(fields)}")
    return {name: fields[name](item, f"{prefix}{name}") for name, item in members.items()}


def an_object(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(path, "an object", value) if path else ScriptError("", "The script must be an object.")
    return value


def a_list(item: Reader) -> Reader:
    def read(value: object, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise wrong(path, "a list", value)
        return [item(element, f"{path}[{index}]") for index, element in enumerate(value)]

    return read


def text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise wrong(path, "a string", value)
    return value


def flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(path, "true or false", value)
    return value


def whole_number(least: int, most: float = inf) -> Reader:
    span = f"{least} or more" if most == inf else f"{least} to {most}"

    def read(value: object, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise wrong(path, f"a whole number, {span}", value)
        return value

    return read


count = whole_number(0)


def seconds(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise wrong(path, "a number of seconds, 0 or more", value)
    return float(value)


HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # https://www.rfc-editor.org/rfc/rfc9110#name-tokens
HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]*")


def headers(value: object, path: str) -> dict[str, str]:
    members = an_object(value, path)
    for name, item in members.items():
        if not HEADER_NAME.fullmatch(name):
            raise ScriptError(f"{path}.{name}", "is not a header's name")
        if not HEADER_VALUE.fullmatch(text(item, f"{path}.{name}")):
            raise wrong(f"{path}.{name}", "a header's value", item)
    return members


def wrong(path: str, expected: str, value: object) -> ScriptError:
    shown = orjson.dumps(value).decode()
    return ScriptError(path, f"must be {expected}, not {shown if len(shown) <= 60 else shown[:57] + '...'}")
