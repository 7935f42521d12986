"""The memory as requests use it: asked before a plan is made, told after an answer."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from proxy.continuity import Memory
from proxy.threads import aside
from translators.chat import Plan
from translators.chat.recollection import NO_RECOLLECTION, Recollection, may_think, memorable, wanted
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
        scope, names = await aside(much, wanted, request["messages"], quirks, caller(headers))
        if not names:
            return Recollection(scope)
        values = await self.memory.recall(names)
        return Recollection(
            scope, {name: value for name, value in zip(names, values, strict=True) if value is not None}
        )

    async def remember(self, asked: Plan, blocks: Sequence[ContentBlock]) -> None:
        """Keeps what was thought in an answer, before the client can ask on."""
        scope, messages = asked.options.recollection.scope, asked.request["messages"]
        if not asked.way_back.remembered or not scope:
            return
        if turn := memorable(blocks, scope, messages):
            await self.memory.remember(*turn)


def caller(headers: Mapping[str, str]) -> str:
    """Who asks, as far as keys tell; the key itself is kept nowhere."""
    return sha256(headers.get("authorization", "").encode()).hexdigest()
