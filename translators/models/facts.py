"""What is known of models without asking Bedrock: a table with sources, and what users say of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypedDict

from translators.constraints import Range
from translators.models.listings import FoundationModel, ModelLifecycle

CrossRegion = Literal["any", "geography", "global", "none"]
Include = Literal["legacy", "imported", "deployments", "provisioned", "routers"]


class Facts(TypedDict, total=False):
    """A foundation model, as its card describes it. Modalities and inference types by Bedrock's names."""

    name: str
    provider: str
    converse: bool
    inference: list[str]
    profiles: list[str]
    """The geographies that have a profile for it."""
    input: list[str]
    context_window: int
    max_output_tokens: int
    reasoning: bool
    legacy: bool
    end_of_life: str
    """As a date; what has one is legacy."""


NO_FACTS: Facts = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """What a user says of a model, by an id that can be invoked or by its foundation model's."""

    name: str = ""
    base_model: str = ""
    """The foundation model behind an ARN that does not tell: its rules are followed."""
    context_window: Annotated[int, Range(0, None)] = 0
    max_output_tokens: Annotated[int, Range(0, None)] = 0
    input_modalities: tuple[str, ...] = ()
    reasoning: bool | None = None
    tools: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What users decide about models."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    """Names of their own, and what they stand for."""
    models: Mapping[str, ModelSettings] = field(default_factory=dict)
    cross_region: CrossRegion = "any"
    """Through which profiles a model without on-demand throughput may be invoked where none was named."""
    provider_filter: frozenset[str] = frozenset()
    """In lower case: the makers whose models are listed; none: all."""
    include: frozenset[str] = frozenset()
    """What is listed besides: `Include`."""
    default_context_window: int = 32_000
    default_max_tokens: int = 4096

    def said_of(self, *ids: str) -> ModelSettings:
        """The first that something was said of."""
        return next((self.models[id] for id in ids if id in self.models), NOTHING_SAID)


NOTHING_SAID = ModelSettings()


def unlisted(model_id: str, facts: Facts) -> FoundationModel:
    """A foundation model whose listing is not to be had, as far as the facts go."""
    if not facts.get("converse", bool(facts)):
        return {"modelId": model_id}
    lifecycle: ModelLifecycle = {"status": "ACTIVE"}
    if facts.get("legacy") or "end_of_life" in facts:
        lifecycle = {"status": "LEGACY", "endOfLifeTime": facts.get("end_of_life", "")}
    return {
        "modelId": model_id,
        "modelName": facts.get("name", model_id),
        "providerName": facts.get("provider", ""),
        "inputModalities": facts.get("input", ["TEXT"]),
        "outputModalities": ["TEXT"],
        "inferenceTypesSupported": facts.get("inference", []),
        "responseStreamingSupported": True,
        "modelLifecycle": lifecycle,
    }
