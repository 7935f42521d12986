"""How Bedrock is reached: AWS's rules for endpoints, and one path segment for any model id."""

import asyncio
import os

import pytest

from proxy.bedrock import ATTEMPTS, Service, attempts, endpoint, model_path


@pytest.fixture(autouse=True)
def no_endpoint(no_aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AWS_ENDPOINT_URL"):
            monkeypatch.delenv(name)


ENDPOINTS: list[tuple[dict[str, str], Service, str]] = [
    ({}, "bedrock-runtime", "https://bedrock-runtime.eu-west-1.amazonaws.com"),
    ({}, "bedrock", "https://bedrock.eu-west-1.amazonaws.com"),
    ({"AWS_ENDPOINT_URL": "http://all:1"}, "bedrock", "http://all:1"),
    ({"AWS_ENDPOINT_URL": "http://all:1"}, "bedrock-runtime", "http://all:1"),
    (
        {"AWS_ENDPOINT_URL": "http://all:1", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://one:2/"},
        "bedrock-runtime",
        "http://one:2",
    ),
    ({"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://one:2/base/"}, "bedrock-runtime", "http://one:2/base"),
    (
        {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://one:2"},
        "bedrock",
        "https://bedrock.eu-west-1.amazonaws.com",
    ),
    ({"AWS_ENDPOINT_URL_BEDROCK": "http://two:3"}, "bedrock", "http://two:3"),
    ({"AWS_USE_FIPS_ENDPOINT": "true"}, "bedrock", "https://bedrock-fips.eu-west-1.amazonaws.com"),
    ({"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "bedrock", "https://bedrock.eu-west-1.api.aws"),
]


@pytest.mark.parametrize(("environ", "service", "expected"), ENDPOINTS)
def test_endpoints(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], service: Service, expected: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert asyncio.run(endpoint(service, "eu-west-1")) == expected


PATHS = {
    "amazon.nova-lite-v1:0": "amazon.nova-lite-v1%3A0",
    "arn:aws:bedrock:us-east-1:1:inference-profile/us.x": (
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x"
    ),
    "a%2Fb": "a%252Fb",
    "../../x?y#z": "..%2F..%2Fx%3Fy%23z",
    "x" * 2048: "x" * 2048,
}


@pytest.mark.parametrize(("model_id", "segment"), PATHS.items(), ids=lambda value: value[:20])
def test_a_model_id_is_one_path_segment(model_id: str, segment: str) -> None:
    assert model_path(model_id, "converse") == f"/model/{segment}/converse"


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, ATTEMPTS), ("", ATTEMPTS), ("1", 1), ("5", 5), ("0", 1), ("many", ATTEMPTS)],
)
def test_attempts(given: str | None, expected: int) -> None:
    assert attempts({} if given is None else {"AWS_MAX_ATTEMPTS": given}) == expected


def test_attempts_that_are_no_number_are_told(caplog: pytest.LogCaptureFixture) -> None:
    attempts({"AWS_MAX_ATTEMPTS": "many"})

    assert "AWS_MAX_ATTEMPTS is not a number: 'many'" in caplog.text
