"""Words of megabytes, which are read and written in pieces: they arrive as they were."""

from typing import Any

import openai
import pytest

from tests.e2e.door import Door
from tests.samples import MODEL

TEXT = 'print("Grüße, 🦊\\n")\n' * 340_000  # Bedrock takes 9 MB
HISTORY = [
    {"role": "user" if number % 2 == 0 else "assistant", "content": f"{number} {TEXT[:1500]}."}
    for number in range(4601)
]
ASKED: dict[str, list[Any]] = {"a text": [{"role": "user", "content": TEXT}], "a history": HISTORY}


def said(request: dict[str, Any]) -> list[tuple[str, str]]:
    """Without cachePoints."""
    return [(message["role"], message["content"][0]["text"]) for message in request["messages"]]


# The models' windows are smaller. What Bedrock got is looked at all the same.
too_long = pytest.raises(openai.BadRequestError, match="too long")


@pytest.mark.parametrize("messages", ASKED.values(), ids=ASKED)
def test_they_arrive_as_they_were(client: openai.OpenAI, door: Door, messages: list[Any]) -> None:
    with too_long:
        client.chat.completions.create(model=MODEL, messages=messages)

    assert said(door.converse()) == [(message["role"], message["content"]) for message in messages]
