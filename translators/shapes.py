"""The door: client JSON is checked once against a TypedDict, so that all after it may trust the types.

Knows exactly the annotations that `translators.openai` and its like use: TypedDict, Literal, list, dict,
unions, numbers with a Range, the JSON scalars, and Any for what is not looked at here. Keys that a shape does
not mention are allowed, because OpenAI's clients learn new ones before proxies do; except where it is Closed.

    >>> from translators.openai.parts import TextPart
    >>> conform({"type": "text", "text": 7}, TextPart)
    Traceback (most recent call last):
    translators.errors.BadRequestError: Invalid 'text': expected a string, got an integer.
"""

from collections.abc import Callable, Iterable
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import orjson

from translators.constraints import Closed, Range
from translators.errors import BadRequestError, invalid, invalid_json, missing

Shape = TypeVar("Shape")
Path = tuple[()] | tuple["Path", str | int]
"""Where a value is: where what holds it is, and its name or number there. `at` spells it for an error."""
Check = Callable[[Any, Path], None]
"""Raises BadRequestError if the value at this path is not what it should be."""

JSON_NAMES: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
    NoneType: "null",
}


def parse(
    data: bytes | bytearray, shape: type[Shape], loads: Callable[[bytes | bytearray], Any] = orjson.loads
) -> Shape:
    """A request's body as that shape; raises BadRequestError where it is not JSON, or not that shape."""
    try:
        value = loads(data)
    except orjson.JSONDecodeError as error:
        raise invalid_json(str(error)) from None
    return conform(value, shape)


def conform(value: object, shape: type[Shape]) -> Shape:
    """The value as that shape; raises BadRequestError naming the first field that is not."""
    check = compile_check(cast(Any, shape))  # mypy takes a type for unhashable
    check(value, ())
    return cast(Shape, value)  # as has just been checked


@cache
def compile_check(shape: Any) -> Check:
    """What checks a value against one annotation, made once for each. Any, for a union is no type."""
    if shape is Any:
        return unchecked
    origin, args = get_origin(shape), get_args(shape)
    if is_typeddict(shape):
        return object_check(shape)
    if origin is list:
        return array_check(args[0])
    if origin is Literal:
        return literal_check(args)
    if origin is dict and args[1] is not Any:
        return mapping_check(args[1])
    if origin is Annotated and args[1] is Closed:
        return object_check(args[0], closed=True)
    if origin is Annotated:
        return range_check(compile_check(args[0]), args[1])
    if origin in (Union, UnionType):
        return union_check(args)
    return scalar_check(origin or shape)


def unchecked(value: Any, path: Path) -> None:
    """Of what a client may send as it likes."""


def scalar_check(kind: type) -> Check:
    allowed = (int, float) if kind is float else (kind,)

    def check(value: Any, path: Path) -> None:
        if type(value) not in allowed:
            raise mismatch(path, JSON_NAMES[kind], value)

    return check


def literal_check(options: tuple[str, ...]) -> Check:
    def check(value: Any, path: Path) -> None:
        if type(value) is not str:
            raise mismatch(path, "a string", value)
        if value not in options:
            raise wrong_value(path, one_of(options), value)

    return check


def range_check(check_number: Check, range_: Range) -> Check:
    least = float("-inf") if range_.least is None else range_.least
    most = float("inf") if range_.most is None else range_.most

    def check(value: Any, path: Path) -> None:
        check_number(value, path)
        if not least <= value <= most:
            raise wrong_value(path, in_range(range_), value)

    return check


def array_check(item: Any) -> Check:
    check_item = compile_check(item)

    def check(value: Any, path: Path) -> None:
        if type(value) is not list:
            raise mismatch(path, "an array", value)
        for index, element in enumerate(value):
            check_item(element, (path, index))

    return check


def mapping_check(item: Any) -> Check:
    check_item = compile_check(item)

    def check(value: Any, path: Path) -> None:
        if type(value) is not dict:
            raise mismatch(path, "an object", value)
        for name, element in value.items():
            check_item(element, (path, name))

    return check


def object_check(shape: Any, *, closed: bool = False) -> Check:
    hints = {name: strip(hint) for name, hint in get_type_hints(shape, include_extras=True).items()}
    fields = {name: compile_check(hint) for name, hint in hints.items()}
    texts = {name for name, hint in hints.items() if takes_any_text(hint)}
    required = [name for name in hints if name in shape.__required_keys__]

    def check(value: Any, path: Path) -> None:
        if type(value) is not dict:
            raise mismatch(path, "an object", value)
        for name, element in value.items():  # it has fewer fields than the shape
            if type(element) is str and name in texts:
                continue  # most are such: a call for each would take half of the time
            if check_field := fields.get(name):
                check_field(element, (path, name))
        for name in required:
            if name not in value:
                raise missing(at((path, name)))

    def check_closed(value: Any, path: Path) -> None:
        check(value, path)
        for name in value:
            if name not in hints:
                raise unknown(at((path, name)), hints)

    return check_closed if closed else check


def takes_any_text(hint: Any) -> bool:
    members = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return str in members


def strip(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is NotRequired else hint


def union_check(members: tuple[Any, ...]) -> Check:
    """Choose the member by the value's JSON type; among objects, by their role or type tag."""
    objects = [member for member in members if is_typeddict(member)]
    checks = {kind: compile_check(member) for member in members for kind in json_types(member)}
    if len(objects) > 1:
        checks[dict] = tagged_check(objects)
    # An integer is a number: saying so too would only be longer.
    wanted = [JSON_NAMES[kind] for kind in checks if not (kind is int and float in checks)]

    def check(value: Any, path: Path) -> None:
        if type(value) not in checks:
            raise mismatch(path, " or ".join(wanted), value)
        checks[type(value)](value, path)

    return check


def tagged_check(objects: list[Any]) -> Check:
    """Where the tag may be left out, what has none is the first that allows that."""
    tag = "role" if "role" in objects[0].__annotations__ else "type"
    checks = {
        option: compile_check(shape) for shape in objects for option in get_args(get_type_hints(shape)[tag])
    }
    untagged = next((compile_check(shape) for shape in objects if tag not in shape.__required_keys__), None)

    def check(value: Any, path: Path) -> None:
        if tag not in value and untagged:
            untagged(value, path)
            return
        if tag not in value:
            raise missing(at((path, tag)))
        option = value[tag]
        if type(option) is not str:
            raise mismatch((path, tag), "a string", option)
        if option not in checks:
            raise wrong_value((path, tag), one_of(checks), option)
        checks[option](value, path)

    return check


def json_types(member: Any) -> tuple[type, ...]:
    """The types that orjson gives for a member's values: a number may be either of two."""
    if is_typeddict(member):
        return (dict,)
    if get_origin(member) is Literal:
        return (str,)
    if get_origin(member) is Annotated:
        return json_types(get_args(member)[0])
    kind: type = get_origin(member) or member
    return (int, float) if kind is float else (kind,)


def at(path: Path) -> str:
    """
    >>> at(((((), "messages"), 2), "content"))
    'messages[2].content'
    """
    if not path:
        return ""
    within, name = path
    if isinstance(name, int):
        return f"{at(within)}[{name}]"
    return f"{at(within)}.{name}" if within else name


def one_of(options: Any) -> str:
    return "one of " + ", ".join(map(repr, options))


def in_range(range_: Range) -> str:
    least, most = range_
    if most is None:
        return f"at least {least}"
    return f"between {least} and {most}"


def unknown(path: str, known: Iterable[str]) -> BadRequestError:
    shown = path if len(path) < 100 else f"{path[:100]}..."
    return BadRequestError(
        f"Unknown parameter: '{shown}'. Known here: {', '.join(known)}.",
        param=shown,
        code="unsupported_parameter",
    )


def mismatch(path: Path, wanted: str, value: object) -> BadRequestError:
    return BadRequestError(
        f"Invalid '{at(path) or 'body'}': expected {wanted}, got {JSON_NAMES[type(value)]}.",
        param=at(path) or None,
        code="invalid_type",
    )


def wrong_value(path: Path, wanted: str, value: object) -> BadRequestError:
    """A short value is quoted; a long one could be a prompt."""
    got = repr(value) if len(repr(value)) < 40 else JSON_NAMES[type(value)]
    return invalid(at(path), f"expected {wanted}, got {got}")
