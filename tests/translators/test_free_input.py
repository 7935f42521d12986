"""The text in a custom tool's JSON: the same however the JSON is cut, and nothing lost of what is no such JSON."""

import json
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translators.chat.free_input import FreeInput, free_input

texts = st.text(st.characters(codec="utf-8")) | st.text('"\\u{}dD83a \n')
cuts = st.lists(st.integers(0, 60))


def streamed(answer: str, cuts: list[int]) -> str:
    free = FreeInput()
    edges = sorted({0, len(answer), *(cut for cut in cuts if cut < len(answer))})
    return "".join([free.feed(answer[start:end]) for start, end in pairwise(edges)]) + free.end()


def every_cut(answer: str) -> set[str]:
    """What comes of it cut in two at any place, and cut at every place."""
    return {streamed(answer, [cut]) for cut in range(len(answer))} | {streamed(answer, [*range(len(answer))])}


@given(text=texts, ascii=st.booleans(), space=st.sampled_from(["", " ", "\n  "]), cuts=cuts)
def test_the_text_is_the_same_however_it_is_cut(text: str, ascii: bool, space: str, cuts: list[int]) -> None:
    string = json.dumps(text, ensure_ascii=ascii)
    answer = f'{space}{{{space}"input"{space}:{space}{string}{space}}}{space}'

    assert streamed(answer, cuts) == text
    assert free_input(orjson.loads(answer)) == text


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (r'{"input":"\ud83d\ude00 \u00e9 \\u0041 \/"}', "\U0001f600 \u00e9 \\u0041 /"),
        (r'{"input":"\ud83d"}', "\ufffd"),
        (r'{"input":"\ud83da\ude00"}', "\ufffda\ufffd"),
        ('{"input":"a\nb"}', "a\nb"),  # not JSON, but clear
        ('{"input":"a","file":"b"}', "a"),
        ("{}", ""),
        (" { } ", ""),
        ("", ""),
        ('{"input":"cut of', "cut of"),
        (r'{"input":"cut of\u00', "cut of"),
        ('{"inp', '{"inp'),
        ('{"text":"a"}', '{"text":"a"}'),
        ('{"input":5}', '{"input":5}'),
        ("print()", "print()"),
        (r'{"input":"a\x"}', r'a\x"}'),
    ],
)
def test_what_is_no_such_json_is_not_lost(answer: str, text: str) -> None:
    assert every_cut(answer) == {text} if answer else streamed(answer, []) == text


@pytest.mark.parametrize("input", [{"text": "a"}, {"file": "b", "input": "a"}, {"input": 5}, [1], "a", None])
def test_a_whole_input_of_another_form_is_told_as_json(input: object) -> None:
    assert free_input(input) == orjson.dumps(input).decode()
