"""Which model a request means: what it calls it -> the id that is invoked.

    alias -> without a client's prefix -> an id or ARN that can be invoked -> a foundation model's id or short
    name, through its profile where it has no throughput on demand -> else as it is: Bedrock may know it

Nothing here asks anybody, and nothing is refused: what does not exist is for Bedrock to say.
"""

from collections.abc import Sequence
from typing import NamedTuple

from translators.model_ids import (
    geographies,
    is_arn,
    is_model_id,
    named_model,
    named_region,
    parse_arn,
    split_geography,
)
from translators.models.facts import NO_FACTS, Policy
from translators.models.invocable import Invocable
from translators.models.known import Known
from translators.models.names import spelt

# Under which clients and other gateways know Bedrock's models. An id has no slash, an ARN does not begin so.
PREFIXES = ("amazon-bedrock/", "bedrock/", "openai/")


class Resolved(NamedTuple):
    model_id: str
    """What is invoked."""
    base_model: str = ""
    """The foundation model behind it; empty where neither the id nor anything known tells."""
    region: str = ""
    """Where it is invoked; empty: where the proxy itself is."""


def resolve(asked: str, known: Known, policy: Policy) -> Resolved:
    name = meant(asked, known, policy)
    if base := policy.said_of(name).base_model:
        return Resolved(name, base, named_region(name) or known.region)
    if found := known.invocable.get(name):
        return invoked(found)
    if is_arn(name):
        return by_arn(name, known, policy)
    return through_profile(name, known, policy) or by_short_name(name, known, policy) or as_it_is(name, known)


def meant(asked: str, known: Known, policy: Policy) -> str:
    """What an alias stands for; or the name, without a client's prefix where that leaves one of Bedrock's."""
    if asked in known.invocable and asked not in policy.aliases:
        return asked
    prefix = next((prefix for prefix in PREFIXES if asked.startswith(prefix)), "")
    bare = asked.removeprefix(prefix)
    for name in (asked, bare):
        if name in policy.aliases:
            return policy.aliases[name]
    return bare if is_model_id(bare) or short(bare, known) else asked


def invoked(found: Invocable) -> Resolved:
    return Resolved(found.id, found.base["modelId"], found.region)


def as_it_is(name: str, known: Known) -> Resolved:
    return Resolved(name, named_model(name), named_region(name) or known.region)


def by_arn(name: str, known: Known, policy: Policy) -> Resolved:
    """A foundation model's is no better than its id; each other is invoked as it is."""
    arn = parse_arn(name)
    if arn and arn.kind == "foundation-model" and arn.resource not in known.invocable:
        return through_profile(arn.resource, known, policy, arn.region) or as_it_is(name, known)
    return as_it_is(name, known)


def through_profile(base: str, known: Known, policy: Policy, region: str = "") -> Resolved | None:
    """A foundation model that cannot be invoked by its id; None where no profile of it is known."""
    profiles = known.profiles.get(base, ())
    if found := best(profiles, known, policy, region):
        return invoked(found)
    if known.profiles and region in ("", known.region):  # the listing knows, and it knows of none
        return None
    return guessed(base, known, policy, region)


def best(profiles: Sequence[Invocable], known: Known, policy: Policy, region: str) -> Invocable | None:
    """That of the region's geography before another's, any of these before the global one."""
    wanted = [
        profile
        for profile in profiles
        if allowed(split_geography(profile.id)[0], policy) and region in ("", profile.region)
    ]
    here = [profile for profile in wanted if profile.region == known.region] or wanted
    return min(here, key=lambda profile: rank(profile.id, profile.region), default=None)


def rank(profile_id: str, region: str) -> int:
    geography = split_geography(profile_id)[0]
    order = geographies(region)
    if geography in order:
        return order.index(geography)
    return len(order) + (geography == "global")


def allowed(geography: str, policy: Policy) -> bool:
    kind = "global" if geography == "global" else "geography"
    return policy.cross_region in ("any", kind)


def guessed(base: str, known: Known, policy: Policy, region: str) -> Resolved | None:
    """Before any listing is known: by the model's facts and the region's name."""
    facts = known.facts.get(base, NO_FACTS)
    if "ON_DEMAND" in facts.get("inference", ["ON_DEMAND"]):
        return None
    has = facts.get("profiles", [])
    for geography in (*geographies(region or known.region), "global"):
        if geography in has and allowed(geography, policy):
            return Resolved(f"{geography}.{base}", base, region or known.region)
    return None


def by_short_name(name: str, known: Known, policy: Policy) -> Resolved | None:
    base = short(name, known)
    if base is None:
        return None
    geography = split_geography(name)[0]
    id = f"{geography}.{base}" if geography else base
    if found := known.invocable.get(id):
        return invoked(found)
    through = None if geography else through_profile(base, known, policy)
    return through or Resolved(id, base, known.region)


def short(name: str, known: Known) -> str | None:
    return known.names.get(spelt(split_geography(name)[1]))
