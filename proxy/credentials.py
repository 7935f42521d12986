"""Who calls Bedrock: credentials that all requests look for together, and that are renewed off their path.

    none --look--> held --well before they expire--> a look in the background
                    |
                    +--expired, refused by Bedrock, a config file changed--> requests wait for a look

Absent or expired credentials are a state, not a crash: each request looks again.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from proxy.api_key import ApiKey
from proxy.config_files import stamp
from proxy.http1 import Body
from proxy.region import Region
from proxy.remedies import Origin
from proxy.sigv4 import Signer
from proxy.sources import Found, look
from proxy.threads import heard
from translators.aws_errors import CLOCK, from_aws
from translators.errors import APIError

log = logging.getLogger("outcrop")

# Seconds before they expire, or half of their time where that is less. An instance has new ones 300 before.
AHEAD = 900.0
# Seconds to the next look after one in vain, while those that are held are still good.
AGAIN = 60.0
# Seconds for which Bedrock's refusal is remembered: only a request can tell that it is mended.
REMEMBERED = 30.0


@dataclass(frozen=True, slots=True, repr=False)
class Bearer:
    """Calls with a Bedrock API key."""

    key: str
    origin: Origin
    expires: float | None = None

    def sign(self, method: str, url: str, body: Body, headers: dict[str, str], region: str) -> dict[str, str]:
        return {**headers, "Authorization": f"Bearer {self.key}"}


@dataclass(frozen=True, slots=True)
class Held:
    """Calls with keys from AWS's chain."""

    found: Found
    signer: Signer
    due: float
    """When others should be looked for."""

    @property
    def origin(self) -> Origin:
        return self.found.origin

    @property
    def expires(self) -> float | None:
        return self.found.expires

    def sign(self, method: str, url: str, body: Body, headers: dict[str, str], region: str) -> dict[str, str]:
        return self.signer.sign(method, url, body, headers, region=region, now=time.time())

    def expired(self, now: float) -> bool:
        return self.found.expires is not None and now >= self.found.expires

    def outdated(self) -> bool:
        """Whether a config file has changed. The environment comes before them, and cannot change."""
        return self.found.origin.method != "env" and stamp(self.found.files) != self.found.stamp


Caller = Bearer | Held


@dataclass(frozen=True, slots=True)
class State:
    """Whether requests can be signed, and what is wrong."""

    caller: Caller | None
    error: APIError | None
    """Why not, or why Bedrock took none lately."""
    warning: APIError | None = None
    """Why those that are held could not be renewed yet."""


class Credentials:
    """The caller's credentials: one look at a time, whoever waits for it."""

    def __init__(self, region: Region, api_key: ApiKey, *, clock: Callable[[], float] = time.time) -> None:
        self.region = region
        self._api_key = api_key
        self._clock = clock
        self.held: Held | None = None
        self._looking: asyncio.Task[Held] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._failure: APIError | None = None
        """The last look's."""
        self._refusal: tuple[APIError, float] | None = None
        """Bedrock's last, and when, unless it has accepted a request since."""

    def start(self) -> None:
        """Has them looked for before the first request; what is missing is said where the server starts."""
        try:
            if self._api_key.now() is None:
                self._look()
        except APIError as error:
            log.warning("AWS credentials: %s", error.message)

    async def caller(self) -> Caller:
        """Whoever signs now. Waits only where there is nobody yet. Raises APIError where there is nobody."""
        if key := self._api_key.now():
            return Bearer(key[0], Origin(key[1]))
        held, now = self.held, self._clock()
        if held is None or held.expired(now) or held.outdated():
            return await self._found()
        if now >= held.due:
            self._look()
        return held

    async def refused(self, caller: Caller, error: APIError) -> bool:
        """Whether there is another caller by now, to try again as. Raises APIError where there is nobody."""
        if not error.code.startswith("aws_credentials"):
            self.accepted()
            return False
        if isinstance(caller, Held) and CLOCK not in error.message:
            if caller is self.held:
                self.held = None
            found = await self.caller()
            if not isinstance(found, Held) or found.found.keys != caller.found.keys:
                return True
        if self._refusal is None:
            log.warning("Bedrock refuses the AWS credentials: %s", error.message)
        self._refusal = error, self._clock()
        return False

    def accepted(self) -> None:
        if self._refusal:
            log.info("Bedrock accepts the AWS credentials again.")
            self._refusal = None

    async def state(self, *, patience: float) -> State:
        """As it is now; a look may take so many seconds of it."""
        try:
            async with asyncio.timeout(patience):
                caller = await self.caller()
        except APIError as error:
            return State(None, error)
        except TimeoutError:
            return State(None, self._failure or from_aws("TokenServiceError", "It has not answered yet."))
        refusal, since = self._refusal or (None, 0)
        return State(caller, refusal if self._clock() - since < REMEMBERED else None, self._failure)

    def close(self) -> None:
        """Nothing is looked for any more."""
        for each in (self._timer, self._looking):
            if each is not None:
                each.cancel()

    async def _found(self) -> Held:
        began_before = self._looking is not None
        try:
            held = await asyncio.shield(self._look())  # one who goes away does not take it from the others
            if not (began_before and held.outdated()):
                return held
        except APIError:
            if not began_before:
                raise
        return await asyncio.shield(self._look())  # a login may have come after what that look has read

    def _look(self) -> asyncio.Task[Held]:
        if self._looking is None:
            self._looking = asyncio.create_task(self._renewed())
            self._looking.add_done_callback(heard)
        return self._looking

    async def _renewed(self) -> Held:
        try:
            found = await look()
        except APIError as error:
            return self._kept(error)
        finally:
            self._looking = None
        if self._failure:
            log.info("AWS credentials found: %s.", found.origin)
        self._failure = self._refusal = None
        self.region = found.region
        now = self._clock()
        left = float("inf") if found.expires is None else found.expires - now
        return self._hold(Held(found, Signer(found.keys), now + left - min(AHEAD, left / 2)))

    def _kept(self, failure: APIError) -> Held:
        """Those that are held, as long as they last. Raises the failure where they do not."""
        if self._failure is None or self._failure.code != failure.code:  # said once, not with every request
            log.warning("AWS credentials: %s", failure.message)
        self._failure = failure
        held, now = self.held, self._clock()
        if held is None or held.expired(now) or failure.code == "aws_credentials_missing":
            self.held = None
            raise failure
        found = replace(held.found, stamp=stamp(held.found.files))  # looked at again when they change again
        return self._hold(replace(held, found=found, due=now + AGAIN))

    def _hold(self, held: Held) -> Held:
        self.held = held
        if self._timer:
            self._timer.cancel()
        if held.due < float("inf"):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(held.due - self._clock(), self._look)
        return held
