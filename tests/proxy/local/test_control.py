"""The control plane on the wire: filters, pages, identifiers, and refusals."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.proxy.local.caller import Caller

APPLICATION = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/1arbu5hu2sjr"
SYSTEM = "us.anthropic.claude-haiku-4-5-20251001-v1:0"


@pytest.fixture
def http(caller: Caller) -> httpx.Client:
    return caller.http


# Any: the JSON of an answer.
def pages(http: httpx.Client, **query: str) -> Iterator[list[Any]]:
    while True:
        page = http.get("/inference-profiles", params=query).json()
        yield page["inferenceProfileSummaries"]
        if "nextToken" not in page:
            return
        query["nextToken"] = page["nextToken"]


@pytest.mark.parametrize(
    ("query", "member", "value"),
    [
        ("byProvider=amazon", "providerName", "Amazon"),
        ("byOutputModality=EMBEDDING", "outputModalities", ["EMBEDDING"]),
    ],
)
def test_foundation_models_are_filtered(http: httpx.Client, query: str, member: str, value: object) -> None:
    models = http.get(f"/foundation-models?{query}").json()["modelSummaries"]

    assert models
    assert all(model[member] == value for model in models)


def test_inference_types_are_filtered_too(http: httpx.Client) -> None:
    on_demand = http.get("/foundation-models?byInferenceType=ON_DEMAND").json()["modelSummaries"]
    tuned = http.get("/foundation-models?byCustomizationType=FINE_TUNING").json()["modelSummaries"]

    assert all("ON_DEMAND" in model["inferenceTypesSupported"] for model in on_demand)
    assert all("FINE_TUNING" in model["customizationsSupported"] for model in tuned)
    assert on_demand
    assert tuned


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (
            "/foundation-models?byInferenceType=INFERENCE_PROFILE",
            "1 validation error detected: Value 'INFERENCE_PROFILE' at 'byInferenceType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [ON_DEMAND, PROVISIONED]",
        ),
        (
            "/inference-profiles?maxResults=1001",
            "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must "
            "have value less than or equal to 1000",
        ),
        ("/inference-profiles?nextToken=never-given", "The provided nextToken is invalid."),
    ],
)
def test_a_query_outside_awss_limits_is_refused(http: httpx.Client, path: str, words: str) -> None:
    answer = http.get(path)

    assert (answer.status_code, answer.json()) == (400, {"message": words})
    assert answer.headers["x-amzn-errortype"].startswith("ValidationException:http://internal.amazon.com/")
    assert answer.headers["x-amzn-requestid"]


@pytest.mark.parametrize("query", [{}, {"maxResults": "7"}, {"maxResults": "1000"}])
def test_pages_together_hold_every_profile_once(http: httpx.Client, query: dict[str, str]) -> None:
    found = [profile["inferenceProfileArn"] for page in pages(http, **query) for profile in page]

    assert len(found) == len(set(found)) > 60
    assert len(next(pages(http, **query))) == min(int(query.get("maxResults", 50)), len(found))


def test_profiles_are_filtered_by_type(http: httpx.Client) -> None:
    (page,) = pages(http, type="APPLICATION")

    assert APPLICATION in [profile["inferenceProfileArn"] for profile in page]
    assert {profile["type"] for profile in page} == {"APPLICATION"}


@pytest.mark.parametrize(
    "identifier", [SYSTEM, quote(SYSTEM, safe=""), APPLICATION, quote(APPLICATION, safe=""), "1arbu5hu2sjr"]
)
def test_a_profile_is_found_by_id_and_by_arn_however_encoded(http: httpx.Client, identifier: str) -> None:
    profile = http.get(f"/inference-profiles/{identifier}").json()

    assert profile["models"][0]["modelArn"].endswith(
        "foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0"
    )


def test_an_unknown_profile_is_not_found(http: httpx.Client) -> None:
    answer = http.get("/inference-profiles/us.nobody.nothing-v1:0")

    assert answer.status_code == 404
    assert answer.headers["x-amzn-errortype"].startswith("ResourceNotFoundException:")
    assert "message" in answer.json()
