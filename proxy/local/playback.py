"""The script as it is played: which rule answers next, how often each has, and which answers are held."""

import asyncio
from dataclasses import dataclass

from proxy.local.rule import BUILT_IN, Operation, Rule
from proxy.local.script import Script


@dataclass(frozen=True, slots=True)
class Turn:
    """One use of a rule: its place in the script (None for the built-in answer) and its gate."""

    rule: Rule
    number: int | None
    gate: asyncio.Event


class Playback:
    """One script at a time; loading another lets go of everything the last one held."""

    def __init__(self, script: Script) -> None:
        self._gates: dict[str, asyncio.Event] = {}
        self.load(script)

    def load(self, script: Script) -> None:
        for gate in self._gates.values():
            gate.set()
        self.script = script
        self._used = [0] * len(script.rules)
        self._gates = {rule.hold: asyncio.Event() for rule in script.rules if rule.hold is not None}

    def next(self, operation: Operation, model: str, text: str) -> Turn:
        """The first rule that matches and has uses left, used once more."""
        for number, rule in enumerate(self.script.rules):
            left = rule.times is None or self._used[number] < rule.times
            if left and rule.matches(operation, model, text):
                self._used[number] += 1
                return Turn(rule, number, self._gates.get(rule.hold or "", _open()))
        return self.built_in()

    def built_in(self) -> Turn:
        return Turn(BUILT_IN, None, _open())

    def release(self, name: str) -> bool:
        """Let go of every answer held under this name, now and later; False if there is no such name."""
        gate = self._gates.get(name)
        if gate is not None:
            gate.set()
        return gate is not None


def _open() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate
