"""A request against botocore's own service model, and everything in that model counts.

botocore itself checks only types, required members and minimums; enums, patterns and maximums are AWS's own.
The walk is compiled once per shape. Wrong JSON types end it at once, as they end AWS's deserializer; broken
constraints are collected and told together, in the words of AWS's service framework:
    2 validation errors detected: Value '' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy
    constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+; Value ...
Members of lists count from 1 there. What a conversation holds is not repeated. Unknown members are ignored.
https://smithy.io/2.0/spec/constraint-traits.html
"""

import re
from binascii import Error, a2b_base64
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from proxy.local import refusals

Problems = list[str]
Check = Callable[[Any, str, Problems], None]
"""Looks at the value at a path and adds what is wrong with it. Raises Refusal if the type is wrong."""

NOT_REPEATED = ("messages", "system", "requestMetadata", "promptVariables")

SEEN_ACCEPTED: dict[str, frozenset[str]] = {
    # Bedrock's own answers have carried it since 2025-11, and a client sends back what it got.
    "ToolUseType": frozenset({"tool_use"}),
    # Recorded with status 200: a client that sent the media type in place of the format.
    "VideoFormat": frozenset({"video/mp4"}),
}
"""Values outside the model's enums that AWS was seen to accept."""


UNION_KEYS = {
    # AWS's sentence is older than its model: audio, guardContent and the like are taken and not told.
    "ContentBlock": "text, image, toolUse, toolResult, document, video, cachePoint, reasoningContent, "
    "citationsContent, searchResult"
}

COUNTED_FROM_1 = re.compile(r"\.(\d+)\.member")


def check(service: str, operation: str, values: object) -> None:
    """Raise the Refusal that AWS's front end answers to these members of a request, if it does."""
    if type(values) is not dict:
        raise refusals.serialization()
    problems: Problems = []
    for name, member in _compile_members(service, operation).items():
        if values.get(name) is not None:
            member(values[name], name, problems)
    if problems:
        noun = "validation error" if len(problems) == 1 else "validation errors"
        raise refusals.validation(f"{len(problems)} {noun} detected: {'; '.join(problems)}")


@cache
def _compile_members(service: str, operation: str) -> dict[str, Check]:
    """By their names on the wire; what travels in the path is not among them."""
    shape = cast(StructureShape, service_model(service).operation_model(operation).input_shape)
    return {
        member.serialization.get("name", name): compile_check(member)
        for name, member in shape.members.items()
        if member.serialization.get("location") != "uri"
    }


@cache
def service_model(service: str) -> ServiceModel:
    """Read from botocore's data files: tens of milliseconds, once, and no client."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def compile_check(shape: Shape) -> Check:
    match shape:
        case StructureShape() if shape.is_document_type:
            return anything
        case StructureShape() if shape.is_tagged_union:
            return union_check(shape)
        case StructureShape():
            return structure_check(shape)
        case ListShape():
            return list_check(shape)
        case MapShape():
            return map_check(shape)
    return SCALARS[shape.type_name](shape)


def anything(value: Any, path: str, problems: Problems) -> None:
    """A document is any JSON."""


def structure_check(shape: StructureShape) -> Check:
    members = {name: compile_check(member) for name, member in shape.members.items()}
    required = tuple(shape.required_members)

    def check(value: Any, path: str, problems: Problems) -> None:
        if type(value) is not dict:
            raise refusals.serialization()
        for name in required:
            if value.get(name) is None:
                problems.append(failed(f"{path}.{name}", "Member must not be null", " null"))
        for name, item in value.items():
            if item is not None and name in members:
                members[name](item, f"{path}.{name}", problems)

    return check


def union_check(shape: StructureShape) -> Check:
    """Exactly one member. Two are more than the deserializer can hold; for none there are words."""
    structure = structure_check(shape)
    names = shape.members.keys()
    keys = UNION_KEYS.get(shape.name) or ", ".join(names)

    def check(value: Any, path: str, problems: Problems) -> None:
        structure(value, path, problems)
        members = sum(value.get(name) is not None for name in names & value.keys())
        if members > 1:
            raise refusals.serialization()
        if members == 0:
            place = COUNTED_FROM_1.sub(lambda number: f".{int(number[1]) - 1}", path)
            raise refusals.validation(
                f"{shape.name} object at {place} must set one of the following keys: {keys}."
            )

    return check


def list_check(shape: ListShape) -> Check:
    within = constraints(shape)
    if shape.member.type_name == "string" and constraints(shape.member):
        return strings_check(shape)
    member = compile_check(shape.member)

    def check(value: Any, path: str, problems: Problems) -> None:
        if type(value) is not list:
            raise refusals.serialization()
        for constraint, holds in within:
            if not holds(value):
                problems.append(failed(path, constraint, quoted(path, value)))
        for number, item in enumerate(value, 1):
            if item is None:
                problems.append(failed(f"{path}.{number}.member", "Member must not be null", " null"))
            else:
                member(item, f"{path}.{number}.member", problems)

    return check


def strings_check(shape: ListShape) -> Check:
    """A list of constrained strings is told as one value, with all that its members have to satisfy."""
    within, each = constraints(shape), constraints(shape.member)
    all_of_them = ", ".join(constraint for constraint, _ in each)

    def check(value: Any, path: str, problems: Problems) -> None:
        if type(value) is not list or not all(type(item) is str for item in value):
            raise refusals.serialization()
        for constraint, holds in within:
            if not holds(value):
                problems.append(failed(path, constraint, quoted(path, value)))
        if not all(holds(item) for item in value for _, holds in each):
            constraint = f"Member must satisfy constraint: [{all_of_them}]"
            problems.append(failed(path, constraint, quoted(path, value)))

    return check


def map_check(shape: MapShape) -> Check:
    within, keys, value_check = constraints(shape), constraints(shape.key), compile_check(shape.value)
    all_of_them = ", ".join(constraint for constraint, _ in keys)

    def check(value: Any, path: str, problems: Problems) -> None:
        if type(value) is not dict:
            raise refusals.serialization()
        for constraint, holds in within:
            if not holds(value):
                problems.append(failed(path, constraint, quoted(path, value)))
        if not all(holds(key) for key in value for _, holds in keys):
            problems.append(
                failed(path, f"Map keys must satisfy constraint: [{all_of_them}]", quoted(path, value))
            )
        for key, item in value.items():
            value_check(item, f"{path}.{key}", problems)

    return check


def string_check(shape: Shape) -> Check:
    within = constraints(shape)

    def check(value: Any, path: str, problems: Problems) -> None:
        if type(value) is not str:
            raise refusals.serialization()
        for constraint, holds in within:
            if not holds(value):
                problems.append(failed(path, constraint, quoted(path, value)))

    return check


def blob_check(shape: Shape) -> Check:
    """Base64, in the only alphabet and padding that AWS's decoder knows."""
    within = constraints(shape)

    def check(value: Any, path: str, problems: Problems) -> None:
        if type(value) is not str:
            raise refusals.serialization()
        try:
            data = a2b_base64(value.encode(), strict_mode=True)
        except (Error, UnicodeEncodeError):
            raise refusals.serialization() from None
        for constraint, holds in within:
            if not holds(data):
                problems.append(failed(path, constraint))

    return check


def number_check(shape: Shape) -> Check:
    """Whole numbers may be written 10.0; a fraction, a string or a boolean is a wrong type."""
    within = constraints(shape)
    whole = shape.type_name in ("integer", "long")

    def check(value: Any, path: str, problems: Problems) -> None:
        if type(value) not in (int, float) or (whole and value != int(value)):
            raise refusals.serialization()
        for constraint, holds in within:
            if not holds(value):
                told = int(value) if whole else float(value)
                problems.append(failed(path, constraint, quoted(path, told)))

    return check


def boolean_check(shape: Shape) -> Check:
    def check(value: Any, path: str, problems: Problems) -> None:
        if type(value) is not bool:
            raise refusals.serialization()

    return check


SCALARS: dict[str, Callable[[Shape], Check]] = {
    "string": string_check,
    "blob": blob_check,
    "integer": number_check,
    "long": number_check,
    "float": number_check,
    "double": number_check,
    "boolean": boolean_check,
    "timestamp": lambda _: anything,  # only queries have one, and none that we were sent yet
}

Constraint = tuple[str, Callable[[Any], bool]]
"""AWS's words for it, and whether a value holds to it."""


def constraints(shape: Shape) -> list[Constraint]:
    """In the order in which AWS was seen to tell them: too long, the pattern, too short."""
    of_number = shape.type_name in ("integer", "long", "float", "double")
    measure: Callable[[Any], Any] = (lambda value: value) if of_number else len
    noun = "value" if of_number else "length"
    found: list[Constraint] = []
    if (most := shape.metadata.get("max")) is not None:
        found.append((f"Member must have {noun} less than or equal to {most}", lambda v: measure(v) <= most))
    if (pattern := shape.metadata.get("pattern")) is not None:
        matches = re.compile(pattern).fullmatch
        found.append(
            (f"Member must satisfy regular expression pattern: {pattern}", lambda v: bool(matches(v)))
        )
    if (least := shape.metadata.get("min")) is not None:
        found.append(
            (f"Member must have {noun} greater than or equal to {least}", lambda v: measure(v) >= least)
        )
    if (enum := shape.metadata.get("enum")) is not None:
        accepted = SEEN_ACCEPTED.get(shape.name, frozenset()) | set(enum)
        found.append((f"Member must satisfy enum value set: [{', '.join(enum)}]", lambda v: v in accepted))
    return found


def failed(path: str, constraint: str, value: str = "") -> str:
    return f"Value{value} at '{path}' failed to satisfy constraint: {constraint}"


def quoted(path: str, value: object) -> str:
    """The value as AWS repeats it: Java's way of writing a list, and nothing at all of a conversation."""
    if path.startswith(NOT_REPEATED):
        return ""
    return f" '[{', '.join(map(str, value))}]'" if isinstance(value, list) else f" '{value}'"
