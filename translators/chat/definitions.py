"""A schema without definitions: each reference is replaced by what it refers to."""

from typing import Any

Schema = dict[str, Any]  # a JSON schema: any object

PLACES = ("$defs", "definitions")
# Definitions of definitions can make an endless schema of a short one.
MOST = 500


def inlined(schema: Schema) -> tuple[Schema, bool]:
    """And whether it is all there: what refers to itself may be anything, from there on.

    >>> inlined({"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "string"}}})
    ({'properties': {'a': {'type': 'string'}}}, True)
    """
    if not any(place in schema for place in PLACES):
        return schema, True
    definitions = {
        f"#/{place}/{name}": value
        for place in PLACES
        if isinstance(schema.get(place), dict)
        for name, value in schema[place].items()
    }
    inlining = Inlining(definitions)
    made: Schema = inlining.value({key: schema[key] for key in schema if key not in PLACES})
    return made, inlining.whole


class Inlining:
    def __init__(self, definitions: Schema) -> None:
        self.whole = True
        self._definitions = definitions
        self._within: list[str] = []
        self._left = MOST

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if not isinstance(value, dict):
            return value
        others = {key: self.value(each) for key, each in value.items() if key != "$ref"}
        pointer = value.get("$ref")
        if not isinstance(pointer, str):  # a property may have the name
            return {**others, "$ref": self.value(pointer)} if "$ref" in value else others
        return {**self._referred(pointer), **others}

    def _referred(self, pointer: str) -> Schema:
        definition = self._definitions.get(pointer)
        if pointer in self._within or not isinstance(definition, dict) or not self._left:
            self.whole = False
            return {}
        self._left -= 1
        self._within.append(pointer)
        made: Schema = self.value(definition)
        self._within.pop()
        return made
