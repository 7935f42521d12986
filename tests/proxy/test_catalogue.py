"""The model list is asked for once per interval, however many ask for it at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from proxy.catalogue import Catalogue
from translators.aws_errors import from_aws
from translators.errors import APIError
from translators.openai import ModelList


class Listing:
    """Bedrock's control plane, as far as the catalogue sees it, and a clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.asked = 0
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def fetch(self) -> ModelList:
        self.asked += 1
        await self.gate.wait()
        if self.fails:
            raise from_aws("ThrottlingException", "Too many requests.")
        return {"object": "list", "data": []}

    def catalogue(self, refresh_interval: float) -> Catalogue:
        return Catalogue(self.fetch, refresh_interval=refresh_interval, clock=lambda: self.now)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_a_list_is_served_until_it_is_old() -> None:
    async def work() -> None:
        listing = Listing()
        catalogue = listing.catalogue(60)
        asked = []
        for listing.now in (100.0, 100.5, 159.9, 160.0, 219.9, 220.0):
            await catalogue.models()
            asked.append(listing.asked)
        assert asked == [1, 1, 1, 2, 2, 3]

    run(work())


def test_an_interval_may_be_a_fraction_or_nothing() -> None:
    async def work() -> None:
        listing = Listing()
        catalogue = listing.catalogue(0.5)
        for listing.now in (100.0, 100.4, 100.6):
            await catalogue.models()
        assert listing.asked == 2

        always = Listing()
        catalogue = always.catalogue(0)
        await catalogue.models()
        await catalogue.models()
        assert always.asked == 2

    run(work())


def test_all_who_ask_at_once_share_one_listing() -> None:
    async def work() -> None:
        listing = Listing()
        listing.gate.clear()
        catalogue = listing.catalogue(0)
        asking = [asyncio.create_task(catalogue.models()) for _ in range(100)]
        await turn()
        listing.gate.set()
        assert len({id(models) for models in await asyncio.gather(*asking)}) == 1
        assert listing.asked == 1

    run(work())


async def turn() -> None:
    """Every task that can, has run."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_failure_reaches_all_who_wait_and_is_not_remembered() -> None:
    async def work() -> None:
        listing = Listing()
        listing.gate.clear()
        listing.fails = True
        catalogue = listing.catalogue(60)
        asking = [asyncio.create_task(catalogue.models()) for _ in range(3)]
        await turn()
        listing.gate.set()
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(outcome).__name__ for outcome in outcomes] == ["RateLimitError"] * 3

        listing.fails = False
        assert (await catalogue.models())["data"] == []
        assert listing.asked == 2

    run(work())


def test_who_leaves_takes_the_listing_from_nobody() -> None:
    async def work() -> None:
        listing = Listing()
        listing.gate.clear()
        catalogue = listing.catalogue(60)
        leaving, staying = (asyncio.create_task(catalogue.models()) for _ in range(2))
        await turn()
        leaving.cancel()
        await turn()
        listing.gate.set()
        assert (await staying)["object"] == "list"
        assert leaving.cancelled()
        assert listing.asked == 1

    run(work())


def test_a_listing_that_failed_is_an_api_error() -> None:
    async def work() -> None:
        listing = Listing()
        listing.fails = True
        await listing.catalogue(60).models()

    with pytest.raises(APIError, match="Too many requests"):
        run(work())


def test_the_last_good_list_is_served_on_and_its_failure_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        listing = Listing()
        catalogue = listing.catalogue(60)
        good = await catalogue.models()

        listing.now += 60
        listing.fails = True
        assert await catalogue.models() is good
        assert await catalogue.models() is good
        assert listing.asked == 3, "a failure is not remembered: each call tries again"
        assert [
            record.message for record in caplog.records if "could not be refreshed" in record.message
        ] == [
            "The model list could not be refreshed; the last one is served on: Rate limit exceeded (Bedrock"
            " ThrottlingException): Too many requests."
        ]

        listing.fails = False
        await catalogue.models()
        await catalogue.models()
        assert listing.asked == 4

    run(work())
