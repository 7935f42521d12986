"""Asking a model to think: what clients send for it, as one Wish, and what that rules out.

    reasoning_effort                        OpenAI's
    reasoning: {effort, max_tokens, ...}    OpenRouter's
    thinking: {type, budget_tokens}         Anthropic's; the more exact form wins

What cannot stand beside thinking gives way (`while_thinking`), or thinking does (`asked_to_think`). How each
family of models is asked is in `thinking`.
"""

from dataclasses import replace
from typing import NamedTuple

from translators.chat.adjustments import Adjustments
from translators.chat.recollection import forgotten
from translators.converse import Message
from translators.departures import Quirks
from translators.openai import ChatCompletionRequest


class Wish(NamedTuple):
    """What the client asks for. Without effort and budget it is the model's own way of thinking."""

    field: str
    effort: str | None
    budget: int | None = None

    @property
    def none(self) -> bool:
        return self.effort == "none"


def wish(request: ChatCompletionRequest) -> Wish | None:
    """What the request says about thinking, in the most exact of its forms; None where it says nothing."""
    if thinking := request.get("thinking"):
        if thinking["type"] == "disabled":
            return Wish("thinking", "none")
        return Wish("thinking", None, thinking.get("budget_tokens"))
    reasoning = request.get("reasoning") or {}
    effort, most = reasoning.get("effort"), reasoning.get("max_tokens")
    if reasoning.get("enabled") is False:
        return Wish("reasoning", "none")
    if effort or most or reasoning.get("enabled"):
        return Wish("reasoning", effort, most)
    if effort := request.get("reasoning_effort"):
        return Wish("reasoning_effort", effort)
    return None


def asked_to_think(
    request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments, *, forced: bool
) -> Wish | None:
    """The wish, if this model can be asked for it; `forced`: a tool call is demanded.

    Some models do not think then, and who demands a call depends on it.
    """
    wished = wish(request)
    if wished is None or quirks.reasoning == "none":
        return None  # a hint to a model that does not think
    if forced and quirks.thinks_alone and quirks.thinks != "always" and not wished.none:
        adjusted.note(wished.field, "dropped", "this model does not think where a tool call is demanded")
        return Wish(wished.field, "none")
    return wished


def thinks(wished: Wish | None, quirks: Quirks) -> bool:
    """Whether the model may think, asked or not."""
    if wished is None:
        return quirks.thinks != "when_asked"
    return quirks.thinks == "always" or not wished.none


def unless_forgotten(
    wished: Wish | None, messages: list[Message], quirks: Quirks, adjusted: Adjustments
) -> Wish | None:
    """In the middle of tool calls some models think on only where they are told what they thought before."""
    if wished is None or wished.none or not quirks.thoughts_demanded or not forgotten(messages):
        return wished
    adjusted.note(wished.field, "dropped", "what it thought before these calls is not known any more")
    return Wish(wished.field, "none")


def while_thinking(quirks: Quirks, wished: Wish | None) -> Quirks:
    """What a model that is asked to think takes; Claude's rules, and those of others are less strict.

    https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html
    """
    if wished is None or not thinks(wished, quirks) or not quirks.thinks_alone:
        return quirks
    return replace(
        quirks,
        temperature=False,
        top_p=False,
        top_k=(),
        tool_choices=quirks.tool_choices & {"auto"},
        prefill="never",
    )
