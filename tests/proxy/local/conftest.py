"""A local Bedrock on a real socket, shared by the tests of this folder and cleared for each."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from proxy.local.serving import serving
from tests.proxy.local.caller import Caller


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def caller(url: str) -> Iterator[Caller]:
    with httpx.Client(base_url=url, timeout=20, headers={"authorization": "Bearer test"}) as http:
        caller = Caller(http)
        caller.clear()
        yield caller
        caller.clear()


@pytest.fixture
def runtime(url: str) -> Iterator[Any]:
    with closing(boto3.client("bedrock-runtime", **local(url))) as client:
        yield client


@pytest.fixture
def control(url: str) -> Iterator[Any]:
    with closing(boto3.client("bedrock", **local(url))) as client:
        yield client


def local(url: str) -> dict[str, Any]:
    """What a user says to boto3 for a local endpoint."""
    return {
        "endpoint_url": url,
        "region_name": "us-east-1",
        "aws_access_key_id": "AKIDEXAMPLE",
        "aws_secret_access_key": "secret",
        "config": Config(retries={"total_max_attempts": 1}),
    }
