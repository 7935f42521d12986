"""Several answers to one request (`n`), as one: a completion of all choices, or their chunks in one stream.

    choice 0    role  content          content  finish
    choice 1          role  content  finish
                                                        usage of both

A choice may begin once the one before it has: openai-python's stream helper keeps the choices in a
list in the order in which they came. After that nothing waits for another choice.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from translators.openai import ChatCompletion, ChatCompletionChunk, Usage


def one_completion(completions: Sequence[ChatCompletion]) -> ChatCompletion:
    """Each brings one choice; they are numbered in this order."""
    if len(completions) == 1:
        return completions[0]
    return {
        **completions[0],
        "choices": [{**each["choices"][0], "index": index} for index, each in enumerate(completions)],
        "usage": total(each["usage"] for each in completions),
    }


def total(usages: Iterable[Usage]) -> Usage:
    """Every count of every answer, because AWS bills the prompt once for each.

    >>> one: Usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    >>> total([one, {**one, "prompt_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 0}}])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'prompt_tokens': 10, 'completion_tokens': 4, 'total_tokens': 14,
     'prompt_tokens_details': {'cached_tokens': 3, 'cache_write_tokens': 0}}
    """
    counts: Mapping[str, Any] = {}
    for usage in usages:
        counts = added(counts, usage)
    return cast(Usage, counts)


def added(some: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Counts by name, some of which hold counts by name themselves."""
    sums = dict(some)
    for name, count in more.items():
        nested = isinstance(count, Mapping)
        sums[name] = added(some.get(name, {}), count) if nested else some.get(name, 0) + count
    return sums


class Interleaved:
    """The chunks of several streams, in an order in which clients can read them."""

    def __init__(self, choices: int) -> None:
        self._held: list[list[ChatCompletionChunk]] = [[] for _ in range(choices)]
        self._begun = 0  # so many choices have chunks that have left
        self._usage: list[ChatCompletionChunk] = []

    def receive(self, choice: int, chunks: Sequence[ChatCompletionChunk]) -> list[ChatCompletionChunk]:
        """The chunks that may leave, now that these have come."""
        told = [self._counted(chunk) for chunk in chunks if chunk["choices"]]
        self._usage += [chunk for chunk in chunks if not chunk["choices"]]
        if choice < self._begun:
            return told
        self._held[choice] += told
        ready: list[ChatCompletionChunk] = []
        while self._begun < len(self._held) and (next_ := self._held[self._begun]):
            self._held[self._begun] = []
            self._begun += 1
            ready += next_
        return ready

    def _counted(self, chunk: ChatCompletionChunk) -> ChatCompletionChunk:
        """What says something of its choice may bring the choice's usage too: that is for the end."""
        if not chunk.get("usage"):
            return chunk
        self._usage.append({**chunk, "choices": []})
        return {**chunk, "usage": None}

    def holds(self, choice: int) -> bool:
        """Whether it has begun too early: then there is no hurry to read on."""
        return bool(self._held[choice])

    def end(self) -> list[ChatCompletionChunk]:
        """The chunk of usage, where the streams had one; call when all of them have ended."""
        usages = [usage for chunk in self._usage if (usage := chunk["usage"])]
        return [{**self._usage[0], "usage": total(usages)}] if usages else []
