"""What a name that Bedrock does not know may have meant."""

from difflib import get_close_matches

from translators.errors import APIError
from translators.model_ids import is_model_id, named_model
from translators.models.entries import listed
from translators.models.facts import Policy
from translators.models.known import Known
from translators.models.names import age, spelt, stem
from translators.models.resolution import meant, resolve

MATCHES = 3
# Longer names mean nothing more, and comparing takes time.
LENGTH = 100


def near_matches(asked: str, known: Known, policy: Policy) -> list[str]:
    """Aliases and ids, the likeliest first: what is listed, or else is known to exist.

    Compared is what is left of an id without its geography, maker, version and date.
    """
    refused = resolve(asked, known, policy).model_id
    there = {essence(base): resolve(base, known, policy).model_id for base in bases(known, policy)}
    there |= {spelt(alias): alias for alias in policy.aliases}
    name = essence(meant(asked, known, policy))[:LENGTH]
    close = get_close_matches(
        name, [each for each, id in there.items() if id not in (asked, refused)], n=MATCHES
    )
    return [there[each] for each in close]


def bases(known: Known, policy: Policy) -> list[str]:
    """The newest last."""
    shown = {known.invocable[id].base["modelId"] for id in listed(known, policy)} - {""}
    return sorted(shown or (id for id, facts in known.facts.items() if facts.get("converse", True)), key=age)


def essence(id: str) -> str:
    base = named_model(id) or id
    name = stem(base)
    return spelt(name.partition(".")[2] if is_model_id(base) else name.rpartition("/")[2])


def suggesting(error: APIError, asked: str, known: Known, policy: Policy) -> APIError:
    """The error, and where it says that there is no such model, the names that may have been meant."""
    if error.code != "model_not_found":
        return error
    if near := near_matches(asked, known, policy):
        error.message += f" Did you mean {' or '.join(near)}?"
    return error
