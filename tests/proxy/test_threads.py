"""Work on large bodies is done aside, so that no stream waits for it; small work where it is asked for."""

import asyncio
import threading

import pytest

from proxy.threads import aside


@pytest.mark.parametrize("much", [False, True])
def test_only_work_that_is_much_leaves_the_loop(much: bool) -> None:
    assert (asyncio.run(aside(much, threading.get_ident)) != threading.get_ident()) is much


def test_what_work_raises_is_raised_wherever_it_is_done() -> None:
    for much in (False, True):
        with pytest.raises(ValueError, match="invalid literal"):
            asyncio.run(aside(much, int, "x"))
