"""tool_choice, and function_call before it: which of the tools may be called, and whether one must be.

Converse's toolChoice is auto, any or tool. It has no "none", which is to offer no tools; nor has every
model every kind of it. Where the model has no kind that fits, what it is offered makes up for it.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from translators.chat.adjustments import Adjustments
from translators.chat.offer import Offered
from translators.converse import ToolChoice
from translators.departures import Quirks
from translators.errors import invalid, unsupported
from translators.openai import ChatCompletionRequest
from translators.openai.tools import NamedTool


class Choice(NamedTuple):
    field: Literal["tool_choice", "function_call"] = "tool_choice"
    mode: Literal["none", "auto", "required"] = "auto"
    only: frozenset[str] | None = None
    """The client's names of the tools that may be called; None: all."""
    named: bool = False
    """Whether it is one tool that must be called."""


def chosen(request: ChatCompletionRequest, offer: Iterable[Offered]) -> Choice:
    """Raises BadRequestError for a choice of what is not offered."""
    choice = choice_of(request)
    names = {each.name for each in offer}
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


def choosable(offer: Sequence[Offered], choice: Choice, quirks: Quirks) -> Sequence[Offered]:
    """The tools to be offered, that the model may choose only what it may.

    Raises BadRequestError where it is known to take none: whoever offers some waits for calls.
    """
    if choice.mode == "none" or not offer:
        return []
    if not quirks.tools:
        raise unsupported(offer[0].path.partition("[")[0], "this model doesn't support tool use")
    if choice.only is None or (choice.named and "tool" in quirks.tool_choices):
        return offer
    return [each for each in offer if each.name in choice.only]


def converse_choice(
    choice: Choice, aliases: Mapping[str, str], quirks: Quirks, adjusted: Adjustments
) -> ToolChoice | None:
    """None where the model is left to choose among what it is offered."""
    if choice.mode != "required":
        return {"auto": {}} if "auto" in quirks.tool_choices else None
    if choice.named and choice.only and "tool" in quirks.tool_choices:
        [name] = choice.only
        return {"tool": {"name": aliases.get(name, name)}}
    forced = "any" in quirks.tool_choices
    if choice.named:
        reason = "takes no name" if forced else "chooses for itself"
        adjusted.note(choice.field, "emulated", f"this model {reason}: it is offered only that tool")
    elif not forced:
        adjusted.note(choice.field, "dropped", "this model chooses for itself")
    return {"any": {}} if forced else None
