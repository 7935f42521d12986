"""The model behind an application profile is asked for once, and nobody's chat depends on the answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from proxy.profiles import AGAIN, PROFILES, Profiles
from translators.aws_errors import from_aws
from translators.models import InferenceProfile

ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"
MODEL = "maker.model-v1:0"


class ControlPlane:
    """GetInferenceProfile, as far as Profiles sees it, and a clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.asked = 0
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.profiles = Profiles(self.fetch, clock=lambda: self.now)

    async def fetch(self, arn: str) -> InferenceProfile:
        self.asked += 1
        await self.gate.wait()
        if self.failure:
            raise self.failure
        model = f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"
        return {"inferenceProfileId": arn[-3:], "status": "ACTIVE", "models": [{"modelArn": model}]}


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_it_is_asked_once() -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.gate.clear()
        asking = [asyncio.create_task(plane.profiles.base_model(ARN)) for _ in range(10)]
        await asyncio.sleep(0)
        plane.gate.set()
        assert await asyncio.gather(*asking) == [MODEL] * 10
        plane.now += 1_000_000
        assert await plane.profiles.base_model(ARN) == MODEL
        assert plane.asked == 1

    run(work())


@pytest.mark.parametrize(
    "model_id",
    [
        MODEL,
        f"us.{MODEL}",
        f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}",
        "application-inference-profile/",
        "",
    ],
)
def test_no_other_id_is_asked_for(model_id: str) -> None:
    async def work() -> None:
        plane = ControlPlane()
        assert await plane.profiles.base_model(model_id) == model_id
        assert plane.asked == 0

    run(work())


@pytest.mark.parametrize(
    "failure", [from_aws("AccessDeniedException", "No."), TimeoutError(), KeyError("models")]
)
def test_a_failure_is_nobodys_problem_and_asked_again_in_a_minute(failure: Exception) -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.failure = failure
        assert await plane.profiles.base_model(ARN) == ARN
        plane.failure = None
        plane.now += AGAIN - 1
        assert await plane.profiles.base_model(ARN) == ARN
        plane.now += 1
        assert await plane.profiles.base_model(ARN) == MODEL
        assert plane.asked == 2

    run(work())


def test_a_chat_that_is_given_up_takes_the_answer_from_nobody() -> None:
    async def work() -> None:
        plane = ControlPlane()
        plane.gate.clear()
        leaving, staying = (asyncio.create_task(plane.profiles.base_model(ARN)) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        plane.gate.set()
        assert await staying == MODEL
        assert plane.asked == 1

    run(work())


def test_the_memory_is_bounded() -> None:
    async def work() -> None:
        plane = ControlPlane()
        for number in range(PROFILES + 1):
            await plane.profiles.base_model(f"{ARN}{number}")
        await plane.profiles.base_model(f"{ARN}{PROFILES}")
        assert plane.asked == PROFILES + 1
        await plane.profiles.base_model(f"{ARN}0")
        assert plane.asked == PROFILES + 2

    run(work())
