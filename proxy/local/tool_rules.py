"""What the model behind Bedrock says no to about tools: in their schemas, and beside toolConfig."""

from collections.abc import Iterator
from typing import Any

import orjson

from proxy.local.call import Call
from proxy.local.refusals import from_model, validation

MAX_STRICT_TOOLS = 20
NUMBER = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
NOT_HELD_TO = {"integer": NUMBER, "number": NUMBER, "array": ("maxItems",)}
PLAIN = {"type", "properties", "required", "additionalProperties", "title"}
LOOKAROUND = ("(?=", "(?!", "(?<=", "(?<!")


def no_strict_tools(call: Call) -> None:
    for number, item in enumerate(call.tools):
        if (item.get("toolSpec") or {}).get("strict") is not None:
            raise from_model(f"tools.{number}.custom.strict: Extra inputs are not permitted")


def strict_unknown(call: Call) -> None:
    if any((item.get("toolSpec") or {}).get("strict") for item in call.tools):
        raise validation(
            "This model doesn't support the toolSpec.strict field. Remove toolSpec.strict and try again."
        )


def strict_schemas_can_be_held_to(call: Call) -> None:
    strict = [(number, spec) for number, spec in specs(call) if spec.get("strict")]
    for number, spec in strict:
        if problem := next(problems(spec["inputSchema"].get("json")), None):
            raise from_model(f"tools.{number}.custom: {problem}")
    if len(strict) > MAX_STRICT_TOOLS:
        raise from_model(
            f"Too many strict tools ({len(strict)}). The maximum number of strict tools supported is "
            f"{MAX_STRICT_TOOLS}."
        )
    if call.text_format and (problem := next(problems(text_schema(call)), None)):
        raise from_model(f"output_config.format.schema: {problem}")


def problems(schema: Any) -> Iterator[str]:
    """At any depth, in the model's words."""
    if isinstance(schema, list):
        for each in schema:
            yield from problems(each)
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if kind == "object" and schema.get("additionalProperties") is not False:
        yield "For 'object' type, 'additionalProperties' must be explicitly set to false"
    for key in NOT_HELD_TO.get(kind, ()) if isinstance(kind, str) else ():
        if key in schema:
            yield f"For '{kind}' type, property '{key}' is not supported"
    if kind == "array" and schema.get("minItems", 0) not in (0, 1):
        yield "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
    if isinstance(schema.get("oneOf"), list):
        yield "Schema type 'oneOf' is not supported"
    for key in ("properties", "$defs", "definitions"):
        yield from problems([*named.values()] if isinstance(named := schema.get(key), dict) else [])
    for key in ("items", "anyOf", "allOf"):
        yield from problems(schema.get(key))


def text_schema(call: Call) -> Any:
    try:
        return orjson.loads(call.text_format["structure"]["jsonSchema"]["schema"])
    except orjson.JSONDecodeError:
        return None  # for who answers to say


def schemas_are_plain(call: Call) -> None:
    for number, spec in specs(call):
        for key in spec["inputSchema"].get("json") or {}:
            if key not in PLAIN:
                raise from_model(
                    f"Malformed input request: #/toolConfig/tools/{number}/toolSpec/inputSchema/json: "
                    f"extraneous key [{key}] is not permitted, please reformat your input and try again."
                )


def no_unions_at_the_top(call: Call) -> None:
    for number, spec in specs(call):
        if {"anyOf", "oneOf", "allOf"} & (spec["inputSchema"].get("json") or {}).keys():
            raise from_model(
                f"tools.{number}.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf "
                "at the top level"
            )


def patterns_do_not_look_around(call: Call) -> None:
    for _, spec in specs(call):
        if path := lookaround(spec["inputSchema"].get("json"), "$"):
            raise from_model(f"Invalid JSON schema: regex lookaround is not supported. Found at {path}.")


def lookaround(value: Any, path: str) -> str:
    """The path of the first pattern that looks around."""
    if not isinstance(value, dict):
        return ""
    pattern = value.get("pattern")
    if isinstance(pattern, str) and any(mark in pattern for mark in LOOKAROUND):
        return f"{path}.pattern"
    return next((found for key, each in value.items() if (found := lookaround(each, f"{path}.{key}"))), "")


def specs(call: Call) -> Iterator[tuple[int, Any]]:
    for number, item in enumerate(call.tools):
        if item.get("toolSpec"):
            yield number, item["toolSpec"]


def parallel_calls_are_not_disabled(call: Call) -> None:
    if "disable_parallel_tool_use" in added_choice(call):
        raise from_model(
            "Malformed input request: #/tool_choice: extraneous key [disable_parallel_tool_use] is not "
            "permitted, please reformat your input and try again."
        )


def tool_choice_is_said_once(call: Call) -> None:
    """What Converse has a field for is said there, and the rest goes with it."""
    added = added_choice(call)
    if added and call.tool_choice and "type" in added:
        raise validation(
            f"The additional field tool_choice/type conflicts with the existing field "
            f"toolConfig.toolChoice.{call.tool_choice[0]}. Remove tool_choice/type and try again."
        )
    if added and not call.tool_choice and "type" not in added:
        raise from_model("missing field `type`")


def added_choice(call: Call) -> dict[str, object]:
    choice = call.additional.get("tool_choice")
    return choice if isinstance(choice, dict) else {}
