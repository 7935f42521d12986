"""What is known of the account's models: asked of Bedrock when the server starts and once per refresh
interval, however many ask for it at once.

What is known stays known: where a later listing fails or is slow, the last good one is served on. Nobody
waits for a listing but GET /v1/models, and it not for long.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from proxy.discovery import Discovered
from translators.errors import APIError, InternalServerError, PermissionDeniedError
from translators.models import (
    Facts,
    Known,
    Policy,
    Resolved,
    known,
    model_entry,
    model_list,
    resolve,
    suggesting,
)
from translators.openai import Model, ModelList

log = logging.getLogger("outcrop")

# Seconds that GET /v1/models waits: while nothing is known, and while there is an old list to give instead.
COLD = 10.0
STALE = 0.5
# After how many seconds a listing that lacked something is worth asking for again, where nobody asked.
AGAIN = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """For who wants to know how the catalogue is doing."""

    enabled: bool
    models: int | None
    """How many are listed; None while nothing is known."""
    missing: tuple[str, ...]
    """The IAM actions that are not permitted: what they would tell is not known."""
    age: float | None
    """Seconds since the last listing that succeeded; None before any has."""
    error: APIError | None
    """Why the last listing failed; None where it did not."""


class Catalogue:
    def __init__(
        self,
        discover: Callable[[str], Awaitable[Discovered]],
        *,
        regions: Sequence[str],
        facts: Mapping[str, Facts],
        policy: Policy,
        refresh_interval: float,
        enabled: bool | None = None,
        cold: float = COLD,
        stale: float = STALE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`discover` raises APIError. `enabled` None: yes, and what is wrong with credentials is no news."""
        self._discover = discover
        self._regions = regions
        self._facts = facts
        self._policy = policy
        self._refresh_interval = refresh_interval
        self._enabled = enabled
        self._cold, self._stale = cold, stale
        self._clock = clock
        self._found: dict[str, Discovered] = {}
        self._errors: dict[str, APIError] = {}
        self._told: set[tuple[str, str]] = set()
        self._refreshing: asyncio.Task[None] | None = None
        self._refreshed: float | None = None
        self._fresh_until = float("-inf")
        self._due = float("-inf")
        self._publish()

    def start(self) -> None:
        """Asks for the first listing, unless none is ever kept; nobody waits for it."""
        if self._keeps():
            self._refresh()

    async def close(self) -> None:
        if self._refreshing:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])

    async def models(self) -> ModelList:
        """Raises APIError while nothing is known: PermissionDeniedError, or a 503 with the cause."""
        if self._enabled is False:
            return self._named()
        if self._clock() >= self._fresh_until:
            patience = self._stale if self._found and self._refresh_interval else self._cold
            # Waited for, not awaited: a caller that goes away must not take the listing from the others.
            done, _ = await asyncio.wait([self._refresh()], timeout=patience)
            for refresh in done:
                refresh.result()  # raises what is a bug
        if not self._found:
            raise self._failure()
        return self._list

    def resolve(self, model: str) -> Resolved:
        """What the `model` of a request means, by what is known now."""
        if self._keeps() and self._clock() >= self._due:
            self._refresh()
        return resolve(model, self._known, self._policy)

    def model(self, name: str) -> Model | None:
        """Of any name that leads to a model which is known to be there."""
        return model_entry(name, self._known, self._policy)

    def suggesting(self, error: APIError, model: str) -> APIError:
        return suggesting(error, model, self._known, self._policy)

    @property
    def state(self) -> State:
        denied = {each.action: None for found in self._found.values() for each in found.denied}
        return State(
            enabled=self._enabled is not False,
            models=len(self._list["data"]) if self._found else None,
            missing=tuple(denied),
            age=None if self._refreshed is None else self._clock() - self._refreshed,
            error=next(iter(self._errors.values()), None),
        )

    def _keeps(self) -> bool:
        return self._enabled is not False and self._refresh_interval > 0

    def _refresh(self) -> asyncio.Task[None]:
        if self._refreshing is None:
            self._due = self._clock() + AGAIN
            self._refreshing = asyncio.create_task(self._ask_all())
        return self._refreshing

    async def _ask_all(self) -> None:
        try:
            await asyncio.gather(*map(self._ask, self._regions))
        finally:
            self._refreshing = None
        self._publish()
        self._report()
        denied = any(found.denied for found in self._found.values())
        kept = min(self._refresh_interval, AGAIN) if denied else self._refresh_interval
        if not self._errors:
            self._fresh_until = self._clock() + kept
            self._due = self._clock() + max(kept, AGAIN)

    async def _ask(self, region: str) -> None:
        try:
            self._found[region] = await self._discover(region)
            self._errors.pop(region, None)
            self._refreshed = self._clock()
        except APIError as error:
            self._errors[region] = error

    def _publish(self) -> None:
        listings = [self._found[region].listing for region in self._regions if region in self._found]
        self._known: Known = known(listings, self._facts, self._regions[0])
        self._list = model_list(self._known, self._policy)

    def _named(self) -> ModelList:
        """With discovery switched off: what the settings name."""
        if not self._list["data"]:
            raise InternalServerError(
                "Models are not looked for (enabled = false in [discovery]), and none is named in [models]"
                " or [aliases].",
                code="discovery_disabled",
                status=503,
                retryable=False,
            )
        return self._list

    def _failure(self) -> APIError:
        error = next(iter(self._errors.values()), None)
        if error is None:
            return InternalServerError(
                f"Bedrock's control plane has not answered within {self._cold:.0f} s; it is being asked on.",
                code="upstream_timeout",
                status=503,
                retry_after=5,
            )
        if isinstance(error, PermissionDeniedError):
            return PermissionDeniedError(error.message, code=error.code)
        failure = InternalServerError(
            f"The models could not be listed: {error.message}",
            code=error.code,
            status=503,
            retry_after=error.retry_after,
            retryable=error.retryable,
        )
        failure.aws_request_id, failure.command = error.aws_request_id, error.command
        return failure

    def _report(self) -> None:
        """Each kind of failure once, until it is mended."""
        failing = {(region, error.code): error.message for region, error in self._errors.items()}
        for region, found in self._found.items():
            failing |= {(region, each.action): each.error.message for each in found.denied}
        for kind in failing.keys() - self._told:
            # What is wrong with credentials is in the log already.
            if self._enabled or not kind[1].startswith("aws_credentials"):
                log.warning("The models of %s could not all be listed (%s): %s", *kind, failing[kind])
        self._told = set(failing)
