"""The model list: asked of Bedrock once per refresh interval, however many ask for it at once."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from proxy.bedrock import Bedrock
from proxy.listings import foundation_models, inference_profiles
from translators.errors import UNDESCRIBED, APIError, undescribed
from translators.models import model_list
from translators.openai import ModelList

log = logging.getLogger("outcrop")


async def listed(bedrock: Bedrock) -> ModelList:
    """The models that can be chatted with, from both of Bedrock's listings. Raises APIError."""
    try:
        return model_list(*await asyncio.gather(foundation_models(bedrock), inference_profiles(bedrock)))
    except UNDESCRIBED as error:
        raise undescribed(error) from error


class Catalogue:
    """Serves what `fetch` returned for `refresh_interval` seconds (0: asks each time).

    Where a later listing fails, the last good one is served on, and the next call tries again.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[ModelList]],
        *,
        refresh_interval: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._refresh_interval = refresh_interval
        self._clock = clock
        self._fetching: asyncio.Task[ModelList] | None = None
        self._models: ModelList | None = None
        self._expires = float("-inf")
        self._failing = False

    async def models(self) -> ModelList:
        """Raises the APIError of the first listing while none has succeeded."""
        if self._models is not None and self._clock() < self._expires:
            return self._models
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._refresh())
            self._fetching.add_done_callback(heard)
        # Shielded: a caller that goes away must not take the listing from the others.
        return await asyncio.shield(self._fetching)

    async def _refresh(self) -> ModelList:
        try:
            self._models = await self._fetch()
            self._expires = self._clock() + self._refresh_interval
            self._failing = False
            return self._models
        except APIError as error:
            if self._models is None:
                raise
            if not self._failing:  # said once, not with every request until it is mended
                log.warning(
                    "The model list could not be refreshed; the last one is served on: %s", error.message
                )
            self._failing = True
            return self._models
        finally:
            self._fetching = None


def heard(fetching: asyncio.Task[ModelList]) -> None:
    """A failure is for those who wait; where none waits any more, it is no news either."""
    if not fetching.cancelled():
        fetching.exception()
