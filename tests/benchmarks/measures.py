"""Single measurements of one server: each warms it up first, and gives the figures that its scenario names."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise

from tests.benchmarks.answers import Wanted
from tests.benchmarks.load import Ask, Connection, WrongAnswer, closed_loop, connected
from tests.benchmarks.processes import Server
from tests.benchmarks.rig import Target
from tests.benchmarks.streams import begun, streams, window

# When a stream counts as held: deltas come as evenly as a reader could wish.
MOST_LATE = 0.050  # seconds, of 99 in 100 deltas
LEAST_DELTAS = 0.95  # of those that were due

ENDLESS = 4000  # deltas, of a stream that is hung up on


@dataclass(frozen=True)
class Size:
    """How much is done: all of it, or less where a rough figure is enough."""

    rounds: int = 3
    """Each with servers of its own."""
    turns: int = 5
    """Of each server in a round, where it need not be fresh."""
    share: float = 1.0
    """Of the requests and the seconds."""
    scale: float = 1.0
    """Of what the figures are about, bytes and streams: less proves only that it works."""

    def requests(self, full: int) -> int:
        return max(5, round(full * self.share))

    def seconds(self, full: float) -> float:
        return full * self.share

    def scaled(self, full: int, least: int = 1) -> int:
        return max(least, round(full * self.scale))


async def cpu(server: Server, ask: Ask, *, requests: int, at_once: int) -> float:
    """Seconds of CPU a request."""
    async with connected(server, at_once) as connections:
        await closed_loop(connections, ask, max(at_once, requests // 5))
        before = server.cpu()
        await closed_loop(connections, ask, requests)
        return (server.cpu() - before) / requests


async def paced(target: Target, *, count: int, pace: int, seconds: float) -> float:
    """Seconds of CPU a delta, of so many streams with so many milliseconds between deltas."""
    ask = target.ask(Wanted(ENDLESS, pace), stream=True)
    async with streams(target.server, ask, count, over=count * 0.002) as connections:
        seen = await window(target.server, connections, seconds)
    return seen.cpu / max(seen.deltas, 1)


async def holds(target: Target, count: int, *, pace: int, seconds: float) -> bool:
    """Whether so many streams come as they should."""
    ask = target.ask(Wanted(ENDLESS, pace), stream=True)
    try:
        async with streams(target.server, ask, count, over=min(1.0, count * 0.01)) as connections:
            seen = await window(target.server, connections, seconds)
    except (TimeoutError, WrongAnswer):
        return False
    due = count * seconds * 1000 / pace
    return seen.deltas >= LEAST_DELTAS * due and percentile(seen.late, 99) < MOST_LATE


async def most_held(target: Target, *, first: int, limit: int, pace: int, seconds: float) -> int:
    """Doubles until it is too many, then halves the step; to one part in ten."""
    held, over = 0, first
    while over <= limit and await holds(target, over, pace=pace, seconds=seconds):
        held, over = over, over * 2
    while over - held > max(1, held // 10) and over <= limit:
        middle = (held + over) // 2
        if await holds(target, middle, pace=pace, seconds=seconds):
            held = middle
        else:
            over = middle
    return held


async def first_tokens(targets: Sequence[Target], wanted: Wanted, *, times: int) -> list[float]:
    """Seconds from request to first text of each target, one connection each, taking turns."""
    asks = [target.ask(wanted, stream=True) for target in targets]
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(connected(target.server, 1)) for target in targets]
        waited = [
            [await first_token(connection, ask) for [connection], ask in zip(opened, asks, strict=True)]
            for _ in range(times)
        ]
    return [statistics.median(seen) for seen in zip(*waited[times // 10 :], strict=True)]


async def first_token(connection: Connection, ask: Ask) -> float:
    answer = await connection.ask(ask)
    return answer.arrivals[0] - answer.asked


async def start(target: Target) -> float:
    """Seconds from the start of the process to the end of its first answer."""
    async with connected(target.server, 1) as [connection]:
        await connection.ask(target.ask(Wanted(60)))
        return time.monotonic() - target.server.born


async def memory_of_streams(target: Target, count: int, *, seconds: float, **content: int) -> float:
    """MB a stream, of streams that are open and slow; `content` is what `bodies.chat` puts into requests."""
    ask = target.ask(Wanted(ENDLESS, 400), stream=True, **content)
    await cpu(target.server, target.ask(Wanted(60), stream=True, **content), requests=20, at_once=4)
    before = target.server.memory()
    async with streams(target.server, ask, count, over=count * 0.004):
        await asyncio.sleep(seconds)
        return (target.server.memory() - before) / count


async def longest_gap(target: Target, ask: Ask, *, times: int) -> float:
    """Seconds that a stream of 200 deltas a second waits for one at most, while another asks this; the median."""
    stream = target.ask(Wanted(ENDLESS, 5), stream=True)
    longest = []
    async with streams(target.server, stream, 1, over=0) as [reader], connected(target.server, 1) as [other]:
        await other.ask(ask)
        for _ in range(times):
            seen = len(reader.answer.arrivals)
            await other.ask(ask)
            await begun(reader, after=seen)
            arrivals = reader.answer.arrivals[seen - 1 :]
            longest.append(max(later - earlier for earlier, later in pairwise(arrivals)))
    return statistics.median(longest)


def percentile(values: Sequence[float], hundredths: int) -> float:
    return sorted(values)[min(len(values) * hundredths // 100, len(values) - 1)]
