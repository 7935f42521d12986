"""Which of the tools may be called, and whether one must be, as a model can be told.

Converse's toolChoice is auto, any or tool. It has no "none", which is to offer no tools; nor has every
model every kind of it. Where the model has no kind that fits, what it is offered makes up for it.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html
"""

from collections.abc import Sequence

from translators.chat.adjustments import Adjustments
from translators.chat.offer import Offer, Offered
from translators.converse import ToolChoice
from translators.departures import Quirks
from translators.errors import unsupported


def choosable(offer: Offer, quirks: Quirks) -> Sequence[Offered]:
    """The tools to be offered, that the model may choose only what it may.

    Raises BadRequestError where it is known to take none: whoever offers some waits for calls.
    """
    choice = offer.choice
    if choice.mode == "none" or not offer.tools:
        return []
    if not quirks.tools:
        raise unsupported(offer.tools[0].path.partition("[")[0], "this model doesn't support tool use")
    if choice.only is None or (choice.named and "tool" in quirks.tool_choices):
        return offer.tools
    return [each for each in offer.tools if each.name in choice.only]


def converse_choice(offer: Offer, quirks: Quirks, adjusted: Adjustments) -> ToolChoice | None:
    """None where the model is left to choose among what it is offered."""
    choice = offer.choice
    if choice.mode != "required":
        return {"auto": {}} if "auto" in quirks.tool_choices else None
    if choice.named and choice.only and "tool" in quirks.tool_choices:
        [name] = choice.only
        return {"tool": {"name": offer.alias(name)}}
    forced = "any" in quirks.tool_choices
    if choice.named:
        reason = "takes no name" if forced else "chooses for itself"
        adjusted.note(choice.field, "emulated", f"this model {reason}: it is offered only that tool")
    elif not forced:
        adjusted.note(choice.field, "dropped", "this model chooses for itself")
    return {"any": {}} if forced else None
