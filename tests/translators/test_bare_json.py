"""The JSON object out of an answer: the same however the answer is cut, and nothing of what is around it."""

from itertools import pairwise

import orjson
from hypothesis import given
from hypothesis import strategies as st

from translators.chat.bare_json import BareJSON, bare_json

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(), values, min_size=1, max_size=4)
words = st.text(st.characters(exclude_characters="{", codec="utf-8"))


@given(before=words, value=objects, after=st.text(), cuts=st.lists(st.integers(0, 200)))
def test_the_object_is_found_however_the_answer_is_cut(
    before: str, value: dict[str, object], after: str, cuts: list[int]
) -> None:
    text = orjson.dumps(value).decode()
    answer = before + text + after
    bare = BareJSON()
    edges = sorted({0, len(answer), *(cut for cut in cuts if cut < len(answer))})
    pieces = [answer[start:end] for start, end in pairwise(edges)]

    assert "".join([bare.feed(piece) for piece in pieces]) + bare.end() == text
    assert bare_json(answer) == text


def test_braces_and_quotes_in_strings_are_only_text() -> None:
    text = r'{"a": "} \" {", "b": "\\"}'

    assert bare_json(f"So: {text} or {{}}") == text


def test_braces_in_prose_are_only_prose() -> None:
    assert bare_json('For the set {1,2} it is {} or: { "a": 1}.') == '{ "a": 1}'
    assert bare_json("I cannot fill {name}.") == "I cannot fill {name}."


def test_an_answer_without_an_object_is_left_as_it_is() -> None:
    assert bare_json("I would rather not: [1].") == "I would rather not: [1]."


def test_an_object_that_is_cut_off_is_told_as_far_as_it_goes() -> None:
    assert bare_json('```json\n{"a": [1, 2') == '{"a": [1, 2'
