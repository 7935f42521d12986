"""How cost grows: along each axis the input doubles, and the cost may at most double, and 10 % more."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.answers import Wanted
from tests.benchmarks.load import Ask
from tests.benchmarks.measures import Size, cpu, paced
from tests.benchmarks.rig import Rig, Target

KB = 1024
TOLERANCE = 1.1


@dataclass(frozen=True)
class Step:
    """A point of an axis, and what it costs beside the point before it."""

    axis: str
    input: int
    cost: float
    """Milliseconds of CPU."""
    before: "Step | None" = None

    @property
    def ratio(self) -> float | None:
        return self.cost / self.before.cost if self.before else None

    @property
    def too_much(self) -> bool:
        """What grows from nothing has no measure."""
        if not self.before or not self.before.input:
            return False
        return self.cost / self.before.cost > self.input / self.before.input * TOLERANCE


Cost = Callable[[Target, Size, int], Awaitable[float]]


@dataclass(frozen=True)
class Axis:
    name: str
    inputs: Sequence[int]
    cost: Cost
    """Seconds of CPU of one input."""
    passes: int = 5
    """How often a round goes along it."""


async def history(target: Target, size: Size, length: int) -> float:
    return await one_by_one(target, size, target.ask(Wanted(10), history=length))


async def tools(target: Target, size: Size, count: int) -> float:
    return await one_by_one(target, size, target.ask(Wanted(10), tools=count))


async def media(target: Target, size: Size, length: int) -> float:
    return await one_by_one(target, size, target.ask(Wanted(10), image=length))


async def one_by_one(target: Target, size: Size, ask: Ask) -> float:
    requests = size.requests(min(100, max(5, 20_000_000 // len(ask.request))))
    return await cpu(target.server, ask, requests=requests, at_once=1)


async def concurrent_streams(target: Target, size: Size, count: int) -> float:
    """Of a second of them: by what a delta costs, as their number in the window is a matter of luck."""
    a_delta = await paced(target, count=count, pace=200, seconds=size.seconds(3))
    return a_delta * count * 5


AXES = (
    Axis("bytes of history", [KB << step for step in range(13)], history),
    Axis("tools", [0, 6, 12, 25, 50, 100, 200], tools),
    Axis(
        "streams of 5 deltas a second",
        [*(1 << step for step in range(11)), 2000],
        concurrent_streams,
        passes=1,
    ),
    Axis("bytes of an image", [64 * KB << step for step in range(9)], media),
)


async def growth(rig: Rig, size: Size, axes: Sequence[Axis] = AXES) -> AsyncIterator[Step]:
    """Every point of every axis. What counts is the least that it cost, as other work only ever adds to it."""
    for axis in axes:
        with rig.outcrop() as target:
            await axis.cost(target, size, axis.inputs[-1] // 2)
            passes = [
                [await axis.cost(target, size, each) for each in axis.inputs]
                for _ in range(size.rounds * axis.passes)
            ]
        costs = [1e3 * min(seen) for seen in zip(*passes, strict=True)]
        for step in steps(axis, costs):
            yield step


def steps(axis: Axis, costs: Sequence[float]) -> Iterator[Step]:
    before = None
    for each, cost in zip(axis.inputs, costs, strict=True):
        before = Step(axis.name, each, cost, before)
        yield before
