"""What can be invoked in a region: foundation models on demand, profiles, and an account's own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from translators.model_ids import named_model, parse_arn
from translators.models.facts import NO_FACTS, Facts, unlisted
from translators.models.listings import FoundationModel, InferenceProfile, RegionListing, base_model_id

Inference = Literal[
    "on_demand",
    "inference_profile",
    "application_inference_profile",
    "provisioned_throughput",
    "custom_model_deployment",
    "imported_model",
    "prompt_router",
]

Models = Mapping[str, FoundationModel]


@dataclass(frozen=True, kw_only=True, slots=True)
class Invocable:
    id: str
    """What Converse takes: an id or an ARN."""
    name: str
    inference: Inference
    base: FoundationModel
    """The model behind it; its modelId is empty where that is not told."""
    region: str
    """Where it is invoked."""
    regions: tuple[str, ...]
    """Where it may run; "global": anywhere."""
    created: int


def invocables(listing: RegionListing, facts: Mapping[str, Facts]) -> Iterator[Invocable]:
    models = {model["modelId"]: model for model in listing.models if model["modelId"].strip()}
    for model in models.values():
        if "ON_DEMAND" in model.get("inferenceTypesSupported", []):
            yield on_demand(model, listing.region)
    for profile in listing.profiles:
        if profile["status"] == "ACTIVE" and profile["models"]:
            id = base_model_id(profile)
            base = models.get(id) or unlisted(id, facts.get(id, NO_FACTS))
            yield through_profile(profile, base, listing.region)
    yield from made_by_users(listing, models)


def on_demand(model: FoundationModel, region: str) -> Invocable:
    return Invocable(
        id=model["modelId"],
        name=model.get("modelName") or model["modelId"],
        inference="on_demand",
        base=model,
        region=region,
        regions=(region,),
        created=unix_seconds(model.get("modelLifecycle", {}).get("startOfLifeTime")),
    )


def through_profile(profile: InferenceProfile, base: FoundationModel, region: str) -> Invocable:
    # An application profile's id is not callable, its ARN is.
    application = profile.get("type") == "APPLICATION"
    arns = [parse_arn(member["modelArn"]) for member in profile["models"]]
    return Invocable(
        id=profile["inferenceProfileArn"] if application else profile["inferenceProfileId"],
        name=profile.get("inferenceProfileName") or profile["inferenceProfileId"],
        inference="application_inference_profile" if application else "inference_profile",
        base=base,
        region=region,
        regions=tuple(sorted({arn.region or "global" for arn in arns if arn})),
        created=unix_seconds(profile.get("createdAt")),
    )


def made_by_users(listing: RegionListing, models: Models) -> Iterator[Invocable]:
    """Each is invoked by its ARN: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html"""
    for imported in listing.imported:
        if imported.get("instructSupported") is not False:  # the others take no conversation
            arn, time = imported["modelArn"], imported.get("creationTime")
            yield by_arn(arn, imported["modelName"], "imported_model", "", listing, models, time)
    for deployment in listing.deployments:
        if deployment["status"] == "Active":
            arn, name = deployment["customModelDeploymentArn"], deployment["customModelDeploymentName"]
            time = deployment.get("createdAt")
            yield by_arn(arn, name, "custom_model_deployment", "", listing, models, time)
    for provisioned in listing.provisioned:
        if provisioned["status"] in ("InService", "Updating"):
            arn, name = provisioned["provisionedModelArn"], provisioned["provisionedModelName"]
            behind, time = provisioned["foundationModelArn"], provisioned.get("creationTime")
            yield by_arn(arn, name, "provisioned_throughput", behind, listing, models, time)
    for router in listing.routers:
        if router["status"] == "AVAILABLE":
            arn, name = router["promptRouterArn"], router["promptRouterName"]
            behind, time = router["fallbackModel"]["modelArn"], router.get("createdAt")
            yield by_arn(arn, name, "prompt_router", behind, listing, models, time)


def by_arn(
    arn: str,
    name: str,
    inference: Inference,
    behind: str,
    listing: RegionListing,
    models: Models,
    time: str | None,
) -> Invocable:
    base = named_model(behind)
    return Invocable(
        id=arn,
        name=name,
        inference=inference,
        base=models.get(base) or {"modelId": base},
        region=listing.region,
        regions=(listing.region,),
        created=unix_seconds(time),
    )


def unix_seconds(time: str | None) -> int:
    """OpenAI's `created` must be an integer; 0 where AWS tells none.

    >>> unix_seconds("2024-09-30T00:00:00.123456789Z")
    1727654400
    """
    return int(datetime.fromisoformat(time).timestamp()) if time else 0
