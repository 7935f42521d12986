"""The memory as requests use it: asked before a plan is made, told after an answer."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from proxy.continuity import Memory
from proxy.threads import aside
from translators.chat.recollection import (
    NO_RECOLLECTION,
    Occasion,
    Recollection,
    may_think,
    memorable,
    scope_of,
    turn_names,
)
from translators.converse import ContentBlock
from translators.departures import Quirks
from translators.openai import ChatCompletionRequest


class Recollections:
    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def recall(
        self, request: ChatCompletionRequest, quirks: Quirks, headers: Mapping[str, str], much: bool
    ) -> Recollection:
        """What is remembered of the turns in a request; `headers` say whose they are, `much` that it is long.

        Where the model does not think nothing is looked for.
        """
        if not may_think(request, quirks):
            return NO_RECOLLECTION
        scope = scope_of(quirks, caller(headers))
        names = await aside(much, turn_names, request["messages"], scope)
        if not names:
            return Recollection(scope)
        every = [name for each in names.values() for name in each]
        known = dict(zip(every, await self.memory.recall(every), strict=True))
        surest = {index: next(filter(None, map(known.get, each)), None) for index, each in names.items()}
        return Recollection(scope, {index: turn for index, turn in surest.items() if turn})

    async def remember(self, occasion: Occasion | None, blocks: Sequence[ContentBlock]) -> None:
        """Keeps what was thought in an answer, before the client can ask on."""
        if occasion and (turn := memorable(blocks, occasion)):
            await self.memory.remember(*turn)


def caller(headers: Mapping[str, str]) -> str:
    """Who asks, as far as keys tell; the key itself is kept nowhere."""
    return sha256(headers.get("authorization", "").encode()).hexdigest()
