"""A chat completion request, as a Plan: what to ask Bedrock, and what the way back must know."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from translators.chat import json_text
from translators.chat.additional import additional_fields
from translators.chat.adjustments import Adjustment, Adjustments
from translators.chat.fields import check_fields
from translators.chat.guardrails import guardrail_config
from translators.chat.messages import converse_messages, system_blocks
from translators.chat.offer import Offered, offered, tool_aliases
from translators.chat.options import DEFAULT, Options
from translators.chat.output import in_words, with_format
from translators.chat.passthrough import with_bedrock
from translators.chat.service import request_metadata, service_tier
from translators.chat.tool_choice import chosen
from translators.chat.tools import parallel_calls, tool_config
from translators.chat.way_back import WayBack
from translators.converse import ConverseRequest, InferenceConfig
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.quirks import Quirks, quirks_for

# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html: its length, and what
# can stand in a URL and in a header; which of those ids exist is for Bedrock to say.
MODEL_ID = re.compile(r"[!-~]{1,2048}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """One request, ready to be sent."""

    request: ChatCompletionRequest
    """What it was made of, with which `quirks` and `options`: what a refusal teaches makes another of it."""
    quirks: Quirks
    options: Options
    model_id: str
    """The model that is invoked: an id, a profile or an ARN."""
    converse: ConverseRequest
    n: int
    """How many times Bedrock is asked: Converse has no choices."""
    stream: bool
    streams: bool
    """Whether Bedrock is asked for a stream; where the client is and Bedrock is not, `replay` makes one."""
    adjusted: tuple[Adjustment, ...]
    way_back: WayBack

    def body(self) -> bytes:
        """The Converse request as JSON. Raises BadRequestError where a tool's parameters are bottomless.

        They are all of the client's JSON in it whose depth nobody has looked at yet.
        """
        return json_text.write(self.converse, "tools")

    def explained(self) -> bytes:
        """What would be asked of Bedrock, and what was changed for that, as JSON: the answer to a dry run."""
        explanation = {
            "model": self.model_id,
            "converse": self.converse,
            "adjusted": [adjustment._asdict() for adjustment in self.adjusted],
        }
        return json_text.write(explanation, "tools")


def plan(request: ChatCompletionRequest, quirks: Quirks | None = None, options: Options = DEFAULT) -> Plan:
    """Raises BadRequestError, with the path of the field, for what cannot be asked of Bedrock.

    `quirks` are the model's, where more is known of them than its name tells.
    """
    adjusted = Adjustments()
    check_model(request["model"])
    check_fields(request, adjusted)
    quirks = quirks or quirks_for(request["model"])
    offer = offered(request)
    aliases = tool_aliases(request, offer, adjusted)
    converse = converse_request(request, offer, aliases, quirks, options, adjusted)
    return Plan(
        request=request,
        quirks=quirks,
        options=options,
        model_id=request["model"],
        converse=converse,
        n=request.get("n") or 1,
        stream=request.get("stream") or False,
        streams=can_stream(converse, quirks),
        adjusted=adjusted.made(),
        way_back=WayBack(
            model=request["model"],
            include_usage=(request.get("stream_options") or {}).get("include_usage") or False,
            tool_names=MappingProxyType({alias: name for name, alias in aliases.items()}),
            custom_tools=frozenset(aliases.get(each.name, each.name) for each in offer if each.custom),
            function_calls=bool(request.get("functions")),
            bare_json=in_words(converse, request.get("response_format")),
        ),
    )


def check_model(model: str) -> None:
    """An id we do not know is tried; one that could be no id at all would only garble a path or a header."""
    if not MODEL_ID.fullmatch(model):
        raise BadRequestError(
            "Invalid 'model': expected 1 to 2048 printable ASCII characters.",
            param="model",
            code="invalid_value",
        )


def can_stream(converse: ConverseRequest, quirks: Quirks) -> bool:
    return quirks.tools_in_stream or "toolConfig" not in converse


def converse_request(
    request: ChatCompletionRequest,
    offer: list[Offered],
    aliases: Mapping[str, str],
    quirks: Quirks,
    options: Options,
    adjusted: Adjustments,
) -> ConverseRequest:
    choice = chosen(request, offer)
    calls = choice.mode != "none"
    messages = converse_messages(
        request["messages"], aliases, quirks, adjusted, tools=bool(offer) and calls, calls=calls
    )
    converse: ConverseRequest = {"messages": messages}
    if system := system_blocks(request["messages"], quirks):
        converse["system"] = system
    if config := inference_config(request, quirks, adjusted):
        converse["inferenceConfig"] = config
    tools = tool_config(offer, choice, messages, aliases, quirks, adjusted)
    if tools:
        converse["toolConfig"] = tools
    one_call = parallel_calls(request, tools, quirks, adjusted)
    if additional := additional_fields(request, quirks, adjusted, one_call):
        converse["additionalModelRequestFields"] = additional
    if tier := service_tier(request.get("service_tier"), quirks, adjusted):
        converse["serviceTier"] = tier
    if labels := request_metadata(request.get("metadata")):
        converse["requestMetadata"] = labels
    converse = with_format(converse, request.get("response_format"), quirks, adjusted)
    converse = with_bedrock(converse, request.get("bedrock"))
    streamed = bool(request.get("stream")) and can_stream(converse, quirks)
    if guardrail := guardrail_config(request, options, streamed=streamed):
        converse["guardrailConfig"] = guardrail
    return converse


def inference_config(
    request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments
) -> InferenceConfig:
    config = sampling(request, quirks, adjusted)
    if (max_tokens := request.get("max_completion_tokens") or request.get("max_tokens")) is not None:
        config["maxTokens"] = limited(max_tokens, quirks, adjusted)
    if stop := stop_sequences(request, quirks, adjusted):
        config["stopSequences"] = stop
    return config


def limited(max_tokens: int, quirks: Quirks, adjusted: Adjustments) -> int:
    if quirks.max_tokens is not None and max_tokens > quirks.max_tokens:
        adjusted.note("max_tokens", "clamped", f"this model's limit is {quirks.max_tokens}")
        return quirks.max_tokens
    if max_tokens < quirks.least_tokens:
        adjusted.note("max_tokens", "clamped", f"the least that this model takes is {quirks.least_tokens}")
        return quirks.least_tokens
    return max_tokens


def sampling(request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments) -> InferenceConfig:
    """Where only one of the two may be sent, temperature wins: it is the one that users set."""
    config: InferenceConfig = {}
    if (temperature := request.get("temperature")) is not None:
        if quirks.temperature:
            config["temperature"] = clamped(temperature, adjusted)
        else:
            adjusted.note("temperature", "dropped", "this model takes none")
    top_p = request.get("top_p")
    if top_p is not None and top_p != 1:  # 1 is OpenAI's default and changes nothing
        if not quirks.top_p:
            adjusted.note("top_p", "dropped", "this model takes none")
        elif config and not quirks.top_p_beside_temperature:
            adjusted.note("top_p", "dropped", "this model does not take it beside temperature")
        else:
            config["topP"] = top_p
    return config


def clamped(temperature: float, adjusted: Adjustments) -> float:
    if temperature > 1:
        adjusted.note("temperature", "clamped", "Bedrock's maximum is 1")
    return min(temperature, 1)


def stop_sequences(request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments) -> list[str]:
    stop = request.get("stop") or []
    sequences = [stop] if isinstance(stop, str) else stop
    kept = [sequence for sequence in sequences if sequence.strip()]
    if len(kept) < len([sequence for sequence in sequences if sequence]):
        adjusted.note("stop", "dropped", "Bedrock refuses sequences of white space")
    if kept and not quirks.stop_sequences:
        adjusted.note("stop", "dropped", "this model takes none")
        return []
    return kept
