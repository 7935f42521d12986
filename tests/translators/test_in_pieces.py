"""Requests in pieces: what is read and written is what one call reads and writes, and no call is for much."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Story
from tests.plans import converse
from tests.translators.conversations import messages
from translators.chat import plan
from translators.chat.cuts import NO_CUTS, Cuts, Pieces
from translators.chat.reading import PIECE, read
from translators.chat.writing import written
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

KEY = "0a1b2c"
CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"

pieces = st.sampled_from([8, 13, 64, 200])
# What is hard to part: escapes, halves of pairs, characters of many bytes, and what looks like JSON.
words = st.lists(
    st.sampled_from(
        ["word ", '"', "\\", "\\u00e9", "é", "漢字", "🦊", "\n", ',{"role":"user"', "(", KEY, f"({KEY} 0"]
    )
).map("".join)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | words
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)


def spelt(value: Any, way: str) -> bytes:
    match way:
        case "compact":
            return orjson.dumps(value)
        case "escaped":
            return json.dumps(value).encode()
        case _:
            return json.dumps(value, ensure_ascii=False, indent=1).encode()


ways = st.sampled_from(["compact", "escaped", "indented"])


@given(messages(min_size=1), ways, pieces)
def test_any_messages_are_read_the_same(history: list[Any], way: str, piece: int) -> None:
    body = spelt({"model": CLAUDE, "messages": history, "tools": history}, way)

    assert exact(read(body, KEY, piece=piece)) == exact(orjson.loads(body))


@given(values, ways, pieces)
def test_any_json_is_read_the_same(value: Any, way: str, piece: int) -> None:
    body = spelt(value, way)

    assert exact(read(body, KEY, piece=piece)) == exact(orjson.loads(body))
    assert exact(read(bytearray(body), KEY, piece=piece)) == exact(orjson.loads(body))


@given(values, st.data(), pieces)
def test_what_is_no_json_is_refused_in_the_same_words(value: Any, data: Any, piece: int) -> None:
    body = orjson.dumps({"messages": [value] * 3})
    place = data.draw(st.integers(0, len(body)))
    garbled = (
        body[:place]
        + data.draw(st.sampled_from([b'"', b"\\", b"\xff", b"", b",", b"]", b"\n"]))
        + body[place + 1 :]
    )

    assert outcome(lambda: read(garbled, KEY, piece=piece)) == outcome(lambda: orjson.loads(garbled))


def exact(value: Any) -> str:
    """Tells 1 from 1.0 and from true, and one order of keys from another."""
    return repr(value)


def outcome(reads: Any) -> str:
    return refusal(reads) or exact(reads())


def refusal(reads: Any) -> str:
    try:
        reads()
    except orjson.JSONDecodeError as error:
        return str(error)
    return ""


@given(messages(min_size=1), pieces)
def test_any_messages_are_written_the_same(history: list[Any], piece: int) -> None:
    request = converse(plan(conform({"model": CLAUDE, "messages": history}, ChatCompletionRequest)))
    if any(len(str(number)) > 18 for number in numbers(request)):
        return  # not orjson's to write

    assert b"".join(in_pieces(request, piece)) == orjson.dumps(request)


def numbers(value: Any) -> Iterator[int]:
    match value:
        case int():
            yield value
        case dict() | list():
            for each in value.values() if isinstance(value, dict) else value:
                yield from numbers(each)


def in_pieces(request: Any, piece: int) -> Pieces:
    return written(request, 10**9, "tools", piece=piece)


def test_stories_are_written_the_same(story: Story) -> None:
    if story.has("2_converse.json"):
        request = story.read("2_converse.json")
        assert b"".join(in_pieces(request, 20)) == orjson.dumps(request)


@pytest.mark.parametrize("depth", [1019, 1020, 1021, 1022, 1023])
def test_it_is_read_as_deep_as_in_one_call(depth: int) -> None:
    """orjson's limit is a level deeper or not by what is around."""
    deep = b"[" * depth + b"]" * depth
    message = b'{"role":"user","content":"%s","z":%s}' % (b"word " * 50, deep)
    body = b'{"messages":[%s]}' % b",".join([message] * 20)

    assert refusal(lambda: read(body, KEY, piece=500)) == refusal(lambda: orjson.loads(body))


@pytest.mark.parametrize("depth", range(240, 256))
def test_it_is_written_as_deep_as_in_one_call(depth: int) -> None:
    deep: Any = 1
    for _ in range(depth):
        deep = [deep]
    blocks = {
        "content": [{"toolUse": {"toolUseId": "1", "name": "f", "input": {"a": deep}}}],
        "members": [{"toolResult": {"toolUseId": "1", "content": [{"json": deep}, {"text": "word " * 50}]}}],
    }
    for content in blocks.values():
        request: Any = {"messages": [{"role": "user", "content": content}] * 3, "toolConfig": {"a": deep}}
        for chosen in ({"messages": request["messages"]}, {"toolConfig": request["toolConfig"]}):
            assert written_or_refused(chosen, piece=100) == written_or_refused(chosen, piece=10**9)


def written_or_refused(request: Any, piece: int) -> bytes | str:
    try:
        return b"".join(written(request, 10**9, "tools", piece=piece))
    except BadRequestError as error:
        return error.message


@pytest.mark.parametrize(
    "own", [None, 1, True, [], "text", {"text": None}, {"content": 1}, {"toolResult": {}}]
)
def test_the_clients_own_json_may_look_like_bedrocks(own: Any) -> None:
    fields = {"text": own, "content": own, "toolResult": own, "messages": own}
    request = {"messages": [{"role": "user", "content": [{"text": "word " * 100}]}], "additional": fields}

    assert b"".join(in_pieces(request, 20)) == orjson.dumps(request)


def test_a_stand_in_is_not_parted() -> None:
    stand_in = f"(cut {KEY} 0 123)"
    cuts = Cuts(KEY, {stand_in: memoryview(b"AAAA")}, 0)
    request: Any = {"messages": [{"role": "user", "content": [{"text": f"word {stand_in} " * 5000}]}]}

    def sent(whole: str) -> bytes:
        return b"".join(cuts.pasted(written(request, 10**9, "tools", whole=whole, piece=20_000)))

    assert sent(KEY).count(b"AAAA") == 5000
    assert sent("").count(b"AAAA") < 5000, "else this shows nothing"


# How much one call is for


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def call(id: str, arguments: str) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}}


LONG = 12 * PIECE
TEXTS = {
    "words": "It was a dark and stormy night. " * (LONG // 32),
    "code": 'print("\\"Hello\\"")\n' * (LONG // 16),
    "characters of many bytes": "夜は暗く🦊、" * (LONG // 16),
    "nothing but escapes": "\n\t" * (LONG // 2),
}
LARGE = {
    **{f"a text of {name}": [user(text)] for name, text in TEXTS.items()},
    "a part": [user([{"type": "text", "text": TEXTS["words"]}])],
    "a system prompt": [{"role": "system", "content": TEXTS["words"]}, user("Hi")],
    "a tool's result": [
        user("Hi"),
        {"role": "assistant", "tool_calls": [call("1", "")]},
        {"role": "tool", "tool_call_id": "1", "content": TEXTS["code"]},
    ],
    "many calls": [
        user("Hi"),
        *[
            turn
            for number in range(120)
            for turn in (
                {
                    "role": "assistant",
                    "tool_calls": [call(str(number), json.dumps({"file": "word " * 20_000}))],
                },
                {"role": "tool", "tool_call_id": str(number), "content": "Done."},
            )
        ],
    ],
    "many messages": [user("word " * 200), {"role": "assistant", "content": "Yes."}] * (LONG // 1100)
    + [user("Hi")],
    "a text among many messages": [user("word " * 200)] * (LONG // 2200) + [user(TEXTS["code"])],
    "content before role": [{"content": "word " * 200, "role": "user"}] * (LONG // 1100),
}


@pytest.mark.parametrize("way", ["compact", "escaped", "indented"])
@pytest.mark.parametrize("history", LARGE.values(), ids=LARGE)
def test_no_call_is_for_more_than_a_few_pieces(
    history: list[Any], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def loads(data: bytes) -> Any:
        calls.append(len(data))
        return orjson.loads(data)

    def dumps(value: object) -> bytes:
        data = orjson.dumps(value)
        calls.append(len(data))
        return data

    seen = SimpleNamespace(**{**vars(orjson), "loads": loads, "dumps": dumps})
    monkeypatch.setattr("translators.chat.reading.orjson", seen)
    monkeypatch.setattr("translators.chat.json_text.orjson", seen)
    tools = [{"type": "function", "function": {"name": "f"}}]
    body = spelt({"model": CLAUDE, "messages": history, "tools": tools}, way)

    request = conform(read(body, KEY), ChatCompletionRequest)
    asked = plan(request, cuts=NO_CUTS._replace(key=KEY, left=len(body)))

    assert max(calls) < 4 * PIECE
    assert request["messages"] == history
    assert b"".join(asked.pieces) == b"".join(plan(request).pieces)
