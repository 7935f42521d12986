"""Each IAM action that is needed, tried: what is denied says so, whatever else the answer would have been.

The Invoke actions are tried with a message that every model refuses, so that no token is spent: IAM decides
before Bedrock looks at what is asked. (AWS does not promise that order; `--call` makes sure.)
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, NamedTuple

import orjson

from proxy.bedrock import Bedrock
from proxy.discovery import ALWAYS, LISTINGS
from proxy.doctor.checks import Check
from proxy.doctor.policy import GET_PROFILE, INVOKE, INVOKE_STREAM
from proxy.listings import inference_profile
from translators.errors import UNDESCRIBED, APIError, BadRequestError, PermissionDeniedError
from translators.models import InferenceProfile, RegionListing, Resolved

# "The text field in the ContentBlock object at messages.0.content.0 is blank."
REFUSED = [orjson.dumps({"messages": [{"role": "user", "content": [{"text": ""}]}]})]
# As IAM ends its refusals: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
ALLOWED_BY_A_POLICY = "no identity-based policy allows"


class Tried(NamedTuple):
    check: Check
    # Any: the summaries of a listing, whose type RegionListing tells; None where there are none.
    found: Any = None


async def listings(
    bedrock: Bedrock, region: str, include: Collection[str]
) -> tuple[list[Check], RegionListing]:
    """Every listing of the region that the settings ask for, and what came of all together."""
    wanted = [*ALWAYS, *(name for name in LISTINGS if name in include)]
    tried = await asyncio.gather(*(listing(bedrock, region, name) for name in wanted))
    told = {name: each.found for name, each in zip(wanted, tried, strict=True) if each.found is not None}
    return [each.check for each in tried], RegionListing(region=region, **told)


async def listing(bedrock: Bedrock, region: str, name: str) -> Tried:
    action, ask = LISTINGS[name]
    label = action if region == bedrock.region else f"{action} in {region}"
    return await tried(action, lambda: ask(bedrock, region), lambda found: f"{len(found)} there.", label)


async def profile(bedrock: Bedrock, profiles: Sequence[InferenceProfile]) -> Check:
    """GetInferenceProfile, which only application profiles need, tried with any."""
    arn = next((each["inferenceProfileArn"] for each in profiles if "inferenceProfileArn" in each), "")
    if not arn:
        return Check(name=GET_PROFILE, state="skipped", words="No profile is known to try it with.")
    return (
        await tried(GET_PROFILE, lambda: inference_profile(bedrock, arn), lambda _: "May be asked.")
    ).check


async def invocations(bedrock: Bedrock, model: Resolved) -> list[Check]:
    """InvokeModel, and the same for streams, of one model."""
    model_id, _, region = model

    async def streamed() -> None:
        (await bedrock.converse_stream(model_id, REFUSED, region)).close()

    whole = invocation(INVOKE, lambda: bedrock.converse(model_id, REFUSED, region), model_id)
    return list(await asyncio.gather(whole, invocation(INVOKE_STREAM, streamed, model_id)))


async def invocation(action: str, ask: Callable[[], Awaitable[object]], model_id: str) -> Check:
    return (await tried(action, ask, lambda _: f"{model_id} may be called.", vital=True, refused=True)).check


async def tried(
    action: str,
    ask: Callable[[], Awaitable[Any]],
    words: Callable[[Any], str],
    name: str = "",
    *,
    vital: bool = False,
    refused: bool = False,
) -> Tried:
    """`refused`: a request that is refused is what was wanted."""
    name = name or action
    try:
        found = await ask()
    except PermissionDeniedError as error:
        return Tried(denied(action, name, error, vital=vital))
    except APIError as error:
        if refused and isinstance(error, BadRequestError):
            return Tried(Check(name=name, state="ok", words=words(None)))
        return Tried(failed(name, error, vital=vital))
    except UNDESCRIBED as error:
        told = f"The answer is not as AWS's API describes it ({type(error).__name__})."
        return Tried(Check(name=name, state="warning", words=told))
    return Tried(Check(name=name, state="ok", words=words(found)), found)


def failed(name: str, error: APIError, *, vital: bool) -> Check:
    """Refused before or after IAM was asked, so that it does not tell; with bad credentials nothing works."""
    bad = error.code.startswith("aws_credentials")
    return Check(name=name, state="failed" if bad else "warning", words=error.message, vital=vital)


def denied(action: str, name: str, error: APIError, *, vital: bool) -> Check:
    words = error.aws_message or error.message
    remedy, missing = cure(words)
    return Check(
        name=name,
        state="failed",
        words=words,
        remedy=remedy,
        vital=vital,
        action=action if missing else "",
    )


def cure(words: str) -> tuple[str, bool]:
    """What to do about a denial, and whether the policy that doctor writes is that."""
    if "explicit deny" in words:
        return "A policy denies it, and no other can allow it: ask whoever looks after the account.", False
    if " policy allows" in words or "boundary allows" in words:
        if ALLOWED_BY_A_POLICY not in words:
            return "The policy of that kind has to allow it: ask whoever looks after the account.", False
    elif "not authorized to perform" not in words and "have access to the model" in words:
        return "Open the model in the Bedrock console's model catalogue to get access.", False
    return "Attach the policy below to this identity.", True
