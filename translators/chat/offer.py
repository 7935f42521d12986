"""What a request offers to call: tools of both kinds, or functions as they were before there were tools."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from translators.chat.adjustments import Adjustments
from translators.chat.calls import INPUT, names_called
from translators.chat.names import TOOL_NAME, aliases
from translators.converse import JSON
from translators.errors import invalid, unsupported
from translators.openai import ChatCompletionRequest
from translators.openai.tools import Custom, Function, Tool

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


def tool_aliases(
    request: ChatCompletionRequest, offer: Iterable[Offered], adjusted: Adjustments
) -> dict[str, str]:
    """The client's name of a tool -> the one that Bedrock gets, where they differ."""
    places: dict[str, str] = {}
    for path, name in tool_names(request, offer):
        places.setdefault(name, path)
    made = aliases(places, TOOL_NAME)
    for name, alias in made.items():
        adjusted.note(places[name], "renamed", f"Bedrock knows it as {alias}")
    return made


def tool_names(request: ChatCompletionRequest, offer: Iterable[Offered]) -> Iterator[tuple[str, str]]:
    """Each name with its path: of what is offered, of the calls in the history."""
    for each in offer:
        yield f"{each.path}.name", each.name
    for index, message in enumerate(request["messages"]):
        if message["role"] == "assistant":
            yield from names_called(message, f"messages[{index}]")
