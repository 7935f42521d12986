"""Whether chats can be served now, and if not, why and what to run: `GET /readyz`, for probes and for people.

Credentials that are missing are looked for anew with each question, so it turns true without a restart.
"""

from datetime import UTC, datetime
from typing import Any

from proxy.bedrock import Bedrock
from proxy.catalogue import State as Catalogued
from proxy.credentials import State
from translators.errors import APIError

# Seconds that a look for credentials may take of a probe's; it goes on after that.
PATIENCE = 1.0


async def readiness(bedrock: Bedrock, catalogue: Catalogued) -> dict[str, Any]:
    """`ready`, and beside it what is known; chats need no catalogue. Any: JSON."""
    state = await bedrock.credentials.state(patience=PATIENCE)
    error = state.error or await unlocatable(bedrock)
    told: dict[str, Any] = {"ready": error is None, "region": bedrock.region, "credentials": held(state)}
    if error:
        told |= error.body()
        if error.command:
            told["command"] = error.command
    if state.warning:
        told["warning"] = state.warning.message
    return told | {"models": catalogued(catalogue)}


def catalogued(state: Catalogued) -> dict[str, Any] | None:
    """How the list of models is doing; None where nobody is asked for one."""
    if not state.enabled:
        return None
    return {
        "listed": state.models,
        "age": None if state.age is None else round(state.age),
        "not_permitted": list(state.missing),
        "error": state.error.message if state.error else None,
    }


async def unlocatable(bedrock: Bedrock) -> APIError | None:
    """Why nobody can tell where Bedrock is: a region that is none, an address that is none."""
    try:
        await bedrock.endpoint("bedrock-runtime")
    except APIError as error:
        return error
    return None


def held(state: State) -> dict[str, str | None] | None:
    if state.caller is None:
        return None
    expires = state.caller.expires
    return {
        "source": str(state.caller.origin),
        "expires": datetime.fromtimestamp(expires, UTC).isoformat() if expires else None,
    }
