"""What a request's body does not say: settings, headers and memories, as the options of its plan."""

from collections.abc import Mapping

from proxy.settings import Settings
from translators.chat.guardrails import HEADERS
from translators.chat.options import Options
from translators.chat.recollection import NO_RECOLLECTION, Recollection
from translators.converse import GuardrailConfig


def options(
    settings: Settings,
    headers: Mapping[str, str] | None = None,
    recollection: Recollection = NO_RECOLLECTION,
) -> Options:
    """`headers` by names in lower case."""
    sent = {name: value for name in HEADERS if (value := (headers or {}).get(name.lower()))}
    return Options(
        automatic_caching=settings.cache.automatic,
        guardrail=guardrail(settings),
        headers=sent,
        reasoning_field=settings.reasoning.field,
        recollection=recollection,
    )


def guardrail(settings: Settings) -> GuardrailConfig:
    configured = settings.guardrail
    if not configured.identifier:
        return {}
    config: GuardrailConfig = {
        "guardrailIdentifier": configured.identifier,
        "guardrailVersion": configured.version,
    }
    if configured.trace:
        config["trace"] = configured.trace
    return config
