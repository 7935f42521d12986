"""Settings that are allowed, and that their user may not have meant."""

import pytest

from proxy.doctor.advice import advice
from proxy.settings import Settings

WORTH_A_WARNING: list[tuple[dict[str, str], str, str]] = [
    ({"OUTCROP_DISCOVERY_REGIONS": "x"}, "OUTCROP_DISCOVERY_REGIONS is no", "mean OUTCROP_DISCOVERY_REGION?"),
    ({"OUTCROP_XYZZY": "x"}, "OUTCROP_XYZZY is no setting", "Take it out"),
    (
        {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"},
        "AWS_DEFAULT_REGION=us-east-1 has no effect",
        "the AWS CLI obeys AWS_DEFAULT_REGION",
    ),
    ({"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"}, "AWS_PROFILE=a has no effect", "Take one"),
    ({"AWS_PROFILE": "a", "AWS_ACCESS_KEY_ID": "b"}, "AWS_PROFILE has no effect beside AWS_ACC", "Take out"),
    ({"AWS_PROFILE": "a", "AWS_BEARER_TOKEN_BEDROCK": "b"}, "AWS_PROFILE has no effect beside AWS_B", "Take"),
    ({"AWS_MAX_ATTEMPTS": "many"}, "AWS_MAX_ATTEMPTS is not a number", "Set a number"),
    ({"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://vpce.example"}, "in the clear", "https"),
]


@pytest.mark.parametrize(("environ", "words", "remedy"), WORTH_A_WARNING)
def test_what_is_worth_a_warning(environ: dict[str, str], words: str, remedy: str) -> None:
    (check,) = advice(Settings(), environ)

    assert check.state == "warning"
    assert words in check.words
    assert remedy in check.remedy


FINE: list[dict[str, str]] = [
    {},
    {"OUTCROP_PORT": "1", "OUTCROP_DISCOVERY_REGION": "eu-west-1", "OUTCROP_CONFIG": "x.toml"},
    {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"},
    {"AWS_PROFILE": "a", "AWS_ACCESS_KEY_ID": "", "OUTCROP_XYZZY": ""},
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:9099"},
]


@pytest.mark.parametrize("environ", FINE)
def test_what_is_not(environ: dict[str, str]) -> None:
    assert [check.state for check in advice(Settings(), environ)] == ["ok"]


def test_an_address_that_serve_will_refuse() -> None:
    (check,) = advice(Settings(host="10.0.0.1"), {})

    assert "without keys" in check.words
    assert advice(Settings(host="10.0.0.1", api_keys=("k",)), {})[0].state == "ok"


def test_no_value_of_a_key_is_shown() -> None:
    environ = {
        "AWS_BEARER_TOKEN_BEDROCK": "SECRET",
        "AWS_ACCESS_KEY_ID": "SECRET",
        "OUTCROP_API_KEY": "SECRET",
    }

    assert "SECRET" not in str(advice(Settings(bedrock_api_key="SECRET"), environ))
