"""The model behind an application inference profile, whose ARN does not say: asked of Bedrock once.

Where it cannot be told, the profile stands for itself, which no user has to notice: its model then has
the plain contract, and what it refuses is learnt.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from translators.errors import UNDESCRIBED, APIError
from translators.model_ids import is_application_profile
from translators.models import InferenceProfile, base_model_id

log = logging.getLogger("outcrop")

PROFILES = 1024
# Seconds that a chat waits for the answer, and for which nobody asks again where there was none: from a
# network that reaches only bedrock-runtime, every chat would wait in vain.
PATIENCE = 3.0
AGAIN = 60.0


class Known(NamedTuple):
    model_id: str
    until: float


class Profiles:
    """What `fetch` told of each profile, once for all who ask at the same time."""

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[InferenceProfile]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._asking: dict[str, asyncio.Task[str]] = {}

    async def base_model(self, model_id: str) -> str:
        """The id of the model behind it; what was given where it is no such profile, or cannot be told."""
        if not is_application_profile(model_id):
            return model_id
        known = self._known.get(model_id)
        if known and self._clock() < known.until:
            return known.model_id
        if model_id not in self._asking:
            self._asking[model_id] = asyncio.create_task(self._ask(model_id))
        # Shielded: a caller that goes away must not take the answer from the others.
        return await asyncio.shield(self._asking[model_id])

    async def _ask(self, arn: str) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                found = Known(base_model_id(await self._fetch(arn)), float("inf"))
        except (APIError, TimeoutError, *UNDESCRIBED) as error:
            reason = error.message if isinstance(error, APIError) else type(error).__name__
            log.warning("The model behind %s cannot be told: %s", arn, reason)
            found = Known(arn, self._clock() + AGAIN)
        finally:
            del self._asking[arn]
        self._known[arn] = found
        self._known.move_to_end(arn)
        while len(self._known) > PROFILES:
            self._known.popitem(last=False)
        return found.model_id
