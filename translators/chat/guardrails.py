"""guardrailConfig: by AWS's three headers, else by the body, else by the setting.

Who names a guardrail names its version too, so the two are never mixed; a trace alone is asked for of the
guardrail that is named elsewhere.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailStreamConfiguration.html
"""

import re
from collections.abc import Mapping
from typing import Final, Literal, get_args

from translators.chat.options import Options
from translators.converse import GuardrailConfig
from translators.errors import BadRequestError, invalid
from translators.openai import ChatCompletionRequest
from translators.openai.extensions import GuardrailFields

Trace = Literal["enabled", "disabled", "enabled_full"]

# As InvokeModel has them, which says ENABLED where Converse says enabled.
IDENTIFIER: Final = "X-Amzn-Bedrock-GuardrailIdentifier"
VERSION: Final = "X-Amzn-Bedrock-GuardrailVersion"
TRACE: Final = "X-Amzn-Bedrock-Trace"
HEADERS = (IDENTIFIER, VERSION, TRACE)

IDENTIFIERS = re.compile(r"[a-z0-9]+|arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail/[a-z0-9]+")
VERSIONS = re.compile(r"[1-9][0-9]{0,7}|DRAFT")


def guardrail_config(
    request: ChatCompletionRequest, options: Options, *, streamed: bool
) -> GuardrailConfig | None:
    """Raises BadRequestError, with the field's path or the header's name, for what names no guardrail.

    `streamed` says whether ConverseStream is asked: how it processes the stream is no matter of Converse's.
    """
    config: GuardrailConfig = (
        by_headers(options.headers) or by_body(request, streamed) or {**options.guardrail}
    )
    if not config:
        return None
    if trace := options.headers.get(TRACE):
        config["trace"] = trace_named(trace)
    return config


def by_headers(headers: Mapping[str, str]) -> GuardrailConfig | None:
    identifier, version = headers.get(IDENTIFIER), headers.get(VERSION)
    if not identifier and not version:
        return None
    for name, value, other in ((IDENTIFIER, identifier, VERSION), (VERSION, version, IDENTIFIER)):
        if not value:
            raise BadRequestError(
                f"Missing header: {name} is needed beside {other}.",
                param=name,
                code="missing_required_parameter",
            )
    return {
        "guardrailIdentifier": fitting(identifier or "", IDENTIFIERS, IDENTIFIER),
        "guardrailVersion": fitting(version or "", VERSIONS, VERSION),
    }


def by_body(request: ChatCompletionRequest, streamed: bool) -> GuardrailConfig | None:
    """In `bedrock`, else at the top, where users of other gateways put it."""
    if own := (request.get("bedrock") or {}).get("guardrailConfig"):
        return checked(own, "bedrock.guardrailConfig", streamed)
    if own := request.get("guardrailConfig"):
        return checked(own, "guardrailConfig", streamed)
    return None


def checked(own: GuardrailFields, path: str, streamed: bool) -> GuardrailConfig:
    config: GuardrailConfig = {
        "guardrailIdentifier": fitting(
            own["guardrailIdentifier"], IDENTIFIERS, f"{path}.guardrailIdentifier"
        ),
        "guardrailVersion": fitting(own["guardrailVersion"], VERSIONS, f"{path}.guardrailVersion"),
    }
    if trace := own.get("trace"):
        config["trace"] = trace
    if streamed and (mode := own.get("streamProcessingMode")):
        config["streamProcessingMode"] = mode
    return config


def fitting(value: str, pattern: re.Pattern[str], param: str) -> str:
    if pattern.fullmatch(value):
        return value
    wanted = "a number or DRAFT" if pattern is VERSIONS else "a guardrail's id or ARN"
    raise invalid(param, f"expected {wanted}")


def trace_named(value: str) -> Trace:
    for trace in get_args(Trace):
        if value.lower() == trace:
            found: Trace = trace
            return found
    raise invalid(TRACE, f"expected one of {', '.join(get_args(Trace))}")
