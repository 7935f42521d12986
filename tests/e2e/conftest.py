"""The official client on the real proxy, and the door behind it; both are clean when a test begins."""

from collections.abc import Iterator

import httpx
import openai
import pytest

from tests.e2e.door import Door


@pytest.fixture(scope="session")
def admin(bedrock: str) -> Iterator[Door]:
    with httpx.Client(base_url=bedrock, timeout=20) as http:
        yield Door(http)


@pytest.fixture
def door(admin: Door) -> Iterator[Door]:
    admin.clear()
    yield admin
    admin.clear()  # lets go of what a failed test still holds


@pytest.fixture
def client(outcrop: str, door: Door) -> Iterator[openai.OpenAI]:
    """Tries once, so that a test sees every error."""
    with openai.OpenAI(base_url=f"{outcrop}/v1", api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture
def http(outcrop: str, door: Door) -> Iterator[httpx.Client]:
    """For what the official client cannot send, or hides."""
    with httpx.Client(base_url=outcrop, timeout=20) as http:
        yield http
