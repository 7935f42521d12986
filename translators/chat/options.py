"""What a request's body does not say: the settings, headers and memories that decide about its Plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from translators.chat.recollection import NO_RECOLLECTION, Recollection
from translators.chat.way_back import ReasoningField
from translators.converse import GuardrailConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    automatic_caching: bool = True
    """Whether prompts are cached that their clients have not marked."""
    guardrail: GuardrailConfig = field(default_factory=GuardrailConfig)
    """The setting's; empty for none."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those of `guardrails.HEADERS` that came with the request, by their names there."""
    reasoning_field: ReasoningField = "reasoning_content"
    """Where clients are told what a model thought."""
    recollection: Recollection = NO_RECOLLECTION
    """What is remembered of the conversation's turns."""


DEFAULT = Options()
