"""What real clients sent, through the front door: every model answers it, and strict Bedrock refuses none of it."""

from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from proxy.settings import RemoteMedia, Settings
from tests.client_requests import FOLDER, REFUSED, UNFETCHED, UNSEEN, chats, index, read
from tests.e2e.door import Door
from tests.servers import outcrop as serving_outcrop

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the captured requests are not here")

# And whether they see images.
MODELS = {
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0": True,
    "us.anthropic.claude-sonnet-5": True,
    "us.amazon.nova-pro-v1:0": True,
    "us.meta.llama3-3-70b-instruct-v1:0": False,
    "mistral.mistral-large-3-675b-instruct": True,
    "openai.gpt-oss-120b-1:0": False,
    "qwen.qwen3-32b-v1:0": False,
}


@pytest.fixture(scope="module")
def offline(bedrock: str) -> Iterator[str]:
    """Some of the captured requests name images on real hosts."""
    with serving_outcrop(Settings(media=RemoteMedia(remote=False))) as url:
        yield url


@pytest.mark.parametrize(("model", "sees"), MODELS.items())
def test_every_captured_chat_is_answered(offline: str, door: Door, model: str, sees: bool) -> None:
    """Or refused with the 400 that names what no Bedrock model can do, or this one cannot."""
    expected = REFUSED | UNFETCHED if sees else REFUSED | UNFETCHED | UNSEEN
    with httpx.Client(base_url=offline, timeout=20) as http:
        answers = {name: http.post("/v1/chat/completions", json=read(name, model=model)) for name in chats()}
    fates = {name: fate(answer) for name, answer in answers.items()}

    assert {name: fate for name, fate in fates.items() if fate != "answered"} == expected
    assert {request["status"] for request in door.requests()} == {200}


def fate(answer: httpx.Response) -> Any:
    """Whether it was answered to its end; else the field that was refused, or the whole error."""
    if answer.status_code == 200:
        streamed = answer.headers["content-type"].startswith("text/event-stream")
        whole = answer.text.endswith("data: [DONE]\n\n") if streamed else answer.json()["choices"]
        return "answered" if whole else answer.text
    error = answer.json()["error"]
    return error["param"] if (answer.status_code, error["type"]) == (400, "invalid_request_error") else error


def test_what_has_no_route_is_told_which_there_are(http: httpx.Client) -> None:
    others = [entry for entry in index() if not entry["path"].endswith("/chat/completions")]
    assert len(others) == 30
    for entry in others:
        answer = http.request(entry["method"], entry["path"], content=(FOLDER / entry["file"]).read_bytes())
        error = orjson.loads(answer.content)["error"]
        assert (answer.status_code, error["type"], error["code"]) == (
            404,
            "invalid_request_error",
            "not_found",
        )
        assert f"No route POST {entry['path']}." in error["message"]
        assert "POST /v1/chat/completions" in error["message"]
        assert "GET /v1/models" in error["message"]
