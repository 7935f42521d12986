"""The translators, story by story."""

from typing import Any

import pytest

from tests.completions import client_account, fold
from tests.conftest import Story
from tests.frames import frame
from tests.plans import converse
from translators.chat import ChatStream, chat_completion, plan
from translators.errors import APIError
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

ID, CREATED = "chatcmpl-1", 1_700_000_000


def test_request(story: Story) -> None:
    request = conform(story.read("1_request.json"), ChatCompletionRequest)
    asked = plan(request)

    story.expect("2_converse.json", {"modelId": asked.model_id, **converse(asked)})


@pytest.mark.needs("2_adjusted.json")
def test_adjustments(story: Story) -> None:
    asked = plan(conform(story.read("1_request.json"), ChatCompletionRequest))

    story.expect("2_adjusted.json", [adjustment._asdict() for adjustment in asked.adjusted])


def test_only_the_stories_that_say_so_are_adjusted(story: Story) -> None:
    asked = plan(conform(story.read("1_request.json"), ChatCompletionRequest))

    assert bool(asked.adjusted) == story.has("2_adjusted.json")


@pytest.mark.needs("3_response.json")
def test_response(story: Story) -> None:
    story.expect("4_completion.json", completion(story))


@pytest.mark.needs("3_events.jsonl")
def test_stream(story: Story) -> None:
    story.expect("4_chunks.jsonl", chunks(story))


@pytest.mark.needs("4_completion.json", "4_chunks.jsonl")
def test_streamed_and_whole_answers_agree(story: Story) -> None:
    """Folding the chunks as a client does gives the whole answer."""
    whole, folded = story.read("4_completion.json"), fold(story.read("4_chunks.jsonl"))

    assert client_account(folded) == client_account(whole)
    assert folded["usage"] == whole["usage"]
    assert said_beside(folded) == said_beside(whole)


def said_beside(completion: Any) -> dict[str, Any]:
    """But for the model's own fields: a stream has them where the model's own stream does."""
    told = {**completion["choices"][0].get("bedrock", {}), "service_tier": completion.get("service_tier")}
    return {name: value for name, value in told.items() if name != "additionalModelResponseFields"}


def completion(story: Story) -> Any:
    asked = plan(conform(story.read("1_request.json"), ChatCompletionRequest))
    try:
        return chat_completion(story.read("3_response.json"), asked.way_back, id=ID, created=CREATED)
    except APIError as error:
        return error.body()


def chunks(story: Story) -> list[Any]:
    """What a client gets, [DONE] left out; an error is the last thing it gets."""
    asked = plan(conform(story.read("1_request.json"), ChatCompletionRequest))
    stream = ChatStream(asked.way_back, id=ID, created=CREATED)
    got: list[Any] = []
    try:
        for event in story.read("3_events.jsonl"):
            if chunk := stream.receive(frame(event)):
                got.append(chunk)
        stream.close()
    except APIError as error:
        got.append(error.body())
    return got
