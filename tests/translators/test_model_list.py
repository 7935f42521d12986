"""The model list: what can be chatted with, under the ids that can be called, and what is told of each."""

from typing import Any

import pytest

from translators.models import (
    Facts,
    FoundationModel,
    InferenceProfile,
    ModelSettings,
    Policy,
    RegionListing,
    model_list,
)
from translators.models import known as known_of
from translators.openai import Model

REGION = "us-east-1"
ID = "maker.model-v1:0"
ARN = f"arn:aws:bedrock:us-east-1::foundation-model/{ID}"
PROFILE_ONLY: dict[str, Any] = {"inferenceTypesSupported": ["INFERENCE_PROFILE"]}
LEGACY: dict[str, Any] = {"modelLifecycle": {"status": "LEGACY", "endOfLifeTime": "2027-01-08T00:00:00Z"}}


def model(id: str = ID, **changes: Any) -> FoundationModel:
    plain: Any = {
        "modelId": id,
        "modelName": "Model",
        "providerName": "Maker",
        "inputModalities": ["TEXT"],
        "outputModalities": ["TEXT"],
        "inferenceTypesSupported": ["ON_DEMAND"],
        "responseStreamingSupported": True,
        "modelLifecycle": {"status": "ACTIVE", "startOfLifeTime": "2025-01-01T00:00:00Z"},
    }
    return {**plain, **changes}  # type: ignore[typeddict-item]


def profile(id: str, *arns: str, **changes: Any) -> InferenceProfile:
    plain: Any = {
        "inferenceProfileId": id,
        "inferenceProfileName": f"Profile {id}",
        "inferenceProfileArn": f"arn:aws:bedrock:us-east-1:123456789012:profile/{id}",
        "models": [{"modelArn": arn} for arn in arns or (ARN,)],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
        "createdAt": "2025-01-02T00:00:00Z",
    }
    return {**plain, **changes}  # type: ignore[typeddict-item]


def listed(
    models: list[FoundationModel] | None = None,
    profiles: list[InferenceProfile] | None = None,
    *,
    facts: dict[str, Facts] | None = None,
    policy: Policy | None = None,
    **others: Any,
) -> list[Model]:
    listing = RegionListing(region=REGION, models=models or [], profiles=profiles or [], **others)
    return model_list(known_of([listing], facts or {}, REGION), policy or Policy())["data"]


def ids(*arguments: Any, **keywords: Any) -> list[str]:
    return [entry["id"] for entry in listed(*arguments, **keywords)]


def test_a_model_on_demand_is_listed_as_openai_lists_models_and_tools_read_them() -> None:
    assert listed([model()]) == [
        {
            "id": ID,
            "object": "model",
            "created": 1735689600,
            "owned_by": "Maker",
            "name": "Model",
            "context_length": 32000,
            "context_window": 32000,
            "max_output_tokens": 4096,
            "input_modalities": ["text"],
            "output_modalities": ["text"],
            "reasoning": False,
            "tools": True,
            "supported_parameters": [
                *("max_completion_tokens", "max_tokens", "n", "response_format", "stream", "temperature"),
                *("top_p", "stop", "tools", "tool_choice", "structured_outputs"),
            ],
            "lifecycle": {"status": "ACTIVE"},
            "inference_type": "on_demand",
            "regions": ["us-east-1"],
        }
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"outputModalities": ["EMBEDDING"]},
        {"outputModalities": ["IMAGE"]},
        {"outputModalities": None},
        {"inputModalities": ["SPEECH"]},
        {"responseStreamingSupported": False},
        {"responseStreamingSupported": None},
        {"modelLifecycle": {"status": "LEGACY"}},
        {"inferenceTypesSupported": ["PROVISIONED"]},
        {"inferenceTypesSupported": []},
        {"inferenceTypesSupported": ["INFERENCE_PROFILE"]},
        {"modelId": " "},
    ],
    ids=str,
)
def test_what_cannot_be_chatted_with_is_left_out(change: dict[str, Any]) -> None:
    assert ids([model(**change)]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"outputModalities": ["text"]},
        {"modelLifecycle": {"status": "active"}},
        {"inputModalities": []},
        {"inferenceTypesSupported": ["PROVISIONED", "ON_DEMAND"]},
    ],
    ids=str,
)
def test_spelling_and_silence_leave_nothing_out(change: dict[str, Any]) -> None:
    assert ids([model(**change)]) == [ID]


def test_what_speaks_no_converse_is_left_out_though_the_listing_does_not_say_so() -> None:
    assert ids([model()], [profile("us.x")], facts={ID: {"name": "Model", "converse": False}}) == []


def test_a_model_behind_profiles_is_listed_under_each() -> None:
    profiles = [profile(f"us.{ID}"), profile(f"eu.{ID}")]

    assert ids([model(**PROFILE_ONLY)], profiles) == [f"eu.{ID}", f"us.{ID}"]


def test_a_model_with_both_is_listed_under_both() -> None:
    assert ids([model()], [profile(f"us.{ID}")]) == [ID, f"us.{ID}"]


def test_a_profile_tells_where_it_runs() -> None:
    arns = [f"arn:aws:bedrock:{region}::foundation-model/{ID}" for region in ("us-west-2", "us-east-1", "")]
    (entry,) = listed([model(**PROFILE_ONLY)], [profile("global.x", *arns)])

    assert (entry["id"], entry["regions"]) == ("global.x", ["global", "us-east-1", "us-west-2"])
    assert (entry["inference_type"], entry["created"]) == ("inference_profile", 1735776000)


def test_a_profile_is_what_its_model_is() -> None:
    legacy = model(**PROFILE_ONLY, **LEGACY)

    assert ids([legacy], [profile("us.x")]) == []
    assert ids([], [profile("us.x")]) == []
    assert ids([model()], [profile("us.x", status="CREATING")]) == [ID]


def test_a_profile_whose_model_is_not_told_is_described_by_the_facts() -> None:
    """As where ListFoundationModels is not permitted."""
    facts: Facts = {
        "name": "Model",
        "provider": "Maker",
        "inference": ["INFERENCE_PROFILE"],
        "input": ["TEXT", "IMAGE"],
        "context_window": 200_000,
    }
    (entry,) = listed([], [profile("us.x"), profile("us.y", ARN + "y")], facts={ID: facts})

    assert (entry["id"], entry["owned_by"], entry["context_length"]) == ("us.x", "Maker", 200_000)
    assert entry["input_modalities"] == ["text", "image"]


def test_an_application_profile_is_called_by_its_arn() -> None:
    application = profile("abc123", type="APPLICATION")
    (entry,) = listed([model(**PROFILE_ONLY)], [application])

    assert entry["id"] == application["inferenceProfileArn"]
    assert entry["inference_type"] == "application_inference_profile"


def test_it_is_sorted_by_name() -> None:
    models = [model(f"maker.{name}", modelName=name) for name in ("b", "C", "a")]

    assert ids(models) == ["maker.a", "maker.b", "maker.C"]


# Filters


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (set(), [ID, "us.x"]),
        ({"maker"}, [ID, "us.x"]),
        ({"other", "maker"}, [ID, "us.x"]),
        ({"mak"}, []),
        ({"other"}, []),
    ],
)
def test_makers_may_be_chosen(wanted: set[str], found: list[str]) -> None:
    assert ids([model()], [profile("us.x")], policy=Policy(provider_filter=frozenset(wanted))) == found


def test_a_maker_has_two_names() -> None:
    models = [model("zed.one", providerName="Zed AI")]

    for name in ("zed", "zed ai"):
        assert ids(models, policy=Policy(provider_filter=frozenset({name}))) == ["zed.one"]


def test_legacy_models_are_listed_where_asked_for() -> None:
    (entry,) = listed([model(**LEGACY)], policy=Policy(include=frozenset({"legacy"})))

    assert entry["lifecycle"] == {"status": "LEGACY", "end_of_life": "2027-01-08"}
    assert entry["shutdown_date"] == "2027-01-08"


OWN: dict[str, Any] = {
    "imported": [
        {"modelArn": "arn:imported-1", "modelName": "Mine", "instructSupported": True},
        {"modelArn": "arn:imported-2", "modelName": "Takes no conversation", "instructSupported": False},
    ],
    "deployments": [
        {
            "customModelDeploymentArn": f"arn:deployment-{status}",
            "customModelDeploymentName": "Deployed",
            "modelArn": "arn:custom",
            "status": status,
        }
        for status in ("Active", "Failed")
    ],
    "provisioned": [
        {
            "provisionedModelArn": f"arn:provisioned-{status}",
            "provisionedModelName": "Provisioned",
            "foundationModelArn": ARN,
            "status": status,
        }
        for status in ("InService", "Creating")
    ],
    "routers": [
        {
            "promptRouterArn": "arn:router",
            "promptRouterName": "Router",
            "models": [],
            "fallbackModel": {"modelArn": ARN},
            "status": "AVAILABLE",
            "createdAt": "2025-01-02T00:00:00Z",
        }
    ],
}


def test_an_accounts_own_models_are_listed_whoever_made_them() -> None:
    entries = listed([model()], policy=Policy(provider_filter=frozenset({"nobody"})), **OWN)

    assert [(entry["id"], entry["inference_type"], entry["owned_by"]) for entry in entries] == [
        ("arn:deployment-Active", "custom_model_deployment", "bedrock"),
        ("arn:imported-1", "imported_model", "bedrock"),
        ("arn:provisioned-InService", "provisioned_throughput", "Maker"),
        ("arn:router", "prompt_router", "Maker"),
    ]


# What is known of each


CARD: Facts = {"name": "M", "context_window": 100_000, "max_output_tokens": 8000, "reasoning": True}
HINT: dict[str, Any] = {"converse": {"maxTokensMaximum": 16_000, "reasoningSupported": {"embedded": False}}}


def hinted(most: int) -> dict[str, Any]:
    return {"converse": {"maxTokensMaximum": most, "reasoningSupported": None}}


@pytest.mark.parametrize(
    ("facts", "changes", "told"),
    [
        ({}, {}, (32_000, 4096, False)),
        (CARD, {}, (100_000, 8000, True)),
        (CARD, {"converse": None}, (100_000, 8000, True)),
        (CARD, HINT, (100_000, 16_000, True)),
        ({}, HINT, (32_000, 16_000, True)),
        (CARD, hinted(100_000), (100_000, 8000, True)),  # the whole window is no limit
        ({}, hinted(64_000), (32_000, 32_000, False)),  # more than the window would be nonsense
        ({}, {"modelName": "Model Thinking"}, (32_000, 4096, True)),
    ],
)
def test_limits_are_the_listings_the_cards_or_the_defaults(
    facts: Facts, changes: dict[str, Any], told: tuple[int, int, bool]
) -> None:
    (entry,) = listed([model(**changes)], facts={ID: facts})

    assert (entry["context_window"], entry["max_output_tokens"], entry["reasoning"]) == told
    assert ("reasoning" in entry["supported_parameters"]) is told[2]


def test_what_a_user_says_of_a_model_counts_for_its_profiles_too() -> None:
    said = ModelSettings(
        name="Mine",
        context_window=50_000,
        max_output_tokens=1000,
        input_modalities=("text", "image"),
        reasoning=False,
        tools=False,
    )
    entries = listed([model(**HINT)], [profile("us.x")], facts={ID: CARD}, policy=Policy(models={ID: said}))

    for entry in entries:
        assert (entry["name"], entry["context_length"], entry["max_output_tokens"]) == ("Mine", 50_000, 1000)
        assert (entry["input_modalities"], entry["reasoning"]) == (["text", "image"], False)
        assert (entry["tools"], "tools" in entry["supported_parameters"]) == (False, False)


def test_what_a_user_says_of_a_profile_counts_for_it_alone() -> None:
    models = {"us.x": ModelSettings(context_window=1), ID: ModelSettings(context_window=2)}
    entries = listed([model()], [profile("us.x")], policy=Policy(models=models))

    assert {entry["id"]: entry["context_window"] for entry in entries} == {"us.x": 1, ID: 2}


def test_a_model_that_only_the_user_knows_is_listed() -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:imported-model/abc"
    models = {arn: ModelSettings(name="Mine", base_model=ID)}
    (entry,) = listed(
        facts={ID: {**CARD, "provider": "Maker", "inference": [], "input": ["TEXT"]}},
        policy=Policy(models=models),
    )

    assert (entry["id"], entry["name"], entry["context_window"]) == (arn, "Mine", 100_000)
    assert "regions" not in entry


def test_an_alias_is_listed_as_what_it_stands_for() -> None:
    entries = listed([model()], policy=Policy(aliases={"fast": ID, "elsewhere": "maker.unlisted"}))

    assert [(entry["id"], entry["name"]) for entry in entries] == [
        ("elsewhere", "elsewhere"),
        ("fast", "fast"),
        (ID, "Model"),
    ]
    assert {name: value for name, value in entries[1].items() if name not in ("id", "name")} == {
        name: value for name, value in entries[2].items() if name not in ("id", "name")
    }


def test_of_several_regions_the_first_has_a_model() -> None:
    listings = [RegionListing(region=region, models=[model()]) for region in ("eu-west-1", "us-east-1")]
    (entry,) = model_list(known_of(listings, {}, "eu-west-1"), Policy())["data"]

    assert entry["regions"] == ["eu-west-1"]
