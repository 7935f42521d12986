"""GET /v1/models: what can be chatted with here and now, each entry with what agent tools read.

Beside OpenAI's fields there are those that OpenRouter and others have made customary, which clients read
under any of several names: https://openrouter.ai/docs/api-reference/list-available-models
"""

from collections.abc import Iterable

from translators.departures import Quirks
from translators.model_ids import parse_arn
from translators.models.facts import NO_FACTS, Facts, ModelSettings, Policy
from translators.models.invocable import Invocable
from translators.models.known import Known
from translators.models.listings import FoundationModel
from translators.models.names import maker
from translators.models.resolution import resolve
from translators.openai import Model, ModelList
from translators.quirks import quirks_for

PLAIN_PARAMETERS = ("max_completion_tokens", "max_tokens", "n", "response_format", "stream")
# What is listed where it was asked for, whoever made it and whatever is known of it.
NAMED_BY_USERS = {"provisioned_throughput", "custom_model_deployment", "imported_model", "prompt_router"}


def model_list(known: Known, policy: Policy) -> ModelList:
    """Sorted by name: the models and profiles, and what users have named themselves."""
    entries = [invocable_entry(known.invocable[id], known, policy) for id in listed(known, policy)]
    there = {entry["id"] for entry in entries}
    entries += [named_by_user(id, known, policy) for id in named(known, policy) if id not in there]
    entries.sort(key=lambda entry: (entry["name"].casefold(), entry["id"]))
    return {"object": "list", "data": entries}


def model_entry(name: str, known: Known, policy: Policy) -> Model | None:
    """What a chat under that name would invoke; None where it is not known to be there, or takes no chat."""
    invoked = resolve(name, known, policy).model_id
    arn = parse_arn(invoked)  # of a profile or a model, which is listed by its id
    found = known.invocable.get(invoked) or (known.invocable.get(arn.resource) if arn else None)
    if found is None or not can_chat(found.base, known.facts.get(found.base["modelId"], NO_FACTS)):
        return None
    return {**invocable_entry(found, known, policy), "id": invoked}


def named(known: Known, policy: Policy) -> list[str]:
    """Aliases, and ids of which users have said something; of a whole foundation model it may be said too."""
    said = [id for id in policy.models if id in known.invocable or id not in known.names.values()]
    return [*said, *(alias for alias in policy.aliases if alias not in policy.models)]


def listed(known: Known, policy: Policy) -> list[str]:
    """What Bedrock lists and a chat can be had with, by id."""
    return [id for id, each in known.invocable.items() if is_shown(each, known, policy)]


def is_shown(each: Invocable, known: Known, policy: Policy) -> bool:
    if each.inference in NAMED_BY_USERS:
        return True
    return (
        can_chat(each.base, known.facts.get(each.base["modelId"], NO_FACTS))
        and (status(each.base) == "ACTIVE" or "legacy" in policy.include)
        and (not policy.provider_filter or bool(makers(each.base) & policy.provider_filter))
    )


def can_chat(model: FoundationModel, facts: Facts) -> bool:
    """Some speak no Converse, which the listing does not say."""
    return (
        facts.get("converse", True)
        and "text" in lower(model.get("inputModalities") or ["TEXT"])
        and "text" in lower(model.get("outputModalities") or [])
        and model.get("responseStreamingSupported") is True
    )


def makers(model: FoundationModel) -> set[str]:
    """By both names that there are for a maker."""
    return {model.get("providerName", "").lower(), maker(model["modelId"]).lower()}


def entry(id: str, name: str, base: FoundationModel, created: int, known: Known, policy: Policy) -> Model:
    model = base["modelId"]
    facts, said, quirks = known.facts.get(model, NO_FACTS), policy.said_of(id, model), quirks_for(model)
    context_window = said.context_window or facts.get("context_window") or policy.default_context_window
    inputs = said.input_modalities or base.get("inputModalities") or ["TEXT"]
    tools = quirks.tools if said.tools is None else said.tools
    reasoning = thinks(base, facts) if said.reasoning is None else said.reasoning
    made: Model = {
        "id": id,
        "object": "model",
        "created": created,
        "owned_by": base.get("providerName") or "bedrock",
        "name": said.name or name,
        "context_length": context_window,
        "context_window": context_window,
        "max_output_tokens": min(max_output_tokens(base, facts, said, quirks, policy), context_window),
        "input_modalities": lower(inputs),
        "output_modalities": lower(base.get("outputModalities") or ["TEXT"]),
        "reasoning": reasoning,
        "tools": tools,
        "supported_parameters": supported_parameters(quirks, tools=tools, reasoning=reasoning),
        "lifecycle": {"status": status(base)},
    }
    if end := (base.get("modelLifecycle", {}).get("endOfLifeTime") or facts.get("end_of_life", ""))[:10]:
        made["lifecycle"]["end_of_life"] = made["shutdown_date"] = end
    return made


def invocable_entry(each: Invocable, known: Known, policy: Policy) -> Model:
    made = entry(each.id, each.name, each.base, each.created, known, policy)
    return {**made, "inference_type": each.inference, "regions": list(each.regions)}


def named_by_user(id: str, known: Known, policy: Policy) -> Model:
    """An alias as what it stands for; what Bedrock did not list, as far as it is known."""
    resolved = resolve(id, known, policy)
    if found := known.invocable.get(resolved.model_id):
        made = invocable_entry(found, known, policy)
        return {**made, "id": id, "name": policy.said_of(id).name or id}
    return entry(id, id, known.model(resolved.base_model), 0, known, policy)


def max_output_tokens(
    model: FoundationModel, facts: Facts, said: ModelSettings, quirks: Quirks, policy: Policy
) -> int:
    hint = (model.get("converse") or {}).get("maxTokensMaximum") or 0
    window = facts.get("context_window", hint + 1)
    return (
        said.max_output_tokens
        # As large as the whole window it is no limit of its own.
        or (hint if hint < window else 0)
        or facts.get("max_output_tokens")
        or quirks.max_tokens
        or policy.default_max_tokens
    )


def thinks(model: FoundationModel, facts: Facts) -> bool:
    hint = (model.get("converse") or {}).get("reasoningSupported")
    words = f"{model['modelId']} {model.get('modelName', '')}".lower()
    return hint is not None or facts.get("reasoning", "reasoning" in words or "thinking" in words)


def supported_parameters(quirks: Quirks, *, tools: bool, reasoning: bool) -> list[str]:
    """OpenAI's fields, and OpenRouter's words for what a model can do."""
    supported = {
        "temperature": quirks.temperature,
        "top_p": quirks.top_p,
        "stop": quirks.stop_sequences,
        "tools": tools,
        "tool_choice": tools and bool(quirks.tool_choices),
        "structured_outputs": quirks.text_format,
        "reasoning": reasoning,
        "reasoning_effort": reasoning,
    }
    return [*PLAIN_PARAMETERS, *(name for name, given in supported.items() if given)]


def status(model: FoundationModel) -> str:
    return model.get("modelLifecycle", {"status": "ACTIVE"})["status"].upper()


def lower(modalities: Iterable[str]) -> list[str]:
    return [modality.lower() for modality in modalities]
