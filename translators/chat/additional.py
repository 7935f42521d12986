"""additionalModelRequestFields: what Converse has no field for, each model in its own words.

All that goes there meets here: what OpenAI's fields become, what other modules derive, and over all of it
the user's own object.
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from translators.chat import json_text
from translators.chat.adjustments import Adjustments
from translators.departures import Quirks
from translators.openai import ChatCompletionRequest

Fields = dict[str, Any]  # JSON that Converse passes on as it is

OWN: Final = "additionalModelRequestFields"


def additional_fields(
    request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments, *derived: Fields
) -> Fields:
    """`derived` are the objects of other modules; of two values for one key the later wins, the user's last.

    Raises BadRequestError where the user's object is too deep to be passed on.
    """
    fields = merged(top_k(request, quirks, adjusted), penalties(request, quirks, adjusted))
    for each in derived:
        fields = merged(fields, each)
    for path, own in ((OWN, request.get(OWN)), (f"bedrock.{OWN}", (request.get("bedrock") or {}).get(OWN))):
        if own:
            json_text.write({"converse": {OWN: own}}, path)
            fields = merged(fields, own)
    return fields


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> Fields:
    """Objects within objects too; any other value is replaced.

    >>> merged({"inferenceConfig": {"topK": 5}}, {"inferenceConfig": {"topK": 9, "x": 1}, "y": [2]})
    {'inferenceConfig': {'topK': 9, 'x': 1}, 'y': [2]}
    """
    fields = dict(under)
    for name, value in over.items():
        below = under.get(name)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            fields[name] = merged(below, value)
        else:
            fields[name] = value
    return fields


def top_k(request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments) -> Fields:
    """Not OpenAI's, but many clients send it; none, 0 and -1 say that there is no limit."""
    wanted = request.get("top_k")
    if wanted is None or wanted < 1:
        return {}
    if not quirks.top_k:
        adjusted.note("top_k", "dropped", "this model takes none")
        return {}
    fields: Any = wanted
    for name in reversed(quirks.top_k):
        fields = {name: fields}
    return dict(fields)


def penalties(request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments) -> Fields:
    """Who takes them takes them by OpenAI's names."""
    both = (
        penalty("frequency_penalty", request.get("frequency_penalty"), quirks, adjusted),
        penalty("presence_penalty", request.get("presence_penalty"), quirks, adjusted),
    )
    return {name: value for each in both for name, value in each.items()}


def penalty(
    field: Literal["frequency_penalty", "presence_penalty"],
    wanted: float | None,
    quirks: Quirks,
    adjusted: Adjustments,
) -> Fields:
    if not wanted:
        return {}
    if quirks.penalties is None:
        adjusted.note(field, "dropped", "this model takes none")
        return {}
    least, most = quirks.penalties
    value = min(max(wanted, least), most)
    if value != wanted:
        adjusted.note(field, "clamped", f"this model takes {least} to {most}")
    return {field: value} if value else {}
