"""One model: what its name means, whether the account may have it, and whether it answers.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetFoundationModelAvailability.html
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from proxy.bedrock import Bedrock
from proxy.doctor.checks import Check
from proxy.listings import inference_profile
from proxy.options import options
from proxy.settings import Settings
from translators.chat import plan
from translators.errors import UNDESCRIBED, APIError, PermissionDeniedError
from translators.model_ids import is_application_profile
from translators.models import Known, Policy, Resolved, base_model_id, model_list, near_matches, resolve
from translators.openai import ChatCompletionRequest

NAME, ACCESS, CALL = "model", "model access", "one-token call"


class Chosen(NamedTuple):
    name: str
    """As it was asked for."""
    resolved: Resolved
    by_user: bool
    """Whether it must work, or was only the first at hand."""


def choose(asked: str, known: Known, policy: Policy) -> Chosen:
    """The one that was asked for, else one that is listed, else one of which facts are known."""
    listed = (each["id"] for each in model_list(known, policy)["data"] if each["id"] in known.invocable)
    name = asked or next(listed, "") or next(iter(known.names.values()))
    return Chosen(name, resolve(name, known, policy), bool(asked))


def name_check(chosen: Chosen, known: Known, policy: Policy) -> Check:
    id = chosen.resolved.model_id
    told = id if id == chosen.name else f"{chosen.name} is {id}"
    if id in known.invocable or not known.invocable:
        return Check(name=NAME, state="ok", words=f"{told}.")
    near = ", ".join(near_matches(chosen.name, known, policy))
    return Check(
        name=NAME,
        state="warning",
        words=f"{told}, which is not listed; it is tried all the same.",
        remedy=f"Near to it: {near}." if near else "`outcrop models` shows what is.",
    )


def alias_checks(known: Known, policy: Policy) -> list[Check]:
    """Those of the user's own names that lead to nothing that is listed."""
    return [
        Check(
            name=f"alias {alias}",
            state="warning",
            words=f"{meant} is not listed; it is tried all the same.",
            remedy="`outcrop models` shows what is listed.",
        )
        for alias, meant in policy.aliases.items()
        if known.invocable and resolve(alias, known, policy).model_id not in known.invocable
    ]


async def access_check(bedrock: Bedrock, chosen: Chosen) -> Check:
    try:
        base = await base_model(bedrock, chosen.resolved)
        if not base:
            return Check(name=ACCESS, state="skipped", words="The model behind it cannot be told.")
        path = f"/foundation-model-availability/{quote(base, safe='')}"
        told = await bedrock.control_plane(path, chosen.resolved.region)
        return availability(base, told, chosen)
    except PermissionDeniedError as error:
        words = error.aws_message or error.message
        return Check(name=ACCESS, state="skipped", words=f"It may not be asked: {words}")
    except APIError as error:
        return Check(name=ACCESS, state="skipped", words=error.message)
    except UNDESCRIBED as error:
        return Check(
            name=ACCESS, state="skipped", words=f"AWS's answer cannot be read ({type(error).__name__})."
        )


async def base_model(bedrock: Bedrock, resolved: Resolved) -> str:
    if resolved.base_model or not is_application_profile(resolved.model_id):
        return resolved.base_model
    return base_model_id(await inference_profile(bedrock, resolved.model_id))


# Any: the JSON that AWS answers.
def availability(base: str, told: Mapping[str, Any], chosen: Chosen) -> Check:
    """The first thing that is missing, of those that AWS tells apart."""
    vital = chosen.by_user
    # Through a profile it may be called from regions that do not have it.
    if told["regionAvailability"] != "AVAILABLE" and chosen.resolved.model_id == base:
        return missing(f"{base} is not there in this region.", "Choose another region.", vital)
    if told["authorizationStatus"] != "AUTHORIZED":
        remedy = "Ask whoever looks after the account's Bedrock permissions."
        return missing(f"This identity is not authorized for {base}.", remedy, vital)
    agreement = told["agreementAvailability"]["status"]
    if agreement != "AVAILABLE" or told["entitlementAvailability"] != "AVAILABLE":
        words = f"The account has no access to {base} yet (agreement {agreement})."
        return missing(words, "Open the model in the Bedrock console's model catalogue.", vital)
    return Check(name=ACCESS, state="ok", words=f"The account has access to {base}.")


def missing(words: str, remedy: str, vital: bool) -> Check:
    """A model that nobody chose may be missing."""
    return Check(name=ACCESS, state="failed" if vital else "warning", words=words, remedy=remedy, vital=vital)


def not_called() -> Check:
    return Check(name=CALL, state="skipped", words="It costs a token: --call makes it.")


async def call(bedrock: Bedrock, settings: Settings, chosen: Chosen) -> Check:
    """The whole journey of a chat, for one token."""
    request: ChatCompletionRequest = {
        "model": chosen.name,
        "messages": [{"role": "user", "content": "Hi"}],
        "max_completion_tokens": 1,
    }
    asked = plan(request, options=options(settings), invoked=chosen.resolved)
    try:
        await bedrock.converse(asked.model_id, asked.pieces, chosen.resolved.region)
    except APIError as error:
        return Check(name=CALL, state="failed", words=error.message, vital=True)
    return Check(name=CALL, state="ok", words=f"{asked.model_id} answers.")
