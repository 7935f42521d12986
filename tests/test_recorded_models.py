"""The models of AWS: every recorded listing becomes a right list, and every callable model is found by each name.

The recordings and the tables of facts are no part of the project; where they are absent, this is skipped.
"""

import csv
import re
from functools import cache
from typing import Any

import pytest

from proxy.facts import facts
from tests.recordings import FOLDER, load, names
from translators.models import Known, Policy, RegionListing, known, model_list, resolve
from translators.openai import Model
from translators.quirks import quirks_for

REFERENCE = FOLDER.parent / "reference"

pytestmark = pytest.mark.skipif(not REFERENCE.exists(), reason="the recordings are not here")

REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "sa-east-1")
OLDER = {"meta.llama3-1-405b-instruct-v1:0"}


@cache
def rows(name: str) -> list[dict[str, str]]:
    if not REFERENCE.exists():
        return []
    with (REFERENCE / name).open() as file:
        return list(csv.DictReader(file))


def models() -> list[dict[str, str]]:
    return rows("models-2026-08-22.csv")


def callable_models() -> list[str]:
    """Those for chats that can be called without an account's own making."""
    return [
        row["model_id"]
        for row in models()
        if row["converse"] == "True"
        and "TEXT" in row["output"]
        and row["inference"] in ("ON_DEMAND", "INFERENCE_PROFILE")
    ]


def recorded_profiles() -> list[Any]:
    (listed,) = names("ListInferenceProfiles")
    profiles: list[Any] = load(listed).json["inferenceProfileSummaries"]
    return profiles


@pytest.mark.parametrize("name", names("ListFoundationModels"))
def test_a_recorded_listing_becomes_a_right_list(name: str) -> None:
    """By rules of their own: what was listed, and what must never be."""
    foundation = load(name).json["modelSummaries"]
    by_id = {model["modelId"]: model for model in foundation}
    listing = RegionListing(region="us-west-2", models=foundation, profiles=recorded_profiles())
    entries = model_list(known([listing], facts(), "us-west-2"), Policy())["data"]
    shown = {entry["id"]: entry for entry in entries}

    on_demand = {id for id, entry in shown.items() if entry["inference_type"] == "on_demand"}
    assert on_demand == {
        id for id, model in by_id.items() if chats(model) and "ON_DEMAND" in model["inferenceTypesSupported"]
    }
    through = {id for id in shown if id not in on_demand}
    assert through == {
        profile["inferenceProfileId"]
        for profile in recorded_profiles()
        if is_chat(profile["inferenceProfileId"].partition(".")[2], by_id)
    }
    assert len(on_demand) > 15
    assert len(through) > 3
    assert [entry["name"] for entry in entries] == sorted(
        (entry["name"] for entry in entries), key=str.casefold
    )
    for entry in entries:
        check_entry(entry)


def is_chat(model_id: str, listed: dict[str, dict[str, Any]]) -> bool:
    """A profile that is called here may be of a model that is listed elsewhere: then the facts tell."""
    if model_id in listed:
        return chats(listed[model_id])
    active = {row["model_id"] for row in models() if row["lifecycle"] == "ACTIVE"}
    return model_id in OLDER or model_id in active & set(callable_models())


def chats(model: dict[str, Any]) -> bool:
    return (
        model["modelLifecycle"]["status"] == "ACTIVE"
        and model["responseStreamingSupported"] is True
        and "TEXT" in model["inputModalities"]
        and "TEXT" in model["outputModalities"]
        and not model["modelId"].startswith("twelvelabs.pegasus")
    )


def check_entry(entry: Model) -> None:
    assert entry["context_length"] == entry["context_window"] >= entry["max_output_tokens"] >= 1024
    assert "text" in entry["input_modalities"]
    assert entry["output_modalities"] == ["text"]
    assert entry["lifecycle"]["status"] == "ACTIVE"
    assert entry["owned_by"]
    assert not any(word in entry["id"] for word in ("embed", "rerank", ":24k", ":128k"))


def listing_of(region: str) -> RegionListing:
    """What AWS listed there on 2026-08-22, as far as the tables tell."""
    foundation: Any = [
        {
            "modelId": row["model_id"],
            "modelName": row["name"],
            "providerName": row["provider"],
            "inputModalities": row["input"].split("|"),
            "outputModalities": row["output"].split("|"),
            "responseStreamingSupported": row["streaming"] == "True",
            "inferenceTypesSupported": [type for type in row["inference"].split("|") if type],
            "modelLifecycle": {"status": row["lifecycle"]},
        }
        for row in models()
        if region in row["regions"].split("|")
    ]
    profiles: Any = [
        {
            "inferenceProfileId": row["inference_profile_id"],
            "inferenceProfileName": row["name"],
            "status": row["status"],
            "type": row["type"],
            "models": [
                {
                    "modelArn": f"arn:aws:bedrock:{where}::foundation-model/"
                    + row["inference_profile_id"].partition(".")[2]
                }
                for where in row["model_regions"].split("|")
            ],
        }
        for row in rows("inference-profiles-2026-08-22.csv")
        if region in row["source_regions"].split("|")
    ]
    return RegionListing(region=region, models=foundation, profiles=profiles)


def cold(region: str) -> Known:
    return known([], facts(), region)


def warm(region: str) -> Known:
    return known([listing_of(region)], facts(), region)


@pytest.mark.parametrize("region", REGIONS)
def test_every_callable_model_is_found_by_id_profile_and_arn(region: str) -> None:
    assert len(callable_models()) == 76
    listed = warm(region)
    here = {each.base["modelId"] for each in listed.invocable.values()} & set(callable_models())
    assert len(here) > 20
    for model_id in here:
        direct = resolve(model_id, listed, Policy())
        by_arn = resolve(f"arn:aws:bedrock:{region}::foundation-model/{model_id}", listed, Policy())

        assert direct.model_id in listed.invocable
        assert direct.base_model == by_arn.base_model == model_id
        assert (model_id in listed.invocable) == (direct.model_id == model_id)
        assert by_arn.model_id.endswith(direct.model_id)
        for profile in listed.profiles.get(model_id, ()):
            arn = f"arn:aws:bedrock:{region}:123456789012:inference-profile/{profile.id}"
            assert resolve(profile.id, listed, Policy()) == (profile.id, model_id, region)
            assert resolve(arn, listed, Policy()) == (arn, model_id, region)


def test_no_callable_model_is_missing_in_all_of_these_regions() -> None:
    there = {each.base["modelId"] for region in REGIONS for each in warm(region).invocable.values()}

    assert set(callable_models()) <= there


@pytest.mark.parametrize("region", REGIONS)
def test_before_the_listing_the_same_models_are_found(region: str) -> None:
    """Where the guess is another than the listing's, it is through a profile that the region may call."""
    listed, guessed = warm(region), cold(region)
    for model_id in {each.base["modelId"] for each in listed.invocable.values()} & set(callable_models()):
        assert resolve(model_id, guessed, Policy()) == resolve(model_id, listed, Policy())


def test_every_callable_model_has_a_short_name() -> None:
    listed = warm("us-east-1")
    for model_id in callable_models():
        name = re.sub(r"(-v?\d+)?:\d+$", "", model_id.partition(".")[2])
        assert resolve(name, listed, Policy()).base_model == model_id, name


def test_the_facts_are_those_of_the_tables() -> None:
    for row in models():
        told = facts().get(row["model_id"])
        if told is None:
            assert row["model_id"] not in callable_models()
        elif row["converse"]:
            assert told.get("converse", True) == (row["converse"] == "True"), row["model_id"]
            assert told["provider"] == row["provider"]
        if told and row["model_id"] in callable_models():
            assert sorted(told.get("profiles", [])) == sorted(
                filter(None, row["profile_prefixes"].split("|"))
            )
            assert told["input"] == row["input"].split("|")
            assert told.get("context_window") == tokens(row["context_window"])
            assert told.get("end_of_life", "") == row["end_of_life"]


def test_no_model_is_promised_more_tokens_than_it_is_asked_for() -> None:
    for model_id, told in facts().items():
        most = quirks_for(model_id).max_tokens
        assert most in (None, told.get("max_output_tokens", most)), model_id


def tokens(text: str) -> int | None:
    number, _, _ = text.partition(" ")
    units = {"K": 1000, "M": 1_000_000}
    return int(number[:-1]) * units[number[-1]] if number else None
