"""What had to be changed about a request for its model: named, so that nothing is lost silently."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from translators.errors import BadRequestError

Verb = Literal["dropped", "clamped", "renamed", "repaired", "emulated"]

MAX_HEADER = 2000


class Adjustment(NamedTuple):
    field: str
    verb: Verb
    reason: str


class Adjustments:
    """Notes each change as it is made, of a field that has two names under the one that the client used."""

    def __init__(self, names: Mapping[str, str] = MappingProxyType({})) -> None:
        self._names = names
        self._made: list[Adjustment] = []

    def note(self, field: str, verb: Verb, reason: str) -> None:
        self._made.append(Adjustment(self._names.get(field, field), verb, reason))

    def made(self) -> tuple[Adjustment, ...]:
        return tuple(self._made)


def refuse(adjusted: Iterable[Adjustment]) -> None:
    """What strict users want in place of a change. Raises BadRequestError for the first."""
    for field, verb, reason in adjusted:
        raise BadRequestError(
            f"'{field}' would be {verb}: {reason}. This proxy refuses what it would have to change"
            " (OUTCROP_STRICT).",
            param=field,
            code="unsupported_value",
        )


def header(adjusted: Iterable[Adjustment]) -> str:
    """The value of x-outcrop-adjusted: an entry for each kind of change, ASCII, at most MAX_HEADER long.

    >>> header([Adjustment("temperature", "clamped", "Bedrock's maximum is 1")])
    "temperature=clamped; Bedrock's maximum is 1"
    >>> header([Adjustment(f"messages[{n}].content", "dropped", "it is blank") for n in (2, 5, 7)])
    'messages[2].content=dropped; it is blank (and 2 more)'
    """
    kinds: dict[tuple[str, Verb, str], list[str]] = {}
    for field, verb, reason in adjusted:
        kinds.setdefault((re.sub(r"\[\d+\]", "", field), verb, reason), []).append(field)
    entries = [
        _ascii(f"{fields[0]}={verb}; {reason}" + (f" (and {len(fields) - 1} more)" if fields[1:] else ""))
        for (_, verb, reason), fields in kinds.items()
    ]
    value = ", ".join(entries)
    if len(value) <= MAX_HEADER:
        return value
    whole = value[: MAX_HEADER - len(", ...")].rpartition(", ")[0]
    return f"{whole}, ..." if whole else f"{value[: MAX_HEADER - 3]}..."


def _ascii(entry: str) -> str:
    """Commas part the entries, so none may stand inside one."""
    return "".join(c if " " <= c <= "~" and c != "," else "?" for c in entry)
