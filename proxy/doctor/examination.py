"""The examination: every check in the order in which one needs the other, each told as soon as it is made."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from itertools import chain

from proxy.bedrock import Bedrock, connect
from proxy.connections import Connections
from proxy.discovery import ALWAYS, LISTINGS
from proxy.doctor import model, permissions
from proxy.doctor.advice import advice
from proxy.doctor.checks import Check
from proxy.doctor.identity import Identity, credentials_check, identity_check
from proxy.doctor.network import Reached, clock_check, reach_all, region_check
from proxy.doctor.policy import GET_PROFILE, INVOKE, INVOKE_STREAM, Policy, policy
from proxy.facts import facts
from proxy.sdk.profile import known_regions
from proxy.settings import Settings
from proxy.settings import policy as policy_of
from proxy.variables import Service
from translators.models import Known, known

# Seconds between two reads of an answer.
READ_TIMEOUT = 30.0


class Examination:
    def __init__(self, settings: Settings, *, model: str = "", call: bool = False) -> None:
        """`model` is the one to try, any where it is empty; `call` lets a token be spent."""
        self.checks: list[Check] = []
        """Those that were made."""
        self._settings = settings
        self._policy = policy_of(settings)
        self._model = model
        self._call = call
        self._identity: Identity | None = None

    async def run(self) -> AsyncGenerator[Check]:
        """Raises InvalidSetting."""
        async for check in self._examine():
            self.checks.append(check)
            yield check

    def missing(self) -> Policy | None:
        """The IAM policy for what was denied; None where nothing was that a policy would mend."""
        who = self._identity
        return policy(
            list(dict.fromkeys(check.action for check in self.checks if check.action)),
            partition=who.arn.split(":")[1] if who else "aws",
            account=who.account if who else "*",
            included=[LISTINGS[name].action for name in self._settings.discovery.include & LISTINGS.keys()],
        )

    async def _examine(self) -> AsyncGenerator[Check]:
        for check in advice(self._settings, os.environ):
            yield check
        async with (
            connect(self._settings, read_timeout=READ_TIMEOUT) as bedrock,
            Connections(READ_TIMEOUT) as http,
        ):
            yield region_check(bedrock.credentials.region, known_regions())
            reached = await reach_all(bedrock, http)
            for each in reached.values():
                yield each.check
            yield clock_check(*reached.values())
            check, caller = await credentials_check(bedrock)
            yield check
            check, self._identity = await identity_check(caller)
            yield check
            if caller is None:
                for check in skipped("There are no credentials.", *LISTING, *MODEL, *INVOKING):
                    yield check
                return
            async for check in self._ask(bedrock, reached):
                yield check

    async def _ask(self, bedrock: Bedrock, reached: Mapping[Service, Reached]) -> AsyncGenerator[Check]:
        """What only those with credentials are told."""
        checks, known = await self._list(bedrock, reached["bedrock"])
        for check in (*checks, *model.alias_checks(known, self._policy)):
            yield check
        chosen = model.choose(self._model, known, self._policy)
        yield model.name_check(chosen, known, self._policy)
        yield await model.access_check(bedrock, chosen) if reached["bedrock"].ok else NO_ACCESS
        if not reached["bedrock-runtime"].ok:
            for check in skipped("The runtime endpoint cannot be reached.", *INVOKING):
                yield check
            return
        for check in await permissions.invocations(bedrock, chosen.resolved):
            yield check
        yield await model.call(bedrock, self._settings, chosen) if self._call else model.not_called()

    async def _list(self, bedrock: Bedrock, control_plane: Reached) -> tuple[list[Check], Known]:
        """The listings, and what is known of the models by them, or else by the facts alone."""
        discovery = self._settings.discovery
        regions = discovery.region or (bedrock.region,)
        if not control_plane.ok or discovery.enabled is False:
            off = "Switched off: enabled = false in [discovery]."
            why = off if control_plane.ok else UNREACHABLE
            return skipped(why, *LISTING), known([], facts(), regions[0])
        found = await asyncio.gather(
            *(permissions.listings(bedrock, region, discovery.include) for region in regions)
        )
        told = [listing for _, listing in found]
        profiles = list(chain.from_iterable(listing.profiles for listing in told))
        checks = [*chain.from_iterable(checks for checks, _ in found)]
        checks.append(await permissions.profile(bedrock, profiles))
        return checks, known(told, facts(), regions[0])


UNREACHABLE = "The control plane cannot be reached."
NO_ACCESS = Check(name=model.ACCESS, state="skipped", words=UNREACHABLE)
LISTING = (*(LISTINGS[name].action for name in ALWAYS), GET_PROFILE)
MODEL = (model.NAME, model.ACCESS)
INVOKING = (INVOKE, INVOKE_STREAM, model.CALL)


def skipped(words: str, *names: str) -> list[Check]:
    return [Check(name=name, state="skipped", words=words) for name in names]
