"""What a request's body does not say: the settings and headers that decide about its Plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from translators.converse import GuardrailConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    guardrail: GuardrailConfig = field(default_factory=GuardrailConfig)
    """The setting's; empty for none."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those of `guardrails.HEADERS` that came with the request, by their names there."""


DEFAULT = Options()
