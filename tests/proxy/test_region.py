"""Which region is called: AWS's variables in the order of its other SDKs, then the profile's."""

import os
from pathlib import Path

import pytest

from proxy.region import region

REGIONS: list[tuple[dict[str, str], str, str]] = [
    ({}, "", "us-east-1"),
    ({}, "[default]\nregion = eu-west-1\n", "eu-west-1"),
    ({"AWS_PROFILE": "other"}, "[default]\nregion = a\n[profile other]\nregion = eu-west-3\n", "eu-west-3"),
    ({"AWS_DEFAULT_REGION": "eu-west-2"}, "[default]\nregion = eu-west-1\n", "eu-west-2"),
    ({"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "", "eu-north-1"),
    ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"}, "", "eu-west-2"),
    ({"AWS_PROFILE": "nonexistent"}, "", "us-east-1"),
]


@pytest.mark.parametrize(("variables", "config", "expected"), REGIONS)
def test_the_region(
    environ: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], config: str, expected: str
) -> None:
    (tmp_path / "config").write_text(config)
    for name, value in variables.items():
        environ.setenv(name, value)

    assert region(os.environ).name == expected
