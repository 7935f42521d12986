"""What each family's answers hold where it thinks: blocks, blobs or words, with or without a signature."""

from typing import Any

import pytest

from proxy.local import catalogue
from proxy.local.answers import MAX_REPEATED
from proxy.local.call import ConverseOperation
from proxy.local.signatures import read, read_redacted
from proxy.local.thinking import answer, signed
from tests.proxy.local import requests as r
from tests.proxy.local.caller import Caller, decoded

BUDGET = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
ADAPTIVE = {"thinking": {"type": "adaptive"}}
SUMMARIZED = {"thinking": {"type": "adaptive", "display": "summarized"}}
INTERLEAVED = {**BUDGET, "anthropic_beta": ["interleaved-thinking-2025-05-14"]}
NOVA_LOW = {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}}

CLAUDE_5 = "us.anthropic.claude-sonnet-5"
CLAUDE_FABLE = "us.anthropic.claude-fable-5"
DEEPSEEK_V3 = "deepseek.v3-v1:0"
FIRST = "The user wants an answer, so I shall give one."
NEXT = "The tools have answered, so I shall look at what they say."
MAGIC = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"


def content(
    model: str, fields: r.JSON = None, request: r.JSON = None, operation: ConverseOperation = "Converse"
) -> list[Any]:
    known = catalogue.resolve(model)
    asked = {**(request or r.ask()), **({"additionalModelRequestFields": fields} if fields else {})}
    said = signed(known, asked, answer(known, operation, asked))
    blocks: list[Any] = said["output"]["message"]["content"]
    return blocks


def shapes(blocks: list[Any]) -> list[str]:
    return [shape(block) for block in blocks]


def shape(block: Any) -> str:
    match block:
        case {"reasoningContent": {"reasoningText": {"text": text, "signature": str(given)}}}:
            return f"{'thinking' if text else 'empty thinking'} {'signed' if read(given) else 'wrong'}"
        case {"reasoningContent": {"reasoningText": {"text": text}}}:
            return f"reasoning {text}"
        case {"reasoningContent": {"redactedContent": blob}}:
            return "redacted" if read_redacted(blob) else "blob" if read_redacted(blob, "rsn_") else "wrong"
        case _:
            return str(next(iter(block)))


SHAPES: list[tuple[str, r.JSON, list[str]]] = [
    (r.CLAUDE, BUDGET, ["thinking signed", "text"]),
    (r.CLAUDE, {"reasoning_config": BUDGET["thinking"]}, ["thinking signed", "text"]),
    (r.CLAUDE, {"thinking": {"type": "disabled"}}, ["text"]),
    (r.CLAUDE, {"top_k": 5}, ["text"]),
    (r.CLAUDE, None, ["text"]),
    (r.CLAUDE_46, ADAPTIVE, ["thinking signed", "text"]),
    (
        r.CLAUDE_46,
        {"thinking": {**ADAPTIVE["thinking"], "display": "omitted"}},
        ["empty thinking signed", "text"],
    ),
    (r.CLAUDE_NEW, None, ["text"]),
    (r.CLAUDE_NEW, ADAPTIVE, ["empty thinking signed", "text"]),
    (r.CLAUDE_NEW, SUMMARIZED, ["thinking signed", "text"]),
    (CLAUDE_5, None, ["empty thinking signed", "text"]),
    (CLAUDE_5, {"thinking": {"type": "disabled"}}, ["text"]),
    (CLAUDE_FABLE, SUMMARIZED, ["thinking signed", "text"]),
    (r.CLAUDE_BOUND, None, ["empty thinking signed", "text"]),
    (r.GPT, None, ["blob", "text"]),
    (r.GPT, {"reasoning": {"effort": "high"}}, ["blob", "text"]),
    (r.GPT, {"reasoning": {"effort": "none"}}, ["text"]),
    (r.GROK, None, ["blob", "text"]),
    (r.GPT_OSS, None, [f"reasoning {FIRST}", "text"]),
    (r.GPT_OSS, {"reasoning_effort": "high"}, [f"reasoning {FIRST}", "text"]),
    (r.NOVA_2, None, ["text"]),
    (r.NOVA_2, NOVA_LOW, ["reasoning [REDACTED].", "text"]),
    (r.NOVA, None, ["text"]),
    (r.QWEN, None, ["text"]),
    (r.QWEN, {"reasoning_config": "high"}, [f"reasoning {FIRST}", "text"]),
    (r.QWEN, {"reasoning_effort": "low"}, [f"reasoning {FIRST}", "text"]),
    (DEEPSEEK_V3, {"reasoning_effort": "high"}, [f"reasoning {FIRST}", "text"]),
    (r.KIMI, None, [f"reasoning {FIRST}", "text"]),
    (r.MINIMAX, None, [f"reasoning {FIRST}", "text"]),
    (r.R1, None, ["text", f"reasoning {FIRST}"]),
    ("cohere.command-r-v1:0", {"reasoning_effort": "high"}, ["text"]),
]


@pytest.mark.parametrize(("model", "fields", "expected"), SHAPES)
def test_a_family_thinks_in_its_own_shape(model: str, fields: r.JSON, expected: list[str]) -> None:
    assert shapes(content(model, fields)) == expected


def test_r1_streams_its_reasoning_first() -> None:
    assert shapes(content(r.R1, operation="ConverseStream")) == [f"reasoning {FIRST}", "text"]


CALLS = r.ask("Call weather and news", toolConfig={"tools": [r.TOOL, r.tool("news")]})
ANSWERED = r.answered(r.result())


@pytest.mark.parametrize(
    ("model", "fields", "before_calls", "after_results"),
    [
        (r.CLAUDE, BUDGET, FIRST, None),
        (r.CLAUDE, INTERLEAVED, FIRST, NEXT),
        (r.CLAUDE_46, ADAPTIVE, FIRST, NEXT),
        (r.CLAUDE_NEW, SUMMARIZED, FIRST, NEXT),
        (r.GPT_OSS, None, FIRST, NEXT),
    ],
)
def test_thinking_comes_before_calls_and_between_them_where_it_is_interleaved(
    model: str, fields: r.JSON, before_calls: str, after_results: str | None
) -> None:
    first = content(model, fields, CALLS)
    second = content(model, fields, ANSWERED)

    assert [next(iter(block)) for block in first] == ["reasoningContent", "text", "toolUse", "toolUse"]
    assert first[0]["reasoningContent"]["reasoningText"]["text"] == before_calls
    assert texts(second) == ([after_results] if after_results else [])


def texts(blocks: list[Any]) -> list[str]:
    return [b["reasoningContent"]["reasoningText"]["text"] for b in blocks if "reasoningContent" in b]


def test_a_forced_call_leaves_out_the_thinking_that_nobody_asked_for() -> None:
    forced = r.ask(toolConfig={"tools": [r.TOOL], "toolChoice": {"any": {}}})

    assert shapes(content(CLAUDE_5, None, forced)) == ["toolUse"]


def test_nova_1_thinks_aloud_before_a_call() -> None:
    text, *calls = content(r.NOVA, None, CALLS)

    assert text == {"text": f"<thinking> {FIRST} </thinking>\nCalling weather and news."}
    assert shapes(calls) == ["toolUse", "toolUse"]


def test_a_phrase_of_the_documentation_gets_a_redacted_block() -> None:
    assert shapes(content(r.CLAUDE, BUDGET, r.ask(MAGIC))) == ["redacted", "text"]
    assert len(MAGIC) < MAX_REPEATED


def test_the_same_request_gets_the_same_signature() -> None:
    assert content(r.CLAUDE, BUDGET) == content(r.CLAUDE, BUDGET)


# Streams and scripts, over the socket


def deltas(data: bytes) -> list[tuple[int, Any]]:
    return [
        (event["contentBlockIndex"], event["delta"])
        for name, event in decoded(data)
        if name == "contentBlockDelta"
    ]


def test_a_streamed_thought_ends_with_one_signature(caller: Caller) -> None:
    asked = {**r.ask(), "additionalModelRequestFields": BUDGET}

    thought = [
        delta["reasoningContent"]
        for index, delta in deltas(caller.stream(asked, r.CLAUDE).content)
        if not index
    ]

    assert "".join(delta["text"] for delta in thought[:-1]) == FIRST
    assert len(thought) > 5
    assert list(thought[-1]) == ["signature"]
    assert read(thought[-1]["signature"])


def test_what_is_not_displayed_streams_its_signature_alone(caller: Caller) -> None:
    asked = {**r.ask(), "additionalModelRequestFields": ADAPTIVE}

    thought = [delta for index, delta in deltas(caller.stream(asked, r.CLAUDE_NEW).content) if not index]

    assert [list(delta["reasoningContent"]) for delta in thought] == [["signature"]]


SCRIPTED = [
    r.thought("One."),
    r.redacted(),
    r.thought(""),
    r.thought("Mine.", signature="c2ln"),
    r.redacted("AAAA"),
    {"text": "Done."},
]


def scripted(caller: Caller, model: str) -> list[Any]:
    caller.script({"response": {"output": {"message": {"role": "assistant", "content": SCRIPTED}}}})
    blocks: list[Any] = (
        caller.converse(r.ask(), model).raise_for_status().json()["output"]["message"]["content"]
    )
    return blocks


def test_a_script_gets_the_signatures_that_it_leaves_out(caller: Caller) -> None:
    blocks = scripted(caller, r.CLAUDE)

    assert shapes(blocks) == [
        "thinking signed",
        "redacted",
        "empty thinking signed",
        "thinking wrong",
        "wrong",
        "text",
    ]
    assert blocks[3:5] == SCRIPTED[3:5]


def test_a_script_for_a_family_that_does_not_sign_stays_as_it_is(caller: Caller) -> None:
    assert scripted(caller, r.QWEN) == SCRIPTED


def test_a_script_for_gpt_gets_a_blob(caller: Caller) -> None:
    assert shapes(scripted(caller, r.GPT))[:3] == ["reasoning One.", "blob", "reasoning "]
