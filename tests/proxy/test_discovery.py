"""A region's listings have half a minute together, however long each page of theirs takes."""

import asyncio

import pytest

from proxy import discovery
from proxy.bedrock import connect
from tests.door import AdminDoor
from translators.errors import APIError


def test_a_listing_that_does_not_end_is_given_up(door: AdminDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert discovery.TIMEOUT == 30
    monkeypatch.setattr(discovery, "TIMEOUT", 0.05)
    door.script({"when": {"operation": "ListInferenceProfiles"}, "hold": "listing"})

    async def ask() -> None:
        async with connect() as bedrock:
            await discovery.discover(bedrock, "us-east-1")

    with pytest.raises(APIError, match="control plane took over") as caught:
        asyncio.run(ask())

    assert caught.value.code == "upstream_timeout"
