"""Where a cachePoint may stand, and for how long, by what models say of one that may not.

To the model it is a mark on the block before it, so it is that block's place that is told.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from proxy.local.call import Call
from proxy.local.refusals import from_model

Block = Mapping[str, Any]


class Point(NamedTuple):
    ttl: str
    path: str
    """Of the block before it."""


def check(call: Call) -> None:
    """Raise the first Refusal."""
    if call.model.has("tool-cache-points-refused"):
        not_among_tools(call)
    if call.model.has("cache-points-behind-results-refused"):
        not_behind_results(call)
    if call.model.has("long-cache-points-refused"):
        not_for_an_hour(call)
    if call.model.has("long-cache-points-first"):
        long_ones_first(call)


def not_among_tools(call: Call) -> None:
    for number, tool in enumerate(call.tools):
        if tool.get("cachePoint"):
            raise extraneous(f"#/toolConfig/tools/{number}")


def not_behind_results(call: Call) -> None:
    for message in call.messages:
        for before, point in pairwise(message):
            if before.kind == "toolResult" and point.kind == "cachePoint":
                raise extraneous(f"#/messages/{before.message}/content/{before.position}")


def not_for_an_hour(call: Call) -> None:
    for point in points(call):
        if point.ttl == "1h":
            raise from_model(f"{point.path}.cache_control.ttl: Extra inputs are not permitted")


def long_ones_first(call: Call) -> None:
    short = False
    for point in points(call):
        if short and point.ttl == "1h":
            raise from_model(
                f"{point.path}.cache_control.ttl: a ttl='1h' cache_control block must not come after a "
                "ttl='5m' cache_control block. Note that blocks are processed in the following order: "
                "`tools`, `system`, `messages`."
            )
        short = short or point.ttl != "1h"


def points(call: Call) -> Iterator[Point]:
    yield from within(call.tools, "tools")
    yield from within(call.system, "system")
    for number, message in enumerate(call.request["messages"]):
        yield from within(message["content"], f"messages.{number}.content")


def within(blocks: list[Block], path: str) -> Iterator[Point]:
    for number, block in enumerate(blocks):
        if point := block.get("cachePoint"):
            yield Point(point.get("ttl") or "5m", f"{path}.{max(number - 1, 0)}")


def extraneous(place: str) -> Exception:
    return from_model(
        f"Malformed input request: {place}: extraneous key [cachePoint] is not permitted, "
        "please reformat your input and try again."
    )
