"""Tool schemas as some models and as most models take them."""

from typing import Any

import pytest

from translators.chat.adjustments import Adjustments
from translators.chat.schemas import input_schema
from translators.departures import PLAIN, Quirks
from translators.errors import BadRequestError

NO_UNIONS = Quirks(schema_unions=False)
GET = {"properties": {"action": {"const": "get"}, "id": {"type": "integer"}}, "required": ["action", "id"]}
PUT = {"properties": {"action": {"const": "put"}, "id": {"type": "integer"}}, "required": ["action"]}


def sent(schema: Any, quirks: Quirks = PLAIN) -> tuple[dict[str, Any], bool]:
    """And whether a change is told."""
    adjusted = Adjustments()
    return input_schema(schema, "tools[0].function.parameters", quirks, adjusted), bool(adjusted.made())


@pytest.mark.parametrize("schema", [None, {}, {"type": "object"}, {"properties": None}, {"$schema": "x"}])
def test_no_parameters_are_an_empty_object(schema: Any) -> None:
    assert sent(schema) == ({"type": "object", "properties": {}}, False)


def test_what_is_whole_is_sent_as_it_is() -> None:
    schema = {"type": "object", "properties": {"a": {"anyOf": [{}, {}]}}, "additionalProperties": False}

    assert sent(schema, NO_UNIONS) == (schema, False)


def test_unions_stay_where_the_model_takes_them() -> None:
    assert sent({"oneOf": [GET, PUT]}) == (
        {"oneOf": [GET, PUT], "type": "object", "properties": {}},
        False,
    )


@pytest.mark.parametrize(
    ("union", "required"),
    [("oneOf", ["action"]), ("anyOf", ["action"]), ("allOf", ["action", "id"])],
)
def test_elsewhere_they_become_one_object(union: str, required: list[str]) -> None:
    schema, told = sent({union: [GET, PUT], "description": "By id."}, NO_UNIONS)

    assert told
    assert schema["type"] == "object"
    assert schema["required"] == required
    assert schema["properties"] == {
        "action": {"anyOf": [{"const": "get"}, {"const": "put"}]},
        "id": {"type": "integer"},
    }
    assert schema["description"].startswith(f'By id.\nThe arguments must fit {{"{union}":[')
    assert union not in schema


def test_what_the_top_says_of_a_property_counts() -> None:
    top = {"id": {"type": "string"}, "url": {"type": "string"}}
    schema, _ = sent({"type": "object", "properties": top, "anyOf": [{"required": ["id"]}, GET]}, NO_UNIONS)

    assert schema["properties"] == {"action": {"const": "get"}, **top}
    assert schema["required"] == ["id"]


def test_an_alternative_may_be_referred_to() -> None:
    schema, _ = sent({"oneOf": [{"$ref": "#/$defs/Get"}], "$defs": {"Get": GET}}, NO_UNIONS)

    assert schema["properties"] == GET["properties"]
    assert schema["$defs"] == {"Get": GET}


@pytest.mark.parametrize(
    "schema",
    [{"anyOf": 5}, {"anyOf": []}, {"oneOf": [5, {"$ref": "#/nowhere/A"}, {"$ref": 5}, {"properties": []}]}],
)
def test_nonsense_is_passed_over(schema: dict[str, Any]) -> None:
    made, _ = sent(schema, NO_UNIONS)

    assert (made["type"], made["properties"]) == ("object", {})


@pytest.mark.parametrize("kind", ["array", "string", ["string", "null"], 5])
def test_arguments_that_are_no_object_are_refused(kind: Any) -> None:
    with pytest.raises(BadRequestError) as caught:
        sent({"type": kind})

    assert caught.value.param == "tools[0].function.parameters.type"


def test_many_alternatives_are_merged_in_one_go() -> None:
    """Each has its own name for the same property: as many comparisons as pairs would be felt."""
    alternatives = [{"properties": {"action": {"const": f"act {n}"}}} for n in range(5000)]
    schema, _ = sent({"oneOf": [*alternatives, *alternatives]}, NO_UNIONS)

    assert schema["properties"]["action"] == {
        "anyOf": [each["properties"]["action"] for each in alternatives]
    }


def test_values_that_only_look_alike_stay_apart() -> None:
    schema, _ = sent({"oneOf": [{"properties": {"a": {"const": each}}} for each in (1, True, 1)]}, NO_UNIONS)

    assert schema["properties"]["a"] == {"anyOf": [{"const": 1}, {"const": True}]}
