"""Work on large bodies is done aside, so that no stream waits for it; small work where it is asked for."""

import asyncio
import threading

import pytest

from proxy.threads import LARGE, aside


@pytest.mark.parametrize(("size", "here"), [(0, True), (LARGE, True), (LARGE + 1, False)])
def test_only_large_work_leaves_the_loop(size: int, here: bool) -> None:
    assert (asyncio.run(aside(size, threading.get_ident)) == threading.get_ident()) is here


def test_what_work_raises_is_raised_wherever_it_is_done() -> None:
    for size in (0, LARGE + 1):
        with pytest.raises(ValueError, match="invalid literal"):
            asyncio.run(aside(size, int, "x"))
