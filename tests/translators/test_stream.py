"""What stories cannot say of a stream: frames that are damaged, and answers that do not end."""

import pytest

from tests.frames import frame
from translators.chat import ChatStream
from translators.chat.way_back import WayBack
from translators.errors import APIError
from translators.eventstream import Frame


@pytest.fixture
def stream() -> ChatStream:
    return ChatStream(WayBack(model="m"), id="chatcmpl-1", created=0)


def test_an_answer_without_message_stop_is_an_error(stream: ChatStream) -> None:
    stream.receive(frame({"messageStart": {"role": "assistant"}}))

    with pytest.raises(APIError) as caught:
        stream.close()

    assert (caught.value.status, caught.value.code) == (502, "upstream_error")


def test_an_answer_is_complete_without_its_usage(stream: ChatStream) -> None:
    stream.receive(frame({"messageStop": {"stopReason": "end_turn"}}))
    stream.close()

    assert stream.stopped


def test_an_exception_frame_is_its_error(stream: ChatStream) -> None:
    with pytest.raises(APIError) as caught:
        stream.receive(frame({"throttlingException": {"message": "Too many requests"}}))

    assert (caught.value.status, caught.value.code) == (429, "rate_limit_exceeded")


def test_an_exception_of_the_front_end_spells_message_with_a_capital(stream: ChatStream) -> None:
    with pytest.raises(APIError, match="Slow down"):
        stream.receive(frame({"throttlingException": {"Message": "Slow down"}}))


def test_an_error_frame_has_all_in_its_headers(stream: ChatStream) -> None:
    headers = {":message-type": "error", ":error-code": "internalServerException", ":error-message": "Oops"}

    with pytest.raises(APIError, match="Oops") as caught:
        stream.receive(Frame(headers, b""))

    assert caught.value.status == 500


def test_an_event_that_is_no_json_is_an_error(stream: ChatStream) -> None:
    with pytest.raises(APIError, match="not valid JSON"):
        stream.receive(Frame({":message-type": "event", ":event-type": "messageStart"}, b"{"))


@pytest.mark.parametrize("reason", ["malformed_model_output", "malformed_tool_use"])
def test_malformed_output_is_never_a_clean_stop(stream: ChatStream, reason: str) -> None:
    with pytest.raises(APIError, match=reason) as caught:
        stream.receive(frame({"messageStop": {"stopReason": reason}}))

    assert caught.value.status == 502


def test_two_tools_whose_pieces_interleave_stay_apart(stream: ChatStream) -> None:
    """Never recorded; if Bedrock did it, clients would have to be told by index."""
    for index, name in ((3, "a"), (5, "b")):
        stream.receive(
            frame(
                {
                    "contentBlockStart": {
                        "contentBlockIndex": index,
                        "start": {"toolUse": {"toolUseId": name, "name": name}},
                    }
                }
            )
        )
    told = []
    for index, piece in ((5, "{}"), (3, "[]")):
        chunk = stream.receive(
            frame({"contentBlockDelta": {"contentBlockIndex": index, "delta": {"toolUse": {"input": piece}}}})
        )
        assert chunk is not None
        call = chunk["choices"][0]["delta"]["tool_calls"][0]
        told.append((call["index"], call["function"]["arguments"]))

    assert told == [(1, "{}"), (0, "[]")]
