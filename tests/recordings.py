"""Recorded Bedrock traffic, read without our code's help: what was sent, and what it says.

The recordings are no part of the project; where they are absent, there are none. Whole or streamed, an
answer is read into the same plain account, a key for each thing that a client must not lose.
"""

import base64
import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from botocore.eventstream import EventStreamBuffer

from tests.frames import framed

FOLDER = Path(__file__).parents[2] / "shared" / "recordings"

Account = dict[str, Any]
Event = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    operation: str
    model_id: str
    asked: Any
    """The request's body; None where it was not kept as JSON."""
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error_type(self) -> str:
        """As HTTP tells it. One recorder kept no such header: then the status is all there is."""
        return self.headers.get("x-amzn-errortype", str(self.status)).partition(":")[0]

    def events(self) -> list[Event]:
        """The stream, decoded by botocore."""
        buffer = EventStreamBuffer()
        buffer.add_data(self.body)
        messages: Iterator[Any] = iter(buffer)  # the stubs take headers for a number
        return [_event(message.headers, message.payload) for message in messages]


def names(*operations: str) -> list[str]:
    """Every recording of these operations; its name is its path in the folder."""
    paths = (path for operation in operations for path in FOLDER.glob(f"*/{operation}__*.json"))
    return sorted(path.relative_to(FOLDER).as_posix() for path in paths)


@cache
def load(name: str) -> Recording:
    recorded = json.loads((FOLDER / name).read_bytes())
    request, response = recorded["request"], recorded["response"]
    return Recording(
        name=name,
        operation=recorded["operation"],
        model_id=recorded["model_id"],
        asked=request["body_json"],
        status=response["status"],
        headers=response["headers"],
        body=b"".join(_body(response)),
    )


def _body(response: dict[str, Any]) -> Iterator[bytes]:
    """Two recordings kept the events only: they are framed as Bedrock frames them."""
    match response:
        case {"body_base64": data}:
            yield base64.b64decode(data)
        case {"body_json": body}:
            yield json.dumps(body).encode()
        case {"events_json": events}:
            yield from map(framed, events)


def _event(headers: dict[str, str], payload: bytes) -> Event:
    kind = headers[":message-type"]
    return headers[f":{kind}-type"], json.loads(payload)


def whole(events: list[Event]) -> dict[str, Any]:
    """The Converse response that a stream amounts to. Fails on an event that nobody here has seen."""
    blocks: dict[int, dict[str, Any]] = {}
    response: dict[str, Any] = {}
    for name, event in events:
        match name:
            case "messageStart" | "contentBlockStop":
                pass
            case "contentBlockStart":
                blocks[event["contentBlockIndex"]] = copy.deepcopy(event["start"])
            case "contentBlockDelta":
                _grow(blocks.setdefault(event["contentBlockIndex"], {}), event["delta"])
            case "messageStop":
                response["stopReason"] = event["stopReason"]
            case "metadata":
                response["usage"] = event["usage"]
            case _:
                raise AssertionError(f"an event to look at: {name}")
    content = [_parsed(blocks[index]) for index in sorted(blocks)]
    return {"output": {"message": {"role": "assistant", "content": content}}, **response}


def _grow(block: dict[str, Any], delta: dict[str, Any]) -> None:
    match delta:
        case {"text": text} if "citationsContent" in block:
            block["citationsContent"]["content"].append({"text": text})
        case {"text": text}:
            block["text"] = block.get("text", "") + text
        case {"toolUse": {"input": text}}:
            block["toolUse"]["input"] = block["toolUse"].get("input", "") + text
        case {"toolResult": content}:
            block["toolResult"].setdefault("content", []).extend(content)
        case {"citation": citation}:
            cited = block.setdefault("citationsContent", {"content": [], "citations": []})
            cited["citations"].append(citation)
        case {"reasoningContent": {"redactedContent": _} as reasoning}:
            block["reasoningContent"] = reasoning
        case {"reasoningContent": reasoning}:
            said = block.setdefault("reasoningContent", {"reasoningText": {"text": ""}})["reasoningText"]
            said["text"] += reasoning.get("text", "")
        case _:
            raise AssertionError(f"a delta to look at: {delta}")


def _parsed(block: dict[str, Any]) -> dict[str, Any]:
    if "toolUse" in block:
        block["toolUse"]["input"] = json.loads(block["toolUse"].get("input") or "{}")
    return block


def account(response: dict[str, Any]) -> Account:
    """What a Converse response says. Fails on a block that nobody here has seen."""
    said: Account = {
        "content": "",
        "reasoning": "",
        "tool_calls": [],
        "citations": [],
        "bedrock_content": [],
        "tokens": _tokens(response["usage"]),
        "stop": response["stopReason"],
    }
    for block in response["output"]["message"]["content"]:
        [(kind, body)] = block.items()
        match kind:
            case "text":
                said["content"] += body
            case "reasoningContent":
                said["reasoning"] += body.get("reasoningText", {}).get("text", "")
            case "toolUse" if body.get("type") != "server_tool_use":
                said["tool_calls"].append((body["toolUseId"], body["name"], body["input"]))
            case "toolUse" | "toolResult":
                said["bedrock_content"].append(block)
            case "citationsContent":
                _cite(said, body)
            case _:
                raise AssertionError(f"a block to look at: {kind}")
    return said


def _cite(said: Account, cited: dict[str, Any]) -> None:
    start = len(said["content"])
    said["content"] += "".join(content["text"] for content in cited.get("content", []))
    for citation in cited["citations"]:
        web = citation.get("location", {}).get("web", {})
        said["citations"].append(
            {
                "where": (start, len(said["content"])),
                "title": citation.get("title", web.get("domain", "")),
                "url": citation.get("source", web.get("url", "")),
                "location": citation["location"],
                "source": [content["text"] for content in citation.get("sourceContent", [])],
            }
        )


def _tokens(usage: dict[str, int]) -> dict[str, int]:
    read, written = usage.get("cacheReadInputTokens", 0), usage.get("cacheWriteInputTokens", 0)
    return {
        "prompt": usage["inputTokens"] + read + written,
        "cached": read,
        "written": written,
        "completion": usage["outputTokens"],
        "total": usage["totalTokens"],
    }
