"""What the way back needs to know of a request: how to read what Bedrock answers to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from translators.chat.recollection import Occasion

ReasoningField = Literal["reasoning_content", "reasoning", "none"]


@dataclass(frozen=True, kw_only=True, slots=True)
class WayBack:
    """The part of a Plan that `chat_completion` and `ChatStream` go by."""

    model: str
    """The model as the client named it; the answer names it so too."""
    include_usage: bool = False
    """Whether a stream ends with a chunk of token counts."""
    tool_names: Mapping[str, str] = field(default_factory=dict)
    """The names that the client gave to tools, by those that Bedrock knows them by, where they differ."""
    custom_tools: frozenset[str] = frozenset()
    """The tools whose input is free text, as Bedrock knows them."""
    function_calls: bool = False
    """Whether calls are told as they were before there were tools, one at a time."""
    reasoning_field: ReasoningField = "reasoning_content"
    """Where what the model thought is told."""
    reasoning_format: str = "unknown"
    """Whose reasoning it is."""
    inline_reasoning: str = ""
    """The tag under which the model writes what it thinks into its text."""
    occasion: Occasion | None = None
    """By what the turn is to be remembered, should it have thoughts; None: not at all."""
    output_tool: str = ""
    """The tool whose arguments are the answer, as Bedrock knows it; none, if empty."""
    bare_json: bool = False
    """Whether the answer's JSON has to be taken out of the words around it."""
