"""response_format: Converse's outputConfig where the model has it, else words that ask for the same.

An answer that was asked for in words may come with others around it: `bare_json` takes it out of them.
"""

from translators.chat import json_text
from translators.chat.adjustments import Adjustments
from translators.converse import ContentBlock, ConverseRequest, Message, TextFormat
from translators.converse import JSONSchema as ConverseSchema
from translators.openai import JSONSchema, ResponseFormat
from translators.quirks import Quirks

SCHEMA = "response_format.json_schema.schema"
IN_WORDS = "Answer with one JSON object and nothing else: no words before or after it, no code fence."
ANY_IN_WORDS = "Answer with JSON and nothing else: no words before or after it, no code fence."
FITTING = " It must fit this JSON schema: "


def with_format(
    converse: ConverseRequest, format_: ResponseFormat | None, quirks: Quirks, adjusted: Adjustments
) -> ConverseRequest:
    """The request that asks for this format. Raises BadRequestError for a schema that is too deep."""
    if format_ is None or format_["type"] == "text":
        return converse
    if format_["type"] == "json_object":
        adjusted.note("response_format", "emulated", "Bedrock has no JSON mode: asked for in words")
        return told(converse, IN_WORDS, quirks)
    schema = json_schema(format_["json_schema"])
    if quirks.text_format:
        text_format: TextFormat = {"type": "json_schema", "structure": {"jsonSchema": schema}}
        return {**converse, "outputConfig": {"textFormat": text_format}}
    adjusted.note("response_format", "emulated", "this model takes no schema: asked for in words")
    words = IN_WORDS if is_object(format_["json_schema"]) else ANY_IN_WORDS
    return told(converse, words + FITTING + schema["schema"], quirks)


def in_words(converse: ConverseRequest, format_: ResponseFormat | None) -> bool:
    """Whether the answer's JSON, an object, has to be taken out of its words."""
    if format_ is None or format_["type"] == "text" or "textFormat" in converse.get("outputConfig", {}):
        return False
    return format_["type"] == "json_object" or is_object(format_["json_schema"])


def is_object(schema: JSONSchema) -> bool:
    kind: object = (schema.get("schema") or {}).get("type", "object")
    return kind == "object"


def json_schema(schema: JSONSchema) -> ConverseSchema:
    """Converse takes the schema as JSON text."""
    text = json_text.write(schema.get("schema") or {"type": "object"}, SCHEMA).decode()
    converse: ConverseSchema = {"schema": text, "name": schema["name"]}
    if description := schema.get("description"):
        converse["description"] = description
    return converse


def told(converse: ConverseRequest, words: str, quirks: Quirks) -> ConverseRequest:
    """After all else that the model is told: in the system prompt, or in the user's last turn."""
    if quirks.system:
        return {**converse, "system": [*converse.get("system", []), {"text": words}]}
    messages = list(converse["messages"])
    last = max(index for index, message in enumerate(messages) if message["role"] == "user")
    block: ContentBlock = {"text": words}
    spoken: Message = {"role": "user", "content": [*messages[last]["content"], block]}
    return {**converse, "messages": [*messages[:last], spoken, *messages[last + 1 :]]}
