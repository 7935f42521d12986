"""The models are asked for once per interval, nobody waits for long, and what is known stays known."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from proxy.catalogue import AGAIN, Catalogue, State
from proxy.discovery import Denied, Discovered
from translators.aws_errors import from_aws
from translators.errors import APIError, InternalServerError, PermissionDeniedError
from translators.models import Policy, RegionListing
from translators.openai import ModelList

THROTTLED = from_aws("ThrottlingException", "Too many requests.")
DENIED = Denied("bedrock:ListInferenceProfiles", from_aws("AccessDeniedException", "No."))
ABSENT = from_aws("NoCredentialsError", "Unable to locate AWS credentials.")


class ControlPlane:
    """Bedrock's control plane, as far as the catalogue sees it, and a clock."""

    def __init__(self, *regions: str) -> None:
        self.regions = regions or ("us-east-1",)
        self.now = 100.0
        self.asked = 0
        self.failures: dict[str, Exception] = {}
        self.denied: tuple[Denied, ...] = ()
        self.models = ["maker.one"]
        self.gate = asyncio.Event()
        self.gate.set()

    async def discover(self, region: str) -> Discovered:
        self.asked += 1
        await self.gate.wait()
        if region in self.failures:
            raise self.failures[region]
        models: Any = [
            {
                "modelId": id,
                "outputModalities": ["TEXT"],
                "inferenceTypesSupported": ["ON_DEMAND"],
                "responseStreamingSupported": True,
            }
            for id in (*self.models, f"{region}.model")
        ]
        return Discovered(RegionListing(region=region, models=models), self.denied)

    def fails(self, error: Exception | None = THROTTLED) -> None:
        self.failures = dict.fromkeys(self.regions, error) if error else {}

    def catalogue(
        self,
        interval: float = 60,
        *,
        policy: Policy | None = None,
        enabled: bool | None = None,
        **patience: float,
    ) -> Catalogue:
        return Catalogue(
            self.discover,
            regions=self.regions,
            facts={},
            policy=policy or Policy(),
            refresh_interval=interval,
            enabled=enabled,
            clock=lambda: self.now,
            **patience,
        )


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


async def turn() -> None:
    """Every task that can, has run."""
    for _ in range(9):
        await asyncio.sleep(0)


def ids(models: ModelList) -> list[str]:
    return [model["id"] for model in models["data"]]


def test_a_list_is_served_until_it_is_old() -> None:
    async def work() -> None:
        plane = ControlPlane()
        catalogue = plane.catalogue(60)
        asked = []
        for plane.now in (100.0, 100.5, 159.9, 160.0, 219.9, 220.0):
            await catalogue.models()
            asked.append(plane.asked)
        assert asked == [1, 1, 1, 2, 2, 3]

    run(work())


def test_an_interval_may_be_a_fraction_or_nothing() -> None:
    async def work() -> None:
        plane = ControlPlane()
        catalogue = plane.catalogue(0.5)
        for plane.now in (100.0, 100.4, 100.6):
            await catalogue.models()
        assert plane.asked == 2

        always = ControlPlane()
        catalogue = always.catalogue(0)
        await catalogue.models()
        await catalogue.models()
        assert always.asked == 2

    run(work())


@pytest.mark.parametrize("interval", [0, 60])
def test_all_who_ask_at_once_share_one_listing(interval: float) -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.gate.clear()
        catalogue = plane.catalogue(interval)
        catalogue.start()
        asking = [asyncio.create_task(catalogue.models()) for _ in range(100)]
        await turn()
        plane.gate.set()
        assert len({id(models) for models in await asyncio.gather(*asking)}) == 1
        assert plane.asked == 1

    run(work())


def test_it_is_asked_for_when_the_server_starts_and_nobody_waits() -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.gate.clear()
        catalogue = plane.catalogue()
        catalogue.start()
        await turn()
        assert plane.asked == 1
        assert catalogue.resolve("maker.one").model_id == "maker.one"
        plane.gate.set()
        await turn()
        assert ids(await catalogue.models()) == ["maker.one", "us-east-1.model"]
        assert plane.asked == 1

    run(work())


def test_a_server_that_stops_asks_no_more() -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.gate.clear()
        catalogue = plane.catalogue()
        catalogue.start()
        await turn()
        await catalogue.close()
        assert len(asyncio.all_tasks()) == 1

    run(work())


def test_a_failure_reaches_all_who_wait_and_is_not_remembered() -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.gate.clear()
        plane.fails()
        catalogue = plane.catalogue()
        asking = [asyncio.create_task(catalogue.models()) for _ in range(3)]
        await turn()
        plane.gate.set()
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(outcome).__name__ for outcome in outcomes] == ["InternalServerError"] * 3

        plane.fails(None)
        assert ids(await catalogue.models())
        assert plane.asked == 2

    run(work())


def test_who_leaves_takes_the_listing_from_nobody() -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.gate.clear()
        catalogue = plane.catalogue()
        leaving, staying = (asyncio.create_task(catalogue.models()) for _ in range(2))
        await turn()
        leaving.cancel()
        await turn()
        plane.gate.set()
        assert (await staying)["object"] == "list"
        assert leaving.cancelled()
        assert plane.asked == 1

    run(work())


FAILURES: list[tuple[APIError, tuple[type[APIError], int, str]]] = [
    (THROTTLED, (InternalServerError, 503, "rate_limit_exceeded")),
    (from_aws("ConnectionError", "No route."), (InternalServerError, 503, "upstream_unreachable")),
    (ABSENT, (InternalServerError, 503, "aws_credentials_missing")),
    (from_aws("AccessDeniedException", "No."), (PermissionDeniedError, 403, "access_denied")),
]


@pytest.mark.parametrize(("failure", "told"), FAILURES, ids=lambda value: getattr(value, "code", ""))
def test_with_nothing_known_the_cause_is_told(
    failure: APIError, told: tuple[type[APIError], int, str]
) -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.fails(failure)
        with pytest.raises(APIError) as caught:
            await plane.catalogue().models()
        assert (type(caught.value), caught.value.status, caught.value.code) == told
        assert failure.message in caught.value.message
        assert caught.value.headers() == failure.headers()

    run(work())


def test_nobody_waits_longer_than_he_has_patience_for() -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.gate.clear()
        catalogue = plane.catalogue(cold=0.01, stale=0.01)
        with pytest.raises(APIError, match="being asked on") as caught:
            await catalogue.models()
        assert (caught.value.status, caught.value.retry_after) == (503, 5)

        plane.gate.set()
        good = await catalogue.models()
        assert plane.asked == 1, "the listing went on"

        plane.gate.clear()
        plane.now += 60
        assert await catalogue.models() is good
        plane.models = ["maker.two"]
        plane.gate.set()
        await turn()
        assert "maker.two" in ids(await catalogue.models())
        assert plane.asked == 2

    run(work())


def test_what_is_known_stays_known_and_each_failure_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        plane = ControlPlane()
        catalogue = plane.catalogue()
        good = await catalogue.models()

        plane.now += 60
        plane.fails()
        for asked in (2, 3):
            assert await catalogue.models() == good
            assert plane.asked == asked, "a failure is not remembered: each call tries again"
        plane.fails(from_aws("ConnectionError", "No route."))
        await catalogue.models()
        assert warnings(caplog) == [
            "The models of us-east-1 could not all be listed (rate_limit_exceeded): " + THROTTLED.message,
            "The models of us-east-1 could not all be listed (upstream_unreachable): No route.",
        ]

        plane.fails(None)
        await catalogue.models()
        await catalogue.models()
        assert plane.asked == 5
        plane.now += 60
        plane.fails()
        await catalogue.models()
        assert len(warnings(caplog)) == 3, "what was mended and broke again is news"

    run(work())


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records]


def test_an_empty_list_is_no_failure() -> None:
    async def work() -> None:
        plane = ControlPlane()
        catalogue = plane.catalogue(policy=Policy(provider_filter=frozenset({"nobody"})))
        assert ids(await catalogue.models()) == []
        await catalogue.models()
        assert plane.asked == 1

    run(work())


def test_what_is_not_permitted_is_told_once_and_asked_for_again_in_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.denied = (DENIED,)
        catalogue = plane.catalogue(3600)
        assert ids(await catalogue.models()) == ["maker.one", "us-east-1.model"]
        assert list(catalogue.state.missing) == ["bedrock:ListInferenceProfiles"]
        plane.now += AGAIN - 1
        await catalogue.models()
        assert plane.asked == 1
        plane.now += 1
        await catalogue.models()
        assert plane.asked == 2
        assert [warning.split(":")[0] for warning in warnings(caplog)] == [
            "The models of us-east-1 could not all be listed (bedrock"
        ]

        plane.denied = ()
        plane.now += AGAIN
        await catalogue.models()
        assert list(catalogue.state.missing) == []

    run(work())


def test_one_region_that_fails_takes_nothing_from_the_others() -> None:
    async def work() -> None:
        plane = ControlPlane("us-east-1", "eu-west-1")
        plane.failures = {"us-east-1": THROTTLED}
        catalogue = plane.catalogue()
        assert ids(await catalogue.models()) == ["eu-west-1.model", "maker.one"]
        assert catalogue.resolve("maker.one").region == "eu-west-1"
        assert catalogue.state.error is THROTTLED

        plane.fails(None)
        assert ids(await catalogue.models()) == ["eu-west-1.model", "maker.one", "us-east-1.model"]
        assert catalogue.resolve("maker.one").region == "us-east-1"

        plane.failures = {"eu-west-1": THROTTLED}
        plane.now += 60
        assert "eu-west-1.model" in ids(await catalogue.models())

    run(work())


def test_all_regions_are_asked_at_once() -> None:
    async def work() -> None:
        plane = ControlPlane("us-east-1", "eu-west-1", "sa-east-1")
        plane.gate.clear()
        plane.catalogue().start()
        await turn()
        assert plane.asked == 3
        plane.gate.set()

    run(work())


def test_a_chat_never_waits_and_sees_to_it_that_the_next_knows_more() -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.fails()
        catalogue = plane.catalogue(3600)
        for asked in (1, 1, 1):
            catalogue.resolve("maker.one")
            await turn()
            assert plane.asked == asked
        plane.now += AGAIN
        plane.fails(None)
        catalogue.resolve("maker.one")
        await turn()
        assert plane.asked == 2
        plane.now += 3599
        catalogue.resolve("maker.one")
        await turn()
        assert plane.asked == 2
        plane.now += 1
        catalogue.resolve("maker.one")
        await turn()
        assert plane.asked == 3

    run(work())


@pytest.mark.parametrize(
    "failure", [ABSENT, from_aws("ExpiredTokenException", "Over.")], ids=["absent", "expired"]
)
def test_what_is_wrong_with_credentials_is_no_news_unless_discovery_was_asked_for(
    caplog: pytest.LogCaptureFixture, failure: APIError
) -> None:
    async def work(enabled: bool | None) -> list[str]:
        caplog.clear()
        plane = ControlPlane()
        plane.fails(failure)
        plane.catalogue(enabled=enabled).start()
        await turn()
        return warnings(caplog)

    assert asyncio.run(work(None)) == []
    assert asyncio.run(work(True)) == [
        f"The models of us-east-1 could not all be listed ({failure.code}): {failure.message}"
    ]


def test_switched_off_it_asks_nothing_and_lists_what_the_settings_name() -> None:
    async def work() -> None:
        plane = ControlPlane()
        catalogue = plane.catalogue(enabled=False)
        catalogue.start()
        catalogue.resolve("maker.one")
        with pytest.raises(InternalServerError, match="enabled = false") as caught:
            await catalogue.models()
        assert (caught.value.status, caught.value.retryable) == (503, False)
        named = plane.catalogue(enabled=False, policy=Policy(aliases={"fast": "maker.one"}))
        assert ids(await named.models()) == ["fast"]
        assert plane.asked == 0
        assert not catalogue.state.enabled

    run(work())


def test_its_state() -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.fails()
        catalogue = plane.catalogue()
        nothing: Any = {"enabled": True, "models": None, "missing": (), "age": None, "error": None}
        assert catalogue.state == State(**nothing)
        with pytest.raises(APIError):
            await catalogue.models()
        assert catalogue.state == State(**{**nothing, "error": THROTTLED})
        plane.fails(None)
        await catalogue.models()
        plane.now += 7
        assert catalogue.state == State(**{**nothing, "models": 2, "age": 7.0})

    run(work())


def test_a_bug_is_raised_and_asks_again() -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.fails(RuntimeError("a bug"))
        catalogue = plane.catalogue()
        with pytest.raises(RuntimeError):
            await catalogue.models()
        plane.fails(None)
        assert ids(await catalogue.models())

    run(work())
