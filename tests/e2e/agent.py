"""An agent on the official SDK which, of each of the model's turns, hands back what clients out there hand back.

Beside it the answers that make a model think in every way, and the exact blocks of what a client was shown.
"""

from collections.abc import Callable, Mapping, Sequence
from secrets import token_urlsafe
from typing import Any

import openai
from openai.lib.streaming.chat import ChatCompletionStreamState

from tests.e2e.door import Door

Message = dict[str, Any]
Block = dict[str, Any]
Form = Callable[[Message], Message]
"""What the client was shown -> what it keeps of it as its history."""

TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]


class Agent:
    """Asks, runs the tools, asks again. `adjusted` is what the last answer said that was changed."""

    def __init__(
        self, client: openai.OpenAI, model: str, form: Form, *, stream: bool, effort: str | None = "high"
    ) -> None:
        self.client = client
        self.model = model
        self.effort = effort
        self.messages: list[Message] = []
        self.shown: list[Message] = []
        self.adjusted = ""
        self._form = form
        self._stream = stream

    def ask(self, text: str) -> Message:
        self.messages.append({"role": "user", "content": text})
        return self.step()

    def answer_calls(self) -> Message:
        """Gives the newest turn's calls their results, under the ids that this client has for them."""
        for call in self.messages[-1]["tool_calls"]:
            result = {"role": "tool", "tool_call_id": call["id"], "content": "Sunny."}
            self.messages.append(result)
        return self.step()

    def step(self) -> Message:
        message = self._streamed() if self._stream else self._whole()
        self.shown.append(message)
        self.messages.append(self._form(message))
        return message

    def _asked(self) -> dict[str, Any]:
        effort = {"reasoning_effort": self.effort} if self.effort else {}
        return {"model": self.model, "messages": self.messages, "tools": TOOLS, **effort}

    def _whole(self) -> Message:
        raw = self.client.chat.completions.with_raw_response.create(**self._asked())
        self.adjusted = raw.headers.get("x-outcrop-adjusted", "")
        message: Message = raw.parse().choices[0].message.model_dump(exclude_none=True)
        return message

    def _streamed(self) -> Message:
        raw = self.client.chat.completions.with_raw_response.create(**self._asked(), stream=True)
        self.adjusted = raw.headers.get("x-outcrop-adjusted", "")
        state = ChatCompletionStreamState()
        for chunk in raw.parse():
            list(state.handle_chunk(chunk))
        message: Message = state.get_final_completion().choices[0].message.model_dump(exclude_none=True)
        return message


# What clients hand back


def kept(shown: Message, *more: str) -> Message:
    """What OpenAI's own clients keep, and these fields."""
    message = {name: shown[name] for name in ("role", "content", *more) if name in shown}
    if shown.get("tool_calls"):
        message["tool_calls"] = [
            {name: call[name] for name in ("id", "type", "function")} for call in shown["tool_calls"]
        ]
    return message


def details(shown: Message) -> Message:
    """pi, Open WebUI."""
    return kept(shown, "reasoning_details")


def text(shown: Message) -> Message:
    """opencode, Cline, qwen-code, pydantic-ai."""
    return kept(shown, "reasoning_content")


def nothing(shown: Message) -> Message:
    """The SDKs' own users, LangChain."""
    return kept(shown)


def thinking_blocks(shown: Message) -> Message:
    """litellm."""
    blocks = [
        {"type": "redacted_thinking", "data": entry["data"]}
        if "data" in entry
        else {"type": "thinking", "thinking": entry["text"], "signature": entry["signature"]}
        for entry in shown.get("reasoning_details", [])
    ]
    return {**kept(shown), "thinking_blocks": blocks}


def signed_text(shown: Message) -> Message:
    """With the one signature that there is room for: the last."""
    signatures = [entry["signature"] for entry in shown.get("reasoning_details", []) if "signature" in entry]
    message = kept(shown, "reasoning_content")
    return {**message, "reasoning_signature": signatures[-1]} if signatures else message


def stripped_ids(shown: Message) -> Message:
    """OpenClaw."""
    return with_ids(shown, lambda id: "".join(filter(str.isalnum, id)))


def cut_ids(shown: Message) -> Message:
    """pi, for a provider that it takes for OpenAI."""
    return with_ids(shown, lambda id: id.replace(".", "_")[:40])


def with_ids(shown: Message, altered: Callable[[str], str]) -> Message:
    message = kept(shown)
    message["tool_calls"] = [{**call, "id": altered(call["id"])} for call in message.get("tool_calls", [])]
    return message if message["tool_calls"] else kept(shown)


FORMS: dict[str, Form] = {
    "reasoning_details": details,
    "reasoning_content": text,
    "nothing": nothing,
    "thinking_blocks": thinking_blocks,
    "reasoning_content and reasoning_signature": signed_text,
    "ids without - and _": stripped_ids,
    "ids of 40 characters": cut_ids,
}


# What the model says


def thought(text: str) -> Block:
    """Signed by the local Bedrock, where the model signs."""
    return {"reasoningContent": {"reasoningText": {"text": text}}}


def call(city: str, id: str = "") -> Block:
    """Longer ids than Bedrock's own, so that it tells where a client cuts them."""
    id = id or f"tooluse_{token_urlsafe(16)}-{token_urlsafe(16)}"
    return {"toolUse": {"toolUseId": id, "name": "get_weather", "input": {"city": city}}}


REDACTED: Block = {"reasoningContent": {"redactedContent": ""}}


def rule(*content: Block, model: str = "*") -> dict[str, Any]:
    stop = "tool_use" if "toolUse" in content[-1] else "end_turn"
    message = {"role": "assistant", "content": list(content)}
    return {"when": {"model": model}, "response": {"output": {"message": message}, "stopReason": stop}}


def exact(content: Sequence[Block], shown: Message) -> list[Block]:
    """The blocks that Bedrock gave: as the script has them, signed as the client was shown."""
    entries = iter(shown.get("reasoning_details", []))
    return [sealed(next(entries)) if "reasoningContent" in block else block for block in content]


def sealed(entry: Mapping[str, str]) -> Block:
    if "data" in entry:
        return {"reasoningContent": {"redactedContent": entry["data"]}}
    text = {name: entry[name] for name in ("text", "signature") if name in entry}
    return {"reasoningContent": {"reasoningText": text}}


# What Bedrock was asked


def asked(door: Door) -> list[dict[str, Any]]:
    """The body of every chat, refused ones too."""
    return [each["body"] for each in door.requests() if each["operation"].startswith("Converse")]


def statuses(door: Door) -> list[int]:
    return [each["status"] for each in door.requests() if each["operation"].startswith("Converse")]


def turns(body: Mapping[str, Any]) -> list[list[Block]]:
    """What the assistant said in a request, under ids that no client altered."""
    return [
        [with_bare_id(block) for block in message["content"] if "cachePoint" not in block]
        for message in body["messages"]
        if message["role"] == "assistant"
    ]


def with_bare_id(block: Block) -> Block:
    if "toolUse" not in block:
        return block
    return {"toolUse": {**block["toolUse"], "toolUseId": bare(block["toolUse"]["toolUseId"])}}


def bare(id: str) -> str:
    return "".join(filter(str.isalnum, id))[:32]


def thoughts(body: Mapping[str, Any]) -> list[Block]:
    return [block for turn in turns(body) for block in turn if "reasoningContent" in block]


def fields(body: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body.get("additionalModelRequestFields", {})
    return found
