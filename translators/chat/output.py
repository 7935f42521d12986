"""response_format, as Converse's outputConfig."""

from translators.chat import json_text
from translators.converse import JSONSchema as ConverseSchema
from translators.converse import OutputConfig
from translators.errors import BadRequestError
from translators.openai import JSONSchema, ResponseFormat

SCHEMA = "response_format.json_schema.schema"


def output_config(format_: ResponseFormat | None) -> OutputConfig | None:
    """None for plain text. Raises BadRequestError for json_object, and for a schema that is too deep."""
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
    text = json_text.write(schema.get("schema") or {"type": "object"}, SCHEMA).decode()
    converse: ConverseSchema = {"schema": text, "name": schema["name"]}
    if description := schema.get("description"):
        converse["description"] = description
    return converse
