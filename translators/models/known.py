"""What is known of the models: what can be invoked, and the table of facts beneath."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from translators.models.facts import NO_FACTS, Facts, unlisted
from translators.models.invocable import Invocable, invocables
from translators.models.listings import FoundationModel, RegionListing
from translators.models.names import short_names


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Known:
    """Replaced as a whole when Bedrock was asked anew."""

    region: str
    """Where a model is invoked unless something else is said."""
    facts: Mapping[str, Facts]
    invocable: Mapping[str, Invocable]
    """By id or ARN; of several regions that have it, the first."""
    profiles: Mapping[str, tuple[Invocable, ...]]
    """AWS's own profiles, by the foundation model that is behind them."""
    names: Mapping[str, str]
    """Short name -> foundation model; those of models that can be invoked come before others."""

    def model(self, base: str) -> FoundationModel:
        """A foundation model, as far as its facts go."""
        return unlisted(base, self.facts.get(base, NO_FACTS))


def known(listings: Iterable[RegionListing], facts: Mapping[str, Facts], region: str) -> Known:
    """With no listings: the facts alone."""
    found: dict[str, Invocable] = {}
    profiles: dict[str, tuple[Invocable, ...]] = {}
    for listing in listings:
        for each in invocables(listing, facts):
            found.setdefault(each.id, each)
            if each.inference == "inference_profile":
                base = each.base["modelId"]
                profiles[base] = (*profiles.get(base, ()), each)
    conversing = (id for id, known in facts.items() if known.get("converse", True))
    bases = {each.base["modelId"] for each in found.values()} - {""}
    return Known(
        region=region,
        facts=facts,
        invocable=found,
        profiles=profiles,
        names=short_names(conversing) | short_names(bases),
    )
