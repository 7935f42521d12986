"""What a request offers to call, and whether it wants a call.

Tools are of two kinds, and before there were any there were functions; tool_choice was function_call.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from translators.chat.adjustments import Adjustments
from translators.chat.calls import INPUT, called, names_called
from translators.chat.names import TOOL_NAME, aliases
from translators.converse import JSON
from translators.errors import invalid, unsupported
from translators.openai import ChatCompletionRequest
from translators.openai.tools import Custom, Function, NamedTool, Tool

FREE_TEXT = f"Its input is free text: all of it is the string `{INPUT}`."
FREE_INPUT: JSON = {"type": "object", "properties": {INPUT: {"type": "string"}}, "required": [INPUT]}


class Offered(NamedTuple):
    path: str
    """Where in the request it stands."""
    name: str
    description: str
    parameters: Mapping[str, JSON] | None
    strict: bool = False
    custom: bool = False
    """Whether the client takes its input as free text."""


class Choice(NamedTuple):
    field: Literal["tool_choice", "function_call"] = "tool_choice"
    mode: Literal["none", "auto", "required"] = "auto"
    only: frozenset[str] | None = None
    """The client's names of the tools that may be called; None: all."""
    named: bool = False
    """Whether it is one tool that must be called."""


class Offer(NamedTuple):
    tools: list[Offered]
    choice: Choice
    aliases: Mapping[str, str]
    """The client's name of a tool -> the one that Bedrock gets, where they differ."""

    @property
    def calls(self) -> bool:
        """Whether there may be any, in the history too."""
        return self.choice.mode != "none"

    def alias(self, name: str) -> str:
        return self.aliases.get(name, name)


def offered(request: ChatCompletionRequest) -> list[Offered]:
    """Raises BadRequestError for tools beside functions, and for an input that only a grammar describes."""
    tools, functions = request.get("tools") or [], request.get("functions") or []
    if tools and functions:
        # A call could be told in two ways, and either would be lost on one of the two.
        raise invalid("functions", "'tools' is their successor; offer one of the two")
    if functions:
        return [of_function(each, f"functions[{index}]") for index, each in enumerate(functions)]
    return [of_tool(tool, f"tools[{index}]") for index, tool in enumerate(tools)]


def of_tool(tool: Tool, path: str) -> Offered:
    if tool["type"] == "function":
        return of_function(tool["function"], f"{path}.function")
    return of_custom(tool["custom"], f"{path}.custom")


def of_function(function: Function, path: str) -> Offered:
    return Offered(
        path,
        function["name"],
        function.get("description") or "",
        function.get("parameters"),
        strict=function.get("strict") or False,
    )


def of_custom(custom: Custom, path: str) -> Offered:
    if (format_ := custom.get("format")) and format_["type"] == "grammar":
        raise unsupported(f"{path}.format", "Bedrock cannot hold a model to a grammar")
    description = f"{custom.get('description') or ''}\n{FREE_TEXT}".strip()
    return Offered(path, custom["name"], description, FREE_INPUT, custom=True)


def chosen(request: ChatCompletionRequest, tools: Iterable[Offered]) -> Choice:
    """Raises BadRequestError for a choice of what is not offered."""
    choice = choice_of(request)
    names = {each.name for each in tools}
    if choice.only is None and (names or choice.mode != "required"):
        return choice
    if choice.only and choice.only <= names:
        return choice
    reason = "what is offered does not hold what it names" if names else "nothing is offered"
    raise invalid(choice.field, f"it asks for a call, but {reason}")


def choice_of(request: ChatCompletionRequest) -> Choice:
    match request.get("function_call"):
        case {"name": str(name)}:
            return Choice("function_call", "required", frozenset({name}), named=True)
        case "none" if request.get("functions"):
            return Choice("function_call", "none")
    match request.get("tool_choice"):
        case "none":
            return Choice(mode="none")
        case "required":
            return Choice(mode="required")
        case {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "auto" | "required" as mode, "tools": tools},
        }:
            return Choice(mode=mode, only=frozenset(map(named, tools)))
        case {"function": {"name": name}} | {"custom": {"name": name}}:
            return Choice(mode="required", only=frozenset({name}), named=True)
    return Choice()


def named(tool: NamedTool) -> str:
    return tool["function"]["name"] if tool["type"] == "function" else tool["custom"]["name"]


def tool_aliases(
    request: ChatCompletionRequest, offer: Iterable[Offered], adjusted: Adjustments
) -> dict[str, str]:
    """The client's name of a tool -> the one that Bedrock gets, where they differ."""
    made = aliases(names_of_tools(request, offer), TOOL_NAME)
    if not made:
        return made
    places: dict[str, str] = {}
    for path, name in tool_names(request, offer):
        places.setdefault(name, path)
    for name, alias in made.items():
        adjusted.note(places[name], "renamed", f"Bedrock knows it as {alias}")
    return made


def names_of_tools(request: ChatCompletionRequest, offer: Iterable[Offered]) -> Iterator[str]:
    """Of what is offered, and of the calls in the history."""
    for each in offer:
        yield each.name
    for message in request["messages"]:
        if message["role"] == "assistant":
            yield from called(message)


def tool_names(request: ChatCompletionRequest, offer: Iterable[Offered]) -> Iterator[tuple[str, str]]:
    """The same, each with its path."""
    for each in offer:
        yield f"{each.path}.name", each.name
    for index, message in enumerate(request["messages"]):
        if message["role"] == "assistant":
            yield from names_called(message, f"messages[{index}]")
