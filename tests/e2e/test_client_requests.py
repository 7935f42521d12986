"""What real clients sent, through the front door: every model answers it, and strict Bedrock refuses none of it."""

from typing import Any

import httpx
import orjson
import pytest

from tests.client_requests import FOLDER, REFUSED, chats, index, read
from tests.e2e.door import Door

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the captured requests are not here")

MODELS = [
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.anthropic.claude-sonnet-5",
    "us.amazon.nova-pro-v1:0",
    "us.meta.llama3-3-70b-instruct-v1:0",
    "mistral.mistral-large-3-675b-instruct",
    "openai.gpt-oss-120b-1:0",
    "qwen.qwen3-32b-v1:0",
]


@pytest.mark.parametrize("model", MODELS)
def test_every_captured_chat_is_answered(http: httpx.Client, door: Door, model: str) -> None:
    """Or refused with the 400 that names what no Bedrock model can do."""
    answers = {name: http.post("/v1/chat/completions", json=read(name, model=model)) for name in chats()}
    fates = {name: fate(answer) for name, answer in answers.items()}

    assert {name: fate for name, fate in fates.items() if fate != "answered"} == REFUSED
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
