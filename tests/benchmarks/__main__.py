"""python -m tests.benchmarks: what Outcrop costs on this machine, beside a pass-through in the same run."""

import argparse
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import orjson
import uvloop

from tests.benchmarks import table
from tests.benchmarks.growth import Step, growth
from tests.benchmarks.measures import Size
from tests.benchmarks.processes import OTHERS
from tests.benchmarks.rig import rig
from tests.benchmarks.scenarios import SCENARIOS, Figure

GROWTH = "growth"


@dataclass
class Results:
    figures: list[Figure] = field(default_factory=list)
    growth: list[Step] = field(default_factory=list)

    def as_table(self) -> str:
        parts = (
            table.figures(self.figures) if self.figures else "",
            table.growth(self.growth) if self.growth else "",
        )
        return "\n".join(filter(None, parts))

    def as_json(self) -> bytes:
        told = {
            "figures": [{**asdict(each), "ratio": each.ratio} for each in self.figures],
            "growth": [step(each) for each in self.growth],
        }
        return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def step(each: Step) -> dict[str, object]:
    told = {"axis": each.axis, "input": each.input, "cost": each.cost}
    return {**told, "ratio": each.ratio, "too_much": each.too_much}


def parser() -> argparse.ArgumentParser:
    known = [*SCENARIOS, GROWTH]
    one = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    one.add_argument(
        "scenario",
        nargs="*",
        metavar="SCENARIO",
        choices=[[], *known],
        help=f"all, or some of {', '.join(known)}",
    )
    one.add_argument("--quick", action="store_true", help="a fifth of the work, in one round: rough figures")
    one.add_argument("--rounds", type=int, metavar="N", help="how often each is measured (3)")
    one.add_argument("--json", type=Path, metavar="FILE", help="the figures for programs, too")
    return one


async def measure(names: Sequence[str], size: Size) -> Results:
    results = Results()
    with rig() as rigged:
        for name, scenario in SCENARIOS.items():
            if name in names:
                print(name, file=sys.stderr)
                async for figure in scenario(rigged, size):
                    results.figures.append(figure)
        if GROWTH in names:
            print(GROWTH, file=sys.stderr)
            async for each in growth(rigged, size):
                results.growth.append(each)
    return results


def main() -> None:
    if sys.platform != "linux":
        sys.exit("CPU time and memory of other processes are read as Linux tells them.")
    given = parser().parse_args()
    size = Size(rounds=1, share=0.2) if given.quick else Size()
    size = replace(size, rounds=given.rounds or size.rounds)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each stream is two connections of Outcrop's
    os.sched_setaffinity(0, {OTHERS})
    results = uvloop.run(measure(given.scenario or [*SCENARIOS, GROWTH], size))
    print(results.as_table())
    if given.json:
        given.json.write_bytes(results.as_json())


if __name__ == "__main__":
    main()
