"""Connections on both sides: clients that leave, streams side by side, Bedrock's own coming and going."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import httpx
import openai
import orjson
import pytest

from tests.e2e.caller import calling
from tests.e2e.door import Door
from tests.e2e.upstream import bedrock_that, read_request
from tests.samples import MODEL
from tests.servers import outcrop as serving_outcrop

ASK = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}

# Clients that leave

# Where the answer is held when the client leaves it.
WAITING: dict[str, tuple[bool, dict[str, Any]]] = {
    "whole": (False, {"hold": "x"}),
    "before the status": (True, {"hold": "x"}),
    "before the first frame": (True, {"hold": "x", "hold_after": 0}),
    "within the answer": (True, {"hold": "x", "hold_after": 3}),
}


@pytest.mark.parametrize(("stream", "hold"), WAITING.values(), ids=WAITING.keys())
def test_bedrock_is_told_when_a_client_leaves(
    outcrop: str, door: Door, stream: bool, hold: dict[str, Any]
) -> None:
    door.script(hold)

    with calling(outcrop, {**ASK, "stream": stream}):
        door.requests(wait="answering")

    assert door.requests(wait="aborted")


def test_bedrock_is_told_when_a_client_leaves_what_it_has_begun_to_read(outcrop: str, door: Door) -> None:
    door.script({"text": "One two three.", "hold": "x", "hold_after": 3})

    with (
        openai.OpenAI(base_url=f"{outcrop}/v1", api_key="any") as client,
        client.chat.completions.create(**ASK, stream=True) as stream,  # type: ignore[call-overload]
    ):
        assert next(stream).choices[0].delta.role == "assistant"
        assert next(stream).choices[0].delta.content == "One"

    assert door.requests(wait="aborted")


def test_one_client_that_leaves_takes_nothing_from_another(client: openai.OpenAI, door: Door) -> None:
    door.script({"when": {"text": "Hello"}, "hold": "x", "hold_after": 1})

    with calling(str(client.base_url).removesuffix("/v1/"), {**ASK, "stream": True}):
        door.requests(wait="answering")
    door.requests(wait="aborted")

    other = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "Still there?"}]
    )
    assert "Still there?" in (other.choices[0].message.content or "")


# Streams side by side, and in pieces


def test_two_hundred_parallel_streams_do_not_mix(outcrop: str, door: Door) -> None:
    async def said(client: openai.AsyncOpenAI, number: int) -> str:
        words = " ".join([f"number{number}"] * 10)
        stream = await client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": words}], stream=True
        )
        chunks = [chunk async for chunk in stream]
        assert len({chunk.id for chunk in chunks}) == 1
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    async def all_said() -> list[str]:
        async with openai.AsyncOpenAI(base_url=f"{outcrop}/v1", api_key="any", max_retries=0) as client:
            return await asyncio.gather(*(said(client, number) for number in range(200)))

    answers = asyncio.run(all_said())
    expected = [f'You said: "{" ".join([f"number{number}"] * 10)}".' for number in range(200)]
    assert [answer.partition(" I received")[0] for answer in answers] == expected


def test_frames_may_arrive_in_pieces_of_any_size(http: httpx.Client, door: Door) -> None:
    text = "Grüße, 世界! Bis bald."
    sizes = range(1, 120, 2)
    door.script(*({"text": text, "split": size} for size in sizes))

    for size in sizes:
        answer = http.post("/v1/chat/completions", json={**ASK, "stream": True})
        assert (size, streamed_text(answer.text)) == (size, text)


def streamed_text(body: str) -> str:
    events = [line.removeprefix("data: ") for line in body.split("\n") if line]
    assert events.pop() == "[DONE]"
    return "".join(orjson.loads(event)["choices"][0]["delta"].get("content", "") for event in events)


# Bedrock's coming and going

ANSWER = orjson.dumps(
    {
        "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    }
)


def answer(connection: socket.socket) -> None:
    """Answers one request and keeps the connection open."""
    if read_request(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER)


def answers_once_and_closes(connection: socket.socket) -> None:
    answer(connection)


def answers_once_and_closes_on_the_next_request(connection: socket.socket) -> None:
    """As a server whose keep-alive ends in the moment in which the next request is sent."""
    answer(connection)
    connection.recv(65536)


@pytest.mark.parametrize("serves", [answers_once_and_closes, answers_once_and_closes_on_the_next_request])
def test_a_kept_connection_that_bedrock_closes_is_not_the_users_problem(
    monkeypatch: pytest.MonkeyPatch, serves: Callable[[socket.socket], None]
) -> None:
    with bedrock_that(serves) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", upstream)
        with serving_outcrop() as url, httpx.Client(base_url=url) as http:
            answers = [http.post("/v1/chat/completions", json=ASK) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200] * 4


@pytest.mark.parametrize("stream", [False, True])
def test_a_bedrock_that_does_not_listen(monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", nobody)

    with serving_outcrop() as url, httpx.Client(base_url=url) as http:
        refused = http.post("/v1/chat/completions", json={**ASK, "stream": stream})
        alive = http.get("/livez")

    assert refused.status_code == 502
    assert refused.json()["error"]["code"] == "upstream_unreachable"
    assert alive.status_code == 200
