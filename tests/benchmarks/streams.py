"""Many streams held open at once: what they cost for a while, and how late their deltas come."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.benchmarks.load import Answer, Ask, Connection, connected
from tests.benchmarks.processes import Server


@dataclass(frozen=True)
class Window:
    """What happened while one looked."""

    cpu: float
    """Seconds."""
    deltas: int
    late: Sequence[float]
    """Seconds, of each delta, after the best time that its own stream has shown to be possible."""


@asynccontextmanager
async def streams(server: Server, ask: Ask, count: int, *, over: float) -> AsyncIterator[list[Connection]]:
    """So many streams, started one after the other in so many seconds; hung up on at the end of the block.

    Raises WrongAnswer where one of them held anything wrong.
    """
    async with connected(server, count) as connections:
        for number, connection in enumerate(connections):
            connection.ask(ask)
            if number % 10 == 9:
                await asyncio.sleep(over / count * 10)
        await asyncio.wait_for(asyncio.gather(*(begun(each) for each in connections)), timeout=30)
        yield connections


async def begun(connection: Connection, *, after: int = 0) -> None:
    """Returns with the first delta, or the first after so many."""
    while len(connection.answer.arrivals) <= after:
        if connection.answered.done():
            connection.answered.result()
        await asyncio.sleep(0.005)


async def window(server: Server, connections: Sequence[Connection], seconds: float) -> Window:
    """Raises WrongAnswer where a stream fails or ends in it."""
    before = [len(each.answer.arrivals) for each in connections]
    cpu = server.cpu()
    await asyncio.sleep(seconds)
    cpu = server.cpu() - cpu
    late: list[float] = []
    for connection, seen in zip(connections, before, strict=True):
        if connection.answered.done():
            connection.answered.result()
        late += lateness(connection.answer, connection.wanted.pace / 1000)[seen:]
    return Window(cpu, len(late), late)


def lateness(answer: Answer, pace: float) -> list[float]:
    behind = [arrival - number * pace for number, arrival in enumerate(answer.arrivals)]
    return [each - min(behind) for each in behind] if behind else []
