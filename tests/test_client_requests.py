"""What real clients sent: each chat request is taken, and what it becomes is taken by the strict local Bedrock.

The captured requests are not part of the project; without them these tests are skipped.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest

from proxy.local.validation import check
from translators.chat import plan
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "client-requests"
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the captured requests are not here")

# Asked for what is not served (yet): the field that the 400 names.
REFUSED = {
    "aisdk-openai-compatible-image-pdf.json": "messages[0].content[2].type",
    "langchain-openai-all-options.json": "logprobs",
    "langchain-openai-image-pdf.json": "messages[0].content[2].type",
    "openai-python-allfields-1.json": "messages[2].content[3].type",
    "openai-python-allfields-2.json": "messages[2].content[3].type",
}


def chats() -> list[str]:
    if not FOLDER.exists():
        return []
    index = orjson.loads((FOLDER / "INDEX.json").read_bytes())
    return sorted(entry["file"] for entry in index if entry["path"].endswith("/chat/completions"))


def read(name: str) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads((FOLDER / name).read_bytes())
    return {**body, "model": MODEL}


def test_all_of_them_are_here() -> None:
    assert len(chats()) == 90
    assert set(REFUSED) <= set(chats())


@pytest.mark.parametrize("name", [name for name in chats() if name not in REFUSED])
def test_a_captured_request_is_taken(name: str) -> None:
    asked = plan(conform(read(name), ChatCompletionRequest))

    assert check("ConverseStream" if asked.stream else "Converse", asked.model_id, orjson.loads(asked.body()))


@pytest.mark.parametrize(("name", "param"), REFUSED.items())
def test_what_is_not_served_is_named(name: str, param: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        plan(conform(read(name), ChatCompletionRequest))

    assert caught.value.param == param
