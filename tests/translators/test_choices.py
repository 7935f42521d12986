"""Several answers as one: any order of arrival becomes one that clients can read, and nothing is lost."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from translators.chat.choices import Interleaved, one_completion, total
from translators.openai import ChatCompletion, ChatCompletionChunk, Usage

USAGE: Usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


def chunk(index: int, content: str) -> ChatCompletionChunk:
    choice: Any = {"index": index, "delta": {"content": content}, "finish_reason": None, "logprobs": None}
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "usage": None,
        "choices": [choice],
    }


def usage_chunk(usage: Usage) -> ChatCompletionChunk:
    return {**chunk(0, ""), "choices": [], "usage": usage}


def place(chunk: ChatCompletionChunk) -> tuple[int, str]:
    [choice] = chunk["choices"]
    return choice["index"], choice["delta"]["content"]


@given(st.lists(st.integers(0, 4), max_size=40))
def test_any_arrival_leaves_in_an_order_that_clients_can_read(arrival: list[int]) -> None:
    order = Interleaved(5)
    left: list[tuple[int, str]] = []
    for number, choice in enumerate([*arrival, 4, 3, 2, 1, 0]):
        now = order.receive(choice, [chunk(choice, str(number))])
        begun = {index for index, _ in left}
        assert not (choice in begun and len(now) != 1)  # what has begun waits for nobody
        left += map(place, now)

    assert len(left) == len(arrival) + 5
    assert list(dict.fromkeys(index for index, _ in left)) == [0, 1, 2, 3, 4]
    for choice in range(5):
        said = [int(content) for index, content in left if index == choice]
        assert said == sorted(said)


def test_what_came_too_early_is_held() -> None:
    order = Interleaved(3)

    assert order.receive(2, [chunk(2, "c")]) == []
    assert order.receive(1, [chunk(1, "b")]) == []
    assert [order.holds(choice) for choice in range(3)] == [False, True, True]
    assert list(map(place, order.receive(0, [chunk(0, "a")]))) == [(0, "a"), (1, "b"), (2, "c")]
    assert not any(order.holds(choice) for choice in range(3))


def test_usage_is_one_chunk_at_the_end() -> None:
    order = Interleaved(2)
    for choice in (1, 0):
        assert all(left["choices"] for left in order.receive(choice, [chunk(choice, ""), usage_chunk(USAGE)]))

    assert order.end() == [
        usage_chunk({"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14}),
    ]


def test_usage_that_nobody_told_is_not_made_up() -> None:
    order = Interleaved(1)
    order.receive(0, [chunk(0, "")])

    assert order.end() == []


def test_details_are_counted_too() -> None:
    cached: Usage = {**USAGE, "prompt_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 1}}

    assert total([cached, USAGE, cached]) == {
        "prompt_tokens": 15,
        "completion_tokens": 6,
        "total_tokens": 21,
        "prompt_tokens_details": {"cached_tokens": 6, "cache_write_tokens": 2},
    }


def completion(content: str) -> ChatCompletion:
    message: Any = {"role": "assistant", "content": content, "refusal": None}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": USAGE,
    }


def test_completions_become_one_with_numbered_choices() -> None:
    one = one_completion([completion("a"), completion("b")])

    assert [(choice["index"], choice["message"]["content"]) for choice in one["choices"]] == [
        (0, "a"),
        (1, "b"),
    ]
    assert one["usage"]["total_tokens"] == 14
    assert one_completion([completion("a")]) == completion("a")
