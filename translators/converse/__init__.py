"""Bedrock's Converse and ConverseStream on the wire, as far as this proxy reads or writes them.

Names and meanings are AWS's own; blobs are base64 text, as in the JSON.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

from typing import Any, Literal, NotRequired, TypedDict

from translators.converse.media import AudioBlock, DocumentBlock, ImageBlock, VideoBlock

# JSON that the model and the user agree on and Bedrock passes through: a tool's schema, its input.
JSON = Any

# Content: a block is a union, so exactly one of its keys is present.


class ToolUse(TypedDict):
    toolUseId: str
    name: str
    input: JSON
    type: NotRequired[str]  # "server_tool_use" where Bedrock runs the tool itself


class ToolResultContent(TypedDict, total=False):
    text: str
    json: JSON
    image: ImageBlock
    document: DocumentBlock
    video: VideoBlock


class ToolResult(TypedDict):
    toolUseId: str
    content: list[ToolResultContent]
    status: NotRequired[Literal["success", "error"]]
    type: NotRequired[str]


class ReasoningText(TypedDict):
    text: str
    signature: NotRequired[str]


class ReasoningContent(TypedDict, total=False):
    reasoningText: ReasoningText
    redactedContent: str


class CachePoint(TypedDict):
    """Up to here the prompt is cached, for five minutes unless said so."""

    type: Literal["default"]
    ttl: NotRequired[str]


class TextContent(TypedDict):
    text: str


class WebLocation(TypedDict, total=False):
    url: str
    domain: str


class Citation(TypedDict, total=False):
    title: str
    source: str
    sourceContent: list[TextContent]
    location: dict[str, Any]  # a union of five kinds, of which we only look into web


class CitationsContent(TypedDict, total=False):
    content: list[TextContent]
    citations: list[Citation]


class ContentBlock(TypedDict, total=False):
    text: str
    image: ImageBlock
    document: DocumentBlock
    video: VideoBlock
    audio: AudioBlock
    toolUse: ToolUse
    toolResult: ToolResult
    reasoningContent: ReasoningContent
    cachePoint: CachePoint
    citationsContent: CitationsContent


Role = Literal["user", "assistant"]


class Message(TypedDict):
    role: Role
    content: list[ContentBlock]


class SystemContentBlock(TypedDict, total=False):
    text: str
    cachePoint: CachePoint


# Request


class InferenceConfig(TypedDict, total=False):
    maxTokens: int
    temperature: float
    topP: float
    stopSequences: list[str]


class InputSchema(TypedDict):
    json: JSON


class ToolSpec(TypedDict):
    name: str
    description: NotRequired[str]
    inputSchema: InputSchema
    strict: NotRequired[bool]


class ToolName(TypedDict):
    name: str


class Tool(TypedDict, total=False):
    """A union too: exactly one of its keys is present."""

    toolSpec: ToolSpec
    systemTool: ToolName  # one that Bedrock runs itself
    cachePoint: CachePoint


class ToolChoice(TypedDict, total=False):
    auto: dict[str, Any]
    any: dict[str, Any]
    tool: ToolName


class ToolConfig(TypedDict):
    tools: list[Tool]
    toolChoice: NotRequired[ToolChoice]


class JSONSchema(TypedDict):
    schema: str  # the schema as JSON text
    name: NotRequired[str]
    description: NotRequired[str]


class TextFormatStructure(TypedDict):
    jsonSchema: JSONSchema


class TextFormat(TypedDict):
    type: Literal["json_schema"]
    structure: TextFormatStructure


class OutputConfig(TypedDict, total=False):
    textFormat: TextFormat
    effort: str


class GuardrailConfig(TypedDict, total=False):
    guardrailIdentifier: str
    guardrailVersion: str
    trace: Literal["enabled", "disabled", "enabled_full"]
    streamProcessingMode: Literal["sync", "async"]  # of ConverseStream only


class PerformanceConfig(TypedDict):
    latency: Literal["standard", "optimized"]


class ServiceTier(TypedDict):
    type: Literal["priority", "default", "flex", "reserved"]


class ConverseRequest(TypedDict):
    """The body of both operations; the model is in the path."""

    messages: list[Message]
    system: NotRequired[list[SystemContentBlock]]
    inferenceConfig: NotRequired[InferenceConfig]
    toolConfig: NotRequired[ToolConfig]
    outputConfig: NotRequired[OutputConfig]
    additionalModelRequestFields: NotRequired[dict[str, JSON]]
    additionalModelResponseFieldPaths: NotRequired[list[str]]
    guardrailConfig: NotRequired[GuardrailConfig]
    performanceConfig: NotRequired[PerformanceConfig]
    promptVariables: NotRequired[dict[str, TextContent]]
    serviceTier: NotRequired[ServiceTier]
    requestMetadata: NotRequired[dict[str, str]]


# Response

StopReason = Literal[
    "end_turn",
    "tool_use",
    "max_tokens",
    "stop_sequence",
    "guardrail_intervened",
    "content_filtered",
    "malformed_model_output",
    "malformed_tool_use",
    "model_context_window_exceeded",
]


class TokenUsage(TypedDict):
    inputTokens: int
    outputTokens: int
    totalTokens: int
    cacheReadInputTokens: NotRequired[int]
    cacheWriteInputTokens: NotRequired[int]


class Output(TypedDict):
    message: Message


class ConverseResponse(TypedDict):
    output: Output
    stopReason: StopReason
    usage: TokenUsage
    serviceTier: NotRequired[ServiceTier]
    performanceConfig: NotRequired[PerformanceConfig]
    trace: NotRequired[dict[str, JSON]]
    additionalModelResponseFields: NotRequired[JSON]


# Stream: each event is its own JSON object; its name is in the frame's header.


class MessageStart(TypedDict):
    role: Role


class BlockStart(TypedDict, total=False):
    toolUse: ToolUse  # without input
    toolResult: ToolResult  # without content


class ContentBlockStart(TypedDict):
    contentBlockIndex: int
    start: BlockStart


class ToolUseDelta(TypedDict):
    input: str


class ReasoningDelta(TypedDict, total=False):
    text: str
    signature: str
    redactedContent: str


class BlockDelta(TypedDict, total=False):
    text: str
    toolUse: ToolUseDelta
    toolResult: list[ToolResultContent]
    reasoningContent: ReasoningDelta
    citation: Citation


class ContentBlockDelta(TypedDict):
    contentBlockIndex: int
    delta: BlockDelta


class ContentBlockStop(TypedDict):
    contentBlockIndex: int


class MessageStop(TypedDict):
    stopReason: StopReason
    additionalModelResponseFields: NotRequired[JSON]


class Metadata(TypedDict):
    usage: TokenUsage
    serviceTier: NotRequired[ServiceTier]
    performanceConfig: NotRequired[PerformanceConfig]
    trace: NotRequired[dict[str, JSON]]
