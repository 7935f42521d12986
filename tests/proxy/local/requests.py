"""The smallest requests to say what a test is about, and the words around Bedrock's words."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest

from proxy.local import answers, catalogue
from proxy.local.call import ConverseOperation
from proxy.local.refusals import Refusal
from proxy.local.thinking import signed
from proxy.local.validation import check
from tests.samples import MODEL, PNG

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
CLAUDE_3 = MODEL
CLAUDE_46 = "us.anthropic.claude-sonnet-4-6"
CLAUDE_NEW = "us.anthropic.claude-opus-4-7"
CLAUDE_BOUND = "us.anthropic.claude-opus-5-5"
NOVA = "us.amazon.nova-lite-v1:0"
NOVA_2 = "us.amazon.nova-2-lite-v1:0"
NOVA_MICRO = "us.amazon.nova-micro-v1:0"
LLAMA = "us.meta.llama3-3-70b-instruct-v1:0"
LLAMA_4 = "us.meta.llama4-maverick-17b-instruct-v1:0"
TITAN = "amazon.titan-text-express-v1"
QWEN = "qwen.qwen3-32b-v1:0"
QWEN_VL = "qwen.qwen3-vl-235b-a22b"
GPT = "us.openai.gpt-5.6-sol"
GPT_OSS = "openai.gpt-oss-120b-1:0"
KIMI = "moonshot.kimi-k2-thinking"
MINIMAX = "minimax.minimax-m2"
R1 = "us.deepseek.r1-v1:0"
GROK = "us.xai.grok-4.6"
WRITER = "us.writer.palmyra-x5-v1:0"

# Any: JSON, most of it wrong on purpose.
JSON = Any

Row = tuple[str, JSON, str]
"""A model, the body of a request to it, and the words of the refusal."""

JPEG = b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00").decode()
TEXT = b64encode(b"these bytes are not an image").decode()

HI = {"text": "Hi"}
TOOL = {"toolSpec": {"name": "weather", "inputSchema": {"json": {"type": "object"}}}}
TOOLS = {"toolConfig": {"tools": [TOOL]}}
CACHE = {"cachePoint": {"type": "default"}}
CACHE_LONG = {"cachePoint": {"type": "default", "ttl": "1h"}}

# What a toolSpec says.
WEATHER: dict[str, JSON] = {
    "name": "get_weather",
    "inputSchema": {
        "json": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    },
}
TIME: dict[str, JSON] = {"name": "get_time", "inputSchema": {"json": {"type": "object", "properties": {}}}}


def user(*content: str | Mapping[str, JSON]) -> JSON:
    return {"role": "user", "content": [{"text": c} if isinstance(c, str) else c for c in content]}


def assistant(*blocks: JSON) -> JSON:
    return {"role": "assistant", "content": list(blocks)}


def body(*messages: JSON, **fields: JSON) -> JSON:
    return {"messages": list(messages), **fields}


def ask(*content: str | Mapping[str, JSON], **fields: JSON) -> JSON:
    return body(user(*(content or ["Hi"])), **fields)


def inference(**fields: JSON) -> JSON:
    return ask(inferenceConfig=fields)


def thinking(config: JSON, **fields: JSON) -> JSON:
    return ask(additionalModelRequestFields={"thinking": config}, **fields)


def call(name: str = "t1", **fields: JSON) -> JSON:
    return {"toolUse": {"toolUseId": name, "name": "weather", "input": {}, **fields}}


def result(name: str = "t1", *content: JSON, **fields: JSON) -> JSON:
    return {"toolResult": {"toolUseId": name, "content": list(content) or [{"text": "warm"}], **fields}}


def thought(text: str = "Hm.", **members: JSON) -> JSON:
    return {"reasoningContent": {"reasoningText": {"text": text, **members}}}


def redacted(content: str = "") -> JSON:
    return {"reasoningContent": {"redactedContent": content}}


def said(model: str, *blocks: JSON, asked: JSON = None) -> JSON:
    """The assistant's message as that model gave it when this was asked: its thoughts signed."""
    response = answers.response(blocks, "end_turn")
    return signed(catalogue.resolve(model), asked or ask(), response)["output"]["message"]


def answered(*results: JSON, **fields: JSON) -> JSON:
    return body(user(HI), assistant(call()), user(*results), **{**TOOLS, **fields})


def image(data: str = PNG, kind: str = "png") -> JSON:
    return {"image": {"format": kind, "source": {"bytes": data}}}


def document(name: str = "report", kind: str = "pdf", **source: JSON) -> JSON:
    return {"document": {"name": name, "format": kind, "source": source or {"bytes": TEXT}}}


def video() -> JSON:
    return {"video": {"format": "mp4", "source": {"bytes": TEXT}}}


def in_s3(kind: str, file_format: str) -> JSON:
    return {kind: {"format": file_format, "source": {"s3Location": {"uri": "s3://a-bucket/file"}}}}


def tool(name: str, schema: JSON = None) -> JSON:
    return {"toolSpec": {"name": name, "inputSchema": {"json": schema or {"type": "object"}}}}


def tool_config(*specs: Mapping[str, JSON], **fields: JSON) -> JSON:
    return {"tools": [{"toolSpec": spec} for spec in specs], **fields}


def constraint(at: str, what: str, value: str = "") -> str:
    return f"1 validation error detected: Value{value} at '{at}' failed to satisfy constraint: {what}"


def by_model(words: str) -> str:
    return f"The model returned the following errors: {words}"


def unsupported(field: str) -> str:
    return f"This model doesn't support the {field} field. Remove {field} and try again."


def unsupported_block(kind: str) -> str:
    return (
        f"This model doesn't support the {kind} content block that you provided. "
        "Update the content block and try again."
    )


def refusal(model: str, request: JSON, operation: ConverseOperation = "Converse") -> Refusal:
    with pytest.raises(Refusal) as refused:
        check(operation, model, request)
    return refused.value


def assert_refused(model: str, request: JSON, words: str) -> None:
    refused = refusal(model, request)

    assert refused.message == words
    assert (refused.status, refused.type, refused.key) == (400, "ValidationException", "message")
