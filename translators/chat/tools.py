"""Tool definitions and tool choice, as Converse's toolConfig."""

from collections.abc import Iterable, Iterator, Mapping

from translators.chat.adjustments import Adjustments
from translators.chat.conversation import uses_tools
from translators.chat.schemas import input_schema
from translators.converse import Message, Tool, ToolChoice, ToolConfig, ToolSpec
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest, Function
from translators.openai import Tool as OpenAITool
from translators.openai import ToolChoice as OpenAIToolChoice
from translators.quirks import Quirks, ToolChoiceKind


def offers_tools(request: ChatCompletionRequest) -> bool:
    return bool(request.get("tools")) and request.get("tool_choice") != "none"


def tool_config(
    request: ChatCompletionRequest,
    messages: list[Message],
    aliases: Mapping[str, str],
    quirks: Quirks,
    adjusted: Adjustments,
) -> ToolConfig | None:
    """`messages` as Converse gets them: Converse demands toolConfig where they hold calls.

    Notes a tool_choice that cannot be sent. Raises BadRequestError for one that asks for what is not offered.
    """
    choice = request.get("tool_choice") or "auto"
    offered = request.get("tools") or []
    check_choice(choice, offered)
    used = uses_tools(messages)
    if not offered:
        return used_tools(messages, adjusted) if used else None
    if choice == "none" and not used:
        return None
    if choice == "none":
        # Converse can say "none" only by sending no tools, which a history with calls forbids.
        adjusted.note("tool_choice", "dropped", "Converse needs the tools that the history uses")
        choice = "auto"
    config: ToolConfig = {"tools": list(tools(offered, aliases, quirks, adjusted))}
    kind, converse_choice = tool_choice(choice, aliases)
    if kind in quirks.tool_choices:
        config["toolChoice"] = converse_choice
    elif kind != "auto":
        adjusted.note("tool_choice", "dropped", "this model chooses for itself")
    return config


def check_choice(choice: OpenAIToolChoice, offered: Iterable[OpenAITool]) -> None:
    names = {tool["function"]["name"] for tool in offered}
    if choice in ("auto", "none") or (choice == "required" and names):
        return
    if isinstance(choice, dict) and choice["function"]["name"] in names:
        return
    reason = "'tools' does not offer the one it names" if names else "'tools' offers none"
    raise BadRequestError(
        f"Invalid 'tool_choice': it asks for a tool call, but {reason}.",
        param="tool_choice",
        code="invalid_value",
    )


def used_tools(messages: Iterable[Message], adjusted: Adjustments) -> ToolConfig:
    """The tools that the history calls, when the request says nothing of them: by name only."""
    adjusted.note("tools", "repaired", "Converse needs the tools that the history uses: named from there")
    used = [block["toolUse"] for each in messages for block in each["content"] if "toolUse" in block]
    names = dict.fromkeys(tool_use["name"] for tool_use in used)
    schema = {"type": "object", "properties": {}}
    return {"tools": [{"toolSpec": {"name": name, "inputSchema": {"json": schema}}} for name in names]}


def tools(
    offered: Iterable[OpenAITool], aliases: Mapping[str, str], quirks: Quirks, adjusted: Adjustments
) -> Iterator[Tool]:
    """ "tools: Tool names must be unique.", some models say: of two with one name the first counts."""
    names: set[str] = set()
    for index, each in enumerate(offered):
        path = f"tools[{index}].function"
        if each["function"]["name"] in names:
            adjusted.note(path, "dropped", "another tool has this name")
            continue
        names.add(each["function"]["name"])
        yield tool(each["function"], path, aliases, quirks, adjusted)


def tool(
    function: Function, path: str, aliases: Mapping[str, str], quirks: Quirks, adjusted: Adjustments
) -> Tool:
    schema = input_schema(function.get("parameters"), f"{path}.parameters", quirks, adjusted)
    name = function["name"]
    spec: ToolSpec = {"name": aliases.get(name, name), "inputSchema": {"json": schema}}
    description = function.get("description")
    if description and description.strip():
        spec["description"] = description
    return {"toolSpec": spec}


def tool_choice(choice: OpenAIToolChoice, aliases: Mapping[str, str]) -> tuple[ToolChoiceKind, ToolChoice]:
    match choice:
        case "auto" | "none":
            return "auto", {"auto": {}}
        case "required":
            return "any", {"any": {}}
    name = choice["function"]["name"]
    return "tool", {"tool": {"name": aliases.get(name, name)}}
