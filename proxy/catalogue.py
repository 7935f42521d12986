"""The model list: asked of Bedrock once per refresh interval, however many ask for it at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from translators.openai import ModelList


class Catalogue:
    """Remembers what `fetch` returned for `refresh_interval` seconds; 0 remembers nothing."""

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

    async def models(self) -> ModelList:
        """Raises the APIError of a listing that failed; the next call tries again."""
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
            return self._models
        finally:
            self._fetching = None


def heard(fetching: asyncio.Task[ModelList]) -> None:
    """A failure is for those who wait; where none waits any more, it is no news either."""
    if not fetching.cancelled():
        fetching.exception()
