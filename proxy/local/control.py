"""The control plane: which foundation models there are and through which inference profiles they are called.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock.html
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy.local import catalogue, refusals, shapes

Answer = Callable[[Request], dict[str, Any]]

PAGE = 50
"""How many profiles a page holds unless maxResults says: fewer than there are, as at AWS."""


def list_foundation_models(request: Request) -> dict[str, Any]:
    query = parameters("ListFoundationModels", request)
    provider = str(query.get("byProvider", "")).lower()
    return {
        "modelSummaries": [
            model
            for model in catalogue.foundation_models()
            if provider in ("", model["providerName"].lower())
            and query.get("byOutputModality") in (None, *model["outputModalities"])
            and query.get("byInferenceType") in (None, *model["inferenceTypesSupported"])
            and query.get("byCustomizationType") in (None, *model["customizationsSupported"])
        ],
        "enableAccessToAllModelsByDefault": True,
    }


def list_inference_profiles(request: Request) -> dict[str, Any]:
    query = parameters("ListInferenceProfiles", request)
    wanted = [p for p in catalogue.inference_profiles() if query.get("type") in (None, p["type"])]
    start = offset(query.get("nextToken"))
    end = start + query.get("maxResults", PAGE)
    page: dict[str, Any] = {"inferenceProfileSummaries": wanted[start:end]}
    if end < len(wanted):
        page["nextToken"] = urlsafe_b64encode(str(end).encode()).decode()
    return page


def get_inference_profile(request: Request) -> dict[str, Any]:
    """The identifier is everything after the collection's name: an ARN holds a slash, encoded or not."""
    _, _, identifier = request.url.path.partition("/inference-profiles/")
    return catalogue.inference_profile(unquote(identifier))


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


def endpoint(answer: Answer) -> Callable[[Request], Response]:
    def respond(request: Request) -> Response:
        try:
            return json_response(200, answer(request))
        except refusals.Refusal as refusal:
            return error_response(refusal)

    return respond


def error_response(refusal: refusals.Refusal) -> Response:
    """The type stands in a header, the words in the body."""
    service = "com.amazon.bedrock" if refusal.key == "message" else "com.amazon.coral.service"
    response = json_response(refusal.status, {refusal.key: refusal.message})
    response.headers["x-amzn-errortype"] = f"{refusal.type}:http://internal.amazon.com/coral/{service}/"
    return response


def json_response(status: int, body: dict[str, Any]) -> Response:
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type="application/json",
        headers={"x-amzn-requestid": str(uuid4())},
    )


ROUTES = [
    Route("/foundation-models", endpoint(list_foundation_models), name="ListFoundationModels"),
    Route("/inference-profiles", endpoint(list_inference_profiles), name="ListInferenceProfiles"),
    Route("/inference-profiles/{id:path}", endpoint(get_inference_profile), name="GetInferenceProfile"),
]
