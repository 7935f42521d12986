"""What may be called and whether it must be, as Converse's toolConfig."""

from collections.abc import Iterable, Iterator, Mapping

from translators.chat.adjustments import Adjustments
from translators.chat.conversation import uses_tools
from translators.chat.offer import Offer, Offered
from translators.chat.schemas import input_schema
from translators.chat.strictness import Allowance, strict_schema
from translators.chat.tool_choice import choosable, converse_choice
from translators.converse import JSON, Message, Tool, ToolChoice, ToolConfig, ToolSpec
from translators.departures import Quirks
from translators.openai import ChatCompletionRequest


def tool_config(
    offer: Offer,
    output: Tool | None,
    messages: list[Message],
    quirks: Quirks,
    adjusted: Adjustments,
) -> ToolConfig | None:
    """`messages` as Converse gets them: Converse demands toolConfig where they hold calls.

    `output` is a tool whose arguments are the answer: it, or another, has to be called. Notes a choice that
    cannot be sent.
    """
    listed = list(tools(choosable(offer, quirks), offer.aliases, quirks, adjusted))
    if output:
        alone = not listed and "tool" in quirks.tool_choices
        forced: ToolChoice = {"tool": {"name": output["toolSpec"]["name"]}} if alone else {"any": {}}
        return {"tools": [output, *listed], "toolChoice": forced}
    if not listed:
        return used_tools(messages, adjusted) if uses_tools(messages) else None
    config: ToolConfig = {"tools": listed}
    if tool_choice := converse_choice(offer, quirks, adjusted):
        config["toolChoice"] = tool_choice
    return config


def used_tools(messages: Iterable[Message], adjusted: Adjustments) -> ToolConfig:
    """The tools that the history calls, when the request says nothing of them: by name only."""
    adjusted.note("tools", "repaired", "Converse needs the tools that the history uses: named from there")
    used = [block["toolUse"] for each in messages for block in each["content"] if "toolUse" in block]
    names = dict.fromkeys(tool_use["name"] for tool_use in used)
    schema = {"type": "object", "properties": {}}
    return {"tools": [{"toolSpec": {"name": name, "inputSchema": {"json": schema}}} for name in names]}


def tools(
    offer: Iterable[Offered], aliases: Mapping[str, str], quirks: Quirks, adjusted: Adjustments
) -> Iterator[Tool]:
    """ "tools: Tool names must be unique.", some models say: of two with one name the first counts."""
    names: set[str] = set()
    allowance = Allowance()
    for each in offer:
        if each.name in names:
            adjusted.note(each.path, "dropped", "another tool has this name")
            continue
        names.add(each.name)
        at = f"{each.path}.parameters"
        schema = input_schema(each.parameters, at, quirks, adjusted)
        strict = held(schema, each.path, allowance, quirks, adjusted) if each.strict else None
        yield tool(
            aliases.get(each.name, each.name), each.description, strict or schema, quirks, strict=bool(strict)
        )


def tool(name: str, description: str, schema: JSON, quirks: Quirks, *, strict: bool = False) -> Tool:
    if quirks.plain_schemas and "description" in schema:
        description = f"{description}\n{schema['description']}".strip()
        schema = {key: value for key, value in schema.items() if key != "description"}
    spec: ToolSpec = {"name": name, "inputSchema": {"json": schema}}
    if description.strip():
        spec["description"] = description
    if strict:
        spec["strict"] = True
    return {"toolSpec": spec}


def held(schema: JSON, path: str, allowance: Allowance, quirks: Quirks, adjusted: Adjustments) -> JSON | None:
    """The schema to which the model can be held; None where it cannot be."""
    if not quirks.strict_tools:
        adjusted.note(f"{path}.strict", "dropped", "this model takes none")
        return None
    strict = strict_schema(schema, f"{path}.parameters")
    if strict is None:
        adjusted.note(f"{path}.strict", "dropped", "Bedrock cannot hold a model to such a schema")
        return None
    if not allowance.takes(strict):
        adjusted.note(f"{path}.strict", "dropped", "it is more than Bedrock can hold a model to")
        return None
    strict.tell(f"{path}.parameters", adjusted)
    return strict.schema


def parallel_calls(
    request: ChatCompletionRequest, config: ToolConfig | None, quirks: Quirks, adjusted: Adjustments
) -> dict[str, JSON]:
    """Additional model fields by which no more than one call at a time is asked for.

    Functions were called one at a time; further calls of an answer are told beside the first, so nothing is
    lost where the model cannot be asked.
    """
    unwanted = request.get("parallel_tool_calls") is False
    if not config or not (request.get("tools") or request.get("functions")):
        return {}
    if quirks.one_call and (unwanted or request.get("functions")):
        # "The additional field tool_choice/type conflicts with the existing field
        # toolConfig.toolChoice.tool." (BerriAI/litellm#36536); with neither "missing field `type`" (#34347).
        kind = {} if "toolChoice" in config else {"type": "auto"}
        return {"tool_choice": {**kind, "disable_parallel_tool_use": True}}
    if unwanted:
        adjusted.note("parallel_tool_calls", "dropped", "this model decides how many it calls")
    return {}
