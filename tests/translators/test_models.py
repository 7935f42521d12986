"""The model list: what can be chatted with, under the ids that can be called."""

from typing import Any

from translators.models import FoundationModel, InferenceProfile, model_list


def model(id: str = "maker.model-v1:0", **changes: Any) -> FoundationModel:
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
        "inferenceProfileArn": f"arn:aws:bedrock:us-east-1:1:profile/{id}",
        "models": [{"modelArn": arn} for arn in arns],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }
    return {**plain, **changes}  # type: ignore[typeddict-item]


ARN = "arn:aws:bedrock:us-east-1::foundation-model/maker.model-v1:0"


def ids(models: list[FoundationModel], profiles: list[InferenceProfile]) -> list[str]:
    return [entry["id"] for entry in model_list(models, profiles)["data"]]


def test_a_model_on_demand_is_listed_as_openai_lists_models() -> None:
    assert model_list([model()], []) == {
        "object": "list",
        "data": [
            {
                "id": "maker.model-v1:0",
                "object": "model",
                "created": 1735689600,
                "owned_by": "Maker",
                "name": "Model",
            }
        ],
    }


def test_what_cannot_be_chatted_with_is_left_out() -> None:
    changes: list[dict[str, Any]] = [
        {"outputModalities": ["EMBEDDING"]},
        {"outputModalities": ["IMAGE"]},
        {"inputModalities": ["SPEECH"]},
        {"responseStreamingSupported": False},
        {"responseStreamingSupported": None},
        {"modelLifecycle": {"status": "LEGACY"}},
        {"inferenceTypesSupported": ["PROVISIONED"]},
        {"inferenceTypesSupported": []},
        {"inferenceTypesSupported": ["INFERENCE_PROFILE"]},
    ]
    for change in changes:
        assert ids([model(**change)], []) == [], change


def test_a_model_behind_profiles_is_listed_under_each() -> None:
    models = [model(inferenceTypesSupported=["INFERENCE_PROFILE"])]

    assert ids(models, [profile("us.maker.model-v1:0", ARN), profile("eu.maker.model-v1:0", ARN)]) == [
        "eu.maker.model-v1:0",
        "us.maker.model-v1:0",
    ]


def test_a_model_with_both_is_listed_under_both() -> None:
    assert ids([model()], [profile("us.maker.model-v1:0", ARN)]) == [
        "maker.model-v1:0",
        "us.maker.model-v1:0",
    ]


def test_a_global_profile_is_known_by_an_arn_without_region() -> None:
    arn = "arn:aws:bedrock:::foundation-model/maker.model-v1:0"

    assert ids([model(inferenceTypesSupported=["INFERENCE_PROFILE"])], [profile("global.x", arn)]) == [
        "global.x"
    ]


def test_a_profile_is_what_its_model_is() -> None:
    legacy = model(inferenceTypesSupported=["INFERENCE_PROFILE"], modelLifecycle={"status": "LEGACY"})

    assert ids([legacy], [profile("us.x", ARN)]) == []
    assert ids([], [profile("us.x", ARN)]) == []
    assert ids([model()], [profile("us.x", ARN, status="CREATING")]) == ["maker.model-v1:0"]


def test_an_application_profile_is_called_by_its_arn() -> None:
    application = profile("abc123", ARN, type="APPLICATION")

    assert application["inferenceProfileArn"] in ids([model()], [application])
