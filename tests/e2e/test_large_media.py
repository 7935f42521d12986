"""Images of megabytes, which go to Bedrock from the body that the client sent."""

from base64 import b64decode, b64encode
from typing import Any

import httpx
import openai
import pytest

from tests.e2e.door import Door
from tests.e2e.test_lessons import ASK, UNTOLD, chats
from tests.samples import PNG
from tests.servers import outcrop as serving_outcrop

LARGE = b64encode(b64decode(PNG) + bytes(range(256)) * 6000).decode()
SMALL = b64encode(b64decode(PNG) + b"small" * 6000).decode()


def image(data: str) -> Any:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


def sent(data: str) -> Any:
    return {"image": {"format": "png", "source": {"bytes": data}}}


ASKED: list[Any] = [
    {"role": "user", "content": [{"type": "text", "text": "Look"}, image(LARGE), image(SMALL)]}
]
BLOCKS = [{"text": "Look"}, sent(LARGE), sent(SMALL)]


def content(request: dict[str, Any]) -> Any:
    """Without the cachePoint."""
    return request["messages"][0]["content"][:3]


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("stream", [False, True])
def test_they_arrive_as_they_were(client: openai.OpenAI, door: Door, stream: bool, n: int) -> None:
    model = "us.amazon.nova-pro-v1:0"
    if stream:
        list(client.chat.completions.create(model=model, messages=ASKED, n=n, stream=True))
    else:
        client.chat.completions.create(model=model, messages=ASKED, n=n)

    assert [content(request["body"]) for request in door.requests()] == [BLOCKS] * n


def test_they_are_sent_again_after_a_failure(client: openai.OpenAI, door: Door) -> None:
    door.script({"error": {"type": "ServiceUnavailableException", "message": "Bedrock is unable to ..."}})
    client.with_options(max_retries=0).chat.completions.create(
        model="us.amazon.nova-pro-v1:0", messages=ASKED
    )

    assert [content(request["body"]) for request in door.requests()] == [BLOCKS] * 2


def test_they_are_sent_again_after_a_lesson(door: Door) -> None:
    door.script(UNTOLD)
    with serving_outcrop() as url, httpx.Client(base_url=url) as http:
        answer = http.post("/v1/chat/completions", json={**ASK, "messages": ASKED})

    assert answer.status_code == 200, answer.text
    assert [len(request["body"]["inferenceConfig"]) for request in chats(door)] == [2, 1]
    assert [content(request["body"]) for request in chats(door)] == [BLOCKS] * 2


def test_a_dry_run_shows_them(http: httpx.Client) -> None:
    asked = {"model": "us.amazon.nova-pro-v1:0", "messages": ASKED}
    told = http.post("/v1/chat/completions", json=asked, headers={"x-outcrop-dry-run": "true"}).json()

    assert content(told["converse"]) == BLOCKS
