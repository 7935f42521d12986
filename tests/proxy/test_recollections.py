"""The memory as requests use it: which of the turns in a history it knows."""

import asyncio
from typing import Any

from proxy.continuity.memory import LocalMemory
from proxy.recollections import Recollections, caller
from translators.chat.recollection import Occasion, memorable, occasion, scope_of, turn_names
from translators.openai import ChatCompletionRequest
from translators.quirks import quirks_for

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
QUIRKS = quirks_for(CLAUDE)
SCOPE = scope_of(QUIRKS, caller({}))


def user(text: str) -> Any:
    return {"role": "user", "content": text}


def assistant(text: str, thought: str = "") -> Any:
    return {"role": "assistant", "content": text, **({"reasoning_content": thought} if thought else {})}


def answer(thought: str, *texts: str) -> Any:
    reasoning = {"reasoningText": {"text": thought, "signature": f"sig-{thought}"}}
    return [{"reasoningContent": reasoning}, *({"text": text} for text in texts)]


def chat(*messages: Any) -> ChatCompletionRequest:
    return {"model": CLAUDE, "messages": list(messages), "reasoning_effort": "low"}


def recalled(recollections: Recollections, *messages: Any) -> dict[int, bytes]:
    found = asyncio.run(recollections.recall(chat(*messages), QUIRKS, {}, much=False))
    assert found.scope == SCOPE
    return dict(found.remembered)


def memory() -> Recollections:
    return Recollections(LocalMemory(max_entries=100, max_bytes=10**6, max_age=60))


def packed(blocks: Any, heard: Occasion | None) -> bytes:
    assert heard
    turn = memorable(blocks, heard)
    assert turn
    return turn[1]


def test_each_turn_is_known_by_its_place() -> None:
    recollections = memory()
    first, second = occasion(chat(user("One?")), QUIRKS, SCOPE), occasion(chat(user("Two?")), QUIRKS, SCOPE)
    asyncio.run(recollections.remember(first, answer("one", "Yes.")))
    asyncio.run(recollections.remember(second, answer("two", "Yes.")))
    history = [
        user("One?"),
        assistant("Yes."),
        user("Else?"),
        assistant("Yes."),
        user("Two?"),
        assistant("Yes."),
    ]

    assert recalled(recollections, *history, user("And?")) == {
        1: packed(answer("one", "Yes."), first),
        5: packed(answer("two", "Yes."), second),
    }


def test_the_surest_of_its_names_counts() -> None:
    """What was thought is a name too, and another turn's may be the same."""
    recollections = memory()
    heard, unheard = occasion(chat(user("One?")), QUIRKS, SCOPE), occasion(chat(user("Two?")), QUIRKS, SCOPE)
    asyncio.run(recollections.remember(heard, answer("Hm.", "Yes.")))
    asyncio.run(recollections.remember(unheard, answer("Hm.", "No.")))  # the newer of the thought

    known = recalled(
        recollections, user("One?"), assistant("Yes.", "Hm."), user("Two?"), assistant("Else.", "Hm.")
    )
    assert known == {1: packed(answer("Hm.", "Yes."), heard), 3: packed(answer("Hm.", "No."), unheard)}


def test_what_is_kept_for_an_answer_is_short_however_much_the_user_said() -> None:
    said = occasion(chat(user("word " * 1_000_000)), QUIRKS, SCOPE)

    assert said
    assert len(said.heard) == 64
    [names] = turn_names([user("word " * 1_000_000), assistant("Yes.")], SCOPE).values()
    assert len(names) == 1


def test_nothing_is_looked_for_where_the_model_does_not_think() -> None:
    request: ChatCompletionRequest = {"model": CLAUDE, "messages": [user("Hi"), assistant("Yes.")]}

    assert asyncio.run(memory().recall(request, QUIRKS, {}, much=False)).scope == ""
    assert occasion(request, QUIRKS, SCOPE) is None
