"""What a check found, as a line for people and as JSON for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import Literal

import orjson

from proxy.doctor.policy import Policy

State = Literal["ok", "warning", "failed", "skipped"]

NAME_WIDTH = 42


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    name: str
    state: State
    words: str
    """What was found; never a secret."""
    remedy: str = ""
    """What to do about it."""
    vital: bool = False
    """Whether no chat can work while it fails."""
    action: str = ""
    """The IAM action that was denied and that a policy would allow."""


def works(checks: Iterable[Check]) -> bool:
    """Whether a chat does, as far as the checks tell."""
    return not any(check.vital and check.state == "failed" for check in checks)


def line(check: Check) -> str:
    """
    >>> print(line(Check(name="clock", state="failed", words="10 minutes late.", remedy="Set it.")))
    failed   clock                                     10 minutes late.
             -> Set it.
    """
    told = f"{check.state:<8} {check.name:<{NAME_WIDTH - 1}} {check.words}"
    return f"{told}\n{indent(f'-> {check.remedy}', ' ' * 9)}" if check.remedy else told


def conclusion(checks: Sequence[Check], policy: Policy | None) -> str:
    """What is left to say when all lines have been printed."""
    written = orjson.dumps(policy, option=orjson.OPT_INDENT_2).decode()
    attach = f"The policy for what is missing:\n\n{written}\n\n" if policy else ""
    return f"\n{attach}{'A chat works.' if works(checks) else 'No chat can work: see what failed.'}"


def as_json(checks: Sequence[Check], policy: Policy | None) -> str:
    told = {
        "works": works(checks),
        "checks": [
            {"name": each.name, "state": each.state, "message": each.words, "remedy": each.remedy or None}
            for each in checks
        ],
        "policy": policy,
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()
