"""What may be called and whether it must be, as Converse's toolConfig."""

from collections.abc import Iterable, Iterator, Mapping

from translators.chat.adjustments import Adjustments
from translators.chat.conversation import uses_tools
from translators.chat.offer import Offered
from translators.chat.schemas import input_schema
from translators.chat.tool_choice import Choice, choosable, converse_choice
from translators.converse import JSON, Message, Tool, ToolConfig, ToolSpec
from translators.openai import ChatCompletionRequest
from translators.quirks import Quirks


def tool_config(
    offer: list[Offered],
    choice: Choice,
    messages: list[Message],
    aliases: Mapping[str, str],
    quirks: Quirks,
    adjusted: Adjustments,
) -> ToolConfig | None:
    """`messages` as Converse gets them: Converse demands toolConfig where they hold calls.

    Notes a choice that cannot be sent.
    """
    listed = choosable(offer, choice, quirks)
    if not listed:
        return used_tools(messages, adjusted) if uses_tools(messages) else None
    config: ToolConfig = {"tools": list(tools(listed, aliases, quirks, adjusted))}
    if tool_choice := converse_choice(choice, aliases, quirks, adjusted):
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
    for each in offer:
        if each.name in names:
            adjusted.note(each.path, "dropped", "another tool has this name")
            continue
        names.add(each.name)
        yield tool(each, aliases, quirks, adjusted)


def tool(offered: Offered, aliases: Mapping[str, str], quirks: Quirks, adjusted: Adjustments) -> Tool:
    schema = input_schema(offered.parameters, f"{offered.path}.parameters", quirks, adjusted)
    spec: ToolSpec = {"name": aliases.get(offered.name, offered.name), "inputSchema": {"json": schema}}
    if offered.description.strip():
        spec["description"] = offered.description
    return {"toolSpec": spec}


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
