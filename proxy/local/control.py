"""The control plane: which foundation models there are and through which inference profiles they are called.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock.html
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request

from proxy.local import catalogue, refusals, shapes
from proxy.local.authorization import signed_region
from proxy.local.rule import Operation

PAGE = 50
"""How many profiles a page holds unless maxResults says: fewer than there are, as at AWS."""


def list_foundation_models(request: Request) -> dict[str, Any]:
    query = parameters("ListFoundationModels", request)
    provider = str(query.get("byProvider", "")).lower()
    return {
        "modelSummaries": [
            model
            for model in catalogue.foundation_models(region(request))
            if provider in ("", model["providerName"].lower())
            and query.get("byOutputModality") in (None, *model["outputModalities"])
            and query.get("byInferenceType") in (None, *model["inferenceTypesSupported"])
            and query.get("byCustomizationType") in (None, *model["customizationsSupported"])
        ],
        "enableAccessToAllModelsByDefault": True,
    }


def list_inference_profiles(request: Request) -> dict[str, Any]:
    query = parameters("ListInferenceProfiles", request)
    # Without a type only AWS's own: https://github.com/aws/aws-cli/issues/9728
    type = query.get("type", "SYSTEM_DEFINED")
    profiles = catalogue.inference_profiles(region(request))
    wanted = [profile for profile in profiles if profile["type"] == type]
    start = offset(query.get("nextToken"))
    end = start + query.get("maxResults", PAGE)
    page: dict[str, Any] = {"inferenceProfileSummaries": wanted[start:end]}
    if end < len(wanted):
        page["nextToken"] = urlsafe_b64encode(str(end).encode()).decode()
    return page


def get_inference_profile(request: Request) -> dict[str, Any]:
    return catalogue.inference_profile(request.path_params["resource_id"], region(request))


def get_foundation_model_availability(request: Request) -> dict[str, Any]:
    """This account may have whatever there is; a script's `response` says otherwise."""
    model_id = catalogue.foundation_model_id(request.path_params["resource_id"])
    return {
        "modelId": model_id,
        "agreementAvailability": {"status": "AVAILABLE"},
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "regionAvailability": "AVAILABLE",
    }


def nothing_of(operation: Operation, member: str) -> Callable[[Request], dict[str, Any]]:
    """What lists an account's own models, in an account that has none."""

    def listing(request: Request) -> dict[str, Any]:
        parameters(operation, request)
        return {member: []}

    return listing


def region(request: Request) -> str:
    return catalogue.listed_region(signed_region(request.headers))


def parameters(operation: str, request: Request) -> dict[str, Any]:
    """The query, as numbers where the operation has numbers, within AWS's limits."""
    query: dict[str, Any] = dict(request.query_params)
    if "maxResults" in query:
        query["maxResults"] = whole_number(query["maxResults"])
    shapes.check("bedrock", operation, query)
    return query


def whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise refusals.serialization() from None


def offset(token: str | None) -> int:
    try:
        return int(urlsafe_b64decode(token)) if token else 0
    except (Error, ValueError):
        raise refusals.validation("The provided nextToken is invalid.") from None


OPERATIONS: Mapping[Operation, Callable[[Request], dict[str, Any]]] = {
    "ListFoundationModels": list_foundation_models,
    "ListInferenceProfiles": list_inference_profiles,
    "GetInferenceProfile": get_inference_profile,
    "GetFoundationModelAvailability": get_foundation_model_availability,
    "ListImportedModels": nothing_of("ListImportedModels", "modelSummaries"),
    "ListCustomModelDeployments": nothing_of("ListCustomModelDeployments", "modelDeploymentSummaries"),
    "ListProvisionedModelThroughputs": nothing_of(
        "ListProvisionedModelThroughputs", "provisionedModelSummaries"
    ),
    "ListPromptRouters": nothing_of("ListPromptRouters", "promptRouterSummaries"),
}
