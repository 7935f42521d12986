"""Settings of any dataclass: read from a file and the environment, checked by the fields' types, written.

A dataclass is a table of the file and a prefix in the environment; a mapping is a table with keys of the
user's, which in the environment is a JSON object.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import orjson

from translators.constraints import Range
from translators.shapes import in_range


class InvalidSetting(Exception):
    """A setting that cannot be used; the message names it and where it came from."""


LONE = "one may stand alone"
"""Marks a list of which the file may give a single string."""

FLAG = bool | None


def environ_path(environ: Mapping[str, str]) -> Path | None:
    """The file that OUTCROP_CONFIG names, else outcrop.toml in the current folder, if it is there."""
    if path := environ.get("OUTCROP_CONFIG"):
        return Path(path)
    default = Path("outcrop.toml")
    return default if default.exists() else None


def read_file(path: Path | None) -> dict[str, Any]:
    """The file's tables; empty without a path. Raises InvalidSetting where it is not TOML."""
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise InvalidSetting(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise InvalidSetting(f"{path}: {error}") from error


def overlay(values: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Puts these values in, table by table, in place of what is there."""
    for name, value in over.items():
        if not isinstance(value, dict):
            values[name] = value
        elif isinstance(table := values.setdefault(name, {}), dict):  # what is none, `build` refuses
            overlay(table, value)


def from_environ(kind: type, environ: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """What the environment sets, nested as in the file. An empty variable counts as absent.

    Raises InvalidSetting, which names the variable.
    """
    values: dict[str, Any] = {}
    marked = get_type_hints(kind, include_extras=True)
    for name, hint in get_type_hints(kind).items():
        variable = prefix + name.upper()
        if is_dataclass(hint) and isinstance(hint, type):
            values[name] = from_environ(hint, environ, variable + "_")
        elif text := environ.get(variable):
            values[name] = parse(hint, text, variable)
            build_value(marked[name], values[name], variable)  # wrong here, it is told by the variable's name
    return values


def to_environ(settings: Any, prefix: str = "OUTCROP_") -> dict[str, str]:
    """The variables from which `load` would read these settings: how they reach another process."""
    variables: dict[str, str] = {}
    for each in fields(settings):
        value = getattr(settings, each.name)
        variable = prefix + each.name.upper()
        if is_dataclass(value):
            variables |= to_environ(value, variable + "_")
        else:
            variables[variable] = written(value)
    return variables


def written(value: Any) -> str:
    """As `parse` reads it."""
    match value:
        case None:
            return ""
        case tuple() | frozenset():
            return ",".join(sorted(value) if isinstance(value, frozenset) else value)
        case dict():
            return orjson.dumps(value).decode()
    return str(value)


def parse(hint: Any, text: str, variable: str) -> Any:
    """A variable's text as a value of this type, as the file would have it. Raises InvalidSetting."""
    if hint is str or get_origin(hint) is Literal:
        return text
    if hint in (bool, FLAG):
        return boolean(text, variable)
    if hint == tuple[str, ...] or get_origin(hint) is frozenset:
        return parted(text)
    if get_origin(hint) is Mapping:
        return json_object(text, variable)
    try:
        return hint(text)
    except ValueError:
        raise InvalidSetting(f"{variable}: expected {WORDS[hint]}, got {text!r}") from None


def parted(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def json_object(text: str, variable: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise InvalidSetting(f"{variable}: expected a JSON object")
    return value


def boolean(text: str, variable: str) -> bool:
    if text.lower() not in BOOLEANS:
        raise InvalidSetting(f"{variable}: expected true or false, got {text!r}")
    return BOOLEANS[text.lower()]


def build(kind: type[Any], values: Mapping[str, Any], path: str) -> Any:
    """An instance of this dataclass. Raises InvalidSetting, with the path of what is wrong below `path`."""
    hints = get_type_hints(kind, include_extras=True)
    for name in values:
        if name not in hints:
            raise InvalidSetting(f"{path}{name}: no such setting{suggestion(name, hints)}")
    return kind(
        **{
            each.name: build_value(hints[each.name], values[each.name], path + each.name)
            for each in fields(kind)
            if each.name in values
        }
    )


def suggestion(name: str, known: Iterable[str]) -> str:
    """
    >>> suggestion("prot", ["port", "host"]), suggestion("x", ["port", "host"])
    ('; did you mean port?', '; known: port, host')
    """
    known = list(known)
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known: {', '.join(known)}"


def build_value(hint: Any, value: Any, path: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return build(hint, table(value, path), path + ".")
    if get_origin(hint) is Annotated:
        kind, mark = get_args(hint)
        return build_marked(kind, mark, value, path)
    if get_origin(hint) is Mapping:
        _, kind = get_args(hint)
        return {name: build_value(kind, each, f"{path}.{name}") for name, each in table(value, path).items()}
    if get_origin(hint) is Literal:
        return choice(value, get_args(hint), path)
    if get_origin(hint) is frozenset:  # of names for which neither capitals nor blanks count
        found = frozenset(name.lower() for name in names(value, path, strict=False))
        return some_of(found, get_args(get_args(hint)[0]), path)
    if hint == tuple[str, ...]:
        return names(value, path)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is hint or (hint == FLAG and (value is None or type(value) is bool)):
        return value
    # Where strings are expected there may be keys, and they stay untold.
    got = "" if hint is str else f", got {value!r}"
    raise InvalidSetting(f"{path}: expected {WORDS[hint]}{got}")


def build_marked(kind: Any, mark: Any, value: Any, path: str) -> Any:
    if mark == LONE:
        return build_value(kind, parted(value) if isinstance(value, str) else value, path)
    return within(build_value(kind, value, path), mark, path)


def table(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidSetting(f"{path}: expected a table")
    return value


def within(number: float, range_: Range, path: str) -> float:
    least, most = range_
    # Written so that NaN is outside.
    if (least is None or number >= least) and (most is None or number <= most):
        return number
    raise InvalidSetting(f"{path}: expected {in_range(range_)}, got {number}")


def choice(value: Any, options: tuple[str, ...], path: str) -> str:
    if value in options:
        return str(value)
    raise InvalidSetting(f"{path}: expected one of {', '.join(filter(None, options))}, got {value!r}")


def some_of(found: frozenset[str], options: tuple[str, ...], path: str) -> frozenset[str]:
    if options and (unknown := found.difference(options)):
        raise InvalidSetting(f"{path}: expected some of {', '.join(options)}, got {min(unknown)!r}")
    return found


def names(values: Any, path: str, *, strict: bool = True) -> tuple[str, ...]:
    """Several keys or hosts. They travel between processes parted by commas, so none may hold one."""
    if isinstance(values, str) and not strict:
        values = parted(values)
    if not isinstance(values, list | tuple | frozenset):
        raise InvalidSetting(f"{path}: expected a list of strings")
    for value in values:
        if type(value) is not str or "," in value or (strict and (not value or value != value.strip())):
            raise InvalidSetting(
                f"{path}: expected strings without commas or outer blanks, none of them empty"
            )
    return tuple(value.strip() for value in values if value.strip())


BOOLEANS = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}

WORDS: dict[Any, str] = {
    bool: "true or false",
    FLAG: "true or false",
    str: "a string",
    int: "an integer",
    float: "a number",
}
