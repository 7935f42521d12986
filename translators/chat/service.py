"""How a request is served and labelled, not what it asks: service_tier and metadata.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from translators.chat.adjustments import Adjustments
from translators.converse import ServiceTier
from translators.quirks import Quirks

TIERS: dict[str, Literal["flex", "priority"]] = {"flex": "flex", "priority": "priority", "fast": "priority"}

# What requestMetadata may hold; AWS writes it to its invocation logs, to filter by.
MAX_LABELS = 16
MAX_LENGTH = 256
FORBIDDEN = re.compile(r"[^a-zA-Z0-9\s:_@$#=/+,.-]", re.ASCII)


def service_tier(tier: str | None, quirks: Quirks, adjusted: Adjustments) -> ServiceTier | None:
    if tier in (None, "auto", "default"):
        return None
    if tier not in TIERS:
        adjusted.note("service_tier", "dropped", f"Bedrock has no {tier} tier")
        return None
    if not quirks.service_tier:
        adjusted.note("service_tier", "dropped", "this model takes none")
        return None
    return {"type": TIERS[tier]}


def request_metadata(metadata: Mapping[str, Any] | None) -> dict[str, str]:
    """Labels as AWS takes them; the rest is replaced, cut or left out: no label is worth a 400."""
    labels = [(label(key), label(value)) for key, value in (metadata or {}).items() if isinstance(value, str)]
    return dict([(key, value) for key, value in labels if key][:MAX_LABELS])


def label(text: str) -> str:
    return FORBIDDEN.sub("_", text)[:MAX_LENGTH]
