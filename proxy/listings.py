"""What Bedrock's control plane lists, each listing to its last page.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock.html
Each raises APIError for what Bedrock refuses, and one of UNDESCRIBED where the answer is not Bedrock's.
"""

from typing import Any
from urllib.parse import quote, urlencode

from proxy.bedrock import Bedrock
from translators.model_ids import named_region
from translators.models import (
    CustomModelDeployment,
    FoundationModel,
    ImportedModel,
    InferenceProfile,
    PromptRouter,
    ProvisionedModel,
)

PAGE = 1000


async def foundation_models(bedrock: Bedrock, region: str = "") -> list[FoundationModel]:
    """All of the region's: this listing has no pages."""
    listing = await bedrock.control_plane("/foundation-models", region)
    models: list[FoundationModel] = listing["modelSummaries"]
    return models


async def inference_profiles(bedrock: Bedrock, region: str = "") -> list[InferenceProfile]:
    """AWS's own, then those that the account made."""
    # Without a type only AWS's own are listed: https://github.com/aws/aws-cli/issues/9728
    listings = [
        await pages(bedrock, "/inference-profiles", "inferenceProfileSummaries", region, type=type)
        for type in ("SYSTEM_DEFINED", "APPLICATION")
    ]
    return [profile for listing in listings for profile in listing]


async def inference_profile(bedrock: Bedrock, arn: str) -> InferenceProfile:
    """In the region that the ARN names: no other has it."""
    path = "/inference-profiles/" + quote(arn, safe="")
    profile: InferenceProfile = await bedrock.control_plane(path, named_region(arn))
    return profile


async def imported_models(bedrock: Bedrock, region: str = "") -> list[ImportedModel]:
    return await pages(bedrock, "/imported-models", "modelSummaries", region)


async def custom_model_deployments(bedrock: Bedrock, region: str = "") -> list[CustomModelDeployment]:
    path = "/model-customization/custom-model-deployments"
    return await pages(bedrock, path, "modelDeploymentSummaries", region)


async def provisioned_models(bedrock: Bedrock, region: str = "") -> list[ProvisionedModel]:
    return await pages(bedrock, "/provisioned-model-throughputs", "provisionedModelSummaries", region)


async def prompt_routers(bedrock: Bedrock, region: str = "") -> list[PromptRouter]:
    return await pages(bedrock, "/prompt-routers", "promptRouterSummaries", region)


# Any: the summaries of an operation, whose type the caller knows.
async def pages(bedrock: Bedrock, path: str, member: str, region: str, **query: str) -> list[Any]:
    summaries: list[Any] = []
    query["maxResults"] = str(PAGE)
    while True:
        page = await bedrock.control_plane(f"{path}?{urlencode(query)}", region)
        summaries += page[member]
        if not (token := page.get("nextToken")):
            return summaries
        query["nextToken"] = token
