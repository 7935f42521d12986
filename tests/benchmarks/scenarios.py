"""The scenarios: Outcrop and what it is compared with are measured in turns, side by side, on servers just started.

CPU time is the main figure: other work on the machine moves it little, and both alike where the turns are short.
What is told is the median of all turns of all rounds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from statistics import median

from tests.benchmarks.answers import Wanted
from tests.benchmarks.load import closed_loop, connected
from tests.benchmarks.measures import (
    Size,
    cpu,
    first_tokens,
    longest_gap,
    memory_of_streams,
    most_held,
    paced,
    start,
)
from tests.benchmarks.rig import Rig, Target


@dataclass(frozen=True)
class Figure:
    what: str
    unit: str
    outcrop: float
    reference: float
    against: str = "pass-through"

    @property
    def ratio(self) -> float | None:
        return self.outcrop / self.reference if self.reference > 0 else None


Scenario = Callable[[Rig, Size], AsyncIterator[Figure]]
Measure = Callable[[Target], Awaitable[Sequence[float]]]
Started = AbstractContextManager[Target]


async def chat(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    async def measure(target: Target) -> Sequence[float]:
        ask = target.ask(Wanted(60))
        return [1e6 * await cpu(target.server, ask, requests=size.requests(800), at_once=16)]

    [(outcrop, reference)] = await compared(rig, size, measure, turns=size.turns)
    yield Figure("small chat", "us CPU a request", outcrop, reference)


async def stream(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    deltas = 200

    async def measure(target: Target) -> Sequence[float]:
        ask = target.ask(Wanted(deltas), stream=True)
        used = await cpu(target.server, ask, requests=size.requests(300), at_once=16)
        return [1e6 * used / deltas]

    [(outcrop, reference)] = await compared(rig, size, measure, turns=size.turns)
    yield Figure("stream as fast as it goes", "us CPU a delta", outcrop, reference)


async def streams(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    count = size.scaled(100)

    async def measure(target: Target) -> Sequence[float]:
        return [1e6 * await paced(target, count=count, pace=20, seconds=size.seconds(2))]

    [(outcrop, reference)] = await compared(rig, size, measure, turns=size.turns)
    yield Figure(f"{count} streams of 50 deltas a second", "us CPU a delta", outcrop, reference)


async def held(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    async def measure(target: Target) -> Sequence[float]:
        first, limit = size.scaled(100), size.scaled(3200)
        return [await most_held(target, first=first, limit=limit, pace=20, seconds=size.seconds(4))]

    [(outcrop, reference)] = await compared(rig, replace(size, rounds=1), measure)
    yield Figure("streams held, of 50 deltas a second", "streams", outcrop, reference)


async def first_token(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    with rig.passthrough() as passthrough, rig.outcrop() as outcrop:
        targets = (rig.direct(), passthrough, outcrop)
        waited = await first_tokens(targets, Wanted(20, pace=2, after=5), times=size.requests(300))
    direct, reference, ours = (1e3 * each for each in waited)
    yield Figure("first token, at rest", "ms later than without proxy", ours - direct, reference - direct)


async def history(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    async def measure(target: Target) -> Sequence[float]:
        ask = target.ask(Wanted(60), history=size.scaled(150_000), tools=size.scaled(40))
        return [1e3 * await cpu(target.server, ask, requests=size.requests(120), at_once=4)]

    [(outcrop, reference)] = await compared(rig, size, measure, turns=size.turns)
    yield Figure("150 KB of history, 40 tools", "ms CPU a request", outcrop, reference)


async def image(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    async def measure(target: Target) -> Sequence[float]:
        ask = target.ask(Wanted(60), image=size.scaled(4 * 1024 * 1024))
        used = await cpu(target.server, ask, requests=size.requests(60), at_once=4)
        return 1e3 * used, target.server.peak_memory()

    a_request, memory = await compared(rig, size, measure)
    yield Figure("image of 4 MB", "ms CPU a request", *a_request)
    yield Figure("image of 4 MB, 4 at once", "MB at most", *memory)


async def beside(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    async def measure(target: Target) -> Sequence[float]:
        megabyte = size.scaled(1024 * 1024)
        asks = [
            target.ask(Wanted(10), image=image * megabyte, history=history * megabyte, text=text * megabyte)
            for image, history, text in BESIDE.values()
        ]
        return [1e3 * await longest_gap(target, ask, times=size.requests(10)) for ask in asks]

    gaps = await compared(rig, size, measure)
    for what, gap in zip(BESIDE, gaps, strict=True):
        yield Figure(f"a stream beside {what}", "ms without a delta", *gap)


# What passes while another's stream goes on: MB of an image, of history and of text.
BESIDE = {
    "an image of 4 MB": (4, 0, 0),
    "an image of 20 MB": (20, 0, 0),
    "a history of 3 MB": (0, 3, 0),
    "a history of 12 MB": (0, 12, 0),
    "a text of 12 MB": (0, 0, 12),
}


async def starting(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    async def measure(target: Target) -> Sequence[float]:
        seconds = await start(target)
        await asyncio.sleep(size.seconds(2))
        return seconds, target.server.memory()

    # One after the other: the clock of the one must not run while the other starts.
    [outcrop] = await in_turns(size, measure, [rig.outcrop], 1)
    [reference] = await in_turns(size, measure, [rig.passthrough], 1)
    yield Figure("start to first answer", "s", outcrop[0], reference[0])
    yield Figure("idle", "MB", outcrop[1], reference[1])


async def open_streams(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    count, few = size.scaled(500), size.scaled(50)
    history = size.scaled(1024 * 1024)

    async def measure(target: Target) -> Sequence[float]:
        many = await memory_of_streams(target, count, seconds=size.seconds(2))
        long = await memory_of_streams(target, few, seconds=size.seconds(2), history=history)
        return 1024 * many, 1024 * long

    many, long = await compared(rig, size, measure)
    yield Figure(f"{count} open streams", "KB a stream", *many)
    yield Figure(f"{few} open streams after 1 MB of history", "KB a stream", *long)


async def workers(rig: Rig, size: Size) -> AsyncIterator[Figure]:
    async def measure(target: Target) -> Sequence[float]:
        shares = await shared(target, connections=64)
        ask = target.ask(Wanted(60))
        used = await cpu(target.server, ask, requests=size.requests(800), at_once=16 * len(shares))
        return 1e6 * used, 100 * max(shares) / sum(shares)

    two, one = await in_turns(size, measure, [lambda: rig.outcrop(workers=2), rig.outcrop], size.turns)
    yield Figure("small chat, two workers of 16 each", "us CPU a request", two[0], one[0], "one of 16")
    yield Figure("two workers: the busier one's part", "% of connections", two[1], 50, "even")


async def shared(target: Target, connections: int) -> list[int]:
    """How many of the connections each process has that has any."""
    async with connected(target.server, connections) as opened:
        await closed_loop(opened, target.ask(Wanted(1)), connections * 4)
        return [held for held in target.server.clients() if held]


async def compared(rig: Rig, size: Size, measure: Measure, *, turns: int = 1) -> list[tuple[float, float]]:
    """Each figure of the measure: Outcrop's and the pass-through's."""
    outcrop, reference = await in_turns(size, measure, [rig.outcrop, rig.passthrough], turns)
    return list(zip(outcrop, reference, strict=True))


async def in_turns(
    size: Size, measure: Measure, servers: Sequence[Callable[[], Started]], turns: int
) -> list[list[float]]:
    """The medians of the measure's figures, of each server."""
    rows: list[list[Sequence[float]]] = []
    for _ in range(size.rounds):
        with ExitStack() as stack:
            targets = [stack.enter_context(server()) for server in servers]
            rows += [[await measure(target) for target in targets] for _ in range(turns)]
    return [[median(values) for values in zip(*each, strict=True)] for each in zip(*rows, strict=True)]


SCENARIOS: dict[str, Scenario] = {
    "chat": chat,
    "stream": stream,
    "streams": streams,
    "held": held,
    "first-token": first_token,
    "history": history,
    "image": image,
    "beside": beside,
    "start": starting,
    "open": open_streams,
    "workers": workers,
}
