"""OpenAI's chat completions and models on the wire, as far as this proxy reads or writes them.

Names and meanings are OpenAI's own: https://platform.openai.com/docs/api-reference/chat
A nullable field may be null, which means the same as absent.

    here          requests, completions, chunks, the list of models, errors
    parts         what a message's content is made of
    tools         what may be called, and calls
    reasoning     how thinking is asked for and told, in OpenAI's words and in others'
    extensions    what else is not OpenAI's: Bedrock's own fields, and marks for caching
"""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from translators.constraints import Range
from translators.openai.extensions import Bedrock, Guardrail, Marked
from translators.openai.parts import AudioReference, MediaPart, RefusalPart, TextPart, ThinkingPart
from translators.openai.reasoning import Effort, Reasoning, ReasoningDetail, Thinking
from translators.openai.tools import (
    Function,
    FunctionCall,
    FunctionCallDelta,
    TextFormat,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    ToolName,
)

# Chat completion request


class SystemMessage(Marked):
    role: Literal["system", "developer"]
    content: str | list[TextPart]


class UserMessage(Marked):
    role: Literal["user"]
    content: str | list[TextPart | MediaPart]


class AssistantMessage(Marked):
    role: Literal["assistant"]
    content: NotRequired[str | list[TextPart | RefusalPart | ThinkingPart | MediaPart] | None]
    refusal: NotRequired[str | None]
    audio: NotRequired[AudioReference | None]
    tool_calls: NotRequired[list[ToolCall] | None]
    function_call: NotRequired[FunctionCall | None]
    # What the model thought, in the forms in which clients hand it back: `chat.thoughts` reads what it can.
    reasoning_details: NotRequired[Any]
    reasoning_content: NotRequired[Any]
    reasoning: NotRequired[Any]
    reasoning_text: NotRequired[Any]
    reasoning_signature: NotRequired[Any]
    thinking_blocks: NotRequired[Any]


class ToolMessage(Marked):
    role: Literal["tool"]
    tool_call_id: str
    content: str | list[TextPart | MediaPart]


class FunctionMessage(Marked):
    """A function's result, of the time before there were tools."""

    role: Literal["function"]
    name: str
    content: str | None


Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage | FunctionMessage


class PromptCacheOptions(TypedDict):
    mode: NotRequired[Literal["implicit", "explicit"] | None]
    ttl: NotRequired[str | None]


class StreamOptions(TypedDict):
    include_usage: NotRequired[bool | None]


class JSONSchema(TypedDict):
    name: str
    description: NotRequired[str | None]
    schema: NotRequired[dict[str, Any] | None]  # a JSON schema: any object
    strict: NotRequired[bool | None]


class JSONObjectFormat(TypedDict):
    type: Literal["json_object"]


class JSONSchemaFormat(TypedDict):
    type: Literal["json_schema"]
    json_schema: JSONSchema


ResponseFormat = TextFormat | JSONObjectFormat | JSONSchemaFormat


class ChatCompletionRequest(TypedDict):
    model: str
    messages: list[Message]
    max_completion_tokens: NotRequired[Annotated[int, Range(1, None)] | None]
    max_tokens: NotRequired[Annotated[int, Range(1, None)] | None]
    temperature: NotRequired[Annotated[float, Range(0, 2)] | None]
    top_p: NotRequired[Annotated[float, Range(0, 1)] | None]
    frequency_penalty: NotRequired[Annotated[float, Range(-2, 2)] | None]
    presence_penalty: NotRequired[Annotated[float, Range(-2, 2)] | None]
    stop: NotRequired[str | list[str] | None]
    n: NotRequired[Annotated[int, Range(1, 128)] | None]
    tools: NotRequired[list[Tool] | None]
    tool_choice: NotRequired[ToolChoice | None]
    parallel_tool_calls: NotRequired[bool | None]
    functions: NotRequired[list[Function] | None]
    function_call: NotRequired[Literal["none", "auto"] | ToolName | None]
    response_format: NotRequired[ResponseFormat | None]
    reasoning_effort: NotRequired[Effort | None]
    reasoning: NotRequired[Reasoning | None]
    thinking: NotRequired[Thinking | None]
    service_tier: NotRequired[Literal["auto", "default", "flex", "scale", "priority", "fast"] | None]
    prompt_cache_options: NotRequired[PromptCacheOptions | None]
    prompt_cache_retention: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any] | None]  # label: value, both text
    stream: NotRequired[bool | None]
    stream_options: NotRequired[StreamOptions | None]
    # Not OpenAI's, but what users of other gateways send.
    top_k: NotRequired[int | None]
    additionalModelRequestFields: NotRequired[dict[str, Any] | None]  # Bedrock's own: any object
    guardrailConfig: NotRequired[Guardrail | None]
    bedrock: NotRequired[Bedrock | None]


# Chat completion

FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]


class PromptTokensDetails(TypedDict):
    cached_tokens: int
    cache_write_tokens: int


class Usage(TypedDict):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: NotRequired[PromptTokensDetails]


class URLCitation(TypedDict):
    url: str
    title: str
    start_index: int
    end_index: int
    # Ours: a citation of a document has no URL; this is where Bedrock says the words are from.
    location: NotRequired[dict[str, Any]]
    source_content: NotRequired[list[str]]


class Annotation(TypedDict):
    type: Literal["url_citation"]
    url_citation: URLCitation


class AssistantReply(TypedDict):
    role: Literal["assistant"]
    content: str | None
    refusal: None
    annotations: NotRequired[list[Annotation]]
    reasoning_content: NotRequired[str]
    reasoning: NotRequired[str]
    reasoning_details: NotRequired[list[ReasoningDetail]]
    tool_calls: NotRequired[list[ToolCall]]
    function_call: NotRequired[FunctionCall]
    bedrock_content: NotRequired[list[dict[str, Any]]]


class Choice(TypedDict):
    index: int
    message: AssistantReply
    finish_reason: FinishReason
    logprobs: None
    bedrock: NotRequired[dict[str, Any]]  # ours: what Bedrock says beside the answer


ServiceTier = Literal["default", "flex", "scale", "priority"]


class ChatCompletion(TypedDict):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    service_tier: NotRequired[ServiceTier]


# Chat completion chunk


class AnnotationDelta(Annotation):
    index: int


class Delta(TypedDict, total=False):
    role: Literal["assistant"]
    content: str
    annotations: list[AnnotationDelta]
    reasoning_content: str
    reasoning: str
    reasoning_details: list[ReasoningDetail]
    tool_calls: list[ToolCallDelta]
    function_call: FunctionCallDelta
    bedrock_content: list[dict[str, Any]]


class ChunkChoice(TypedDict):
    index: int
    delta: Delta
    finish_reason: FinishReason | None
    logprobs: None
    bedrock: NotRequired[dict[str, Any]]


class ChunkEnvelope(TypedDict):
    """What is the same in every chunk of an answer."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    usage: NotRequired[Usage | None]
    service_tier: NotRequired[ServiceTier]


class ChatCompletionChunk(ChunkEnvelope):
    choices: list[ChunkChoice]


# Models


class Lifecycle(TypedDict):
    status: str
    end_of_life: NotRequired[str]


class Model(TypedDict):
    """Up to `owned_by` OpenAI's own; the others are what agent tools read, each under its usual names."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    shutdown_date: NotRequired[str]
    name: str
    context_length: int
    context_window: int
    max_output_tokens: int
    input_modalities: list[str]
    output_modalities: list[str]
    reasoning: bool
    tools: bool
    supported_parameters: list[str]
    lifecycle: Lifecycle
    inference_type: NotRequired[str]
    regions: NotRequired[list[str]]


class ModelList(TypedDict):
    object: Literal["list"]
    data: list[Model]


# Errors


class ErrorDetail(TypedDict):
    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(TypedDict):
    error: ErrorDetail
