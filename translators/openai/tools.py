"""Tools on OpenAI's wire: what may be called, which of it must be, and calls, whole and in pieces.

Functions, which came before tools, are of the same shapes.
"""

from typing import Any, Literal, NotRequired, TypedDict

from translators.openai.extensions import Marked

# What may be called


class Function(Marked):
    name: str
    description: NotRequired[str | None]
    parameters: NotRequired[dict[str, Any] | None]  # a JSON schema: any object
    strict: NotRequired[bool | None]


class FunctionTool(Marked):
    type: Literal["function"]
    function: Function


class TextFormat(TypedDict):
    type: Literal["text"]


class GrammarFormat(TypedDict):
    type: Literal["grammar"]


class Custom(Marked):
    name: str
    description: NotRequired[str | None]
    format: NotRequired[TextFormat | GrammarFormat | None]


class CustomTool(Marked):
    """A tool whose input is free text."""

    type: Literal["custom"]
    custom: Custom


Tool = FunctionTool | CustomTool


class ToolName(TypedDict):
    name: str


class NamedFunction(TypedDict):
    type: Literal["function"]
    function: ToolName


class NamedCustom(TypedDict):
    type: Literal["custom"]
    custom: ToolName


NamedTool = NamedFunction | NamedCustom


class AllowedTools(TypedDict):
    mode: Literal["auto", "required"]
    tools: list[NamedTool]


class AllowedToolsChoice(TypedDict):
    type: Literal["allowed_tools"]
    allowed_tools: AllowedTools


ToolChoice = Literal["none", "auto", "required"] | NamedFunction | NamedCustom | AllowedToolsChoice


# Calls


class FunctionCall(TypedDict):
    name: str
    arguments: str


class FunctionToolCall(Marked):
    id: str
    type: NotRequired[Literal["function"]]
    function: FunctionCall


class CustomCall(TypedDict):
    name: str
    input: str


class CustomToolCall(Marked):
    id: str
    type: Literal["custom"]
    custom: CustomCall


ToolCall = FunctionToolCall | CustomToolCall


# Calls in pieces


class FunctionCallDelta(TypedDict, total=False):
    name: str
    arguments: str


class CustomCallDelta(TypedDict, total=False):
    name: str
    input: str


class ToolCallDelta(TypedDict):
    """Of a call's two halves, function and custom, exactly one is there."""

    index: int
    id: NotRequired[str]
    type: NotRequired[Literal["function", "custom"]]
    function: NotRequired[FunctionCallDelta]
    custom: NotRequired[CustomCallDelta]
