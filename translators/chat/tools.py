"""Tool definitions and tool choice, as Converse's toolConfig."""

from translators.chat.adjustments import Adjustments
from translators.chat.messages import uses_tools
from translators.converse import Tool, ToolChoice, ToolConfig, ToolSpec
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest, Function
from translators.openai import ToolChoice as OpenAIToolChoice
from translators.quirks import Quirks, ToolChoiceKind


def tool_config(request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments) -> ToolConfig | None:
    choice = request.get("tool_choice") or "auto"
    offered = request.get("tools") or []
    if not offered and choice not in ("auto", "none"):
        raise BadRequestError(
            "Invalid 'tool_choice': it asks for a tool call, but 'tools' offers none.",
            param="tool_choice",
            code="invalid_value",
        )
    if choice == "none" and offered and uses_tools(request["messages"]):
        # Converse can say "none" only by sending no tools, which a history with calls forbids.
        adjusted.note("tool_choice", "dropped", "Converse needs the tools that the history uses")
        choice = "auto"
    if choice == "none" or not offered:
        return None
    config: ToolConfig = {"tools": [tool(each["function"]) for each in offered]}
    kind, converse_choice = tool_choice(choice)
    if kind in quirks.tool_choices:
        config["toolChoice"] = converse_choice
    elif kind != "auto":
        adjusted.note("tool_choice", "dropped", "this model chooses for itself")
    return config


def tool(function: Function) -> Tool:
    spec: ToolSpec = {
        "name": function["name"],
        "inputSchema": {"json": function.get("parameters") or {"type": "object", "properties": {}}},
    }
    if description := function.get("description"):
        spec["description"] = description
    return {"toolSpec": spec}


def tool_choice(choice: OpenAIToolChoice) -> tuple[ToolChoiceKind, ToolChoice]:
    match choice:
        case "auto" | "none":
            return "auto", {"auto": {}}
        case "required":
            return "any", {"any": {}}
    return "tool", {"tool": {"name": choice["function"]["name"]}}
