"""Lessons from refusals: what a ValidationException says that a model does not take is left out.

For models whose differences are in no row of `quirks`. A lesson only ever drops or lowers what the
model refused, so it cannot make another request of what the user asked.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple, cast

from translators.chat.adjustments import Adjustment
from translators.chat.request import Plan
from translators.converse import ContentBlock, ConverseRequest, InferenceConfig, Message
from translators.errors import BadRequestError


class Lesson(NamedTuple):
    """What was learned of a model: by which rule, and the number that Bedrock named, if it did."""

    rule: str
    number: int = 0


Changed = tuple[ConverseRequest, Adjustment]
Change = Callable[[ConverseRequest, int], Changed | None]
"""The request without what was refused, and what to tell of it; None where it holds no such thing."""


def learn(refusal: BadRequestError, asked: Plan) -> Lesson | None:
    """The lesson of a refusal, if it is one that changes this request."""
    for name, (pattern, change) in RULES.items():
        if match := pattern.search(refusal.message):
            number = int(match["number"]) if "number" in match.groupdict() else 0
            if change(asked.converse, number):
                return Lesson(name, number)
    return None


def apply(lessons: Iterable[Lesson], asked: Plan) -> Plan:
    """The plan as the lessons have it; those that change nothing about it are passed over."""
    for rule, number in lessons:
        if changed := RULES[rule][1](asked.converse, number):
            converse, adjustment = changed
            asked = replace(asked, converse=converse, adjusted=(*asked.adjusted, adjustment))
    return asked


def drop_inference(member: str, field: str) -> Change:
    """Without a member of inferenceConfig, told under OpenAI's name for it."""

    def change(converse: ConverseRequest, _: int) -> Changed | None:
        config = converse.get("inferenceConfig", {})
        if member not in config:
            return None
        rest = cast(InferenceConfig, {name: value for name, value in config.items() if name != member})
        return {**converse, "inferenceConfig": rest}, Adjustment(field, "dropped", "this model refused it")

    return change


def clamp_max_tokens(converse: ConverseRequest, most: int) -> Changed | None:
    config = converse.get("inferenceConfig", {})
    if config.get("maxTokens", 0) <= most:
        return None
    adjustment = Adjustment("max_tokens", "clamped", f"this model's limit is {most}")
    return {**converse, "inferenceConfig": {**config, "maxTokens": most}}, adjustment


def drop_service_tier(converse: ConverseRequest, _: int) -> Changed | None:
    if "serviceTier" not in converse:
        return None
    rest = cast(ConverseRequest, {name: value for name, value in converse.items() if name != "serviceTier"})
    return rest, Adjustment("service_tier", "dropped", "this model refused it")


def drop_top_p_beside_temperature(converse: ConverseRequest, number: int) -> Changed | None:
    if "temperature" not in converse.get("inferenceConfig", {}):
        return None
    return drop_inference("topP", "top_p")(converse, number)


def drop_tool_choice(kind: str) -> Change:
    def change(converse: ConverseRequest, _: int) -> Changed | None:
        config = converse.get("toolConfig")
        if not config or kind not in config.get("toolChoice", {}):
            return None
        adjustment = Adjustment("tool_choice", "dropped", "this model refused it")
        return {**converse, "toolConfig": {"tools": config["tools"]}}, adjustment

    return change


def drop_result_status(converse: ConverseRequest, _: int) -> Changed | None:
    if not any(
        "status" in block.get("toolResult", {})
        for message in converse["messages"]
        for block in message["content"]
    ):
        return None
    messages: list[Message] = [
        {"role": message["role"], "content": [without_status(block) for block in message["content"]]}
        for message in converse["messages"]
    ]
    adjustment = Adjustment("messages", "repaired", "this model refused the status of tool results")
    return {**converse, "messages": messages}, adjustment


def without_status(block: ContentBlock) -> ContentBlock:
    result = block.get("toolResult")
    if result is None:
        return block
    return {"toolResult": {"toolUseId": result["toolUseId"], "content": result["content"]}}


# Bedrock's words, recorded or reported, -> what helps. The first that fits and changes something counts.
RULES: dict[str, tuple[re.Pattern[str], Change]] = {
    # "The maximum tokens you requested exceeds the model limit of 4096. Try again with a ..."
    "max_tokens": (re.compile(r"exceeds the model limit of (?P<number>\d+)"), clamp_max_tokens),
    # "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
    "top_p beside temperature": (
        re.compile(r"`temperature` and `top_p` cannot both be specified"),
        drop_top_p_beside_temperature,
    ),
    # "`temperature` is deprecated for this model." "This model doesn't support the temperature field."
    "temperature": (
        re.compile(r"`temperature` is deprecated|doesn't support the temperature field"),
        drop_inference("temperature", "temperature"),
    ),
    "top_p": (
        re.compile(r"`top_p` is deprecated|doesn't support the topP field"),
        drop_inference("topP", "top_p"),
    ),
    "stop": (
        re.compile(r"doesn't support the stopSequences field"),
        drop_inference("stopSequences", "stop"),
    ),
    # "This model doesn't support the toolConfig.toolChoice.any field. Remove toolConfig.toolChoice.any ..."
    **{
        f"tool_choice {kind}": (
            re.compile(rf"doesn't support the toolConfig\.toolChoice\.{kind} field"),
            drop_tool_choice(kind),
        )
        for kind in ("any", "tool")
    },
    "service_tier": (re.compile(r"doesn't support the serviceTier"), drop_service_tier),
    "status": (re.compile(r"doesn't support the [\w.]*toolResult\.status field"), drop_result_status),
}
