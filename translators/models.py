"""ListFoundationModels and ListInferenceProfiles, joined to OpenAI's list of models.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NotRequired, TypedDict

from translators.openai import Model, ModelList


class ModelLifecycle(TypedDict):
    status: str
    startOfLifeTime: NotRequired[str]


class FoundationModel(TypedDict):
    modelId: str
    modelName: NotRequired[str]
    providerName: NotRequired[str]
    inputModalities: NotRequired[list[str]]
    outputModalities: NotRequired[list[str]]
    inferenceTypesSupported: NotRequired[list[str]]
    responseStreamingSupported: NotRequired[bool | None]
    modelLifecycle: NotRequired[ModelLifecycle]


class ProfileModel(TypedDict):
    modelArn: str


class InferenceProfile(TypedDict):
    inferenceProfileId: str
    inferenceProfileName: NotRequired[str]
    inferenceProfileArn: NotRequired[str]
    type: NotRequired[str]
    models: list[ProfileModel]
    status: str
    createdAt: NotRequired[str]


def model_list(
    foundation_models: Iterable[FoundationModel], profiles: Iterable[InferenceProfile]
) -> ModelList:
    """The models that a chat can be had with, each under the ids that can be called, sorted by id.

    A model is called by its own id where it has on-demand throughput, else through a profile.
    """
    chat = {model["modelId"]: model for model in foundation_models if can_chat(model)}
    entries = {id: model_entry(model) for id, model in chat.items() if on_demand(model)}
    for profile in profiles:
        base = base_model(profile, chat)
        if profile["status"] == "ACTIVE" and base:
            entry = profile_entry(profile, base)
            entries[entry["id"]] = entry
    return {"object": "list", "data": [entries[id] for id in sorted(entries)]}


def can_chat(model: FoundationModel) -> bool:
    return (
        "TEXT" in model.get("inputModalities", ["TEXT"])
        and "TEXT" in model.get("outputModalities", [])
        and bool(model.get("responseStreamingSupported"))
        and model.get("modelLifecycle", {"status": "ACTIVE"})["status"] == "ACTIVE"
    )


def on_demand(model: FoundationModel) -> bool:
    return "ON_DEMAND" in model.get("inferenceTypesSupported", [])


# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetInferenceProfile.html
APPLICATION_PROFILE = re.compile(
    r"arn:aws[a-z-]*:bedrock:[0-9a-z-]{1,20}:[0-9]{12}:application-inference-profile/[a-zA-Z0-9.:-]{1,64}"
)


def is_application_profile(model_id: str) -> bool:
    """Whether this is the ARN of a profile that users made themselves; it does not say of which model."""
    return APPLICATION_PROFILE.fullmatch(model_id) is not None


def base_model_id(profile: InferenceProfile) -> str:
    """The model behind a profile: the same in all of its regions.

    >>> model = "arn:aws:bedrock:us-east-1::foundation-model/maker.model-v1:0"
    >>> base_model_id({"inferenceProfileId": "x", "status": "ACTIVE", "models": [{"modelArn": model}]})
    'maker.model-v1:0'
    """
    return profile["models"][0]["modelArn"].rpartition("foundation-model/")[2]


def base_model(profile: InferenceProfile, models: dict[str, FoundationModel]) -> FoundationModel | None:
    """The model behind a profile. The ARN of a global one names no region, so only its end counts."""
    for member in profile["models"]:
        if base := models.get(member["modelArn"].rpartition("foundation-model/")[2]):
            return base
    return None


def model_entry(model: FoundationModel) -> Model:
    return {
        "id": model["modelId"],
        "object": "model",
        "created": unix_seconds(model.get("modelLifecycle", {}).get("startOfLifeTime")),
        "owned_by": model.get("providerName", "bedrock"),
        "name": model.get("modelName", model["modelId"]),
    }


def profile_entry(profile: InferenceProfile, base: FoundationModel) -> Model:
    # An application profile's id is not callable, its ARN is.
    application = profile.get("type") == "APPLICATION"
    return {
        "id": profile["inferenceProfileArn"] if application else profile["inferenceProfileId"],
        "object": "model",
        "created": unix_seconds(profile.get("createdAt")),
        "owned_by": base.get("providerName", "bedrock"),
        "name": profile.get("inferenceProfileName", profile["inferenceProfileId"]),
    }


def unix_seconds(time: str | None) -> int:
    """OpenAI's `created` must be an integer; 0 where AWS tells none.

    >>> unix_seconds("2024-09-30T00:00:00.123456789Z")
    1727654400
    """
    return int(datetime.fromisoformat(time).timestamp()) if time else 0
