"""Chat completion requests of any size; what they want answered stands at their end."""

import base64
import random
from typing import Any

import orjson

from tests.benchmarks.answers import Wanted

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
PROSE = 'a proxy reads what it is asked, "word for word",\nand tells a model; caf\u00e9s and rocks come and go in it. '
PNG = b"\x89PNG\r\n\x1a\n"


def chat(
    wanted: Wanted, *, stream: bool = False, history: int = 0, text: int = 0, tools: int = 0, image: int = 0
) -> bytes:
    """So many bytes of history, of text in the question and of an image's base64; so many tools."""
    body: dict[str, Any] = {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "You are a helpful assistant."},
            *conversation(history),
            {"role": "user", "content": question(wanted, text, image)},
        ],
        "max_tokens": 1024,
        "temperature": 0.5,
    }
    if tools:
        body["tools"] = [tool(number) for number in range(tools)]
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return orjson.dumps(body)


def question(wanted: Wanted, text: int, image: int) -> str | list[dict[str, Any]]:
    words = f"{prose(text)} What is under the moss? {wanted}"
    return [picture(image), {"type": "text", "text": words}] if image else words


def picture(size: int) -> dict[str, Any]:
    noise = random.Random(3).randbytes(size * 3 // 4 - len(PNG))  # noqa: S311  (not a secret)
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(PNG + noise).decode()}"}}  # fmt: skip


def conversation(size: int) -> list[dict[str, Any]]:
    """What an agent has behind it: turn after turn, with a call in each, until it is so many bytes long."""
    messages: list[dict[str, Any]] = []
    while size > 0:
        new = turn(len(messages), min(size, 4000) // 2)
        messages += new
        size -= len(orjson.dumps(new))
    return messages


def turn(number: int, size: int) -> list[dict[str, Any]]:
    function = {
        "name": f"tool_{number % 40}",
        "arguments": orjson.dumps({"field_0": prose(size // 8)}).decode(),
    }
    call = {"id": f"call_{number:024}", "type": "function", "function": function}
    return [
        {"role": "user", "content": prose(size // 4)},
        {"role": "assistant", "content": prose(size // 8), "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": prose(size)},
        {"role": "assistant", "content": prose(size // 4)},
    ]


def tool(number: int) -> dict[str, Any]:
    """About 900 bytes, as those of coding agents are."""
    fields = {f"field_{each}": {"type": "string", "description": prose(60)} for each in range(6)}
    schema = {"type": "object", "properties": fields, "required": ["field_0"]}
    function = {"name": f"tool_{number}", "description": prose(200), "parameters": schema}
    return {"type": "function", "function": function}


def prose(size: int) -> str:
    return (PROSE * (size // len(PROSE) + 1))[: max(size, 1)]
