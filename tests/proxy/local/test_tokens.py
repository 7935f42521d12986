"""Token counts add up as Bedrock's do, and a prefix is read after it was written."""

from typing import Any

import pytest

from proxy.local.tokens import MAX_PREFIXES, PromptCache, block_tokens, text_tokens
from tests.proxy.local.requests import TIME, WEATHER, ask, tool_config, user
from tests.samples import PNG

POINT = {"cachePoint": {"type": "default"}}
ANSWER = [{"text": "Hello."}]
LONG = "word " * 200  # 250 tokens


def counts(usage: dict[str, Any]) -> tuple[int, int, int]:
    """Input, read, written; and the sum is checked."""
    read, written = usage.get("cacheReadInputTokens", 0), usage.get("cacheWriteInputTokens", 0)
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"] + read + written
    return usage["inputTokens"], read, written


def test_four_characters_are_a_token_and_an_image_many() -> None:
    assert [text_tokens(text) for text in ("", "a", "abcd", "abcde")] == [0, 1, 1, 2]
    image = {"image": {"format": "png", "source": {"bytes": PNG}}}
    assert block_tokens(image) > 1000
    assert block_tokens({"toolResult": {"toolUseId": "t", "content": [image]}}) > block_tokens(image)


def test_without_a_cache_point_there_are_no_cache_counts() -> None:
    usage = PromptCache().usage("m", ask("abcdefgh"), ANSWER)
    assert usage == {"inputTokens": 2, "outputTokens": 2, "totalTokens": 4, "serverToolUsage": {}}


def test_a_prefix_is_written_once_and_then_read() -> None:
    cache = PromptCache()
    request = ask("Hello", system=[{"text": LONG}, POINT])
    first, second = cache.usage("m", request, ANSWER), cache.usage("m", request, ANSWER)
    assert counts(first) == (2, 0, 250)
    assert counts(second) == (2, 250, 0)
    assert first["cacheDetails"] == [{"inputTokens": 250, "ttl": "5m"}]
    assert "cacheDetails" not in second
    assert second["cacheReadInputTokenCount"] == 250


def test_a_conversation_that_grew_reads_what_its_last_turn_wrote() -> None:
    cache = PromptCache()
    first = [user(LONG, POINT)]
    grown = [user(LONG), {"role": "assistant", "content": [{"text": LONG}]}, user("More?", POINT)]
    assert counts(cache.usage("m", {"messages": first}, ANSWER)) == (0, 0, 250)
    assert counts(cache.usage("m", {"messages": grown}, ANSWER)) == (0, 250, 252)


@pytest.mark.parametrize(
    "other",
    [
        {"model": "n"},
        {"system": [{"text": LONG + "!"}, POINT]},
        {"toolConfig": tool_config(WEATHER)},
    ],
)
def test_another_model_tool_or_word_is_another_prefix(other: dict[str, Any]) -> None:
    cache = PromptCache()
    request = ask("Hello", system=[{"text": LONG}, POINT], toolConfig=tool_config(TIME))
    cache.usage("m", request, ANSWER)
    model = other.pop("model", "m")
    assert counts(cache.usage(model, request | other, ANSWER))[1] in (0, block_tokens({"toolSpec": TIME}))


def test_what_stands_after_the_last_point_is_input() -> None:
    request = ask(
        "Hello", POINT, LONG, system=[{"text": LONG}, {"cachePoint": {"type": "default", "ttl": "1h"}}]
    )
    assert counts(PromptCache().usage("m", request, ANSWER)) == (250, 0, 252)


def test_the_cache_forgets_the_oldest() -> None:
    cache = PromptCache()
    oldest = ask("Hello", system=[{"text": LONG}, POINT])
    cache.usage("m", oldest, ANSWER)
    for number in range(MAX_PREFIXES):
        cache.usage("m", ask("Hello", system=[{"text": str(number)}, POINT]), ANSWER)
    assert counts(cache.usage("m", oldest, ANSWER)) == (2, 0, 250)
