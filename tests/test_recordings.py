"""Every recorded answer of Bedrock reaches the client, whole: in the translators, and over sockets."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openai import APIError as SDKError
from openai import APIStatusError, OpenAI
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.completions import DELTA_EXTENSIONS, EXTENSIONS, client_account, extensions, fold
from tests.recordings import FOLDER, Account, Recording, account, load, names, whole
from tests.servers import outcrop as serving_outcrop
from tests.servers import serving
from translators.aws_errors import from_aws
from translators.chat import ChatStream, chat_completion
from translators.chat.way_back import WayBack
from translators.errors import APIError
from translators.eventstream import Decoder

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the recordings are not here")

CONVERSE, CONVERSE_STREAM = names("Converse"), names("ConverseStream")

FINISH_REASONS = {
    "end_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "guardrail_intervened": "content_filter",
}

# By Bedrock's words: status, type, code and param of what the client gets.
ERRORS = {
    "model identifier is invalid": (404, "invalid_request_error", "model_not_found", "model"),
    "on-demand throughput isn’t supported": (400, "invalid_request_error", "invalid_value", "model"),
    "Input Tokens Exceeded": (400, "invalid_request_error", "context_length_exceeded", "messages"),
    "is not supported": (400, "invalid_request_error", "invalid_value", None),
    "This model doesn't support": (400, "invalid_request_error", "invalid_value", None),
    "does not match the expected type": (400, "invalid_request_error", "invalid_value", None),
    "extraneous key": (400, "invalid_request_error", "invalid_value", None),
    "Field required": (400, "invalid_request_error", "invalid_value", None),
    "request is expired": (503, "server_error", "aws_credentials_expired", None),
    "request is invalid": (503, "server_error", "aws_credentials_invalid", None),
    "Signature expired": (503, "server_error", "aws_credentials_invalid", None),
}


REFUSED = [name for name in (*CONVERSE, *CONVERSE_STREAM) if load(name).status != 200]
ANSWERED = [name for name in CONVERSE if name not in REFUSED]
BEGUN = [name for name in CONVERSE_STREAM if name not in REFUSED]
REFUSED_IN_STREAM = [name for name in BEGUN if load(name).events()[0][0].endswith("Exception")]
STREAMED = [name for name in BEGUN if name not in REFUSED_IN_STREAM]


def test_no_recording_is_left_out() -> None:
    assert (len(CONVERSE), len(CONVERSE_STREAM)) == (478, 123)
    assert (len(ANSWERED), len(STREAMED), len(REFUSED), len(REFUSED_IN_STREAM)) == (464, 121, 15, 1)


# In the translators


@pytest.mark.parametrize("name", ANSWERED)
def test_nothing_of_a_whole_answer_is_lost(name: str) -> None:
    recording = load(name)

    completion = chat_completion(recording.json, WayBack(model="m"), id="chatcmpl-1", created=1)

    checked = ChatCompletion.model_validate(completion, strict=True)
    assert extensions(checked) <= EXTENSIONS
    assert client_account(completion) == expected(account(recording.json))


def at_once(data: bytes) -> Iterator[bytes]:
    yield data


def pieces(size: int) -> Callable[[bytes], Iterator[bytes]]:
    def cut(data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), size):
            yield data[start : start + size]

    return cut


def inside_each_part(data: bytes) -> Iterator[bytes]:
    """Every frame cut within its lengths, prelude checksum, headers, payload and checksum."""
    start = before = 0
    while start < len(data):
        total = int.from_bytes(data[start : start + 4], "big")
        headers = int.from_bytes(data[start + 4 : start + 8], "big")
        for cut in (3, 10, 12 + headers // 2, (12 + headers + total) // 2, total - 2):
            yield data[before : start + cut]
            before = start + cut
        start += total
    yield data[before:]


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(at_once, id="at once"),
        pytest.param(pieces(1), id="byte by byte"),
        pytest.param(pieces(97), id="97 bytes"),
        pytest.param(pieces(4096), id="4096 bytes"),
        pytest.param(inside_each_part, id="inside each part"),
    ],
)
@pytest.mark.parametrize("name", STREAMED)
def test_nothing_of_a_stream_is_lost(name: str, cut: Callable[[bytes], Iterator[bytes]]) -> None:
    recording = load(name)

    chunks = translated(cut(recording.body))

    check_chunks(chunks)
    assert client_account(fold(chunks)) == expected(account(whole(recording.events())))


@pytest.mark.parametrize("name", STREAMED)
def test_the_sdk_puts_every_stream_together(name: str) -> None:
    chunks = translated([load(name).body])
    state = ChatCompletionStreamState()

    for chunk in chunks:
        checked = ChatCompletionChunk.model_validate(chunk, strict=True)
        assert extensions(checked) <= DELTA_EXTENSIONS
        list(state.handle_chunk(checked))

    snapshot = state.current_completion_snapshot.model_dump()
    assert client_account(snapshot) == client_account(fold(chunks))
    if snapshot["choices"][0]["finish_reason"] in ("stop", "tool_calls"):  # at others the SDK raises
        assert client_account(state.get_final_completion().model_dump()) == client_account(snapshot)


@pytest.mark.parametrize("name", STREAMED)
def test_usage_is_told_only_where_it_was_asked_for(name: str) -> None:
    told, untold = translated([load(name).body]), translated([load(name).body], include_usage=False)

    assert untold == [{k: v for k, v in chunk.items() if k != "usage"} for chunk in told if chunk["choices"]]


@pytest.mark.parametrize("name", REFUSED)
def test_words_and_kind_of_a_refusal_survive(name: str) -> None:
    recording = load(name)

    error = from_aws(recording.error_type, recording.json["message"])

    check_error(recording.json["message"], error.status, error.body()["error"])


@pytest.mark.parametrize("name", REFUSED_IN_STREAM)
def test_words_and_kind_of_a_refusal_in_a_stream_survive(name: str) -> None:
    with pytest.raises(APIError) as raised:
        translated([load(name).body])

    check_error(load(name).events()[0][1]["message"], raised.value.status, raised.value.body()["error"])


def translated(pieces: Any, include_usage: bool = True) -> list[dict[str, Any]]:
    decoder = Decoder()
    stream = ChatStream(WayBack(model="m", include_usage=include_usage), id="chatcmpl-1", created=1)
    frames = (frame for piece in pieces for frame in decoder.feed(piece))
    chunks: list[Any] = [chunk for frame in frames if (chunk := stream.receive(frame))]
    decoder.flush()
    stream.close()
    return chunks


# Over sockets


@pytest.fixture(scope="module")
def client(no_aws: None) -> Iterator[OpenAI]:
    """The SDK before an Outcrop before a Bedrock that answers with the recording which `model` names."""
    bedrock = Starlette(routes=[Route("/model/{name:path}/{operation}", recorded, methods=["POST"])])
    with serving(bedrock) as aws, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", aws)
        with (
            serving_outcrop() as url,
            OpenAI(base_url=f"{url}/v1", api_key="-", max_retries=0) as client,
        ):
            yield client


async def recorded(request: Request) -> Response:
    recording = load(request.path_params["name"])
    operation = {"converse": "Converse", "converse-stream": "ConverseStream"}[
        request.path_params["operation"]
    ]
    assert recording.operation == operation
    headers = {
        name: value
        for name, value in recording.headers.items()
        if name == "content-type" or name.startswith("x-amzn-")
    }
    if operation == "Converse" or recording.status != 200:
        return Response(recording.body, recording.status, headers)

    async def body() -> Any:
        for piece in pieces(997)(recording.body):
            yield piece

    return StreamingResponse(body(), headers=headers)


def asked(recording: Recording) -> dict[str, Any]:
    return {"model": recording.name, "messages": [{"role": "user", "content": "Hello"}]}


@pytest.mark.parametrize("name", ANSWERED)
def test_nothing_of_a_whole_answer_is_lost_over_sockets(name: str, client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(**asked(load(name)))
    completion = raw.parse()

    assert completion.model == name
    assert raw.headers.get("x-amzn-requestid", "") == load(name).headers.get("x-amzn-requestid", "")
    assert client_account(completion.model_dump()) == expected(account(load(name).json))


@pytest.mark.parametrize("name", STREAMED)
def test_nothing_of_a_stream_is_lost_over_sockets(name: str, client: OpenAI) -> None:
    with client.chat.completions.create(
        **asked(load(name)), stream=True, stream_options={"include_usage": True}
    ) as stream:
        chunks = [chunk.model_dump(exclude_unset=True) for chunk in stream]

    check_chunks(chunks)
    assert client_account(fold(chunks)) == expected(account(whole(load(name).events())))


@pytest.mark.parametrize("name", [*REFUSED, *REFUSED_IN_STREAM])
def test_words_and_kind_of_a_refusal_survive_over_sockets(name: str, client: OpenAI) -> None:
    """An exception in the first frame of a stream comes before our status: it is a status too."""
    recording = load(name)
    streamed = recording.operation == "ConverseStream"
    refused = name in REFUSED_IN_STREAM
    words = recording.events()[0][1]["message"] if refused else recording.json["message"]

    with pytest.raises(SDKError) as raised:
        client.chat.completions.create(**asked(recording), stream=streamed)

    assert isinstance(raised.value, APIStatusError)
    assert isinstance(raised.value.body, dict)
    check_error(words, raised.value.status_code, raised.value.body)
    retry = raised.value.response.headers.get("x-should-retry")
    assert retry == ("false" if raised.value.status_code == 503 else None)


# What a client must get


def expected(said: Account) -> Account:
    """Bedrock's account with OpenAI's word for the end. A tool that Bedrock ran is not one to call."""
    finish = FINISH_REASONS[said["stop"]]
    if finish in ("stop", "tool_calls"):
        finish = "tool_calls" if said["tool_calls"] else "stop"
    return {**{name: value for name, value in said.items() if name != "stop"}, "finish_reason": finish}


def check_chunks(chunks: list[Any]) -> None:
    """The order that OpenAI's clients rely on: role, deltas, one finish, one usage, nothing after.

    The last has a choice only where Bedrock says something beside the answer.
    """
    *said, usage = chunks
    deltas = [chunk["choices"][0]["delta"] for chunk in said]
    envelopes = {(c["id"], c["object"], c["created"], c["model"]) for c in chunks}
    assert len(envelopes) == 1
    assert [len(chunk["choices"]) for chunk in said] == [1] * len(said)
    assert [choice["delta"] or "bedrock" in choice for choice in usage["choices"]] in ([], [True])
    assert [bool(chunk["usage"]) for chunk in chunks] == [False] * len(said) + [True]
    assert set(usage) - {"service_tier"} == set(said[0])
    assert [chunk["choices"][0]["index"] for chunk in said] == [0] * len(said)
    finishes = [chunk["choices"][0]["finish_reason"] for chunk in said]
    assert finishes == [None] * (len(said) - 1) + finishes[-1:]
    assert finishes[-1]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert deltas[-1] == {}
    assert all(delta and all(delta.values()) for delta in deltas[1:-1]), "a delta that says nothing"
    assert not any("role" in delta for delta in deltas[1:])
    check_tool_calls([call for delta in deltas for call in delta.get("tool_calls", [])])
    annotations = [entry["index"] for delta in deltas for entry in delta.get("annotations", [])]
    assert annotations == list(range(len(annotations)))


def check_tool_calls(calls: list[dict[str, Any]]) -> None:
    """Id, type and name once and first; the index counts calls from 0, and one call follows another."""
    first: list[int] = []
    for call in calls:
        if call["index"] not in first:
            first.append(call["index"])
            assert set(call) == {"index", "id", "type", "function"}
            assert call["function"]["name"]
        else:
            assert call["index"] == first[-1]
            assert set(call) == {"index", "function"}
            assert set(call["function"]) == {"arguments"}
    assert first == list(range(len(first)))
    assert max(Counter(call["id"] for call in calls if "id" in call).values(), default=1) == 1


def check_error(words: str, status: int, error: Any) -> None:
    row = next(row for known, row in ERRORS.items() if known in words)
    assert (status, error["type"], error["code"], error["param"]) == row
    assert words.rstrip(".") in error["message"]
