"""The models of the local Bedrock: what is offered, under which ids, and what each of them refuses.

Three data files: `models.json` and `profiles.json` hold what AWS listed in August 2026 (and the models that
recorded traffic was still answered by, and one that came later), `traits.json` what sets a family apart, each
row with its evidence.

An id is one of
    maker.model-v1:0                                                   a base model, if it has ON_DEMAND
    us.maker.model-v1:0                                                an inference profile
    arn:aws:bedrock:us-east-1::foundation-model/maker.model-v1:0       the ARNs of either
    arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.maker.model-v1:0
    arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/1arbu5hu2sjr

The local Bedrock is every region and account: it lists the profiles of the region that a request is signed
for, and the foundation models of us-east-1 in each, and answers to all profiles and ARNs whichever is called,
so that nobody's configuration has to change for it.
https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from proxy.local import refusals

REGION = "us-east-1"
ACCOUNT = "123456789012"
CREATED = "2025-01-01T00:00:00Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A foundation model. The limits are in tokens; None is a limit nobody has published."""

    id: str
    name: str
    provider: str
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    streaming: bool
    inference_types: tuple[str, ...]
    customizations: tuple[str, ...]
    lifecycle: Mapping[str, str] = field(hash=False)
    converse: bool
    max_tokens: int | None
    context_window: int | None
    traits: frozenset[str]
    says: Mapping[str, str] = field(hash=False)
    """Words that name a maker or its documentation, by the trait that they belong to."""
    takes: Mapping[str, frozenset[str]] = field(hash=False)
    """The names that are known, by the trait that refuses all others."""

    def has(self, trait: str) -> bool:
        return trait in self.traits


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """An inference profile: one id for a model in several regions. The region "" is AWS's global endpoint."""

    id: str
    name: str
    type: str
    description: str
    model_id: str
    model_regions: tuple[str, ...]
    source_regions: tuple[str, ...]

    @property
    def resource(self) -> str:
        kind = "inference-profile" if self.type == "SYSTEM_DEFINED" else "application-inference-profile"
        return f"{kind}/{self.id}"


def resolve(model_id: str) -> Model:
    """The model behind an id or ARN. Raises Refusal, in Bedrock's words, for what cannot be called."""
    profile = find_profile(model_id)
    model = models().get(profile.model_id if profile else base_id(model_id))
    if model is None:
        raise refusals.validation("The provided model identifier is invalid.")
    if model.lifecycle["status"] == "RETIRED":
        raise refusals.resource_not_found(
            "This model version has reached the end of its life. "
            "Please refer to the AWS documentation for more details."
        )
    if profile is None and "ON_DEMAND" not in model.inference_types:
        raise refusals.validation(
            f"Invocation of model ID {model_id} with on-demand throughput isn’t supported. Retry your "
            "request with the ID or ARN of an inference profile that contains this model."
        )
    return model


def foundation_models(region: str = REGION) -> list[dict[str, Any]]:
    """modelSummaries, as ListFoundationModels has them."""
    return [summary(model, region) for model in models().values() if model.lifecycle["status"] != "RETIRED"]


def inference_profiles(region: str = REGION) -> list[dict[str, Any]]:
    """inferenceProfileSummaries, as ListInferenceProfiles has them."""
    return [
        profile_summary(profile, region)
        for profile in profiles().values()
        if region in profile.source_regions
    ]


def listed_region(region: str) -> str:
    """That region, or another's that has listings: one that AWS has not is as good as any."""
    return region if inference_profiles(region) else REGION


def example() -> str:
    """The id that is shown to who has not chosen a model yet."""
    return next(str(row["id"]) for row in _rows("profiles.json") if row.get("example"))


def inference_profile(identifier: str, region: str = REGION) -> dict[str, Any]:
    """What GetInferenceProfile answers; unlike Converse it takes an application profile's bare id too."""
    profile = find_profile(identifier) or profiles().get(identifier)
    if profile is None or region not in profile.source_regions:
        raise refusals.resource_not_found("The provided inference profile identifier is not found.")
    return profile_summary(profile, region)


def foundation_model_id(identifier: str) -> str:
    """What GetFoundationModelAvailability tells of: a model, never a profile of it."""
    model_id = base_id(identifier)
    if model_id not in models():
        raise refusals.resource_not_found("Model not found.")
    return model_id


def summary(model: Model, region: str) -> dict[str, Any]:
    return {
        "modelArn": f"arn:aws:bedrock:{region}::foundation-model/{model.id}",
        "modelId": model.id,
        "modelName": model.name,
        "providerName": model.provider,
        "inputModalities": list(model.input_modalities),
        "outputModalities": list(model.output_modalities),
        "responseStreamingSupported": model.streaming,
        "customizationsSupported": list(model.customizations),
        "inferenceTypesSupported": list(model.inference_types),
        "modelLifecycle": dict(model.lifecycle),
    }


def profile_summary(profile: Profile, source: str) -> dict[str, Any]:
    return {
        "inferenceProfileName": profile.name,
        "description": profile.description,
        "createdAt": CREATED,
        "updatedAt": CREATED,
        "inferenceProfileArn": f"arn:aws:bedrock:{source}:{ACCOUNT}:{profile.resource}",
        "models": [
            {"modelArn": f"arn:aws:bedrock:{region}::foundation-model/{profile.model_id}"}
            for region in profile.model_regions
        ],
        "inferenceProfileId": profile.id,
        "status": "ACTIVE",
        "type": profile.type,
    }


def base_id(model_id: str) -> str:
    """The id in a foundation model's ARN; any other id as it is."""
    prefix, kind, resource = model_id.partition(":foundation-model/")
    return resource if kind and prefix.startswith("arn:aws:bedrock:") else model_id


def find_profile(model_id: str) -> Profile | None:
    """By a system profile's id, or by the ARN of any."""
    if not model_id.startswith("arn:aws:bedrock:"):
        profile = profiles().get(model_id)
        return profile if profile and profile.type == "SYSTEM_DEFINED" else None
    _, _, identifier = model_id.partition("inference-profile/")
    profile = profiles().get(identifier)
    return profile if profile and model_id.endswith(f":{profile.resource}") else None


@cache
def models() -> dict[str, Model]:
    return {row["modelId"]: _model(row) for row in _rows("models.json")}


@cache
def profiles() -> dict[str, Profile]:
    return {row["id"]: _profile(row) for row in _rows("profiles.json")}


@cache
def _traits() -> list[dict[str, Any]]:
    return _rows("traits.json")


def traits(model_id: str) -> dict[str, dict[str, Any]]:
    """Every trait that names the beginning of the id, and does not except it; with its row."""
    return {
        row["trait"]: row
        for row in _traits()
        if model_id.startswith(tuple(row["models"])) and not model_id.startswith(tuple(row.get("except", ())))
    }


def _model(row: Mapping[str, Any]) -> Model:
    found = traits(row["modelId"])
    return Model(
        id=row["modelId"],
        name=row["modelName"],
        provider=row["providerName"],
        input_modalities=tuple(row["inputModalities"]),
        output_modalities=tuple(row["outputModalities"]),
        streaming=row["responseStreamingSupported"],
        inference_types=tuple(row["inferenceTypesSupported"]),
        customizations=tuple(row.get("customizationsSupported", ())),
        lifecycle=row["modelLifecycle"],
        converse=row["converse"],
        max_tokens=row.get("maxTokens"),
        context_window=row.get("contextWindow"),
        traits=frozenset(found),
        says={trait: each["says"] for trait, each in found.items() if "says" in each},
        takes={trait: frozenset(each["takes"]) for trait, each in found.items() if "takes" in each},
    )


def _profile(row: Mapping[str, Any]) -> Profile:
    """A system profile's id is a geography and the model's id; an application profile names its model."""
    name = row["name"]
    return Profile(
        id=row["id"],
        name=name,
        type="APPLICATION" if "model" in row else "SYSTEM_DEFINED",
        description=row.get("description") or routes(name, row["modelRegions"]),
        model_id=row.get("model") or row["id"].partition(".")[2],
        model_regions=tuple(row["modelRegions"]),
        source_regions=tuple(row["sourceRegions"]),
    )


def routes(name: str, regions: list[str]) -> str:
    """AWS's description of a profile, whose name begins with the geography."""
    where = "globally across all supported AWS Regions" if "" in regions else f"in {', '.join(regions)}"
    return f"Routes requests to {name.partition(' ')[2]} {where}."


# Any: rows of our own data files, read by the two constructors above.
def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = orjson.loads(files(__package__).joinpath(name).read_bytes())
    return rows
