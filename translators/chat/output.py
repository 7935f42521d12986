"""response_format, as Converse's outputConfig."""

import orjson

from translators.converse import JSONSchema as ConverseSchema
from translators.converse import OutputConfig
from translators.errors import BadRequestError
from translators.openai import JSONSchema, ResponseFormat


def output_config(format_: ResponseFormat | None) -> OutputConfig | None:
    if format_ is None or format_["type"] == "text":
        return None
    if format_["type"] == "json_object":
        raise BadRequestError(
            "'response_format' of type 'json_object' is not supported; use 'json_schema'.",
            param="response_format.type",
            code="unsupported_value",
        )
    structure = json_schema(format_["json_schema"])
    return {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": structure}}}


def json_schema(schema: JSONSchema) -> ConverseSchema:
    """Converse takes the schema as JSON text."""
    text = orjson.dumps(schema.get("schema") or {"type": "object"}).decode()
    converse: ConverseSchema = {"schema": text, "name": schema["name"]}
    if description := schema.get("description"):
        converse["description"] = description
    return converse
