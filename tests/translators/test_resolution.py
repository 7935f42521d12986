"""Which model a request means, by what is known of the models and by what users have decided."""

from typing import Any

import pytest

from tests.translators.test_model_list import model, profile
from translators.models import (
    CrossRegion,
    Facts,
    Known,
    ModelSettings,
    Policy,
    RegionListing,
    Resolved,
    known,
    near_matches,
    resolve,
)

ACCOUNT = "arn:aws:bedrock:us-east-1:123456789012"
FREE, BOUND, OLD = "maker.free-v1:0", "maker.bound-4-5-20250929-v1:0", "maker.bound-4-5-20250101-v2:0"
APPLICATION = f"{ACCOUNT}:application-inference-profile/1arbu5hu2sjr"
FACTS: dict[str, Facts] = {
    FREE: {"name": "Free", "inference": ["ON_DEMAND"]},
    BOUND: {"name": "Bound", "inference": ["INFERENCE_PROFILE"], "profiles": ["eu", "jp", "us", "global"]},
    OLD: {"name": "Bound", "inference": ["INFERENCE_PROFILE"], "profiles": ["us"]},
    "other.bound-4-5x": {"name": "Else", "inference": ["ON_DEMAND"]},
    "maker.mute-v1:0": {"name": "Mute", "converse": False},
}


def arn(model_id: str, region: str = "us-east-1") -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{model_id}"


def listing(region: str = "us-east-1", *geographies: str, **others: Any) -> RegionListing:
    bound = model(BOUND, inferenceTypesSupported=["INFERENCE_PROFILE"])
    profiles = [profile(f"{geography}.{BOUND}", arn(BOUND)) for geography in geographies or ("global", "us")]
    return RegionListing(region=region, models=[model(FREE), bound], profiles=profiles, **others)


def warm(*listings: RegionListing) -> Known:
    listings = listings or (listing(),)
    return known(listings, FACTS, listings[0].region)


def cold(region: str = "us-east-1") -> Known:
    return known([], FACTS, region)


US = Resolved(f"us.{BOUND}", BOUND, "us-east-1")
GLOBAL = Resolved(f"global.{BOUND}", BOUND, "us-east-1")
ITSELF = Resolved(FREE, FREE, "us-east-1")

# The same whether Bedrock's listing is known yet or not.
NAMES = {
    FREE: ITSELF,
    arn(FREE): Resolved(arn(FREE), FREE, "us-east-1"),
    f"us.{BOUND}": US,
    f"global.{BOUND}": GLOBAL,
    f"{ACCOUNT}:inference-profile/us.{BOUND}": Resolved(
        f"{ACCOUNT}:inference-profile/us.{BOUND}", BOUND, "us-east-1"
    ),
    BOUND: US,
    arn(BOUND): US,
    "bound-4-5": US,
    "bound-4.5": US,
    "Bound-4-5-20250929": US,
    "maker.bound-4-5": US,
    "us.bound-4-5": US,
    "global.maker.bound-4-5": GLOBAL,
    "free": ITSELF,
    f"bedrock/{BOUND}": US,
    f"amazon-bedrock/{FREE}": ITSELF,
    "openai/free": ITSELF,
    f"openai/{arn(BOUND)}": US,
    "openai/maker.unheard-of": Resolved("maker.unheard-of", "maker.unheard-of", "us-east-1"),
    # What is not known is tried as it is.
    "": Resolved("", "", "us-east-1"),
    "gpt-4o": Resolved("gpt-4o", "gpt-4o", "us-east-1"),
    "openai/gpt-4o": Resolved("openai/gpt-4o", "openai/gpt-4o", "us-east-1"),
    "maker/free": Resolved("maker/free", "maker/free", "us-east-1"),
    "eu.maker.unheard-of": Resolved("eu.maker.unheard-of", "maker.unheard-of", "us-east-1"),
    "mute": Resolved("mute", "mute", "us-east-1"),
    "arn:aws:bedrock": Resolved("arn:aws:bedrock", "", "us-east-1"),
    # Its model is for GetInferenceProfile to say, and its region is its own.
    APPLICATION.replace("us-east-1", "eu-west-1"): Resolved(
        APPLICATION.replace("us-east-1", "eu-west-1"), "", "eu-west-1"
    ),
    **{
        f"{ACCOUNT}:{kind}/abc": Resolved(f"{ACCOUNT}:{kind}/abc", "", "us-east-1")
        for kind in (
            *("provisioned-model", "custom-model", "custom-model-deployment", "imported-model", "prompt"),
            *("default-prompt-router", "prompt-router"),
        )
    },
    "arn:aws:sagemaker:us-west-2:123456789012:endpoint/mine": Resolved(
        "arn:aws:sagemaker:us-west-2:123456789012:endpoint/mine", "", "us-west-2"
    ),
    "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/maker.free-v1:0": Resolved(
        "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/maker.free-v1:0", FREE, "us-gov-west-1"
    ),
}


@pytest.mark.parametrize(("asked", "expected"), NAMES.items())
def test_a_name_leads_to_its_model(asked: str, expected: Resolved) -> None:
    assert resolve(asked, warm(), Policy()) == expected
    assert resolve(asked, cold(), Policy()) == expected


def test_of_one_name_the_newest_has_it_though_a_listing_may_know_only_the_older() -> None:
    older = RegionListing(region="us-east-1", profiles=[profile(f"us.{OLD}", arn(OLD))])

    assert resolve("bound-4-5", cold(), Policy()).base_model == BOUND
    assert resolve("bound-4-5", warm(older), Policy()) == (f"us.{OLD}", OLD, "us-east-1")


def test_a_name_that_two_makers_share_is_nobodys() -> None:
    both = RegionListing(region="us-east-1", models=[model("one.same-v1:0"), model("two.same-v1:0")])

    assert resolve("same", warm(both), Policy()).model_id == "same"
    assert resolve("one.same", warm(both), Policy()).model_id == "one.same-v1:0"


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us-west-2", f"us.{BOUND}"),
        ("ca-central-1", f"us.{BOUND}"),
        ("eu-north-1", f"eu.{BOUND}"),
        ("ap-northeast-1", f"jp.{BOUND}"),
        ("ap-southeast-1", f"global.{BOUND}"),
        ("sa-east-1", f"global.{BOUND}"),
        ("us-gov-west-1", f"global.{BOUND}"),
    ],
)
def test_before_any_listing_the_region_tells_the_geography(region: str, expected: str) -> None:
    assert resolve(BOUND, cold(region), Policy()) == (expected, BOUND, region)


def test_the_listing_tells_the_profile_and_the_narrower_geography_is_first() -> None:
    tokyo = listing("ap-northeast-1", "global", "apac", "jp")

    assert resolve(BOUND, warm(tokyo), Policy()).model_id == f"jp.{BOUND}"
    assert resolve(BOUND, warm(listing("ap-northeast-1", "global", "apac")), Policy()).model_id.startswith(
        "apac"
    )


def test_where_the_listing_knows_no_profile_none_is_guessed() -> None:
    elsewhere = RegionListing(region="us-east-1", profiles=[profile("us.maker.else", arn("maker.else"))])

    assert resolve(BOUND, warm(elsewhere), Policy()) == (BOUND, BOUND, "us-east-1")


FORBIDDEN: list[tuple[CrossRegion, str]] = [
    ("any", f"us.{BOUND}"),
    ("geography", f"us.{BOUND}"),
    ("global", f"global.{BOUND}"),
    ("none", BOUND),
]


@pytest.mark.parametrize(("cross_region", "expected"), FORBIDDEN)
def test_users_may_forbid_profiles_that_were_not_named(cross_region: CrossRegion, expected: str) -> None:
    policy = Policy(cross_region=cross_region)

    for models in (warm(), cold()):
        assert resolve(BOUND, models, policy).model_id == expected
        assert resolve("bound-4-5", models, policy).model_id == expected
        assert resolve(f"us.{BOUND}", models, policy) == US, "one that was named is invoked"


def test_an_alias_stands_for_whatever_its_user_says() -> None:
    policy = Policy(
        aliases={"fast": FREE, "openai/smart": "bound-4-5", FREE: f"us.{BOUND}", "a/b": APPLICATION}
    )

    assert resolve("fast", warm(), policy) == ITSELF
    assert resolve("openai/fast", warm(), policy) == ITSELF
    assert resolve("openai/smart", warm(), policy) == US
    assert resolve(FREE, warm(), policy) == US, "even an id may be one"
    assert resolve("a/b", warm(), policy).model_id == APPLICATION


def test_the_model_behind_an_arn_may_be_known_by_the_listing_or_the_user() -> None:
    application = profile("1arbu5hu2sjr", arn(BOUND), type="APPLICATION", inferenceProfileArn=APPLICATION)
    imported = f"{ACCOUNT}:imported-model/abc"
    models = warm(RegionListing(region="us-east-1", profiles=[application]))

    assert resolve(APPLICATION, models, Policy()) == (APPLICATION, BOUND, "us-east-1")
    said = Policy(models={imported: ModelSettings(base_model=FREE), APPLICATION: ModelSettings(name="Mine")})
    assert resolve(imported, models, said) == (imported, FREE, "us-east-1")
    assert resolve(APPLICATION, models, said).base_model == BOUND


def test_of_several_regions_each_model_is_invoked_where_it_is() -> None:
    models = warm(listing("us-east-1", "us"), listing("eu-west-1", "eu", "global"))

    assert resolve(f"eu.{BOUND}", models, Policy()) == (f"eu.{BOUND}", BOUND, "eu-west-1")
    assert resolve(BOUND, models, Policy()) == US, "the first region is preferred"
    assert resolve(arn(BOUND, "eu-west-1"), models, Policy()) == (f"eu.{BOUND}", BOUND, "eu-west-1")
    assert resolve(arn(BOUND, "ap-northeast-1"), models, Policy()) == (f"jp.{BOUND}", BOUND, "ap-northeast-1")


# What a name that does not exist may have meant


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("maker.bond-4-5-20250929-v1:0", f"us.{BOUND}"),
        ("us.maker.bound-4-6", f"us.{BOUND}"),
        ("bond-4.5", f"us.{BOUND}"),
        ("openai/bond-4-5", f"us.{BOUND}"),
        ("fre", FREE),
    ],
)
@pytest.mark.parametrize("models", [warm(listing("us-east-1", "us")), cold()], ids=["warm", "cold"])
def test_near_matches(asked: str, first: str, models: Known) -> None:
    assert near_matches(asked, models, Policy())[0] == first


def test_nothing_is_near_to_what_is_far() -> None:
    for asked in ("gpt-4o", "", "x" * 2048, APPLICATION):
        assert near_matches(asked, warm(), Policy()) == []


def test_an_id_that_bedrock_refused_is_not_suggested_and_aliases_are() -> None:
    policy = Policy(aliases={"bound": BOUND})

    assert f"us.{BOUND}" not in near_matches(BOUND, warm(listing("us-east-1", "us")), policy)
    assert near_matches("bounds", warm(), policy)[0] == "bound"
