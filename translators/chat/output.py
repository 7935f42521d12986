"""response_format: how the answer is held to JSON.

    outputConfig     where the model takes a schema, and Bedrock can hold it to this one
    a tool           whose arguments are the answer, where a model can be made to call one
    words            for the rest: `bare_json` takes the JSON out of what else is said

What a client gets is the same: bare JSON as content, and a stop.
"""

from collections.abc import Collection
from typing import NamedTuple

from translators.chat import json_text
from translators.chat.adjustments import Adjustments
from translators.chat.names import TOOL_NAME, candidates
from translators.chat.offer import Choice
from translators.chat.schemas import input_schema
from translators.chat.strictness import Allowance, strict_schema
from translators.chat.tools import tool
from translators.converse import ContentBlock, ConverseRequest, Message, TextFormat, Tool
from translators.converse import JSONSchema as ConverseSchema
from translators.departures import Quirks
from translators.openai import JSONSchema, ResponseFormat

SCHEMA = "response_format.json_schema.schema"
IN_WORDS = "Answer with one JSON object and nothing else: no words before or after it, no code fence."
ANY_IN_WORDS = "Answer with JSON and nothing else: no words before or after it, no code fence."
FITTING = " It must fit this JSON schema: "
BY_TOOL = "Your answer to the user is a call of this tool, whose arguments are the answer."


class Output(NamedTuple):
    """How the format is asked for: by at most one of the three."""

    text_format: TextFormat | None = None
    tool: Tool | None = None
    words: str = ""
    bare: bool = False
    """Whether an object has to be taken out of what is said around it."""

    @property
    def tool_name(self) -> str:
        return self.tool["toolSpec"]["name"] if self.tool else ""


def output(
    format_: ResponseFormat,
    choice: Choice,
    taken: Collection[str],
    quirks: Quirks,
    adjusted: Adjustments,
    *,
    tools: bool,
) -> Output:
    """`taken` are the names of tools that another may not have; `tools`: whether any are offered.

    Raises BadRequestError for a schema that is too deep.
    """
    if format_["type"] == "text":
        return Output()
    if format_["type"] == "json_object":
        adjusted.note("response_format", "emulated", "Bedrock has no JSON mode: asked for in words")
        return Output(words=IN_WORDS, bare=True)
    schema = format_["json_schema"]
    if quirks.text_format and (text_format := by_format(schema, adjusted)):
        return Output(text_format=text_format)
    if is_object(schema) and choice.mode == "required" and can_force(choice, quirks):
        return Output()  # the answer is a call
    if is_object(schema) and choice.mode != "required" and can_answer_by_tool(quirks, tools=tools):
        adjusted.note("response_format", "emulated", "a tool whose arguments are the answer stands for it")
        return Output(tool=by_tool(schema, taken, quirks, adjusted))
    adjusted.note("response_format", "emulated", "this model takes no schema: asked for in words")
    return in_words(schema)


def by_format(schema: JSONSchema, adjusted: Adjustments) -> TextFormat | None:
    """None where Bedrock cannot hold a model to the schema. Converse takes it as JSON text."""
    strict = strict_schema(schema.get("schema") or {"type": "object"}, SCHEMA)
    if strict is None or not Allowance().takes(strict):
        return None
    strict.tell(SCHEMA, adjusted)
    converse: ConverseSchema = {
        "schema": json_text.write(strict.schema, SCHEMA).decode(),
        "name": schema["name"],
    }
    if description := schema.get("description"):
        converse["description"] = description
    return {"type": "json_schema", "structure": {"jsonSchema": converse}}


def can_force(choice: Choice, quirks: Quirks) -> bool:
    return "any" in quirks.tool_choices or (choice.named and "tool" in quirks.tool_choices)


def can_answer_by_tool(quirks: Quirks, *, tools: bool) -> bool:
    forced = {"any"} if tools else {"any", "tool"}
    return quirks.tools and bool(forced & quirks.tool_choices)


def by_tool(schema: JSONSchema, taken: Collection[str], quirks: Quirks, adjusted: Adjustments) -> Tool:
    json_text.write([[[[[[[schema.get("schema")]]]]]]], SCHEMA)  # as deep as it will stand in a request
    name = next(name for name in candidates(schema["name"], TOOL_NAME) if name not in taken)
    description = f"{schema.get('description') or ''}\n{BY_TOOL}".strip()
    return tool(name, description, input_schema(schema.get("schema"), SCHEMA, quirks, adjusted), quirks)


def in_words(schema: JSONSchema) -> Output:
    text = json_text.write(schema.get("schema") or {"type": "object"}, SCHEMA).decode()
    an_object = is_object(schema)
    return Output(words=(IN_WORDS if an_object else ANY_IN_WORDS) + FITTING + text, bare=an_object)


def is_object(schema: JSONSchema) -> bool:
    kind: object = (schema.get("schema") or {}).get("type", "object")
    return kind == "object"


def with_output(converse: ConverseRequest, output: Output, quirks: Quirks) -> ConverseRequest:
    """The request that asks for it; a tool is in its toolConfig already."""
    if output.text_format:
        return {**converse, "outputConfig": {"textFormat": output.text_format}}
    return told(converse, output.words, quirks) if output.words else converse


def told(converse: ConverseRequest, words: str, quirks: Quirks) -> ConverseRequest:
    """After all else that the model is told: in the system prompt, or in the user's last turn."""
    if quirks.system:
        return {**converse, "system": [*converse.get("system", []), {"text": words}]}
    messages = list(converse["messages"])
    last = max(index for index, message in enumerate(messages) if message["role"] == "user")
    block: ContentBlock = {"text": words}
    spoken: Message = {"role": "user", "content": [*messages[last]["content"], block]}
    return {**converse, "messages": [*messages[:last], spoken, *messages[last + 1 :]]}
