"""Every example is valid for its schema, with jsonschema as the judge."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from proxy.local.examples import FORMATS, KEYWORDS, example

CLIENT_REQUESTS = Path(__file__).parents[4] / "shared" / "client-requests"


# jsonschema's own check of "time" wants no offset, which RFC 3339 and so JSON Schema demand.
CHECKED_FORMATS = FormatChecker(set(FormatChecker.checkers) - {"time"})


def judge(schema: Any, value: Any) -> None:
    Draft202012Validator(schema, format_checker=CHECKED_FORMATS).validate(value)


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": thing(name={"type": "string"}, children={"type": "array", "items": {"$ref": "#/$defs/node"}})
    },
}
LINKED = {
    "$defs": {"link": thing(next={"anyOf": [{"$ref": "#/$defs/link"}, {"type": "null"}]})},
    "$ref": "#/$defs/link",
}

SCHEMAS: list[Any] = [
    True,
    {},
    {"type": "null"},
    {"type": ["null", "integer"]},
    {"type": "boolean"},
    {"const": {"a": [1]}},
    {"enum": ["one", 2, None]},
    {"type": "string", "enum": ["b", "a"], "default": "a"},
    {"type": "string", "enum": ["a"], "default": "not one of them"},
    {"type": "integer", "default": "not an integer"},
    {"type": "string", "examples": ["Paris"]},
    {"type": "string", "minLength": 12},
    {"type": "string", "maxLength": 2},
    {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    {"type": "string", "pattern": "^[a-z]{3}$"},
    {"type": "string", "pattern": "^[0-9A-F]{8}$"},
    {"type": "string", "pattern": "^/"},
    {"type": "integer", "minimum": 7, "maximum": 9},
    {"type": "integer", "maximum": -3},
    {"type": "integer", "exclusiveMinimum": 1},
    {"type": "integer", "minimum": 5, "multipleOf": 4},
    {"type": "integer", "maximum": -5, "multipleOf": 4},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.01},
    {"type": "number", "minimum": 0.1, "maximum": 0.2},
    {"type": "number", "minimum": -0.2, "maximum": -0.1},
    {"type": "number", "multipleOf": 0.5, "minimum": 1.2},
    {"type": "array", "minItems": 3},
    {"type": "array", "maxItems": 0},
    {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    {"type": "array", "items": thing(at={"type": "array", "items": {"type": "number"}, "minItems": 2})},
    {"properties": {"a": {"type": "string"}}},
    {"type": "object"},
    {"type": "object", "additionalProperties": False},
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    {"type": "object", "required": ["undeclared"], "additionalProperties": {"type": "integer"}},
    {
        "type": "object",
        "properties": {"a": {}, "b": {"type": "integer"}},
        "minProperties": 2,
        "required": ["a"],
    },
    {**thing(a={"type": "string"}), "additionalProperties": False},
    {"allOf": [thing(a={"type": "string"}), thing(b={"type": "integer"})]},
    {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 3}]},
    {"type": "object", "oneOf": [thing(kind={"const": "a"}), thing(kind={"const": "b"})]},
    {"description": "a pair", "anyOf": [{"type": "array", "minItems": 2}, {"type": "string"}]},
    TREE,
    LINKED,
    {"definitions": {"a/b": {"type": "integer"}}, "$ref": "#/definitions/a~1b"},
    *({"type": "string", "format": name} for name in FORMATS),
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: json.dumps(schema)[:60])
def test_an_example_is_valid_for_its_schema(schema: Any) -> None:
    judge(schema, example(schema))


def schemas(deeper: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["a", "b", "c", "d"])
    objects = st.dictionaries(names, deeper, max_size=4).flatmap(
        lambda properties: st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.just(properties)},
            optional={
                "required": st.lists(st.sampled_from(sorted(properties)), unique=True)
                if properties
                else st.just([]),
                "additionalProperties": st.booleans(),
            },
        )
    )
    arrays = st.fixed_dictionaries(
        {"type": st.just("array"), "items": deeper},
        optional={"minItems": st.integers(0, 3), "maxItems": st.integers(3, 5)},
    )
    unions = st.builds(
        lambda key, parts: {key: parts}, st.sampled_from(["anyOf", "allOf"]), st.lists(deeper, min_size=1)
    ).filter(lambda union: "allOf" not in union or len(union["allOf"]) == 1)
    return objects | arrays | unions


leaves = st.one_of(
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.builds(
        lambda low, span, kind: {"type": kind, "minimum": low, "maximum": low + span},
        st.integers(-1000, 1000),
        st.integers(0, 1000),
        st.sampled_from(["integer", "number"]),
    ),
    st.builds(
        lambda low, span, step: {
            "type": "integer",
            "minimum": low,
            "maximum": low + span + step,
            "multipleOf": step,
        },
        st.integers(-1000, 1000),
        st.integers(0, 1000),
        st.integers(1, 20),
    ),
    st.builds(
        lambda low, high: {"type": "number", "exclusiveMinimum": low, "exclusiveMaximum": low + high},
        st.integers(-10, 10),
        st.sampled_from([0.001, 0.5, 1, 3]),
    ),
    st.builds(
        lambda low, span: {"type": "string", "minLength": low, "maxLength": low + span},
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    st.builds(lambda name: {"type": "string", "format": name}, st.sampled_from(sorted(FORMATS))),
    st.builds(
        lambda values: {"enum": values},
        st.lists(st.none() | st.booleans() | st.integers() | st.text(), min_size=1),
    ),
)


@given(st.recursive(leaves, schemas, max_leaves=12))
def test_an_example_is_valid_for_any_schema_of_these_parts(schema: Any) -> None:
    judge(schema, example(schema, ["some", "words"]))


names = st.sampled_from([*KEYWORDS, "items", "additionalProperties", "const", "default"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(-3, 3)
    | st.sampled_from(["", "#/x", "string"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(names, values, max_size=4))
def test_what_is_no_schema_has_an_example_too(schema: dict[str, Any]) -> None:
    assert json.dumps(example(schema), allow_nan=False)


def tool_schemas() -> list[Any]:
    """The schemas that real agents send, where their recorded requests are."""
    found: dict[str, Any] = {}
    for file in sorted(CLIENT_REQUESTS.glob("*.json")):
        _collect(json.loads(file.read_text()), found)
    return [pytest.param(schema, id=name[:60]) for name, schema in found.items()]


def _collect(value: Any, found: dict[str, Any]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("parameters", "input_schema") and isinstance(item, dict) and "type" in item:
                found[f"{value.get('name')}-{hash(json.dumps(item))}"] = item
            else:
                _collect(item, found)
    elif isinstance(value, list):
        for item in value:
            _collect(item, found)


@pytest.mark.skipif(not CLIENT_REQUESTS.exists(), reason="the recorded requests are not here")
def test_examples_are_valid_for_the_tools_of_real_agents() -> None:
    found = tool_schemas()
    assert len(found) > 20
    for parameter in found:
        (schema,) = parameter.values
        judge(schema, example(schema, ["Paris"]))


def test_words_go_into_the_first_plain_strings() -> None:
    schema = thing(unit={"enum": ["C", "F"]}, city={"type": "string"}, day={"type": "string"})
    assert example(schema, ["Paris"]) == {"unit": "C", "city": "Paris", "day": "day"}
