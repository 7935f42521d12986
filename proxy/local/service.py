"""What Bedrock says beside an answer: the tier and latency that were asked for, and a guardrail's trace.

Recorded: a tier and a latency are told where the request names one. The guardrails here let everything pass;
a script's `response` says otherwise, with a stopReason and a trace of its own.
"""

from collections.abc import Mapping
from typing import Any

from proxy.local.call import Call
from proxy.local.refusals import validation

ECHOED = ("performanceConfig", "serviceTier")
TOLD = ("enabled", "enabled_full")


def check(call: Call) -> None:
    """Raise the Refusal of a tier that this account has not bought: quoted in envoyproxy/ai-gateway#1749."""
    if (call.request.get("serviceTier") or {}).get("type") == "reserved":
        raise validation("Reservation not found.")


def beside(request: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name in ECHOED if (value := request.get(name))}
    guardrail = request.get("guardrailConfig") or {}
    if guardrail.get("trace") in TOLD:
        told["trace"] = {"guardrail": {"actionReason": "No action.", **assessments(guardrail)}}
    return told


def assessments(guardrail: Mapping[str, Any]) -> dict[str, Any]:
    """Of the input and of the output, each by the guardrail's id."""
    id = str(guardrail.get("guardrailIdentifier", "")).rpartition("/")[2]
    details = {"guardrailId": id, "guardrailVersion": guardrail.get("guardrailVersion", "")}
    applied = {"appliedGuardrailDetails": details}
    return {"inputAssessment": {id: applied}, "outputAssessments": {id: [applied]}}
