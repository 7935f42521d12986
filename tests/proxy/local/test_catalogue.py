"""Which ids lead to which model, and what the listings say of them."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from proxy.local import catalogue
from proxy.local.catalogue import resolve
from proxy.local.refusals import Refusal

SHARED = Path(__file__).resolve().parents[4] / "shared"
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
ARN = "arn:aws:bedrock:us-east-1"

without_shared = pytest.mark.skipif(not SHARED.exists(), reason="the recordings are not part of the project")


@pytest.mark.parametrize(
    ("model_id", "base"),
    [
        ("amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
        (f"{ARN}::foundation-model/amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
        (f"us.{HAIKU}", HAIKU),
        (f"global.{HAIKU}", HAIKU),
        (f"eu.{HAIKU}", HAIKU),
        (f"{ARN}:123456789012:inference-profile/us.{HAIKU}", HAIKU),
        (f"arn:aws:bedrock:eu-west-1:210987654321:inference-profile/eu.{HAIKU}", HAIKU),
        (f"{ARN}:123456789012:application-inference-profile/1arbu5hu2sjr", HAIKU),
        (f"{ARN}:123456789012:application-inference-profile/mi1dadi0g15f", "amazon.nova-micro-v1:0"),
    ],
)
def test_an_id_or_arn_leads_to_its_model(model_id: str, base: str) -> None:
    assert resolve(model_id).id == base


@pytest.mark.parametrize(
    "model_id",
    [
        "gpt-4o",
        "anthropic.claude-haiku-4-5",
        f"mars.{HAIKU}",
        "1arbu5hu2sjr",
        f"{ARN}:123456789012:inference-profile/1arbu5hu2sjr",
        f"{ARN}:123456789012:application-inference-profile/unheard-of",
        f"{ARN}:123456789012:prompt/ABCDEFGHIJ",
        "amazon.nova-lite-v1:O",
    ],
)
def test_an_invented_id_is_invalid(model_id: str) -> None:
    with pytest.raises(
        Refusal, match=r"^400 ValidationException: The provided model identifier is invalid\.$"
    ):
        resolve(model_id)


def test_the_apostrophe_of_on_demand_is_typographic() -> None:
    with pytest.raises(Refusal) as refused:
        resolve(f"{ARN}::foundation-model/{HAIKU}")

    assert f"model ID {ARN}::foundation-model/{HAIKU} with on-demand throughput isn\u2019t" in str(
        refused.value
    )


def test_profiles_lead_to_models_that_exist() -> None:
    assert [p.id for p in catalogue.profiles().values() if p.model_id not in catalogue.models()] == []


def test_every_trait_has_evidence_and_a_model_and_is_used() -> None:
    sources = "".join(path.read_text() for path in Path(catalogue.__file__).parent.glob("*.py"))
    for row in catalogue._traits():
        assert row["evidence"]
        assert any(row["trait"] in model.traits for model in catalogue.models().values()), row["trait"]
        # Refused fields and tool choices are looked up by name.
        looked_up = row["trait"].endswith("-refused") and 'has(f"' in sources
        assert f'"{row["trait"]}"' in sources or looked_up, row["trait"]


def test_a_global_profile_names_a_model_without_a_region() -> None:
    profile = next(p for p in catalogue.inference_profiles() if p["inferenceProfileId"] == f"global.{HAIKU}")

    assert [model["modelArn"] for model in profile["models"]] == [
        f"arn:aws:bedrock:::foundation-model/{HAIKU}",
        f"{ARN}::foundation-model/{HAIKU}",
    ]


def test_the_listing_holds_what_no_chat_client_may_be_offered() -> None:
    models = catalogue.foundation_models()
    kinds = Counter(
        [modality for model in models for modality in model["outputModalities"]]
        + [model["modelLifecycle"]["status"] for model in models]
        + [",".join(model["inferenceTypesSupported"]) for model in models]
    )

    assert (
        min(kinds[kind] for kind in ("EMBEDDING", "IMAGE", "VIDEO", "SPEECH", "LEGACY", "PROVISIONED", ""))
        > 1
    )
    assert kinds["RETIRED"] == 0


@without_shared
def test_every_chat_model_of_the_facts_is_here() -> None:
    with (SHARED / "reference" / "models-2026-08-22.csv").open() as file:
        facts = {row["model_id"]: row for row in csv.DictReader(file)}

    chats = {model_id for model_id, row in facts.items() if row["converse"] == "True"}

    assert chats <= {model.id for model in catalogue.models().values() if model.converse}


@without_shared
def test_a_summary_has_the_members_that_are_recorded() -> None:
    recorded = [read(path) for path in (SHARED / "recordings").glob("*/ListFoundationModels*.json")]
    members = set.intersection(*(set(model) for model in recorded[0]["modelSummaries"]))

    ours = set(catalogue.foundation_models()[0])

    assert ours <= members
    assert members - ours <= {
        # Members that no SDK shows, and no client of ours may rely on.
        *("batchSupported", "consoleIDEMetadata", "converse", "description", "explicitPromptCaching"),
        *("featuresSupported", "guardrailsSupported", "intelligentPromptRouting"),
        *("latencyOptimizationSupported", "modelFamily"),
    }


@without_shared
def test_a_profile_has_the_members_that_are_recorded() -> None:
    (listed,) = (SHARED / "recordings").glob("*/ListInferenceProfiles*.json")
    ours = {p["inferenceProfileId"]: p for p in catalogue.inference_profiles()}
    for recorded in read(listed)["inferenceProfileSummaries"]:
        if recorded["inferenceProfileId"] in ours:
            assert set(ours[recorded["inferenceProfileId"]]) == set(recorded)
            assert ours[recorded["inferenceProfileId"]]["type"] == recorded["type"]


# Any: recorded JSON.
def read(path: Path) -> Any:
    return orjson.loads(path.read_bytes())["response"]["body_json"]
