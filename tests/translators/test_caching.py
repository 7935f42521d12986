"""Prompt caching: where points stand, for whom, for how long; and that marks of any kind are taken."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.local.validation import check
from tests.plans import converse
from tests.samples import PNG
from tests.translators.conversations import messages
from translators.chat import plan
from translators.chat.options import Options
from translators.openai import ChatCompletionRequest
from translators.quirks import quirks_for
from translators.shapes import conform

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
OLD_CLAUDE = "us.anthropic.claude-opus-4-1-20250805-v1:0"
NOVA = "us.amazon.nova-pro-v1:0"
LLAMA = "us.meta.llama3-3-70b-instruct-v1:0"

MARK = {"cache_control": {"type": "ephemeral"}}
LONG = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
BREAK = {"prompt_cache_breakpoint": {"mode": "explicit"}}

PROSE = "The quick brown fox jumps over the lazy dog. " * 100


def sent(request: dict[str, Any], model: str = CLAUDE, **options: Any) -> dict[str, Any]:
    asked = plan(conform({"model": model, **request}, ChatCompletionRequest), options=Options(**options))
    body: dict[str, Any] = converse(asked)
    check("Converse", asked.model_id, body)
    assert not any("cache" in adjustment.reason for adjustment in asked.adjusted), "a hint is none"
    return body


def lists(body: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield "tools", body.get("toolConfig", {}).get("tools", [])
    yield "system", body.get("system", [])
    for number, message in enumerate(body["messages"]):
        yield f"{number}", message["content"]


def points(body: dict[str, Any]) -> list[str]:
    """Each as the place of the block that it stands behind, and its ttl if it has one."""
    found = []
    for place, blocks in lists(body):
        behind = -1
        for block in blocks:
            if point := block.get("cachePoint"):
                found.append(f"{place}.{behind}{' 1h' if point.get('ttl') else ''}")
            else:
                behind += 1
    return found


def unmarked(body: dict[str, Any]) -> list[Any]:
    return [[block for block in blocks if "cachePoint" not in block] for _, blocks in lists(body)]


# Marks


def part(text: str, **mark: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **mark}


def user(*content: Any, **mark: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content) if content else "Hi", **mark}


def tool(name: str, **mark: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}, **mark}


def called(*ids: str, **mark: Any) -> dict[str, Any]:
    calls = [{"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}} for id in ids]
    return {"role": "assistant", "content": "", "tool_calls": calls, **mark}


def result(id: str, **mark: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id, "content": "Done.", **mark}


CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
SYSTEM = {"role": "system", "content": [part("Stable.", **MARK), part("Changing.")]}

# The request; where its points stand for Claude, and for Nova.
MARKED: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "a message": ({"messages": [user(**MARK)]}, ["0.0"], ["0.0"]),
    "a part": ({"messages": [user(part("a", **MARK), part("b"))]}, ["0.0"], ["0.0"]),
    "by OpenAI's name": ({"messages": [user(part("a", **BREAK), part("b"))]}, ["0.0"], ["0.0"]),
    "part and message at one place": ({"messages": [user(part("a", **MARK), **MARK)]}, ["0.0"], ["0.0"]),
    "a part of the system prompt": ({"messages": [SYSTEM, user()]}, ["system.0"], ["system.0"]),
    "a system message": (
        {"messages": [{"role": "system", "content": "Brief.", **MARK}, user()]},
        ["system.0"],
        ["system.0"],
    ),
    "a system message between turns": (
        {"messages": [user(), {"role": "system", "content": "Brief.", **MARK}, user()]},
        ["0.1"],
        ["0.1"],
    ),
    "an assistant": (
        {"messages": [user(), {"role": "assistant", "content": "Yes?", **MARK}, user()]},
        ["1.0"],
        ["1.0"],
    ),
    "a tool": ({"messages": [user()], "tools": [tool("f", **MARK), tool("g")]}, ["tools.0"], []),
    "within a tool": (
        {"messages": [user()], "tools": [{"type": "function", "function": {"name": "a.b", **MARK}}]},
        ["tools.0"],
        [],
    ),
    "a custom tool": (
        {"messages": [user()], "tools": [{"type": "custom", "custom": {"name": "c"}, **MARK}]},
        ["tools.0"],
        [],
    ),
    "a function": ({"messages": [user()], "functions": [{"name": "f", **MARK}]}, ["tools.0"], []),
    "a call": (
        {"messages": [user(), {"role": "assistant", "tool_calls": [{**CALL, **MARK}]}, result("1")]},
        ["1.0"],
        [],
    ),
    "calls without text": (
        {"messages": [user(), called("1", "2", **MARK), result("1"), result("2")]},
        ["1.1"],
        [],
    ),
    "calls behind text": (
        {"messages": [user(), {**called("1"), "content": "Look.", **MARK}, result("1")]},
        ["1.1"],
        ["1.0"],
    ),
    "a result": ({"messages": [user(), called("1"), result("1", **MARK)]}, ["2.0"], []),
    "the first of two results": (
        {"messages": [user(), called("1", "2"), result("1", **MARK), result("2")]},
        ["2.0"],
        [],
    ),
    "a part of a result": (
        {"messages": [user(), called("1"), {**result("1"), "content": [part("a"), part("b", **MARK)]}]},
        ["2.0"],
        [],
    ),
    "a result that came late": (
        {"messages": [user(), called("1"), user(part("Well?")), result("1", **MARK)]},
        ["2.0"],
        [],
    ),
    "a result without a call": ({"messages": [user(), result("1", **MARK)]}, ["0.1"], ["0.1"]),
    "nothing": ({"messages": [user(), {"role": "assistant", "content": "", **MARK}, user()]}, [], []),
    "prefill": ({"messages": [user(), {"role": "assistant", "content": "Yes", **MARK}]}, [], []),
    "more than four": (
        {
            "messages": [SYSTEM, *[user(part("a", **MARK), part("b", **MARK))] * 2],
            "tools": [tool("f", **MARK)],
        },
        ["0.0", "0.1", "0.2", "0.3"],
        ["0.0", "0.1", "0.2", "0.3"],
    ),
    "an hour": ({"messages": [user(**LONG)]}, ["0.0 1h"], ["0.0"]),
    "an hour behind five minutes": (
        {"messages": [SYSTEM, user(**LONG), {"role": "assistant", "content": "Yes?"}, user(**MARK)]},
        ["system.0 1h", "0.0 1h", "2.0"],
        ["system.0", "0.0", "2.0"],
    ),
    "an hour and five minutes at one place": (
        {"messages": [user(part("a", **MARK), **LONG)]},
        ["0.0 1h"],
        ["0.0"],
    ),
    "twelve hours, by OpenAI's name": (
        {"messages": [user(part("a", prompt_cache_breakpoint={"mode": "explicit", "ttl": "12h"}))]},
        ["0.0 1h"],
        ["0.0"],
    ),
    "retention for all": (
        {"messages": [user(**MARK)], "prompt_cache_retention": "24h"},
        ["0.0 1h"],
        ["0.0"],
    ),
    "a ttl for all, but for who says otherwise": (
        {
            "messages": [SYSTEM, user(cache_control={"type": "ephemeral", "ttl": "5m"})],
            "prompt_cache_options": {"ttl": "30m"},
        },
        ["system.0 1h", "0.0"],
        ["system.0", "0.0"],
    ),
    "retention in memory": (
        {"messages": [user(**MARK)], "prompt_cache_retention": "in_memory"},
        ["0.0"],
        ["0.0"],
    ),
    "nulls": ({"messages": [user(part("a", cache_control=None), cache_control=None)]}, [], []),
}


@pytest.mark.parametrize(("request_", "claude", "nova"), MARKED.values(), ids=MARKED.keys())
def test_what_is_marked_is_cached(request_: dict[str, Any], claude: list[str], nova: list[str]) -> None:
    assert points(sent(request_)) == claude
    assert points(sent(request_, NOVA)) == nova
    assert points(sent(request_, LLAMA)) == []
    assert points(sent(request_, OLD_CLAUDE)) == [place.removesuffix(" 1h") for place in claude]


# Where nothing is marked


TOOLS = [{"type": "function", "function": {"name": "f", "description": PROSE}}]
LOOP = [
    {"role": "system", "content": PROSE},
    user(),
    called("1"),
    result("1"),
    called("2", "3"),
    result("2"),
    result("3"),
]

# The request; where its points stand for Claude, and for Nova.
UNMARKED: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "too little": ({"messages": [user(part("Hi " * 900))]}, [], []),
    "one turn": ({"messages": [user(part(PROSE))]}, ["0.0"], ["0.0"]),
    "tools": ({"messages": [user()], "tools": TOOLS}, ["tools.0", "0.0"], ["0.0"]),
    "an agent's loop": (
        {"messages": LOOP, "tools": TOOLS},
        ["tools.0", "system.0", "2.0", "4.1"],
        ["system.0", "0.0"],
    ),
    "enough only with the last turn": (
        {
            "messages": [
                {"role": "system", "content": "Brief."},
                user(),
                {"role": "assistant", "content": "Yes?"},
                user(part(PROSE)),
            ]
        },
        ["2.0"],
        ["2.0"],
    ),
    "results count": (
        {"messages": [user(), called("1"), {**result("1"), "content": PROSE}]},
        ["2.0"],
        [],
    ),
    "arguments count": (
        {
            "messages": [
                user(),
                {
                    "role": "assistant",
                    "tool_calls": [
                        {
                            "id": "1",
                            "type": "function",
                            "function": {"name": "f", "arguments": f'{{"a":"{PROSE}"}}'},
                        }
                    ],
                },
                result("1"),
            ]
        },
        ["2.0"],
        [],
    ),
    "retention": (
        {"messages": [user(part(PROSE))], "prompt_cache_retention": "24h"},
        ["0.0 1h"],
        ["0.0"],
    ),
    "implicit": (
        {"messages": [user(part(PROSE))], "prompt_cache_options": {"mode": "implicit", "ttl": "30m"}},
        ["0.0 1h"],
        ["0.0"],
    ),
    "explicit": ({"messages": [user(part(PROSE))], "prompt_cache_options": {"mode": "explicit"}}, [], []),
    "one mark, even one that has no place": (
        {"messages": [user(part(PROSE))], "tools": [tool("f", **MARK)]},
        ["tools.0"],
        [],
    ),
}


@pytest.mark.parametrize(("request_", "claude", "nova"), UNMARKED.values(), ids=UNMARKED.keys())
def test_where_nothing_is_marked_points_stand_where_they_pay(
    request_: dict[str, Any], claude: list[str], nova: list[str]
) -> None:
    assert points(sent(request_)) == claude
    assert points(sent(request_, NOVA)) == nova
    assert points(sent(request_, LLAMA)) == []


def test_it_can_be_switched_off() -> None:
    assert points(sent({"messages": LOOP, "tools": TOOLS}, automatic_caching=False)) == []
    assert points(sent({"messages": [user(**MARK)]}, automatic_caching=False)) == ["0.0"]


def test_each_family_has_its_minimum() -> None:
    """In tokens of three characters."""
    for model in (CLAUDE, "us.anthropic.claude-haiku-4-5-20251001-v1:0", NOVA, "us.anthropic.claude-opus-5"):
        least = quirks_for(model).cache_minimum * 3
        for length, expected in ((least - 1, []), (least, ["0.0"])):
            assert points(sent({"messages": [user(part("x" * length))]}, model)) == expected, model


def test_what_one_request_writes_the_next_one_reads() -> None:
    """The last point of each is among those of the next, with the same before it."""
    told = [sent({"messages": LOOP[:end], "tools": TOOLS}) for end in (2, 4, 7)]

    for before, after in pairwise(told):
        assert points(before)[-1] in points(after)
        assert unmarked(after)[: len(unmarked(before))] == unmarked(before)


LARGE = b64encode(b64decode(PNG) + bytes(3000)).decode()
IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{LARGE}"}}
PDF = {"type": "file", "file": {"filename": "a.pdf", "file_data": b64encode(b"%PDF-1.4\n" * 500).decode()}}


def test_a_point_stands_before_documents_that_end_a_turn() -> None:
    assert points(sent({"messages": [user(part("Look:"), IMAGE, IMAGE)]})) == ["0.2"]
    assert points(sent({"messages": [user(part("Read:"), PDF, PDF)]})) == ["0.0"]
    assert points(sent({"messages": [user(part("Read:"), PDF, PDF, part("and say."))]})) == ["0.3"]
    assert points(sent({"messages": [user(part("Read:"), {**PDF, **MARK})]})) == ["0.0"]


def test_an_image_that_a_tool_gives_counts() -> None:
    history = [user(), called("1"), {**result("1"), "content": [IMAGE, IMAGE]}]

    assert points(sent({"messages": history})) == ["2.0"]


# Anything


marks: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {},
        MARK,
        LONG,
        BREAK,
        {"cache_control": None},
        {"cache_control": {}},
        {"cache_control": {"ttl": "?"}},
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    history = draw(messages(min_size=1))
    for message in history:
        content = message.get("content")
        parts = content if isinstance(content, list) else []
        for each in (message, *parts, *(message.get("tool_calls") or [])):
            each.update(draw(marks))
    tools = draw(st.lists(st.sampled_from(["f", "g", "mcp.server.f"]), max_size=4))
    request = {"messages": history, "tools": [tool(name, **draw(marks)) for name in tools]}
    return {**request, "prompt_cache_retention": draw(st.sampled_from([None, "24h"]))}


def without_marks(value: Any) -> Any:
    if isinstance(value, list):
        return [without_marks(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: without_marks(each) for name, each in value.items() if name not in (*MARK, *BREAK)}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(requests())
def test_any_marks_are_taken_and_change_nothing_else(request: dict[str, Any]) -> None:
    for model in (CLAUDE, OLD_CLAUDE, NOVA, LLAMA):
        body = sent(request, model)
        assert len(points(body)) <= 4
        assert unmarked(body) == unmarked(sent(without_marks(request), model))
