"""A schema as Bedrock can hold a model to it: a part of JSON Schema, in which every object is closed.

What the part lacks, such as `maxItems`, is told in the description of what it is about. A schema that leaves
something open, such as an object of any keys, is not in that part at all.
https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from translators.chat import json_text
from translators.chat.adjustments import Adjustments

Schema = dict[str, Any]  # a JSON schema: any object

KEPT = {
    "type",
    "required",
    "description",
    "const",
    "$ref",
    "minLength",
    "maxLength",
}  # the last two as recorded
DROPPED = {"$schema", "$id", "$comment", "title", "additionalProperties"}
ANNOTATIONS = {"default", "examples", "deprecated", "readOnly", "writeOnly"}
OPEN = {"patternProperties", "prefixItems", "unevaluatedProperties", "dependentSchemas", "additionalItems"}
FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
TOLD = {"type", "anyOf", "oneOf", "allOf", "$ref", "enum", "const"}  # one of them says what a value is

# Of all schemas of a request together: "Too many strict tools (", "Schemas contains too many parameters with
# union types (", and optional parameters (strands-agents/harness-sdk#2664).
MOST_TOOLS = 20
MOST_OPTIONAL = 24
MOST_UNIONS = 16


class Strict(NamedTuple):
    schema: Schema
    in_words: tuple[str, ...]
    """The rules that have become words."""
    optional: int
    unions: int

    def tell(self, path: str, adjusted: Adjustments) -> None:
        if self.in_words:
            rules = " or ".join(self.in_words)
            adjusted.note(path, "repaired", f"Bedrock holds no model to {rules}: told in the description")


class Allowance:
    """How much of a request may be strict."""

    def __init__(self) -> None:
        self._left = (MOST_TOOLS, MOST_OPTIONAL, MOST_UNIONS)

    def takes(self, strict: Strict) -> bool:
        tools, optional, unions = self._left
        left = (tools - 1, optional - strict.optional, unions - strict.unions)
        if min(left) < 0:
            return False
        self._left = left
        return True


def strict_schema(schema: Schema, path: str) -> Strict | None:
    """None where Bedrock cannot hold a model to it. Raises BadRequestError for a schema that is too deep.

    >>> made = strict_schema({"type": "array", "items": {"type": "integer", "minimum": 1}}, "")
    >>> made and made.schema["items"]
    {'type': 'integer', 'description': '(minimum: 1)'}
    """
    json_text.write(schema, path)
    walk = Walk()
    made = walk.schema(schema)
    if walk.open or recursive(walk.references):
        return None
    return Strict(made, tuple(sorted(walk.in_words)), walk.optional, walk.unions)


class Walk:
    """Through one schema; remembers what it met."""

    def __init__(self) -> None:
        self.open = False
        self.in_words: set[str] = set()
        self.optional = 0
        self.unions = 0
        self.references: dict[str, set[str]] = {}
        """What each definition refers to; the schema itself is "#"."""
        self._within = "#"

    def schema(self, value: Any) -> Schema:
        if not isinstance(value, dict) or not (TOLD & value.keys() or is_object(value)):
            self.open = True
            return {}
        made: Schema = {}
        words: Schema = {}
        for key, what in value.items():
            self._keyword(key, what, made, words)
        if is_object(value):
            self._close(value, made)
        if "$ref" in value:
            self._refer(value["$ref"])
        self.in_words |= words.keys() - ANNOTATIONS
        return described(made, words)

    def _keyword(self, key: str, value: Any, made: Schema, words: Schema) -> None:
        match key, value:
            case "properties", dict():
                made[key] = {name: self.schema(each) for name, each in value.items()}
            case "$defs" | "definitions", dict():
                made[key] = {name: self._definition(f"#/{key}/{name}", each) for name, each in value.items()}
            case "items", dict():
                made[key] = self.schema(value)
            case "anyOf" | "oneOf", list():  # oneOf is not in the part
                made["anyOf"] = [*made.get("anyOf", []), *map(self.schema, value)]
            case "allOf", list():
                made[key] = [self.schema(each) for each in value]
            case _ if key in KEPT or is_kept(key, value):
                made[key] = value
            case _ if key not in DROPPED:
                self.open |= key in OPEN
                words[key] = value

    def _definition(self, pointer: str, value: Any) -> Schema:
        within, self._within = self._within, pointer
        made = self.schema(value)
        self._within = within
        return made

    def _close(self, value: Schema, made: Schema) -> None:
        """An object of which nothing is said holds anything; one that allows other keys, too much."""
        closed = value.get("additionalProperties")
        self.open |= closed not in (None, False) or (closed is None and "properties" not in value)
        made.setdefault("type", "object")
        made["additionalProperties"] = False
        properties = made.get("properties") or {}
        self.optional += len(properties.keys() - set(texts(value.get("required"))))
        self.unions += sum(
            "anyOf" in each or isinstance(each.get("type"), list) for each in properties.values()
        )

    def _refer(self, pointer: Any) -> None:
        self.open |= not str(pointer).startswith(("#/$defs/", "#/definitions/"))
        self.references.setdefault(self._within, set()).add(str(pointer))


def is_object(schema: Schema) -> bool:
    kind = schema.get("type")
    return kind == "object" or "properties" in schema or (isinstance(kind, list) and "object" in kind)


def is_kept(key: str, value: Any) -> bool:
    match key:
        case "format":
            return value in FORMATS
        case "minItems":
            return value in (0, 1)
        case "enum":
            return isinstance(value, list) and not any(isinstance(each, (dict, list)) for each in value)
    return False


def described(schema: Schema, words: Schema) -> Schema:
    if not words:
        return schema
    rules = ", ".join(f"{key}: {orjson.dumps(value).decode()}" for key, value in words.items())
    return {**schema, "description": f"{schema.get('description') or ''} ({rules})".strip()}


def recursive(references: Mapping[str, set[str]]) -> bool:
    """Whether anything leads back to itself: what refers to nothing is taken away, while there is such."""
    left = {name: set(others) for name, others in references.items()}
    while left:
        done = [name for name, others in left.items() if not others & left.keys()]
        if not done:
            return True
        for name in done:
            del left[name]
    return False


def texts(value: Any) -> Iterable[str]:
    return (each for each in (value if isinstance(value, list) else []) if isinstance(each, str))
