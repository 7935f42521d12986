"""What Bedrock's control plane tells of the models of a region, by its own names.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict


class ModelLifecycle(TypedDict):
    status: str
    startOfLifeTime: NotRequired[str]
    endOfLifeTime: NotRequired[str]


class ConverseHint(TypedDict, total=False):
    """In no service model, but recorded in the raw listing since September 2025; null for older models."""

    maxTokensMaximum: int | None
    reasoningSupported: object | None


class FoundationModel(TypedDict):
    modelId: str
    modelName: NotRequired[str]
    providerName: NotRequired[str]
    inputModalities: NotRequired[list[str]]
    outputModalities: NotRequired[list[str]]
    inferenceTypesSupported: NotRequired[list[str]]
    responseStreamingSupported: NotRequired[bool | None]
    modelLifecycle: NotRequired[ModelLifecycle]
    converse: NotRequired[ConverseHint | None]


class MemberModel(TypedDict):
    modelArn: str


class InferenceProfile(TypedDict):
    inferenceProfileId: str
    inferenceProfileName: NotRequired[str]
    inferenceProfileArn: NotRequired[str]
    type: NotRequired[str]
    models: list[MemberModel]
    status: str
    createdAt: NotRequired[str]


class ImportedModel(TypedDict):
    modelArn: str
    modelName: str
    creationTime: NotRequired[str]
    instructSupported: NotRequired[bool | None]


class CustomModelDeployment(TypedDict):
    customModelDeploymentArn: str
    customModelDeploymentName: str
    modelArn: str
    status: str
    createdAt: NotRequired[str]


class ProvisionedModel(TypedDict):
    provisionedModelArn: str
    provisionedModelName: str
    foundationModelArn: str
    status: str
    creationTime: NotRequired[str]


class PromptRouter(TypedDict):
    promptRouterArn: str
    promptRouterName: str
    models: list[MemberModel]
    fallbackModel: MemberModel
    status: str
    createdAt: NotRequired[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class RegionListing:
    """One region's listings; those that were not asked for, or not permitted, are empty."""

    region: str
    models: Sequence[FoundationModel] = ()
    profiles: Sequence[InferenceProfile] = ()
    imported: Sequence[ImportedModel] = ()
    deployments: Sequence[CustomModelDeployment] = ()
    provisioned: Sequence[ProvisionedModel] = ()
    routers: Sequence[PromptRouter] = ()


def base_model_id(profile: InferenceProfile) -> str:
    """The model behind a profile: the same in all of its regions.

    The ARN of a global profile's names no region, so only its end counts.

    >>> model = "arn:aws:bedrock:::foundation-model/maker.model-v1:0"
    >>> base_model_id({"inferenceProfileId": "x", "status": "ACTIVE", "models": [{"modelArn": model}]})
    'maker.model-v1:0'
    """
    return profile["models"][0]["modelArn"].rpartition("foundation-model/")[2]
