"""What Bedrock's control plane lists, each listing to its last page.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock.html
Each raises APIError for what Bedrock refuses, and one of UNDESCRIBED where the answer is not Bedrock's.
"""

from typing import Any
from urllib.parse import quote, urlencode

from proxy.bedrock import Bedrock
from translators.models import FoundationModel, InferenceProfile

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


async def inference_profile(bedrock: Bedrock, arn: str, region: str = "") -> InferenceProfile:
    profile: InferenceProfile = await bedrock.control_plane(
        "/inference-profiles/" + quote(arn, safe=""), region
    )
    return profile


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
