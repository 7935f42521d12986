"""A tool's parameters as Bedrock takes a schema: its top is an object, and for some models nothing but that.

"The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the following: object."
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from translators.chat import json_text
from translators.chat.adjustments import Adjustments
from translators.chat.definitions import inlined
from translators.departures import Quirks
from translators.errors import invalid

Schema = dict[str, Any]  # a JSON schema: any object

UNIONS = ("anyOf", "oneOf", "allOf")
# What may be at the top of a plain schema: AWS says the first three, the others were recorded as accepted.
PLAIN = ("type", "properties", "required", "additionalProperties", "title")
LOOKAROUND = re.compile(r"\(\?<?[=!]")
# Where a schema holds values, which may look like anything.
VALUES = {"enum", "const", "default", "examples"}


def input_schema(
    parameters: Mapping[str, Any] | None, path: str, quirks: Quirks, adjusted: Adjustments
) -> Schema:
    """Raises BadRequestError where the arguments are said to be no object."""
    schema = {key: value for key, value in (parameters or {}).items() if key != "$schema"}
    check_type(schema.get("type"), path)
    unions = [key for key in UNIONS if key in schema]
    if unions and not quirks.schema_unions:
        adjusted.note(path, "repaired", f"this model takes no {' or '.join(unions)} at the top: merged")
        schema = merged(schema, unions, path)
    if quirks.plain_schemas and not schema.keys() <= set(PLAIN):
        schema = plain(schema, path, adjusted)
    if not quirks.lookaround:
        schema = without_lookaround(schema, path, adjusted)
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        return schema
    return {**schema, "type": "object", "properties": schema.get("properties") or {}}


def plain(schema: Schema, path: str, adjusted: Adjustments) -> Schema:
    """With definitions where they are used. The description is kept: it goes to the tool's own."""
    json_text.write(schema, path)
    inline, whole = inlined(schema)
    if not whole:
        adjusted.note(path, "repaired", "this model takes no definitions: what refers to itself is cut short")
    kept = {key: value for key, value in inline.items() if key in (*PLAIN, "description")}
    if lost := [key for key in inline if key not in kept]:
        adjusted.note(path, "repaired", f"this model takes no {' or '.join(lost)} at the top: left out")
    return kept


def without_lookaround(schema: Schema, path: str, adjusted: Adjustments) -> Schema:
    """ "Invalid JSON schema: regex lookaround is not supported. Found at $.properties.email.pattern." """
    if not LOOKAROUND.search(json_text.write(schema, path).decode()):
        return schema
    made: Schema = patterns_checked(schema)
    if made != schema:
        adjusted.note(path, "repaired", "this model takes no pattern that looks around: left out")
    return made


def patterns_checked(value: Any) -> Any:
    match value:
        case list():
            return [patterns_checked(each) for each in value]
        case dict():
            return {
                key: each if key in VALUES else patterns_checked(each)
                for key, each in value.items()
                if not (key == "pattern" and isinstance(each, str) and LOOKAROUND.search(each))
            }
    return value


def check_type(kind: Any, path: str) -> None:
    """A tool's arguments are an object, whatever else a list of types allows."""
    if kind is None or kind == "object" or (isinstance(kind, list) and "object" in kind):
        return
    raise invalid(f"{path}.type", "expected 'object'")


def merged(schema: Schema, unions: list[str], path: str) -> Schema:
    """One object of all the properties, so that every alternative's arguments fit; their rules as words."""
    rules = json_text.write({union: schema[union] for union in unions}, path).decode()
    top = {key: value for key, value in schema.items() if key not in unions}
    every = [branch for union in unions for branch in branches(schema, union)]
    top["properties"] = properties(every) | mapping(schema.get("properties"))
    required = dict.fromkeys([*names(schema), *(name for union in unions for name in needed(schema, union))])
    if required:
        top["required"] = list(required)
    top["description"] = f"{schema.get('description') or ''}\nThe arguments must fit {rules}".strip()
    return top


def properties(alternatives: list[Schema]) -> Schema:
    """What the alternatives see differently, such as the name of an action, may be as any of them says."""
    found: dict[str, dict[bytes, Any]] = {}
    for alternative in alternatives:
        for name, value in mapping(alternative.get("properties")).items():
            found.setdefault(name, {}).setdefault(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), value)
    return {
        name: next(iter(values.values())) if len(values) == 1 else {"anyOf": [*values.values()]}
        for name, values in found.items()
    }


def needed(schema: Schema, union: str) -> list[str]:
    """What is required whichever alternative is chosen."""
    sets = [set(names(branch)) for branch in branches(schema, union)] or [set()]
    return sorted(set.union(*sets) if union == "allOf" else set.intersection(*sets))


def branches(schema: Schema, union: str) -> Iterator[Schema]:
    """The alternatives; one that is only referred to is looked up where such schemas are kept."""
    listed = schema[union]
    for branch in listed if isinstance(listed, list) else []:
        place, _, name = str(mapping(branch).get("$ref", "")).rpartition("/")
        yield mapping(mapping(schema.get(place.removeprefix("#/"))).get(name)) if place else mapping(branch)


def names(schema: Schema) -> Iterator[str]:
    listed = schema.get("required")
    return (name for name in (listed if isinstance(listed, list) else []) if isinstance(name, str))


def mapping(value: Any) -> Schema:
    return value if isinstance(value, dict) else {}
