"""A value that is valid for a JSON schema: the arguments the local Bedrock calls a tool with.

It reads what tool schemas are made of: type, enum, const, default, examples, properties, required,
items, $ref into the schema itself, anyOf, oneOf, allOf, bounds of numbers, strings and arrays, formats,
and patterns as far as a usual text fits them.
https://json-schema.org/draft/2020-12/json-schema-validation
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any

JSON = Any
Schema = Mapping[str, Any]

FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "hostname": "example.com",
    "idn-email": "someone@example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.com/",
    "json-pointer": "/example",
    "regex": ".*",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/example",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
MAX_DEPTH = 6  # below it a schema that refers to itself is given only what it requires


def example(schema: JSON, words: Iterable[str] = ()) -> JSON:
    """`words` from the user's text go into the first plain strings.

    >>> example({"type": "object", "properties": {"city": {"type": "string"}}}, ["Paris"])
    {'city': 'Paris'}
    """
    return _Examples(schema, list(words)).value(schema, name="text")


class _Examples:
    """One schema's example: the root that $ref points into, and the words not used yet."""

    def __init__(self, root: JSON, words: list[str]) -> None:
        self._root = root
        self._words = words

    def value(self, schema: JSON, *, name: str, depth: int = 0, nth: int = 0) -> JSON:
        """`nth` differs for the items of one array, which may have to be unique."""
        schema = self._plain(schema, depth)
        if (given := _given(schema)) is not None:
            return given[nth % len(given)]
        match _type(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer" | "number" as kind:
                return _number(schema, kind, nth)
            case "boolean":
                return nth % 2 == 0
            case "null":
                return None
            case _:
                return self._string(schema, name, nth)

    def _plain(self, schema: JSON, depth: int) -> Schema:
        """The schema with its references followed and its alternatives chosen."""
        if not isinstance(schema, Mapping):
            return {}  # true: anything goes
        schema = _sound(schema)
        for _ in range(MAX_DEPTH * 4):
            rest: Schema = {key: value for key, value in schema.items() if key not in COMBINED}
            parts = self._parts(schema, depth)
            if not parts:
                break
            schema = reduce(_merged, parts, rest)
        plain: Schema = schema
        return plain

    def _parts(self, schema: Schema, depth: int) -> list[Schema]:
        parts = [_sound(self._referred(schema["$ref"]))] if "$ref" in schema else []
        parts += [_sound(part) for part in schema.get("allOf", []) if isinstance(part, Mapping)]
        for key in ("anyOf", "oneOf"):
            if alternatives := [_sound(part) for part in schema.get(key, []) if isinstance(part, Mapping)]:
                parts.append(self._chosen(alternatives, depth))
        return parts

    def _chosen(self, alternatives: list[Schema], depth: int) -> Schema:
        """The first that is not null; where a schema goes deep, the one that ends it."""
        if depth > MAX_DEPTH:
            return min(alternatives, key=lambda part: "$ref" in part or _type(part) in ("object", "array"))
        return next((part for part in alternatives if _type(part) != "null"), alternatives[0])

    def _referred(self, pointer: str) -> Schema:
        """https://www.rfc-editor.org/rfc/rfc6901; what is not in this schema cannot be read."""
        found = self._root
        for step in pointer.removeprefix("#").split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            found = found.get(step) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) and pointer.startswith("#") else {}

    def _object(self, schema: Schema, depth: int) -> dict[str, JSON]:
        properties: Mapping[str, JSON] = schema.get("properties") or {}
        names = list(schema.get("required") or [])
        if not names and depth < MAX_DEPTH:
            names = list(properties)
        spare = [name for name in properties if name not in names]
        spare += [f"key{number}" for number in range(1, 1 + schema.get("minProperties", 0))]
        names += spare[: max(0, schema.get("minProperties", 0) - len(names))]
        others = schema.get("additionalProperties", {})
        return {name: self.value(properties.get(name, others), name=name, depth=depth + 1) for name in names}

    def _array(self, schema: Schema, name: str, depth: int) -> list[JSON]:
        first = schema.get("prefixItems") or []
        wanted = max(schema.get("minItems", 0), len(first), 1 if depth < MAX_DEPTH else 0)
        count = min(wanted, schema.get("maxItems", wanted))
        shapes = [*first, *[schema.get("items", {})] * count][:count]
        return [
            self.value(shape, name=name, depth=depth + 1, nth=number) for number, shape in enumerate(shapes)
        ]

    def _string(self, schema: Schema, name: str, nth: int) -> str:
        if (sample := FORMATS.get(schema.get("format", ""))) is not None:
            return sample
        if "pattern" in schema:
            return _like(schema["pattern"], [*self._words, name]) + (str(nth + 1) if nth else "")
        text = self._words.pop(0) if self._words else name
        text += str(nth + 1) if nth else ""
        text = text.ljust(schema.get("minLength", 0), "x")
        return text[: schema.get("maxLength", len(text))]


def _like(pattern: str, words: list[str]) -> str:
    """A word that the pattern takes, or a usual text, or a run of one character: most patterns take one."""
    runs = [character * length for length in range(1, 65) for character in "a0A"]
    try:
        expression = re.compile(pattern)
    except re.error:  # ECMA 262 has some that Python has not
        return words[-1]
    return next((text for text in [*words, *FORMATS.values(), *runs] if expression.search(text)), words[-1])


COMBINED = ("$ref", "allOf", "anyOf", "oneOf")

# What each keyword that is read here may be.
KEYWORDS: Mapping[str, type | tuple[type, ...]] = {
    "type": (str, list),
    "properties": Mapping,
    **dict.fromkeys(("$ref", "format", "pattern"), str),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "enum", "examples", "prefixItems", "required"), list),
    **dict.fromkeys(("minProperties", "minItems", "maxItems", "minLength", "maxLength"), int),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), (int, float)
    ),
}


def _sound(schema: Schema) -> Schema:
    """Without what no schema may say: nobody checks a tool's schema before it comes here."""
    sound: dict[str, Any] = {
        key: value for key, value in schema.items() if isinstance(value, KEYWORDS.get(key, object))
    }
    if "required" in sound:
        sound["required"] = [name for name in sound["required"] if isinstance(name, str)]
    return sound


def _merged(one: Schema, two: Schema) -> Schema:
    """Both at once: properties and required add up, of anything else the narrower one wins."""
    merged = {**one, **two}
    if "properties" in one and "properties" in two:
        merged["properties"] = {**one["properties"], **two["properties"]}
    if "required" in one and "required" in two:
        merged["required"] = list(dict.fromkeys([*one["required"], *two["required"]]))
    return merged


def _given(schema: Schema) -> list[JSON] | None:
    """Values the schema itself names, those it prefers first."""
    if "const" in schema:
        return [schema["const"]]
    allowed = schema.get("enum")
    named = [schema["default"]] if "default" in schema else []
    named += schema["examples"] if isinstance(schema.get("examples"), list) else []
    good = [value for value in named if (value in allowed if allowed else _is(value, _type(schema)))]
    if allowed:
        return [*good, *(value for value in allowed if value not in good)]
    return good or None


TYPES: Mapping[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}


def _is(value: JSON, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES.get(kind, object))


def _type(schema: Schema) -> str:
    """The type said, or the one its keywords speak of."""
    said = schema.get("type")
    kinds = [said] if isinstance(said, str) else [kind for kind in said or [] if kind != "null"] or said
    if kinds:
        return str(kinds[0])
    if {"properties", "required", "additionalProperties", "minProperties"} & schema.keys():
        return "object"
    if {"items", "prefixItems", "minItems"} & schema.keys():
        return "array"
    if {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"} & schema.keys():
        return "number"
    return "string"


def _number(schema: Schema, kind: str, nth: int) -> float:
    """1 where it fits, else what lies next to a bound."""
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    over = _excluded(schema.get("exclusiveMinimum"), low, -math.inf)
    under = _excluded(schema.get("exclusiveMaximum"), high, math.inf)
    step = schema.get("multipleOf") or (1 if kind == "integer" else 0)
    fitting = (
        int(value) if float(value).is_integer() else value
        for value in _near(max(low, over), min(high, under), step)
        if low <= value <= high and over < value < under
        if not step or value % step == 0 or value / step == value // step
        if kind != "integer" or float(value).is_integer()
    )
    distinct = list(dict.fromkeys(fitting))
    return distinct[nth % len(distinct)] if distinct else 1


def _excluded(said: JSON, bound: float, none: float) -> float:
    """Draft 4 says true: the bound itself is excluded. Later drafts say the number."""
    if isinstance(said, bool) or said is None:
        return bound if said else none
    return float(said)


def _near(low: float, high: float, step: float) -> Iterator[float]:
    """The multiples of the step around 1, or around the bound next to it; without a step what is between."""
    start = min(max(1, low), high)
    if step:
        for distance in range(1000):
            yield (math.ceil(start / step) + distance) * step
            yield (math.floor(start / step) - distance) * step
    yield start
    span = high - low if math.isfinite(high - low) else 2
    for halves in range(50):
        yield start + span / 2**halves
        yield start - span / 2**halves
