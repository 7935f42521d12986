"""The conversation: OpenAI's list of messages, as Converse's system prompt and alternating turns.

    system, developer     -> system
    user                  -> a user turn
    assistant             -> an assistant turn: text, then toolUse
    tool                  -> toolResult in the user turn that follows the calls

Neighbours of one role become one turn, in which tool results stand first. Blank text is left out:
Bedrock refuses it.
"""

from collections.abc import Iterable, Iterator

from translators.chat.json_text import read_object
from translators.chat.media import image_block
from translators.converse import ContentBlock, Message, Role, SystemContentBlock
from translators.errors import BadRequestError
from translators.openai import (
    AssistantMessage,
    ImagePart,
    RefusalPart,
    TextPart,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from translators.openai import Message as OpenAIMessage

# Bedrock refuses blank text in a result too; a tool that says nothing has said that.
NO_OUTPUT = "(no output)"


def system_blocks(messages: Iterable[OpenAIMessage]) -> list[SystemContentBlock]:
    return [
        {"text": text}
        for message in messages
        if message["role"] == "system" or message["role"] == "developer"
        for text in texts(message["content"])
        if text.strip()
    ]


def converse_messages(messages: Iterable[OpenAIMessage]) -> list[Message]:
    """Turns that alternate between user and assistant. Raises BadRequestError where nothing is said."""
    turns: list[Message] = []
    for role, blocks in spoken(messages):
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    if not turns:
        raise BadRequestError(
            "Missing required parameter: 'messages' must hold a user message that is not blank.",
            param="messages",
            code="missing_required_parameter",
        )
    return [{"role": turn["role"], "content": results_first(turn["content"])} for turn in turns]


def spoken(messages: Iterable[OpenAIMessage]) -> Iterator[tuple[Role, list[ContentBlock]]]:
    for index, message in enumerate(messages):
        path = f"messages[{index}]"
        match message["role"]:
            case "user":
                yield "user", user_blocks(message, path)
            case "assistant":
                yield "assistant", assistant_blocks(message, path)
            case "tool":
                yield "user", [tool_result(message)]
            case "system" | "developer":
                pass  # system_blocks has them


def results_first(blocks: list[ContentBlock]) -> list[ContentBlock]:
    return sorted(blocks, key=lambda block: "toolResult" not in block)


def user_blocks(message: UserMessage, path: str) -> list[ContentBlock]:
    content = message["content"]
    if isinstance(content, str):
        return text_blocks([content])
    return [
        block for index, part in enumerate(content) for block in part_blocks(part, f"{path}.content[{index}]")
    ]


def part_blocks(part: TextPart | ImagePart, path: str) -> list[ContentBlock]:
    match part["type"]:
        case "text":
            return text_blocks([part["text"]])
        case "image_url":
            return [{"image": image_block(part["image_url"]["url"], f"{path}.image_url.url")}]


def assistant_blocks(message: AssistantMessage, path: str) -> list[ContentBlock]:
    said = texts(message.get("content")) + texts(message.get("refusal"))
    calls = message.get("tool_calls") or []
    return text_blocks(said) + [
        tool_use(call, f"{path}.tool_calls[{index}]") for index, call in enumerate(calls)
    ]


def tool_use(call: ToolCall, path: str) -> ContentBlock:
    function = call["function"]
    arguments = read_object(function["arguments"], f"{path}.function.arguments")
    return {"toolUse": {"toolUseId": call["id"], "name": function["name"], "input": arguments}}


def tool_result(message: ToolMessage) -> ContentBlock:
    said = [text for text in texts(message["content"]) if text.strip()] or [NO_OUTPUT]
    return {
        "toolResult": {
            "toolUseId": message["tool_call_id"],
            "content": [{"text": text} for text in said],
        }
    }


def text_blocks(said: Iterable[str]) -> list[ContentBlock]:
    return [{"text": text} for text in said if text.strip()]


def texts(content: str | list[TextPart] | list[TextPart | RefusalPart] | None) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [part["refusal"] if part["type"] == "refusal" else part["text"] for part in content or []]


def uses_tools(messages: Iterable[OpenAIMessage]) -> bool:
    """Whether the history holds calls or results: then Converse demands toolConfig."""
    return any(
        message["role"] == "tool" or (message["role"] == "assistant" and message.get("tool_calls"))
        for message in messages
    )
