"""Reasoning written into the text, however it is cut into pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translators.chat.inline_reasoning import InlineReasoning, Said

CASES = [
    ("Hello <thinking>not so</thinking>", "", "Hello <thinking>not so</thinking>"),
    ("<thinking>Hm.</thinking>\n\nYes.", "Hm.", "Yes."),
    (" \n<thinking> a < b </thinking> Yes <b> ", " a < b ", "Yes <b> "),
    ("<thinking>Never closed", "Never closed", ""),
    ("<think", "", "<think"),
    ("<thinker>", "", "<thinker>"),
    ("", "", ""),
    ("  ", "", "  "),
    ("<thinking></thinking>", "", ""),
]


def split(pieces: list[str]) -> Said:
    inline = InlineReasoning("thinking")
    said = [inline.feed(piece) for piece in pieces] + [inline.end()]
    return Said("".join(each.text for each in said), "".join(each.reasoning for each in said))


@pytest.mark.parametrize(("text", "reasoning", "rest"), CASES)
def test_it_is_told_apart(text: str, reasoning: str, rest: str) -> None:
    assert split([text]) == split(list(text)) == Said(rest, reasoning)


@given(st.sampled_from(CASES), st.lists(st.integers(0, 40), max_size=6))
def test_pieces_make_no_difference(case: tuple[str, str, str], cuts: list[int]) -> None:
    text, reasoning, rest = case
    ends = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(ends)]

    assert split(pieces) == Said(rest, reasoning)
