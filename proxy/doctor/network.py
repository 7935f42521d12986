"""Whether AWS can be reached and the clock is right: asked without credentials, so known without them."""

import asyncio
import time
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import aiohttp

from proxy.bedrock import Bedrock
from proxy.connections import Connections, words
from proxy.doctor.checks import Check
from proxy.http1 import Response
from proxy.region import DEFAULT, Region
from proxy.variables import Service
from translators.errors import APIError

# Seconds.
PATIENCE = 5.0
# AWS takes no signature that is older; what is half as wrong may soon be.
TOLERATED = 300
WORTH_A_WARNING = 60
# A Date has no fractions.
ROUNDED = 2

SERVICES: Mapping[Service, str] = {"bedrock-runtime": "runtime endpoint", "bedrock": "control plane"}


class Reached(NamedTuple):
    check: Check
    skew: float | None = None
    """Seconds by which our clock is ahead of AWS's; None where it did not tell the time."""

    @property
    def ok(self) -> bool:
        return self.check.state != "failed"


def region_check(region: Region, known: Collection[str]) -> Check:
    """`known` are AWS's regions, as far as its SDK knows them: a new one is no mistake."""
    told = f"{region.name} ({region.origin})."
    if region.name not in known:
        near = get_close_matches(region.name, known, 1)
        remedy = f"Did you mean {near[0]}?" if near else "Look whether it is spelt right."
        return Check(name="region", state="warning", words=f"{told} No region that is known.", remedy=remedy)
    if region.name == DEFAULT and not region.origin.startswith(("AWS_", "profile ")):
        remedy = "Set AWS_REGION to where your account has its models."
        return Check(name="region", state="warning", words=told, remedy=remedy)
    return Check(name="region", state="ok", words=told)


async def reach(bedrock: Bedrock, http: Connections, service: Service) -> Reached:
    """Any answer will do: who asks for nothing is told that there is nothing."""
    try:
        there = await bedrock.endpoint(service)
    except APIError as error:
        return Reached(endpoint_check(service, error.message))
    started = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await http.ask(there, "GET", "/", {})
    except (aiohttp.ClientError, TimeoutError) as error:
        return Reached(endpoint_check(service, f"{there.url} {why(error)}", remedy(error)))
    answer.close()
    took = int((time.monotonic() - started) * 1000)
    return Reached(answered(service, there.url, took, answer), skew(answer.headers.get("date", "")))


def answered(service: Service, url: str, took: int, answer: Response) -> Check:
    if "x-amzn-requestid" in answer.headers:
        return Check(name=SERVICES[service], state="ok", words=f"{url} answers in {took} ms.")
    return Check(
        name=SERVICES[service],
        state="warning",
        words=f"{url} answers with status {answer.status} in {took} ms, but not as AWS does.",
        remedy="Look whether a proxy or firewall stands between, and at the AWS_ENDPOINT_URL variables.",
    )


def endpoint_check(service: Service, words: str, remedy: str = "") -> Check:
    """A failure; without the control plane chats work all the same."""
    vital = service == "bedrock-runtime"
    return Check(name=SERVICES[service], state="failed", words=words, remedy=remedy, vital=vital)


def why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"did not answer within {PATIENCE:.0f} s."
    return f"cannot be reached ({words(error)})."


def remedy(error: Exception) -> str:
    match error:
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return "Check HTTPS_PROXY; NO_PROXY names what is reached without it."
        case aiohttp.ClientConnectorDNSError():
            return "Check that the region is one with Bedrock, and that this machine can resolve names."
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "If your company's proxy signs for AWS, set AWS_CA_BUNDLE to its authority's file."
    return "Check the network: a firewall, HTTPS_PROXY that is not set, AWS_ENDPOINT_URL variables that are."


def skew(date: str) -> float | None:
    """By the Date of an answer that has just come."""
    try:
        return time.time() - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None


def clock_check(*reached: Reached) -> Check:
    skews = [each.skew for each in reached if each.skew is not None]
    if not skews:
        return Check(name="clock", state="skipped", words="Nobody answered who tells the time.")
    ahead = min(skews, key=abs)
    told = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} AWS's."
    if abs(ahead) < WORTH_A_WARNING:
        return Check(name="clock", state="ok", words=told if abs(ahead) > ROUNDED else "As AWS's.")
    return Check(
        name="clock",
        state="failed" if abs(ahead) >= TOLERATED else "warning",
        words=told,
        remedy="Set this machine's clock: AWS takes no request that is five minutes off.",
        vital=True,
    )


async def reach_all(bedrock: Bedrock, http: Connections) -> dict[Service, Reached]:
    found = await asyncio.gather(*(reach(bedrock, http, service) for service in SERVICES))
    return dict(zip(SERVICES, found, strict=True))
