"""How a request is served and labelled, not what it asks: service_tier, metadata, what Bedrock says beside.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from translators.chat.adjustments import Adjustments
from translators.chat.cuts import Cuts
from translators.converse import ConverseResponse, MessageStop, Metadata, ServiceTier
from translators.departures import Quirks
from translators.openai import ServiceTier as OpenAITier

TIERS: dict[str, Literal["flex", "priority"]] = {"flex": "flex", "priority": "priority", "fast": "priority"}

SERVED: dict[str, OpenAITier] = {
    "default": "default",
    "flex": "flex",
    "priority": "priority",
    "reserved": "scale",  # capacity that was bought in advance, in either vendor's words
}

# What Bedrock may say beside an answer. OpenAI has no place for it.
BESIDE = ("trace", "performanceConfig", "additionalModelResponseFields")

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


def request_metadata(metadata: Mapping[str, Any] | None, cuts: Cuts) -> dict[str, str]:
    """Labels as AWS takes them; the rest is replaced, cut or left out: no label is worth a 400."""
    told = [(key, value) for key, value in (metadata or {}).items() if isinstance(value, str)]
    labels = [(label(key), label(cuts.restored(value))) for key, value in told]
    return dict([(key, value) for key, value in labels if key][:MAX_LABELS])


def label(text: str) -> str:
    return FORBIDDEN.sub("_", text)[:MAX_LENGTH]


def tier_served(answer: ConverseResponse | Metadata) -> OpenAITier | None:
    """The tier that Bedrock says it was; None where it says nothing, or nothing that OpenAI knows."""
    tier = answer.get("serviceTier")
    return SERVED.get(tier["type"]) if tier else None


def beside(answer: ConverseResponse | Metadata | MessageStop) -> dict[str, Any]:
    return {name: value for name in BESIDE if (value := answer.get(name)) is not None}
