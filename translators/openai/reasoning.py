"""How clients ask for reasoning, and how they are told of it: OpenAI's, OpenRouter's and Anthropic's shapes.

https://openrouter.ai/docs/use-cases/reasoning-tokens
https://docs.claude.com/en/docs/build-with-claude/extended-thinking
"""

from typing import Annotated, Literal, NotRequired, TypedDict

from translators.constraints import Range

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class Reasoning(TypedDict):
    """OpenRouter's."""

    effort: NotRequired[Effort | None]
    max_tokens: NotRequired[Annotated[int, Range(1, None)] | None]
    enabled: NotRequired[bool | None]
    exclude: NotRequired[bool | None]


class Thinking(TypedDict):
    """Anthropic's."""

    type: Literal["enabled", "disabled", "adaptive"]
    budget_tokens: NotRequired[Annotated[int, Range(1, None)] | None]


class ReasoningDetail(TypedDict, total=False):
    """OpenRouter's; a signature stands on the last entry of its block."""

    type: Literal["reasoning.text", "reasoning.encrypted"]
    text: str
    signature: str
    data: str
    format: str
    index: int
