"""Requests that real clients sent, captured: not part of the project, so tests of them are skipped where they are not."""

from pathlib import Path
from typing import Any

import orjson

from tests.proxy.local.requests import said, thought

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "client-requests"

# Asked for what is not served: the field that the 400 names.
REFUSED = {
    "langchain-openai-all-options.json": "logprobs",
    "openai-python-allfields-1.json": "audio",
    "openai-python-allfields-2.json": "audio",
}
# They name a remote image too.
UNFETCHED = dict.fromkeys(
    ("openai-python-allfields-1.json", "openai-python-allfields-2.json"),
    "messages[2].content[2].image_url.url",
)
# Of models that see no images.
UNSEEN = dict.fromkeys(
    ("aisdk-openai-compatible-image-pdf.json", "langchain-openai-image-pdf.json"), "messages[0].content[1]"
)


def index() -> list[dict[str, str]]:
    """The file, method and path of each."""
    if not FOLDER.exists():
        return []
    entries: list[dict[str, str]] = orjson.loads((FOLDER / "INDEX.json").read_bytes())
    return sorted(entries, key=lambda entry: entry["file"])


def chats() -> list[str]:
    return [entry["file"] for entry in index() if entry["path"].endswith("/chat/completions")]


def read(name: str, *, model: str) -> dict[str, Any]:
    """The body, with a model of Bedrock's in place of the capture's stub, and with signatures of that model."""
    body = orjson.loads((FOLDER / name).read_bytes())
    return {**genuine(body, model), "model": model}


# Any: JSON, each member as it is.
def genuine(value: Any, model: str) -> Any:
    """The clients echoed what the stub had made up: here is what the local Bedrock would have given them."""
    match value:
        case {"signature": str(made_up), "text": str(text)} | {
            "signature": str(made_up),
            "thinking": str(text),
        }:
            (block,) = said(model, thought(text))["content"]
            return {
                **value,
                "signature": block["reasoningContent"]["reasoningText"].get("signature", made_up),
            }
        case dict():
            return {key: genuine(item, model) for key, item in value.items()}
        case list():
            return [genuine(item, model) for item in value]
    return value
