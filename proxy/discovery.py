"""The models of one region, asked of Bedrock: all listings together, or as many as the identity may see.

What is not permitted is left out and named; what fails otherwise fails the whole, so that half of a listing
is never taken for all of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from proxy import listings
from proxy.bedrock import Bedrock
from proxy.choices import together
from translators.aws_errors import from_aws
from translators.errors import UNDESCRIBED, APIError, PermissionDeniedError, undescribed
from translators.models import RegionListing

# Seconds for all listings of a region, with all of their pages.
TIMEOUT = 30.0


class Listing(NamedTuple):
    action: str
    """The IAM action that it needs."""
    # Any: the summaries of that listing, whose type RegionListing tells.
    ask: Callable[[Bedrock, str], Awaitable[Any]]


# By the field of RegionListing. The first two are always asked for, each other where it was included.
LISTINGS = {
    "models": Listing("bedrock:ListFoundationModels", listings.foundation_models),
    "profiles": Listing("bedrock:ListInferenceProfiles", listings.inference_profiles),
    "imported": Listing("bedrock:ListImportedModels", listings.imported_models),
    "deployments": Listing("bedrock:ListCustomModelDeployments", listings.custom_model_deployments),
    "provisioned": Listing("bedrock:ListProvisionedModelThroughputs", listings.provisioned_models),
    "routers": Listing("bedrock:ListPromptRouters", listings.prompt_routers),
}
ALWAYS = ("models", "profiles")


class Denied(NamedTuple):
    action: str
    error: APIError


@dataclass(frozen=True, slots=True)
class Discovered:
    listing: RegionListing
    denied: tuple[Denied, ...] = ()


async def discover(bedrock: Bedrock, region: str, include: Iterable[str] = ()) -> Discovered:
    """Raises APIError, PermissionDeniedError where neither models nor profiles may be listed."""
    wanted = [*ALWAYS, *(name for name in LISTINGS if name in include)]
    try:
        async with asyncio.timeout(TIMEOUT):
            answers = await together([permitted(bedrock, LISTINGS[name], region) for name in wanted])
    except TimeoutError as error:
        raise from_aws("ReadTimeoutError", f"Bedrock's control plane took over {TIMEOUT:.0f} s.") from error
    except UNDESCRIBED as error:
        raise undescribed(error) from error
    denied = tuple(answer for answer in answers if isinstance(answer, Denied))
    if isinstance(answers[0], Denied) and isinstance(answers[1], Denied):
        raise nothing_permitted(denied)
    told = {name: answer for name, answer in zip(wanted, answers, strict=True) if answer not in denied}
    return Discovered(RegionListing(region=region, **told), denied)


async def permitted(bedrock: Bedrock, listing: Listing, region: str) -> Any:
    try:
        return await listing.ask(bedrock, region)
    except PermissionDeniedError as error:
        return Denied(listing.action, error)


def nothing_permitted(denied: tuple[Denied, ...]) -> APIError:
    actions = " and ".join(each.action for each in denied)
    return PermissionDeniedError(
        f"The proxy's AWS identity may not list models: it needs {actions}. {denied[0].error.message}",
        code="access_denied",
    )
