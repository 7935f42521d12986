"""Aliases: legal, one for each name, and never another's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translators.chat.names import CALL_ID, TOOL_NAME, aliases

NAMES = st.lists(st.text(max_size=130) | st.text("ab._/", max_size=3), max_size=20)


@pytest.mark.parametrize("characters", [TOOL_NAME, CALL_ID])
@given(names=NAMES)
def test_no_two_names_become_one(characters: str, names: list[str]) -> None:
    made = aliases(names, characters)
    sent = [made.get(name, name) for name in dict.fromkeys(names)]

    assert len(set(sent)) == len(sent)
    assert all(re.fullmatch(f"[{characters}]{{1,64}}", name) for name in sent)
    assert not [name for name in made if re.fullmatch(f"[{characters}]{{1,64}}", name)]


def test_an_alias_avoids_even_the_name_that_it_would_fall_back_to() -> None:
    (second,) = set(aliases(["a.b", "a_b"], TOOL_NAME).values())
    made = aliases(["a.b", "a_b", second], TOOL_NAME)

    assert made.keys() == {"a.b"}
    assert made["a.b"] not in ("a_b", second)


def test_the_plain_alias_is_the_first_name_s() -> None:
    made = aliases(["a.b", "a/b"], TOOL_NAME)

    assert made["a.b"] == "a_b"
    assert re.fullmatch("a_b_[0-9a-f]{8}", made["a/b"])


def test_the_end_of_a_long_name_is_kept() -> None:
    (alias,) = aliases(["mcp__" + "server_" * 16 + "__search"], TOOL_NAME).values()

    assert len(alias) == 64
    assert alias[:-9].endswith("__search")
