"""The clock is compared with AWS's by the Date of its answers."""

import time
from email.utils import formatdate

import pytest

from proxy.doctor.checks import Check
from proxy.doctor.network import Reached, clock_check, skew

HERE = Check(name="control plane", state="ok", words="")


def test_the_date_of_an_answer_tells() -> None:
    ahead = skew(formatdate(time.time() - 1000, usegmt=True))

    assert ahead is not None
    assert 999 < ahead < 1100
    assert skew("") is None
    assert skew("yesterday") is None


@pytest.mark.parametrize(
    ("skews", "state", "words"),
    [
        ([0.4, 1.0], "ok", "As AWS's."),
        ([-20.0], "ok", "20 s behind AWS's."),
        ([90.0, None], "warning", "90 s ahead of AWS's."),
        ([-400.0], "failed", "400 s behind AWS's."),
        ([None, None], "skipped", "Nobody answered"),
    ],
)
def test_the_clock(skews: list[float | None], state: str, words: str) -> None:
    check = clock_check(*(Reached(HERE, skew) for skew in skews))

    assert (check.state, check.words.startswith(words)) == (state, True)
