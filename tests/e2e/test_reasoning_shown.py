"""What clients are shown of a model's thoughts: in which fields, in which entries, and where none is."""

from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from proxy.settings import Reasoning, Settings
from tests.e2e.agent import REDACTED, TOOLS, Block, asked, call, rule, statuses, thought, thoughts, turns
from tests.e2e.door import Door
from tests.servers import outcrop as serving_outcrop

FORMAT = "anthropic-claude-v1"
ASK: dict[str, Any] = {
    "model": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "messages": [{"role": "user", "content": "How is the weather in Bern?"}],
    "tools": TOOLS,
    "reasoning_effort": "low",
}
FIELDS = {"reasoning_content", "reasoning", "reasoning_details"}

# By setting: what is shown.
SHOWN: dict[str, set[str]] = {
    "reasoning_content": {"reasoning_content", "reasoning_details"},
    "reasoning": {"reasoning", "reasoning_details"},
    "none": set(),
}


def said() -> list[Block]:
    return [thought("Bern, then. Let me look."), REDACTED, thought(""), {"text": "One moment."}, call("Bern")]


@pytest.fixture(scope="module")
def outcrops(outcrop: str) -> Iterator[dict[str, str]]:
    """The base URL of one for each setting."""
    with (
        serving_outcrop(Settings(reasoning=Reasoning(field="reasoning"))) as renaming,
        serving_outcrop(Settings(reasoning=Reasoning(field="none"))) as hiding,
    ):
        yield {"reasoning_content": outcrop, "reasoning": renaming, "none": hiding}


def whole(http: httpx.Client, outcrop: str, **body: Any) -> dict[str, Any]:
    answer = http.post(f"{outcrop}/v1/chat/completions", json=body).raise_for_status()
    completion: dict[str, Any] = answer.json()
    return completion


def deltas(http: httpx.Client, outcrop: str, **body: Any) -> list[dict[str, Any]]:
    answer = http.post(f"{outcrop}/v1/chat/completions", json={**body, "stream": True}).raise_for_status()
    lines = (line.removeprefix("data: ") for line in answer.text.splitlines())
    return [orjson.loads(line)["choices"][0]["delta"] for line in lines if line.startswith("{")]


@pytest.mark.parametrize("field", SHOWN)
def test_a_setting_says_where_a_whole_answer_shows_it(
    outcrops: dict[str, str], http: httpx.Client, door: Door, field: str
) -> None:
    door.script(rule(*said()))
    message = whole(http, outcrops[field], **ASK)["choices"][0]["message"]

    assert message.keys() & FIELDS == SHOWN[field]
    assert message.get(field, "Bern, then. Let me look.") == "Bern, then. Let me look."
    assert message["content"] == "One moment."


@pytest.mark.parametrize("field", SHOWN)
def test_a_setting_says_where_a_stream_shows_it(
    outcrops: dict[str, str], http: httpx.Client, door: Door, field: str
) -> None:
    door.script(rule(*said()))
    told = deltas(http, outcrops[field], **ASK)

    assert set().union(*told) & FIELDS == SHOWN[field]
    assert "".join(delta.get(field, "") for delta in told) == (
        "" if field == "none" else "Bern, then. Let me look."
    )


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_request_may_hide_it(outcrop: str, http: httpx.Client, door: Door, stream: bool) -> None:
    door.script(rule(*said()))
    body = {**ASK, "reasoning": {"effort": "low", "exclude": True}}
    told = (
        deltas(http, outcrop, **body) if stream else [whole(http, outcrop, **body)["choices"][0]["message"]]
    )

    assert set().union(*told) & FIELDS == set()


@pytest.mark.parametrize("field", SHOWN)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_wherever_it_is_shown_the_model_gets_it_back(
    outcrops: dict[str, str], http: httpx.Client, door: Door, field: str, stream: bool
) -> None:
    blocks = said()
    door.script(rule(*blocks))
    (deltas if stream else whole)(http, outcrops[field], **ASK)
    id = blocks[-1]["toolUse"]["toolUseId"]
    call = {
        "id": id,
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city": "Bern"}'},
    }
    turn = {"role": "assistant", "content": "One moment.", "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": id, "content": "Sunny."}
    whole(http, outcrops[field], **{**ASK, "messages": [*ASK["messages"], turn, result]})

    assert statuses(door) == [200, 200]
    assert [list(block) for block in turns(asked(door)[1])[0]] == [list(block) for block in blocks]


def test_whole_it_is_an_entry_for_each_block(outcrop: str, http: httpx.Client, door: Door) -> None:
    door.script(rule(*said()))
    entries = whole(http, outcrop, **ASK)["choices"][0]["message"]["reasoning_details"]

    assert [{**entry, "signature": "", "data": ""} for entry in entries] == [
        {**entry, "format": FORMAT, "signature": "", "data": "", "index": index}
        for index, entry in enumerate(
            [
                {"type": "reasoning.text", "text": "Bern, then. Let me look."},
                {"type": "reasoning.encrypted"},
                {"type": "reasoning.text", "text": ""},
            ]
        )
    ]
    assert ["signature" in entry for entry in entries] == [True, False, True]
    assert ["data" in entry for entry in entries] == [False, True, False]


def test_streamed_an_entry_has_its_block_s_index_a_text_and_last_of_all_its_signature(
    outcrop: str, http: httpx.Client, door: Door
) -> None:
    door.script(rule(*said()))
    told = deltas(http, outcrop, **ASK)
    entries = [entry for delta in told for entry in delta.get("reasoning_details", [])]
    blocks = [[entry for entry in entries if entry["index"] == index] for index in range(3)]

    assert [entry for block in blocks for entry in block] == entries, "one block after another, from 0"
    assert all(type(entry["index"]) is int for entry in entries)
    first, redacted, unseen = blocks
    assert len(first) > 2
    for block in (first, unseen):
        assert all(entry["type"] == "reasoning.text" and isinstance(entry["text"], str) for entry in block)
        assert [bool(entry.get("signature")) for entry in block] == [False] * (len(block) - 1) + [True]
        assert block[-1]["text"] == ""
        assert [entry.get("format") for entry in block] == [FORMAT] + [None] * (len(block) - 1)
    assert [entry["type"] for entry in redacted] == ["reasoning.encrypted"]
    assert redacted[0]["data"]
    for delta in told:
        texts = [entry.get("text", "") for entry in delta.get("reasoning_details", [])]
        assert delta.get("reasoning_content", "") == "".join(texts), "each piece is told both ways at once"


@pytest.mark.parametrize(
    ("model", "tag"), [("us.amazon.nova-pro-v1:0", "thinking"), ("openai.gpt-oss-120b-1:0", "reasoning")]
)
def test_what_stands_in_the_text_is_shown_apart(
    outcrop: str, http: httpx.Client, door: Door, model: str, tag: str
) -> None:
    text = {"text": f"<{tag}>A greeting.</{tag}>\nHello!"}
    door.script(rule(text), rule(text))
    ask = {"model": model, "messages": ASK["messages"]}
    message = whole(http, outcrop, **ask)["choices"][0]["message"]
    told = deltas(http, outcrop, **ask)

    for field, words in (("reasoning_content", "A greeting."), ("content", "Hello!")):
        assert message[field] == "".join(delta.get(field, "") for delta in told) == words


def test_tokens_that_bedrock_does_not_count_are_not_made_up(
    outcrop: str, http: httpx.Client, door: Door
) -> None:
    """It tells nobody how many of them were thoughts."""
    door.script(rule(*said()))

    assert "completion_tokens_details" not in whole(http, outcrop, **ASK)["usage"]


def test_a_turn_that_the_user_edited_is_known_by_what_was_thought(
    outcrop: str, http: httpx.Client, door: Door
) -> None:
    """Text without a signature finds its block."""
    door.script(rule(thought("Polite, this one."), {"text": "Hello."}))
    shown = whole(http, outcrop, **ASK)["choices"][0]["message"]
    edited = {"role": "assistant", "content": "Hi!", "reasoning_content": shown["reasoning_content"]}
    whole(http, outcrop, **{**ASK, "messages": [*ASK["messages"], edited, *ASK["messages"]]})

    signature = shown["reasoning_details"][0]["signature"]
    assert thoughts(asked(door)[1]) == [
        {"reasoningContent": {"reasoningText": {"text": "Polite, this one.", "signature": signature}}}
    ]
    assert turns(asked(door)[1])[0][1:] == [{"text": "Hi!"}]
