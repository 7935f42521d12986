"""The benchmarks work: with next to nothing to do each scenario gives its figures; how good they are is not asked."""

import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import anyio
import orjson
import pytest

from tests.benchmarks import fake_bedrock
from tests.benchmarks.__main__ import Results
from tests.benchmarks.answers import Wanted, ends, text, wanted
from tests.benchmarks.growth import AXES, Axis, Step, growth, steps
from tests.benchmarks.load import Ask, WrongAnswer, connected
from tests.benchmarks.measures import Size
from tests.benchmarks.processes import OTHERS, Server, running
from tests.benchmarks.rig import Rig, Target, rig
from tests.benchmarks.scenarios import SCENARIOS, Figure
from translators.eventstream import Decoder

TINY = Size(rounds=1, turns=1, share=0.005, scale=0.003)
# What they tell hangs on the clock, which no test asks: on a busy machine it may be nothing, or less.
BY_THE_CLOCK = {"streams", "held", "first-token", "beside", "open"}

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@dataclass(frozen=True)
class Lasting(Rig):
    """Its servers go on from one scenario to the next, as starting them is what takes long."""

    reference: Target
    outcrops: Mapping[int, Target]

    @contextmanager
    def passthrough(self) -> Iterator[Target]:
        yield self.reference

    @contextmanager
    def outcrop(self, workers: int = 1) -> Iterator[Target]:
        yield self.outcrops[workers]


@contextmanager
def lasting() -> Iterator[Lasting]:
    with rig() as fresh, fresh.passthrough() as reference, fresh.outcrop() as one, fresh.outcrop(2) as two:
        yield Lasting(fresh.bedrock, fresh.control, reference, {1: one, 2: two})


@needs_linux
def test_every_scenario_gives_its_figures() -> None:
    with lasting() as rigged:
        measured = {name: anyio.run(figures, name, rigged) for name in SCENARIOS}
        points = anyio.run(grown, rigged)

    for name, each in measured.items():
        assert each, name
        assert all(math.isfinite(figure.outcrop + figure.reference) for figure in each), each
        assert name in BY_THE_CLOCK or all(min(figure.outcrop, figure.reference) > 0 for figure in each), each
    assert [point.input for point in points] == [axis.inputs[0] for axis in AXES]
    told = Results([figure for each in measured.values() for figure in each], points)
    assert len(told.as_table().split("\n| ")) == 4 + len(told.figures) + len(told.growth)
    assert len(orjson.loads(told.as_json())["figures"]) == len(told.figures)


async def figures(name: str, rigged: Rig) -> list[Figure]:
    return [figure async for figure in SCENARIOS[name](rigged, TINY)]


async def grown(rigged: Rig) -> list[Step]:
    first = [Axis(axis.name, axis.inputs[:1], axis.cost, passes=1) for axis in AXES]
    return [step async for step in growth(rigged, TINY, first)]


@needs_linux
def test_a_wrong_answer_is_not_measured() -> None:
    """The fake Bedrock's own stands for one that lost its end."""

    async def ask(bedrock: Server) -> None:
        direct = Rig(bedrock, control=bedrock).direct()
        asked = direct.ask(Wanted(20), stream=True)
        async with connected(direct.server, 1) as [connection]:
            await connection.ask(Ask(asked.request, Wanted(21)))

    with (
        running("tests.benchmarks.fake_bedrock", core=OTHERS) as bedrock,
        pytest.raises(WrongAnswer, match=f"{len(text(20))} of {len(text(21))} characters came"),
    ):
        anyio.run(ask, bedrock)


def test_the_fake_bedrock_speaks_in_frames() -> None:
    chunks = fake_bedrock.stream(30).whole().partition(b"\r\n\r\n")[2]
    frames = Decoder().feed(dechunked(chunks))

    kinds = [frame.headers[":event-type"] for frame in frames]
    said = [orjson.loads(frame.payload)["delta"]["text"] for frame in frames if b'"delta"' in frame.payload]
    assert kinds[0] == "messageStart"
    assert kinds[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    assert "".join(said) == text(30)
    assert len(said) == 30 == len(ends(30))


def dechunked(data: bytes) -> bytes:
    pieces = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        pieces, data = pieces + data[: int(size, 16)], data[int(size, 16) + 2 :]
    return pieces


def test_a_request_says_what_it_wants() -> None:
    want = Wanted(200, pace=20, after=5)

    assert wanted(f"[[deltas=1 pace=1 after=1]] {want} and more".encode()) == want


def test_what_more_than_doubles_is_marked() -> None:
    axis = Axis("bytes", [0, 1, 2, 4, 5], AXES[0].cost)

    marked = [step.too_much for step in steps(axis, [1, 5, 10.9, 24, 33.1])]

    assert marked == [False, False, False, True, True]
