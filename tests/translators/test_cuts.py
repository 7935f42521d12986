"""What is cut out of a request's JSON is put back: nobody can tell from what Bedrock gets."""

import json
from base64 import b64encode
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Story
from tests.plans import body as sent
from tests.plans import converse
from tests.samples import PNG
from tests.translators.conversations import media_parts, messages
from translators.chat import plan
from translators.chat.cuts import LEAST, Cuts, characters, cut
from translators.errors import APIError
from translators.openai import ChatCompletionRequest
from translators.shapes import parse

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
BLIND = "mistral.mistral-7b-instruct-v0:2"
KEY = "0123"


def outcome(body: bytes, *, least: int) -> Any:
    """What is asked of Bedrock, and what a dry run tells of it; or why it is not."""
    rest, cuts = cut(body, KEY, least=least)
    try:
        asked = plan(parse(rest, ChatCompletionRequest), cuts=cuts)
        return asked.model_id, sent(asked), asked.explained(), asked.adjusted
    except APIError as error:
        return error.body()


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def chat(*parts: dict[str, Any], model: str = CLAUDE, **fields: Any) -> bytes:
    return orjson.dumps({"model": model, "messages": [{"role": "user", "content": parts}], **fields})


def is_cut(body: bytes, *, least: int = 1) -> bool:
    return bool(cut(body, KEY, least=least)[1].held)


def test_stories_are_told_the_same(story: Story) -> None:
    body = (story.folder / "1_request.json").read_bytes()

    assert outcome(body, least=1) == outcome(body, least=len(body))


@given(messages(min_size=1, content=media_parts()), st.sampled_from([CLAUDE, BLIND]), st.booleans())
def test_any_messages_are_asked_the_same(history: list[Any], model: str, spaced: bool) -> None:
    body = json.dumps({"messages": history, "model": model}, indent=1 if spaced else None).encode()

    assert outcome(body, least=1) == outcome(body, least=len(body))


def test_what_is_cut_is_not_copied() -> None:
    data = b64encode(b"\x89PNG\r\n\x1a\n" + b"\x00" * 600_000)
    rest, cuts = cut(chat(image(f"data:image/png;base64,{data.decode()}")), KEY)
    asked = plan(parse(rest, ChatCompletionRequest), cuts=cuts)

    assert len(rest) < 300
    [_, pasted, _] = asked.pieces
    assert isinstance(pasted, memoryview)
    assert pasted == data
    assert converse(asked)["messages"][0]["content"][0]["image"]["format"] == "png"
    assert characters(next(iter(cuts.held))) == len(data)


@pytest.mark.parametrize(("length", "cuts"), [(LEAST - 4, False), (LEAST, True)])
def test_only_long_data_are_cut(length: int, cuts: bool) -> None:
    assert is_cut(chat(image(f"data:image/png;base64,{'A' * length}")), least=LEAST) is cuts


def test_what_is_little_of_a_body_does_not_keep_it() -> None:
    words, picture = {"type": "text", "text": "word " * 1000}, image(f"data:image/png;base64,{'A' * 1000}")
    for body, kept in ((chat(words, picture), 1000), (chat(picture), len(chat(picture)))):
        [data] = cut(body, KEY, least=1)[1].held.values()
        assert memoryview(data.obj).nbytes == kept


URL = f"data:image/png;base64,{PNG}"
AS_IT_IS = {
    "an image": chat(image(URL)),
    "as a string": chat({"type": "image_url", "image_url": URL}),
    "a file": chat({"type": "file", "file": {"filename": "a.png", "file_data": URL}}),
    "a media type's parameter": chat(image(f"data:image/png;charset=utf-8;base64,{PNG}")),
    "white space in the JSON": chat(image(URL)).replace(b'"url":', b'"url" \n\t: '),
    "two": chat(image(URL), image(URL)),
    "a label": chat({"type": "text", "text": "Hi"}, metadata={"url": URL}),
    "a tool's": chat(
        {"type": "text", "text": "Hi"},
        tools=[{"type": "function", "function": {"name": "f", "parameters": {"default": {"url": URL}}}}],
    ),
    "Bedrock's": chat({"type": "text", "text": "Hi"}, bedrock={"requestMetadata": {"url": URL}}),
}
TO_BE_MENDED = {
    "escaped slashes": chat(image(URL)).replace(b"/", b"\\/"),
    "no padding": chat(image(URL.rstrip("="))),
    "too much padding": chat(image(URL + "====")),
    "padding within": chat(image(f"data:image/png;base64,AA=={PNG}")),
    "URL-safe": chat(image(URL[:-8] + "_-" + URL[-6:])),
    "not ASCII": chat(image(URL + "ééé")),
    "not base64": chat(image(f"data:image/png,{PNG}")),
    "bare": chat(image(PNG)),
    "no data": chat(image("data:image/png;base64,")),
    "a text": chat({"type": "text", "text": URL}),
    "JSON in a text": chat({"type": "text", "text": json.dumps({"url": URL})}),
    "the end of a string": chat({"type": "text", "text": '"url":'}, image("data:,")).replace(
        b"data:,", b'"data:'
    ),
}


@pytest.mark.parametrize("body", AS_IT_IS.values(), ids=AS_IT_IS)
def test_data_that_need_no_mending_are_cut(body: bytes) -> None:
    assert is_cut(body)
    assert outcome(body, least=1) == outcome(body, least=len(body))


@pytest.mark.parametrize("body", TO_BE_MENDED.values(), ids=TO_BE_MENDED)
def test_all_else_stays(body: bytes) -> None:
    assert cut(body, KEY, least=1) == (body, Cuts(KEY, {}, len(body)))


@given(
    st.binary(), st.lists(st.sampled_from([b'"url":', b'"data:', b";base64,", b"AAAA", b'"', b"\\", b","]))
)
def test_what_is_no_json_stays_none(noise: bytes, pieces: list[bytes]) -> None:
    body = b"".join([*pieces, noise, *pieces])

    assert outcome(body, least=1) == outcome(body, least=len(body) + 1)


def test_a_client_cannot_write_a_stand_in() -> None:
    """Whose key it cannot know; and of data that are not there nothing comes."""
    forged = image(f"data:image/png;base64,(cut {KEY}4 0 {len(PNG)})")

    refusal = outcome(chat(image(URL), forged), least=1)
    assert refusal["error"]["param"] == "messages[0].content[1].image_url.url"
    text = {"type": "text", "text": f"(cut {KEY}4 0 {len(PNG)})"}
    assert outcome(chat(image(URL), text), least=1) == outcome(chat(image(URL), text), least=10**6)
