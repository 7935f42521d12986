"""Reasoning that comes back: whole it is taken, and each way to damage it is refused in Bedrock's words."""

from collections.abc import Callable
from typing import Any

import pytest

from proxy.local.signatures import read
from proxy.local.validation import check
from tests.proxy.local import requests as r

BUDGET = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
ADAPTIVE = {"thinking": {"type": "adaptive"}}
QUESTION = r.user("How is the weather?")

# Interleaved: a thought, a redacted one, a call, another thought, another call.
THOUGHTS = [
    r.thought("First."),
    r.redacted(),
    {"text": "Let me look."},
    r.call("t1"),
    r.thought("Second."),
    r.call("t2"),
]
FIRST, REDACTED, TEXT, CALL_1, SECOND, CALL_2 = range(6)
RESULTS = r.user(r.result("t1"), r.result("t2"))

MODIFIED = (
    "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks "
    "must remain as they were in the original response."
)
EXPECTED = (
    "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{}`. When `thinking` is "
    "enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of "
    "`tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To "
    "avoid this requirement, disable `thinking`. Please consult our documentation at "
    "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
)
USER_MESSAGES = (
    "User messages cannot contain reasoning content. Please remove the reasoning content and try again."
)

Content = list[Any]
Damage = Callable[[Content], Content]


def turn(model: str = r.CLAUDE, *, question: r.JSON = QUESTION) -> Content:
    """The blocks of an answer to the question, as the model gave them."""
    content: Content = r.said(model, *THOUGHTS, asked=r.body(question, **r.TOOLS))["content"]
    return content


def returned(content: Content, fields: r.JSON = BUDGET) -> r.JSON:
    return r.body(
        QUESTION,
        r.assistant(*content),
        RESULTS,
        **r.TOOLS,
        additionalModelRequestFields=fields,
    )


def of(*places: int) -> Damage:
    return lambda content: [content[place] for place in places]


def with_text(place: int, text: str) -> Damage:
    return _with(place, lambda block: r.thought(text, signature=signature(block)))


def with_signature(place: int, given: str | None) -> Damage:
    more = {} if given is None else {"signature": given}
    return _with(place, lambda block: r.thought(block["reasoningContent"]["reasoningText"]["text"], **more))


def with_blob(place: int, blob: str) -> Damage:
    return _with(place, lambda _: r.redacted(blob))


def _with(place: int, new: Callable[[Any], Any]) -> Damage:
    return lambda content: [*content[:place], new(content[place]), *content[place + 1 :]]


def signature(block: Any) -> str:
    given: str = block["reasoningContent"]["reasoningText"]["signature"]
    return given


OTHER_ANSWER = r.said(r.CLAUDE, *THOUGHTS, asked=r.ask("How was it?"))["content"]
GPT_BLOB: str = r.said(r.GPT, r.redacted())["content"][0]["reasoningContent"]["redactedContent"]

DAMAGES: dict[str, tuple[Damage, str]] = {
    "a wrong signature": (
        with_signature(FIRST, "c2lnbmF0dXJl"),
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    "the signature of a redacted block": (
        with_signature(FIRST, GPT_BLOB),
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    "no signature": (
        with_signature(SECOND, None),
        "messages.1.content.4.thinking.signature: Field required",
    ),
    "an empty signature": (
        with_signature(FIRST, ""),
        "messages.1.content.0.thinking.signature: Field required",
    ),
    "a wrong redacted block": (
        with_blob(REDACTED, "AAAA"),
        "messages.1.content.1: Invalid `data` in `redacted_thinking` block",
    ),
    "the redacted block of another family": (
        with_blob(REDACTED, GPT_BLOB),
        "messages.1.content.1: Invalid `data` in `redacted_thinking` block",
    ),
    "a changed text": (with_text(SECOND, "Third."), f"messages.1.content.4: {MODIFIED}"),
    "two blocks in another order": (
        of(REDACTED, FIRST, TEXT, CALL_1, SECOND, CALL_2),
        f"messages.1.content.0: {MODIFIED}",
    ),
    "the first left out": (of(REDACTED, TEXT, CALL_1, SECOND, CALL_2), f"messages.1.content.0: {MODIFIED}"),
    "the redacted left out": (
        of(FIRST, TEXT, CALL_1, SECOND, CALL_2),
        f"messages.1.content.3: {MODIFIED}",
    ),
    "the last left out": (of(FIRST, REDACTED, TEXT, CALL_1, CALL_2), f"messages.1.content.1: {MODIFIED}"),
    "one twice": (
        of(FIRST, FIRST, REDACTED, TEXT, CALL_1, SECOND, CALL_2),
        f"messages.1.content.1: {MODIFIED}",
    ),
    "put together what was apart": (
        of(FIRST, REDACTED, SECOND, TEXT, CALL_1, CALL_2),
        f"messages.1.content.2: {MODIFIED}",
    ),
    "put apart what was together": (
        of(FIRST, TEXT, REDACTED, CALL_1, SECOND, CALL_2),
        f"messages.1.content.2: {MODIFIED}",
    ),
    "one from another answer": (
        lambda content: [*content[:4], OTHER_ANSWER[SECOND], content[5]],
        f"messages.1.content.4: {MODIFIED}",
    ),
    "none at all": (of(CALL_1, CALL_2), EXPECTED.format("tool_use")),
    "text first": (of(TEXT, FIRST, REDACTED, CALL_1, SECOND, CALL_2), EXPECTED.format("text")),
    "thinking last": (
        of(FIRST, REDACTED, TEXT, CALL_1, CALL_2, SECOND),
        "messages.1: The final block in an assistant message cannot be `thinking`.",
    ),
}


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES.keys())
def test_each_damage_is_told_in_bedrocks_words(damage: Damage, words: str) -> None:
    r.assert_refused(r.CLAUDE, returned(damage(turn())), r.by_model(words))


WHOLE: dict[str, Damage] = {
    "as it was": list,
    "without its text": of(FIRST, REDACTED, CALL_1, SECOND, CALL_2),
    "with another text between": lambda content: [
        *content[:TEXT],
        {"text": "I shall look."},
        *content[CALL_1:],
    ],
}


@pytest.mark.parametrize("fields", [BUDGET, {"reasoning_config": BUDGET["thinking"]}, {}])
@pytest.mark.parametrize("change", WHOLE.values(), ids=WHOLE.keys())
def test_what_is_whole_is_taken_with_thinking_on_or_off(change: Damage, fields: r.JSON) -> None:
    assert check("Converse", r.CLAUDE, returned(change(turn()), fields))


def test_tool_ids_are_bound_to_nothing() -> None:
    renamed = [
        r.call(f"other_{block['toolUse']['toolUseId']}") if "toolUse" in block else block for block in turn()
    ]
    results = r.user(r.result("other_t1"), r.result("other_t2"))
    fields = {**r.TOOLS, "additionalModelRequestFields": BUDGET}

    assert check("Converse", r.CLAUDE, r.body(QUESTION, r.assistant(*renamed), results, **fields))


def test_adaptive_thinking_needs_no_block_but_takes_no_changed_one() -> None:
    content = turn(r.CLAUDE_46)

    assert check("Converse", r.CLAUDE_46, returned(of(CALL_1, CALL_2)(content), ADAPTIVE))
    r.assert_refused(
        r.CLAUDE_46,
        returned(of(FIRST, TEXT, CALL_1, SECOND, CALL_2)(content), ADAPTIVE),
        r.by_model(f"messages.1.content.3: {MODIFIED}"),
    )


def history(content: Content, fields: r.JSON = BUDGET) -> r.JSON:
    """A turn that is over, and a new question."""
    done = [QUESTION, r.assistant(*content), RESULTS, r.assistant({"text": "It is warm."})]
    return r.body(*done, r.user("And now?"), **r.TOOLS, additionalModelRequestFields=fields)


def test_a_turn_that_is_over_may_come_back_without_its_thinking_or_with_a_part_of_it() -> None:
    for kept in (of(CALL_1, CALL_2), of(FIRST, TEXT, CALL_1, CALL_2), list):
        assert check("Converse", r.CLAUDE, history(kept(turn())))


def test_in_a_turn_that_is_over_signatures_are_read_all_the_same() -> None:
    invalid = r.by_model("messages.1.content.0: Invalid `signature` in `thinking` block")

    for damage in (with_signature(FIRST, "c2ln"), with_text(FIRST, "Altered.")):
        r.assert_refused(r.CLAUDE, history(damage(turn())), invalid)
        r.assert_refused(r.CLAUDE, history(damage(turn()), {}), invalid)


def test_a_turn_of_several_calls_must_begin_with_thinking_and_need_not_think_again() -> None:
    again = [r.assistant(r.call("t3")), r.user(r.result("t3"))]
    fields = {**r.TOOLS, "additionalModelRequestFields": BUDGET}
    opened = r.body(QUESTION, r.assistant(*turn()), RESULTS, *again, **fields)
    unopened = r.body(QUESTION, r.assistant(r.call("t1"), r.call("t2")), RESULTS, *again, **fields)

    assert check("Converse", r.CLAUDE, opened)
    r.assert_refused(r.CLAUDE, unopened, r.by_model(EXPECTED.format("tool_use")))


def test_another_claude_leaves_out_what_it_cannot_read() -> None:
    """Tried live on Converse: windmill-labs/windmill#9545."""
    assert check("Converse", r.CLAUDE_46, returned(turn(r.CLAUDE), ADAPTIVE))
    assert check("Converse", r.CLAUDE, returned(turn(r.CLAUDE_46)))


def test_thinking_in_a_prefill_needs_thinking_enabled() -> None:
    prefill = r.body(QUESTION, r.said(r.CLAUDE, r.thought(), {"text": "It is"}))

    r.assert_refused(
        r.CLAUDE,
        prefill,
        r.by_model(
            "messages.1.content.0: When thinking is disabled, an `assistant` message in the final position "
            "cannot contain `thinking`. To use thinking blocks, enable `thinking` in your request."
        ),
    )


# What other families take back

UNSIGNED, SIGNED, EMPTY = r.thought(), r.thought(signature="c2ln"), r.thought(signature="")
NO_SIGNATURE = r.unsupported("reasoningContent.reasoningText.signature")
NO_TEXT = (
    "This model doesn't support the reasoningContent.reasoningText.text field for assistant messages. Remove "
    "reasoningContent.reasoningText.text and try again."
)
NOT_VERIFIED = r.by_model(
    '{"error":{"code":"invalid_encrypted_content","message":"The encrypted content could not be verified. Reason: '
    'Encrypted content could not be decrypted or parsed.","param":null,"type":"invalid_request_error"}}'
)

FOREIGN: list[tuple[str, r.JSON, str]] = [
    (r.GPT_OSS, SIGNED, NO_SIGNATURE),
    (r.GPT_OSS, EMPTY, NO_SIGNATURE),
    (r.GPT_OSS, r.redacted("AAAA"), r.unsupported("reasoningContent.redactedContent")),
    (r.QWEN, SIGNED, NO_SIGNATURE),
    (r.KIMI, SIGNED, NO_SIGNATURE),
    (r.MINIMAX, EMPTY, NO_SIGNATURE),
    (r.NOVA_2, SIGNED, NO_SIGNATURE),
    (r.NOVA_2, r.redacted(GPT_BLOB), r.unsupported("reasoningContent.redactedContent")),
    (r.GPT, UNSIGNED, NO_TEXT),
    (r.GPT, SIGNED, NO_TEXT),
    (r.GROK, UNSIGNED, NO_TEXT),
    (r.GPT, r.redacted("AAAA"), NOT_VERIFIED),
    (r.GROK, r.redacted(GPT_BLOB), NOT_VERIFIED),
    (r.R1, UNSIGNED, USER_MESSAGES),
    (r.R1, r.redacted("AAAA"), USER_MESSAGES),
    (r.NOVA, UNSIGNED, USER_MESSAGES),
    (r.LLAMA, UNSIGNED, USER_MESSAGES),
    (
        r.CLAUDE,
        UNSIGNED,
        r.by_model("messages.1.content.0.thinking.signature: Field required"),
    ),
]


def carrying(block: r.JSON) -> r.JSON:
    return r.body(r.user("Hi"), r.assistant(block, {"text": "Hello."}), r.user("And?"))


@pytest.mark.parametrize(("model", "block", "words"), FOREIGN)
def test_a_family_refuses_what_it_did_not_give(model: str, block: r.JSON, words: str) -> None:
    r.assert_refused(model, carrying(block), words)


@pytest.mark.parametrize(
    ("model", "block"),
    [
        (r.NOVA_2, UNSIGNED),
        (r.GPT_OSS, UNSIGNED),
        (r.QWEN, UNSIGNED),
        (r.KIMI, UNSIGNED),
        (r.MINIMAX, UNSIGNED),
        (r.GPT, r.redacted(GPT_BLOB)),
        (r.GROK, r.said(r.GROK, r.redacted())["content"][0]),
    ],
)
def test_a_family_takes_back_what_it_gives(model: str, block: r.JSON) -> None:
    assert check("Converse", model, carrying(block))


def test_reasoning_is_never_the_users() -> None:
    r.assert_refused(r.CLAUDE, r.ask(turn()[FIRST], r.HI), USER_MESSAGES)


def test_reasoning_has_a_text_even_if_it_is_empty() -> None:
    refused = r.refusal(r.CLAUDE, carrying({"reasoningContent": {"reasoningText": {"signature": "c2ln"}}}))

    assert "messages.2.member.content.1.member.reasoningContent.reasoningText.text" in refused.message
    assert refused.message.endswith("failed to satisfy constraint: Member must not be null")


# Bound to what came before

BOUND = (
    "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different "
    "conversation. Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "
    '"drop_block".'
)
BETA = "thinking-binding-controls-2026-08-01"
NEEDS_BETA = f" That setting requires the `{BETA}` value in the `anthropic-beta` header."
BRIEF = {"system": [{"text": "Be brief."}]}


def prefixed(
    model: str, fields: r.JSON = ADAPTIVE, *, question: r.JSON = QUESTION, **changed: r.JSON
) -> r.JSON:
    asked = r.body(QUESTION, **r.TOOLS, **BRIEF)
    content = r.said(model, *THOUGHTS, asked=asked)["content"]
    return r.body(
        question,
        r.assistant(*content),
        RESULTS,
        **{**r.TOOLS, **BRIEF, **changed},
        additionalModelRequestFields=fields,
    )


CHANGES: list[dict[str, Any]] = [
    {"system": [{"text": "Be long."}]},
    {"toolConfig": {"tools": [r.TOOL, r.tool("news")]}},
    {"question": r.user("How was the weather?")},
]


@pytest.mark.parametrize("changed", CHANGES)
def test_the_newest_claude_binds_thinking_to_what_came_before(changed: dict[str, Any]) -> None:
    controls = {"block_binding": {"prefix_mismatch_behavior": "error"}}
    with_beta = {"thinking": {**ADAPTIVE["thinking"], **controls}, "anthropic_beta": [BETA]}

    r.assert_refused(r.CLAUDE_BOUND, prefixed(r.CLAUDE_BOUND, **changed), r.by_model(BOUND + NEEDS_BETA))
    r.assert_refused(r.CLAUDE_BOUND, prefixed(r.CLAUDE_BOUND, with_beta, **changed), r.by_model(BOUND))
    assert check("Converse", r.CLAUDE_NEW, prefixed(r.CLAUDE_NEW, **changed))


@pytest.mark.parametrize("changed", [{}, {"system": [*BRIEF["system"], r.CACHE]}, *CHANGES])
def test_a_block_that_no_longer_fits_can_be_dropped_instead(changed: dict[str, Any]) -> None:
    controls = {"block_binding": {"prefix_mismatch_behavior": "drop_block"}}
    fields = {"thinking": {**ADAPTIVE["thinking"], **controls}, "anthropic_beta": [BETA]}

    assert check("Converse", r.CLAUDE_BOUND, prefixed(r.CLAUDE_BOUND, fields, **changed))


@pytest.mark.parametrize("changed", [{}, {"system": [*BRIEF["system"], r.CACHE]}])
def test_what_did_not_change_still_fits(changed: dict[str, Any]) -> None:
    assert check("Converse", r.CLAUDE_BOUND, prefixed(r.CLAUDE_BOUND, **changed))


# A whole agent, over the socket


def rule(*content: r.JSON) -> r.JSON:
    return {"response": {"output": {"message": {"role": "assistant", "content": list(content)}}}}


SCRIPT = [
    rule(r.thought("Both cities."), {"text": "Looking."}, r.call("a1"), r.redacted(), r.call("a2")),
    rule(r.thought("Once more."), r.thought(""), r.call("b1")),
    rule(r.thought("Done."), {"text": "It is warm."}),
]


def whole(runtime: Any, **request: Any) -> Content:
    content: Content = runtime.converse(**request)["output"]["message"]["content"]
    return content


def streamed(runtime: Any, **request: Any) -> Content:
    """The blocks of a stream, put together as an agent does."""
    blocks: dict[int, Any] = {}
    for event in runtime.converse_stream(**request)["stream"]:
        match event:
            case {"contentBlockStart": {"contentBlockIndex": index, "start": {"toolUse": call}}}:
                blocks[index] = {"toolUse": {**call, "input": {}}}
            case {"contentBlockDelta": {"contentBlockIndex": index, "delta": {"reasoningContent": delta}}}:
                if "redactedContent" in delta:
                    blocks[index] = {"reasoningContent": delta}
                    continue
                empty: Any = r.thought("")
                text = blocks.setdefault(index, empty)["reasoningContent"]["reasoningText"]
                for name, piece in delta.items():
                    text[name] = text.get(name, "") + piece
            case {"contentBlockDelta": {"contentBlockIndex": index, "delta": {"text": piece}}}:
                blocks[index] = {"text": blocks.get(index, {"text": ""})["text"] + piece}
    return list(blocks.values())


@pytest.mark.parametrize("converse", [whole, streamed])
@pytest.mark.parametrize(("model", "fields"), [(r.CLAUDE, BUDGET), (r.CLAUDE_NEW, ADAPTIVE)])
def test_an_agent_that_gives_back_what_it_got_goes_through_three_turns(
    caller: Any, runtime: Any, converse: Callable[..., Content], model: str, fields: r.JSON
) -> None:
    caller.script(*SCRIPT)
    messages = [QUESTION]
    while True:
        content = converse(
            runtime, modelId=model, messages=messages, additionalModelRequestFields=fields, **r.TOOLS
        )
        calls = [block["toolUse"]["toolUseId"] for block in content if "toolUse" in block]
        if not calls:
            break
        messages += [r.assistant(*content), r.user(*map(r.result, calls))]

    assert len(messages) == 5
    assert [read(signature(block)) is not None for block in content if "reasoningContent" in block] == [True]


def test_an_agent_that_drops_one_block_is_refused_over_the_wire(caller: Any) -> None:
    caller.script(SCRIPT[0])
    asked = {**r.body(QUESTION, **r.TOOLS), "additionalModelRequestFields": BUDGET}
    content = caller.converse(asked, r.CLAUDE).json()["output"]["message"]["content"]
    kept = [block for block in content if "redactedContent" not in block.get("reasoningContent", {})]
    results = r.user(r.result("a1"), r.result("a2"))

    answer = caller.converse({**asked, "messages": [QUESTION, r.assistant(*kept), results]}, r.CLAUDE)

    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"].startswith("ValidationException")
    assert answer.json() == {"message": r.by_model(f"messages.1.content.0: {MODIFIED}")}
