"""A whole answer, replayed as a stream, says what the whole answer says."""

import pytest

from tests.completions import client_account, fold
from tests.conftest import Story
from translators.chat import ChatStream, chat_completion
from translators.chat.replay import event_stream
from translators.chat.way_back import WayBack
from translators.eventstream import Decoder
from translators.openai import ChatCompletionChunk


@pytest.mark.needs("3_response.json", "4_chunks.jsonl")
def test_what_is_replayed_is_what_was_answered(story: Story) -> None:
    response = story.read("3_response.json")
    whole = chat_completion(response, WayBack(model="m"), id="c", created=0)
    stream = ChatStream(WayBack(model="m", include_usage=True), id="c", created=0)
    chunks: list[ChatCompletionChunk] = []
    for frame in Decoder().feed(event_stream(response)):
        if chunk := stream.receive(frame):
            chunks.append(chunk)
    stream.close()

    assert client_account(fold(chunks)) == client_account(whole)
    assert fold(chunks)["usage"] == whole["usage"]
    assert fold(chunks)["choices"][0].get("bedrock") == whole["choices"][0].get("bedrock")
    assert fold(chunks)["service_tier"] == whole.get("service_tier")
