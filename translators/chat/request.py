"""A chat completion request, as a Plan: what to ask Bedrock, and what the way back must know.

Fields decide about each other, so `converse_request` looks at them in this order:

    tool_choice           whether the model may be asked to think: some do not think where a call is demanded
    thinking              how response_format is asked for: thinking, some cannot be made to call a tool
    messages              whether it can think on: some cannot where the thinking before open calls is lost
    thinking, once more   which parameters may be sent
"""

import re
from dataclasses import dataclass, replace
from types import MappingProxyType

from translators.chat import json_text
from translators.chat.additional import additional_fields
from translators.chat.adjustments import Adjustment, Adjustments
from translators.chat.cache_marks import Marks
from translators.chat.caching import with_cache_points
from translators.chat.cuts import NO_CUTS, Cuts, Pieces
from translators.chat.fields import check_fields
from translators.chat.guardrails import guardrail_config
from translators.chat.inference import inference_config
from translators.chat.messages import converse_messages, system_blocks
from translators.chat.offer import Choice, Offer, chosen, names_of_tools, offered, tool_aliases
from translators.chat.options import DEFAULT, Options
from translators.chat.output import Output, output, with_output
from translators.chat.passthrough import with_bedrock
from translators.chat.reasoning import asked_to_think, thinks, unless_forgotten, while_thinking
from translators.chat.recollection import occasion
from translators.chat.service import request_metadata, service_tier
from translators.chat.thinking import between_calls, thinking
from translators.chat.tool_choice import choosable
from translators.chat.tools import parallel_calls, tool_config
from translators.chat.way_back import ReasoningField, WayBack
from translators.chat.writing import written
from translators.converse import ConverseRequest
from translators.departures import Quirks
from translators.errors import invalid
from translators.models import Resolved
from translators.openai import ChatCompletionRequest
from translators.quirks import quirks_for

# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html: its length, and what
# can stand in a URL and in a header; which of those ids exist is for Bedrock to say.
MODEL_ID = re.compile(r"[!-~]{1,2048}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """One request, ready to be sent.

    It is bytes already: the objects that it was made of and from are several times as large, and a model
    may take minutes to answer. So the request is not kept, nor what it became.
    """

    quirks: Quirks
    """With these and the options it was made: what a refusal teaches makes another plan of the request."""
    options: Options
    invoked: Resolved
    """What the model that the request names turned out to be."""
    pieces: Pieces
    """The Converse request as JSON, which media are put into that were cut out of the client's."""
    n: int
    """How many times Bedrock is asked: Converse has no choices."""
    stream: bool
    streams: bool
    """Whether Bedrock is asked for a stream; where the client is and Bedrock is not, `replay` makes one."""
    adjusted: tuple[Adjustment, ...]
    way_back: WayBack

    @property
    def model_id(self) -> str:
        """The model that is invoked: an id, a profile or an ARN."""
        return self.invoked.model_id

    def explained(self) -> bytes:
        """What would be asked of Bedrock, and what was changed for that, as JSON: the answer to a dry run."""
        model = json_text.written(self.model_id)
        adjusted = json_text.written([adjustment._asdict() for adjustment in self.adjusted])
        return b"".join([b'{"model":', model, b',"converse":', *self.pieces, b',"adjusted":', adjusted, b"}"])


def plan(
    request: ChatCompletionRequest,
    quirks: Quirks | None = None,
    options: Options = DEFAULT,
    invoked: Resolved | None = None,
    cuts: Cuts = NO_CUTS,
) -> Plan:
    """Raises BadRequestError, with the path of the field, for what cannot be asked of Bedrock.

    `quirks` are the model's, where more is known of them than its name tells. `invoked` is what that name
    was resolved to; without it the name is the id. `cuts` were made in the request's JSON.
    """
    invoked = invoked or Resolved(request["model"])
    check_model(invoked.model_id)
    check_fields(request)
    quirks = quirks or quirks_for(invoked.base_model or invoked.model_id)
    tools = offered(request)
    choice = chosen(request, tools)
    adjusted = Adjustments(names_used(request, choice))
    offer = Offer(tools, choice, tool_aliases(request, tools, adjusted))
    marks = Marks(request, quirks)
    converse, format_ = converse_request(request, offer, cuts, marks, quirks, options, adjusted)
    converse = with_cache_points(converse, request, offer.aliases, marks, quirks, options)
    return Plan(
        quirks=quirks,
        options=options,
        invoked=invoked,
        # The parameters of tools are all of the client's JSON in it whose depth nobody has looked at yet.
        pieces=cuts.pasted(written(converse, cuts.left, "tools", whole=cuts.key if cuts.held else "")),
        n=request.get("n") or 1,
        stream=request.get("stream") or False,
        streams=can_stream(converse, quirks),
        adjusted=adjusted.made(),
        way_back=way_back(request, offer, quirks, options, format_),
    )


def names_used(request: ChatCompletionRequest, choice: Choice) -> dict[str, str]:
    """Of fields with two names the one that counts, by the one that notes go under."""
    newer = request.get("max_completion_tokens") is not None
    return {
        "max_tokens": "max_completion_tokens" if newer else "max_tokens",
        "tool_choice": choice.field,
    }


def way_back(
    request: ChatCompletionRequest, offer: Offer, quirks: Quirks, options: Options, format_: Output
) -> WayBack:
    return WayBack(
        model=request["model"],
        include_usage=(request.get("stream_options") or {}).get("include_usage") or False,
        tool_names=MappingProxyType({alias: name for name, alias in offer.aliases.items()}),
        custom_tools=frozenset(offer.alias(each.name) for each in offer.tools if each.custom),
        function_calls=bool(request.get("functions")),
        reasoning_field=reasoning_field(request, options),
        reasoning_format=quirks.reasoning_format,
        inline_reasoning=quirks.inline_reasoning,
        occasion=occasion(request, quirks, options.recollection.scope),
        output_tool=format_.tool_name,
        bare_json=format_.bare,
    )


def check_model(model: str) -> None:
    """An id we do not know is tried; one that could be no id at all would only garble a path or a header."""
    if not MODEL_ID.fullmatch(model):
        raise invalid("model", "expected 1 to 2048 printable ASCII characters")


def can_stream(converse: ConverseRequest, quirks: Quirks) -> bool:
    return quirks.tools_in_stream or "toolConfig" not in converse


def answer_format(
    request: ChatCompletionRequest, offer: Offer, quirks: Quirks, adjusted: Adjustments
) -> Output:
    if (format_ := request.get("response_format")) is None:
        return Output()
    return output(
        format_,
        offer.choice,
        {offer.alias(name) for name in names_of_tools(request, offer.tools)},
        quirks,
        adjusted,
        tools=bool(choosable(offer, quirks)),
    )


def converse_request(
    request: ChatCompletionRequest,
    offer: Offer,
    cuts: Cuts,
    marks: Marks,
    quirks: Quirks,
    options: Options,
    adjusted: Adjustments,
) -> tuple[ConverseRequest, Output]:
    """And how the answer's format is asked for, which the way back must know."""
    wished = asked_to_think(request, quirks, adjusted, forced=offer.choice.mode == "required")
    format_ = answer_format(request, offer, while_thinking(quirks, wished), adjusted)
    messages = converse_messages(
        request["messages"],
        offer.aliases,
        cuts,
        marks,
        while_thinking(quirks, wished),
        replace(options.recollection, counts=thinks(wished, quirks) and not options.recollection.refused),
        adjusted,
        tools=(bool(offer.tools) and offer.calls) or format_.tool is not None,
        calls=offer.calls,
    )
    wished = unless_forgotten(wished, messages, quirks, adjusted)
    quirks = while_thinking(quirks, wished)
    converse: ConverseRequest = {"messages": messages}
    if system := system_blocks(request["messages"], marks, quirks):
        converse["system"] = system
    thoughts, config = thinking(wished, inference_config(request, quirks, adjusted), quirks, adjusted)
    if config:
        converse["inferenceConfig"] = config
    tools = tool_config(offer, format_.tool, messages, quirks, adjusted)
    if tools:
        converse["toolConfig"] = tools
    derived = (parallel_calls(request, tools, quirks, adjusted), between_calls(thoughts, tools, quirks))
    if additional := additional_fields(request, quirks, adjusted, thoughts, *derived):
        converse["additionalModelRequestFields"] = additional
    converse = with_output(converse, format_, quirks)
    return served(converse, request, cuts, quirks, options, adjusted), format_


def served(
    converse: ConverseRequest,
    request: ChatCompletionRequest,
    cuts: Cuts,
    quirks: Quirks,
    options: Options,
    adjusted: Adjustments,
) -> ConverseRequest:
    """How it is to be served, labelled and guarded, and what the user says in Bedrock's own words."""
    converse = {**converse}
    if tier := service_tier(request.get("service_tier"), quirks, adjusted):
        converse["serviceTier"] = tier
    if labels := request_metadata(request.get("metadata"), cuts):
        converse["requestMetadata"] = labels
    converse = with_bedrock(converse, request.get("bedrock"))
    streamed = bool(request.get("stream")) and can_stream(converse, quirks)
    if guardrail := guardrail_config(request, options, streamed=streamed):
        converse["guardrailConfig"] = guardrail
    return converse


def reasoning_field(request: ChatCompletionRequest, options: Options) -> ReasoningField:
    return "none" if (request.get("reasoning") or {}).get("exclude") else options.reasoning_field
