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


# Clients read all of the machine's certificates when they are made, so there is one of each.


@pytest.fixture(scope="session")
def shared_client(outcrop: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{outcrop}/v1", api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture
def client(shared_client: openai.OpenAI, door: Door) -> openai.OpenAI:
    """Tries once, so that a test sees every error."""
    return shared_client


@pytest.fixture(scope="session")
def shared_http(outcrop: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=outcrop, timeout=20) as http:
        yield http


@pytest.fixture
def http(shared_http: httpx.Client, door: Door) -> httpx.Client:
    """For what the official client cannot send, or hides."""
    return shared_http
