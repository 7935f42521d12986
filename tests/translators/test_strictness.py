"""Schemas to which Bedrock can hold a model, against the rules that the local Bedrock knows of them."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.local.tool_rules import problems
from translators.chat.definitions import MOST, inlined
from translators.chat.strictness import MOST_TOOLS, Allowance, Strict, strict_schema

REFERENCES = {"$ref": st.sampled_from(["#/$defs/A", "#/$defs/B", "#", "https://example.com/a.json"])}
KEYWORDS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["object", "array", "string", "integer", "number", ["string", "null"], 5]),
    "minimum": st.integers(0, 3),
    "maxItems": st.integers(0, 3),
    "minItems": st.integers(0, 3),
    "maxLength": st.integers(0, 3),
    "format": st.sampled_from(["date", "uri-reference", 5]),
    "enum": st.sampled_from([["a", 1, None], [{}], 5]),
    "required": st.sampled_from([["a"], [5], "a"]),
    "additionalProperties": st.sampled_from([True, False, {}, None]),
    "description": st.sampled_from(["What it is.", None]),
    **REFERENCES,
}


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, max_size=2)
    named = st.dictionaries(st.sampled_from(["a", "b", "type"]), inner, max_size=2)
    nested = {
        "properties": named,
        "$defs": named,
        "items": inner | some,
        "anyOf": some,
        "oneOf": some,
        "allOf": some,
    }
    return st.fixed_dictionaries({}, optional={**KEYWORDS, **nested})


schemas: st.SearchStrategy[dict[str, Any]] = objects(
    st.recursive(st.booleans() | st.just({}), objects, max_leaves=6)
)


@given(schemas)
def test_what_is_strict_has_no_problem(schema: dict[str, Any]) -> None:
    strict = strict_schema(schema, "path")

    if strict:
        assert list(problems(strict.schema)) == []


@given(schemas)
def test_any_schema_can_be_told_without_definitions(schema: dict[str, Any]) -> None:
    assert "#/$defs/" not in orjson.dumps(inlined({**schema, "$defs": {}})[0]).decode()


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "object", "properties": {}}, ()),
        ({"type": "string", "title": "T", "$schema": "S", "default": "a", "maxLength": 3}, ()),
        ({"type": "array", "minItems": 1, "items": {"type": "string", "format": "uuid"}}, ()),
        ({"type": "array", "minItems": 2}, ("minItems",)),
        ({"oneOf": [{"type": "integer", "exclusiveMinimum": 1}, {"type": "null"}]}, ("exclusiveMinimum",)),
        ({"type": "string", "pattern": "^a", "format": "uri-reference"}, ("format", "pattern")),
        ({"enum": [{"a": 1}]}, ("enum",)),
        ({"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"const": 1}}}, ()),
    ],
)
def test_what_bedrock_does_not_hold_a_model_to_is_told(schema: dict[str, Any], told: tuple[str, ...]) -> None:
    strict = strict_schema(schema, "path")

    assert strict
    assert strict.in_words == told
    assert all(rule in orjson.dumps(strict.schema).decode() for rule in told)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": ["object", "null"]},
        {"type": "object", "properties": {}, "additionalProperties": True},
        {"type": "object", "properties": {}, "patternProperties": {"^a": {"type": "string"}}},
        {"type": "array", "prefixItems": [{"type": "string"}]},
        {"type": "array", "items": {}},
        {"anyOf": [{"type": "string"}, True]},
        {"$ref": "#"},
        {"$ref": "other.json"},
        {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"allOf": [{"$ref": "#/$defs/A"}]}}},
    ],
)
def test_what_is_open_or_endless_is_not_strict(schema: dict[str, Any]) -> None:
    assert strict_schema(schema, "path") is None


def test_only_so_much_is_strict() -> None:
    few, many, unions = (Strict({}, (), optional, unions) for optional, unions in ((1, 0), (25, 0), (0, 17)))
    allowance = Allowance()

    assert not allowance.takes(many)
    assert not allowance.takes(unions)
    assert [allowance.takes(few) for _ in range(MOST_TOOLS + 1)] == [True] * MOST_TOOLS + [False]


def test_definitions_of_definitions_do_not_make_an_endless_schema() -> None:
    """Each level of these doubles what the one before it holds."""
    levels = {f"L{n}": {"allOf": [{"$ref": f"#/$defs/L{n + 1}"}] * 2} for n in range(60)}
    made, whole = inlined({"$ref": "#/$defs/L0", "$defs": levels})

    assert not whole
    assert len(orjson.dumps(made)) < 100 * MOST
