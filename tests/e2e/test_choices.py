"""`n` above 1: as many calls of Bedrock at once, and one answer or one stream of all of them."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import httpx
import openai
import orjson
import pytest
from pydantic import BaseModel

from proxy.bedrock import Bedrock, connect
from proxy.choices import Choices, request_ids, together
from proxy.chunks import Chunks
from proxy.settings import Settings
from tests.e2e.caller import calling
from tests.e2e.door import Door
from tests.samples import MODEL
from tests.servers import outcrop as serving_outcrop
from translators.chat import ChatStream
from translators.chat.way_back import WayBack
from translators.converse import ContentBlock
from translators.errors import APIError
from translators.openai import ChatCompletionChunk

HELLO: Any = [{"role": "user", "content": "Hello"}]
ASK: dict[str, Any] = {"model": MODEL, "messages": HELLO, "n": 3}
STREAM = {**ASK, "stream": True, "stream_options": {"include_usage": True}}
WORDS = ["One two.", "Three four five.", "Six."]

either = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


def events(answer: httpx.Response) -> list[Any]:
    *data, done = [line.removeprefix("data: ") for line in answer.text.split("\n") if line]
    assert done == "[DONE]"
    return [orjson.loads(event) for event in data]


def said(chunks: list[Any]) -> dict[int, str]:
    """What each choice says, and that each says how it ends."""
    texts: dict[int, str] = {}
    ends: dict[int, str] = {}
    for choice in [choice for chunk in chunks for choice in chunk["choices"]]:
        assert choice["index"] not in ends
        texts[choice["index"]] = texts.get(choice["index"], "") + choice["delta"].get("content", "")
        if choice["finish_reason"]:
            ends[choice["index"]] = choice["finish_reason"]
    assert set(ends.values()) == {"stop"}
    assert len(ends) == len(texts)
    return texts


# Answers


def test_every_choice_is_an_answer_of_its_own(client: openai.OpenAI, door: Door) -> None:
    door.script(*({"text": text} for text in WORDS))
    raw = client.chat.completions.with_raw_response.create(**ASK)
    completion = raw.parse()

    assert [choice.index for choice in completion.choices] == [0, 1, 2]
    assert sorted(choice.message.content or "" for choice in completion.choices) == sorted(WORDS)
    assert completion.usage
    assert completion.usage.completion_tokens == sum(-(-len(text) // 4) for text in WORDS)
    assert completion.usage.total_tokens == (
        completion.usage.prompt_tokens + completion.usage.completion_tokens
    )
    requests = door.requests()
    assert [request["operation"] for request in requests] == ["Converse"] * 3
    assert set(raw.headers["x-amzn-requestid"].split(", ")) == {request["id"] for request in requests}


def test_streams_are_one_stream(http: httpx.Client, door: Door) -> None:
    door.script(*({"text": text} for text in WORDS))
    answer = http.post("/v1/chat/completions", json=STREAM)
    *chunks, last = events(answer)

    assert sorted(said(chunks).values()) == sorted(WORDS)
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in (*chunks, last)}) == 1
    assert list(dict.fromkeys(chunk["choices"][0]["index"] for chunk in chunks)) == [0, 1, 2]
    assert [chunk["usage"] for chunk in chunks] == [None] * len(chunks)
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == sum(-(-len(text) // 4) for text in WORDS)
    assert len(answer.headers["x-amzn-requestid"].split(", ")) == 3


def test_usage_is_told_only_where_it_was_asked_for(http: httpx.Client, door: Door) -> None:
    chunks = events(http.post("/v1/chat/completions", json={**ASK, "stream": True}))

    assert all(chunk["choices"] and "usage" not in chunk for chunk in chunks)


def test_the_stream_helper_keeps_them_apart(client: openai.OpenAI, door: Door) -> None:
    for _ in range(5):  # whichever begins first
        door.script(*({"text": text} for text in WORDS))
        with client.chat.completions.stream(**ASK, stream_options={"include_usage": True}) as stream:
            completion = stream.get_final_completion()

        assert sorted(choice.message.content or "" for choice in completion.choices) == sorted(WORDS)
        assert completion.usage


class Recipe(BaseModel):
    title: str


def test_json_is_taken_out_of_the_words_of_each(client: openai.OpenAI, door: Door) -> None:
    door.script({"text": 'Here: {"title": "Rösti"} Enjoy {it}!', "times": "always"})

    whole = client.chat.completions.parse(**ASK, response_format=Recipe)
    with client.chat.completions.stream(**ASK, response_format=Recipe) as stream:
        streamed = stream.get_final_completion()

    for completion in (whole, streamed):
        assert [choice.message.parsed for choice in completion.choices] == [Recipe(title="Rösti")] * 3


def test_tool_calls_of_models_that_stream_none(client: openai.OpenAI, door: Door) -> None:
    messages: Any = [{"role": "user", "content": "Call f for Paris"}]
    tools: Any = [{"type": "function", "function": {"name": "f"}}]
    model = "us.meta.llama3-3-70b-instruct-v1:0"
    with client.chat.completions.stream(model=model, messages=messages, tools=tools, n=2) as stream:
        completion = stream.get_final_completion()

    calls = [call for choice in completion.choices for call in choice.message.tool_calls or []]
    assert [call.function.name for call in calls] == ["f", "f"]
    assert [request["operation"] for request in door.requests()] == ["Converse", "Converse"]


@either
def test_what_the_model_refuses_is_left_out_of_all(bedrock: str, door: Door, stream: bool) -> None:
    """One refusal is enough, and there is one retry for the whole request.

    What others gave up may still be on its way: the refusal is for this request alone, as what is counted is.
    """
    hello = "Hello from one whom the model refuses"
    refusal = "This model doesn't support the temperature field. Remove temperature and try again."
    door.script(
        {"when": {"text": hello}, "error": {"type": "ValidationException", "message": refusal}},
    )
    with serving_outcrop() as url:
        messages = [{"role": "user", "content": hello}]
        ask = {**ASK, "messages": messages, "temperature": 0.5, "stream": stream}
        answer = httpx.post(f"{url}/v1/chat/completions", json=ask, timeout=20)

    assert answer.status_code == 200
    assert answer.headers["x-outcrop-adjusted"] == "temperature=dropped; this model takes none"
    # The first three may be seen after those: calls that are given up are on their way already.
    bodies = [request["body"] for request in door.requests() if hello in str(request["body"])]
    assert sum("inferenceConfig" not in body for body in bodies) == 3


# Failures

DENIED = {"error": {"type": "AccessDeniedException", "message": "No."}}
HELD = {"hold": "x", "times": "always"}


@either
def test_one_refusal_ends_the_request(client: openai.OpenAI, door: Door, stream: bool) -> None:
    door.script({**HELD, "times": 2}, DENIED)

    with pytest.raises(openai.PermissionDeniedError) as caught:
        client.chat.completions.create(**ASK, stream=stream)

    requests = door.requests(wait="aborted", count=2)
    assert caught.value.response.headers["x-amzn-requestid"] == requests[-1]["id"]


@either
def test_one_answer_that_cannot_be_used_ends_the_request(
    http: httpx.Client, door: Door, stream: bool
) -> None:
    malformed = {"stopReason": "malformed_model_output"}
    door.script({"response": malformed}, {"text": "Fine.", "times": "always"})
    answer = http.post("/v1/chat/completions", json={**ASK, "stream": stream})

    assert "malformed_model_output" in answer.text
    assert "[DONE]" not in answer.text
    assert stream or answer.status_code == 502


def test_an_open_stream_is_closed_where_another_is_refused(client: openai.OpenAI, door: Door) -> None:
    door.script({**HELD, "hold_after": 0, "times": 2}, {**DENIED, "delay": 0.05})

    with pytest.raises(openai.PermissionDeniedError):
        client.chat.completions.create(**ASK, stream=True)

    assert door.requests(wait="aborted", count=2)


def test_an_exception_in_a_first_frame_is_a_status(client: openai.OpenAI, door: Door) -> None:
    exception = {"type": "throttlingException", "message": "Too many tokens."}
    door.script({**HELD, "hold_after": 0, "times": 2}, {"exception": exception})

    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(**ASK, stream=True)

    failed = door.requests(wait="aborted", count=2)[-1]
    assert caught.value.response.headers["x-amzn-requestid"] == failed["id"]


BREAKS = {
    "exception": {"exception": {"type": "throttlingException", "message": "Too many tokens.", "after": 3}},
    "early end": {"end_after": 3},
    "dropped connection": {"drop_after": 3},
    "corrupt frame": {"corrupt_after": 3},
}


@pytest.mark.parametrize("how", BREAKS.values(), ids=BREAKS.keys())
def test_a_failure_within_one_is_one_error_event_and_the_end_of_all(
    http: httpx.Client, door: Door, how: dict[str, Any]
) -> None:
    door.script(
        {"text": "One two three.", **HELD, "hold_after": 3, "times": 2}, {"text": "Four five six."} | how
    )
    answer = http.post("/v1/chat/completions", json=STREAM)

    *chunks, last = [orjson.loads(line.removeprefix("data: ")) for line in answer.text.split("\n") if line]
    assert answer.status_code == 200
    assert all("error" not in chunk and chunk["choices"][0]["finish_reason"] is None for chunk in chunks)
    assert last["error"]["type"] in ("rate_limit_error", "server_error")
    assert door.requests(wait="aborted", count=2)


def test_a_choice_that_lacks_only_its_usage_is_one(http: httpx.Client, door: Door) -> None:
    door.script({"text": "Hi", "drop_after": 4}, {"text": "Hi", "times": "always"})
    *chunks, last = events(http.post("/v1/chat/completions", json=STREAM))

    assert said(chunks) == {0: "Hi", 1: "Hi", 2: "Hi"}
    assert last["usage"]["completion_tokens"] == 2  # as far as it was told


# Clients that leave, and models that are slow

WAITING: dict[str, tuple[bool, dict[str, Any]]] = {
    "whole": (False, HELD),
    "before the status": (True, HELD),
    "before the first frame": (True, {**HELD, "hold_after": 0}),
    "within the answer": (True, {**HELD, "hold_after": 3}),
}


@pytest.mark.parametrize(("stream", "hold"), WAITING.values(), ids=WAITING.keys())
def test_bedrock_is_told_of_all_when_a_client_leaves(
    outcrop: str, door: Door, stream: bool, hold: dict[str, Any]
) -> None:
    door.script(hold)

    with calling(outcrop, {**ASK, "stream": stream}):
        door.requests(wait="answering", count=3)

    assert door.requests(wait="aborted", count=3)


@pytest.fixture
def impatient(bedrock: str, door: Door) -> Iterator[str]:
    with serving_outcrop(Settings(keep_alive=0.05)) as url:
        yield url


def test_comments_keep_it_alive_while_all_are_silent(impatient: str, door: Door) -> None:
    door.script({**HELD, "hold_after": 0})

    with httpx.stream("POST", f"{impatient}/v1/chat/completions", json=STREAM) as answer:
        lines = answer.iter_lines()
        assert next(lines) == ": keep-alive"
        door.release("x")
        data = [orjson.loads(line[6:]) for line in lines if line.startswith("data: {")]

    assert len(said(data[:-1])) == 3


# Which choice is which cannot be told from outside, so here the streams are opened one after the other.


async def unremembered(_: Sequence[ContentBlock]) -> None:
    pass


async def opened(bedrock: Bedrock, choices: int) -> Choices:
    body = orjson.dumps({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]})
    way_back = WayBack(model="m")
    return Choices(
        [
            Chunks(
                await bedrock.converse_stream(MODEL, [body]),
                ChatStream(way_back, id="c", created=0, index=index),
                unremembered,
            )
            for index in range(choices)
        ]
    )


def index(chunk: ChatCompletionChunk) -> int:
    return chunk["choices"][0]["index"]


def test_no_choice_begins_before_the_one_before_it(door: Door) -> None:
    door.script({"text": "Slow.", "hold": "x", "hold_after": 0}, {"text": "Fast."})

    async def read() -> list[ChatCompletionChunk]:
        async with connect() as bedrock:
            choices = await opened(bedrock, 2)
            reading = asyncio.ensure_future(choices.read())
            await asyncio.to_thread(door.requests, wait="done")
            assert not reading.done()
            await asyncio.to_thread(door.release, "x")
            chunks = await reading
            while not choices.ended:
                chunks += await choices.read()
            return chunks

    chunks = asyncio.run(read())
    assert index(chunks[0]) == 0
    assert said(chunks) == {0: "Slow.", 1: "Fast."}


def test_no_choice_that_has_begun_waits_for_another(door: Door) -> None:
    door.script({"text": "Slow one.", "hold": "x", "hold_after": 2}, {"text": "Fast."})

    async def read() -> list[ChatCompletionChunk]:
        async with connect() as bedrock:
            choices = await opened(bedrock, 2)
            chunks: list[ChatCompletionChunk] = []
            while not any(chunk["choices"][0]["finish_reason"] for chunk in chunks):
                chunks += await choices.read()
            assert index(chunks[-1]) == 1
            await asyncio.to_thread(door.release, "x")
            while not choices.ended:
                chunks += await choices.read()
            return chunks

    assert said(asyncio.run(read())) == {0: "Slow one.", 1: "Fast."}


def test_what_came_before_a_failure_is_told_before_it(door: Door) -> None:
    """Also what came of a choice that goes on; then nothing is read on."""
    door.script(
        {"text": "One two.", "hold": "x", "hold_after": 3},
        {"exception": {"type": "throttlingException", "after": 1}},
    )

    async def read() -> list[ChatCompletionChunk]:
        async with connect() as bedrock:
            choices = await opened(bedrock, 2)
            chunks: list[ChatCompletionChunk] = []
            while {index(chunk) for chunk in chunks} != {0, 1}:
                chunks += await choices.read()
            with pytest.raises(APIError) as caught:
                chunks += [chunk for _ in range(3) for chunk in await choices.read()]
            assert caught.value.code == "rate_limit_exceeded"
            choices.close()
            return chunks

    assert {index(chunk) for chunk in asyncio.run(read())} == {0, 1}


def test_a_read_may_be_cancelled_and_called_again(door: Door) -> None:
    door.script({"hold": "x", "hold_after": 0, "times": 2})

    async def read() -> list[ChatCompletionChunk]:
        async with connect() as bedrock:
            choices = await opened(bedrock, 2)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await choices.read()
            await asyncio.to_thread(door.release, "x")
            chunks: list[ChatCompletionChunk] = []
            while not choices.ended:
                chunks += await choices.read()
            return chunks

    assert len(said(asyncio.run(read()))) == 2


# All of them, or none


def test_what_is_done_is_undone_where_another_fails() -> None:
    undone: list[str] = []

    async def done() -> str:
        return "done"

    async def fails() -> str:
        raise RuntimeError

    async def waits() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            undone.append("cancelled")
        return "never"

    with pytest.raises(RuntimeError):
        asyncio.run(together([done(), waits(), fails()], undo=undone.append))

    assert sorted(undone) == ["cancelled", "done"]


def test_the_header_of_many_ids_is_bounded() -> None:
    assert request_ids(["", "a", "b"]) == "a, b"
    assert len(request_ids(["0" * 36] * 128)) < 1024
