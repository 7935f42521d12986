"""What the fake Bedrock answers, and so what the load expects: a request's text says how many deltas, at which pace."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

# About a token each. What JSON has to escape, and what is longer in UTF-8, is among them.
WORDS = (
    "Rock", " that", " shows", ",", " bare", " or", " under", " moss", ".", "\n", "It", " is", " \"old\"",
    " gneiss", " here", " \u2014", " caf\u00e9", " and", " all", ";", " no", " soil", " a\\b", " holds", ".",
)  # fmt: skip

MARK = re.compile(rb"\[\[deltas=(\d+) pace=(\d+) after=(\d+)\]\]")


@dataclass(frozen=True)
class Wanted:
    """An answer to ask for."""

    deltas: int
    pace: int = 0
    """Milliseconds between deltas; 0: all at once."""
    after: int = 0
    """Milliseconds before the first byte."""

    def __str__(self) -> str:
        """As it stands in a request's text."""
        return f"[[deltas={self.deltas} pace={self.pace} after={self.after}]]"


def wanted(request: bytes) -> Wanted:
    """What the last mark in a request asks for: looked for from the end, as histories are long."""
    found = MARK.match(request, request.rindex(b"[[deltas="))
    if not found:
        raise ValueError("a mark that is cut")
    return Wanted(*map(int, found.groups()))


def deltas(count: int) -> Sequence[str]:
    return [WORDS[number % len(WORDS)] for number in range(count)]


@cache
def text(count: int) -> str:
    return "".join(deltas(count))


@cache
def ends(count: int) -> Sequence[int]:
    """Where in the text each delta ends, in characters."""
    return list(accumulate(map(len, deltas(count))))
