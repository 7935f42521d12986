"""What a request may hold beside OpenAI's own: Bedrock's fields, and what clients of other gateways send.

In AWS's words, as https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html has
them. A misspelt member of a Closed object is refused: nobody would notice that it does nothing.
"""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from translators.constraints import Closed


class CacheControl(TypedDict):
    """Anthropic's: {"type": "ephemeral"}."""

    type: NotRequired[str | None]
    ttl: NotRequired[str | None]


class CacheBreakpoint(TypedDict):
    """OpenAI's: {"mode": "explicit"}."""

    mode: NotRequired[str | None]
    ttl: NotRequired[str | None]


class Marked(TypedDict):
    """What may say that the prompt is to be cached up to here."""

    cache_control: NotRequired[CacheControl | None]
    prompt_cache_breakpoint: NotRequired[CacheBreakpoint | None]


class GuardrailFields(TypedDict):
    guardrailIdentifier: str
    guardrailVersion: str
    trace: NotRequired[Literal["enabled", "disabled", "enabled_full"] | None]
    streamProcessingMode: NotRequired[Literal["sync", "async"] | None]


Guardrail = Annotated[GuardrailFields, Closed]


class PerformanceFields(TypedDict):
    latency: Literal["standard", "optimized"]


class TierFields(TypedDict):
    type: Literal["priority", "default", "flex", "reserved"]


class PromptVariableFields(TypedDict):
    text: str


class OutputFields(TypedDict):
    effort: NotRequired[str | None]


class SystemToolNameFields(TypedDict):
    name: str


class SystemToolFields(TypedDict):
    systemTool: Annotated[SystemToolNameFields, Closed]


class ToolFields(TypedDict):
    tools: list[Annotated[SystemToolFields, Closed]]


class BedrockFields(TypedDict, total=False):
    additionalModelRequestFields: dict[str, Any] | None
    additionalModelResponseFieldPaths: list[str] | None
    guardrailConfig: Guardrail | None
    outputConfig: Annotated[OutputFields, Closed] | None
    performanceConfig: Annotated[PerformanceFields, Closed] | None
    promptVariables: dict[str, Annotated[PromptVariableFields, Closed]] | None
    requestMetadata: dict[str, str] | None
    serviceTier: Annotated[TierFields, Closed] | None
    toolConfig: Annotated[ToolFields, Closed] | None


Bedrock = Annotated[BedrockFields, Closed]
