"""OpenAI's list of messages, as Converse's system prompt and turns.

    system, developer     -> system, before anything else is said; later, or where the model has no system
                             prompt, <system>...</system> in the user's turn; alone, the user's turn itself
    user                  -> text and images
    assistant             -> text, then toolUse
    tool                  -> toolResult

Blank text is left out: Bedrock refuses it. How the messages become turns is told in `conversation`.
"""

from collections.abc import Iterable, Iterator, Mapping

from translators.chat.adjustments import Adjustments
from translators.chat.conversation import Said, repaired
from translators.chat.json_text import read_object
from translators.chat.media import image_block
from translators.converse import ContentBlock, Message, SystemContentBlock
from translators.errors import BadRequestError
from translators.openai import (
    AssistantMessage,
    ImagePart,
    RefusalPart,
    SystemMessage,
    TextPart,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from translators.openai import Message as OpenAIMessage
from translators.quirks import Quirks

# Bedrock refuses blank text in a result too; a tool that says nothing has said that.
NO_OUTPUT = "(no output)"


def system_blocks(messages: list[OpenAIMessage], quirks: Quirks) -> list[SystemContentBlock]:
    """One block for each text that is not blank of the system and developer messages that lead the list.

    None where the model takes no system prompt, or nothing follows: then they are turns.
    """
    leading = leading_system_messages(messages)
    if leading == len(messages) or not quirks.system:
        return []
    return [
        {"text": text}
        for message in messages[:leading]
        if message["role"] == "system" or message["role"] == "developer"
        for text in texts(message["content"])
        if text.strip()
    ]


def leading_system_messages(messages: list[OpenAIMessage]) -> int:
    others = (index for index, each in enumerate(messages) if each["role"] not in ("system", "developer"))
    return next(others, len(messages))


def converse_messages(
    messages: list[OpenAIMessage],
    aliases: Mapping[str, str],
    quirks: Quirks,
    adjusted: Adjustments,
    *,
    tools: bool,
) -> list[Message]:
    """Turns as Bedrock takes them. Raises BadRequestError where there is no message at all."""
    if not messages:
        raise BadRequestError(
            "Missing required parameter: 'messages' must hold a message.",
            param="messages",
            code="missing_required_parameter",
        )
    return repaired(said(messages, aliases, quirks, adjusted), quirks, adjusted, tools=tools)


def said(
    messages: list[OpenAIMessage], aliases: Mapping[str, str], quirks: Quirks, adjusted: Adjustments
) -> Iterator[Said]:
    leading = leading_system_messages(messages)
    for index, message in enumerate(messages):
        path = f"messages[{index}]"
        match message["role"]:
            case "user":
                yield Said(path, "user", user_blocks(message, path))
            case "assistant":
                yield Said(path, "assistant", assistant_blocks(message, path, aliases, adjusted))
            case "tool":
                yield Said(path, "user", [tool_result(message)])
            case "system" | "developer":
                if leading == len(messages):
                    yield from alone(message, path, adjusted)
                elif index >= leading:
                    yield from tagged(message, path, "it stands between the turns", adjusted)
                elif not quirks.system:
                    yield from tagged(message, path, "this model takes no system prompt", adjusted)


def alone(message: SystemMessage, path: str, adjusted: Adjustments) -> Iterator[Said]:
    if blocks := text_blocks(texts(message["content"])):
        adjusted.note(path, "repaired", "nobody else says anything: it became the user's")
        yield Said(path, "user", blocks)


def tagged(message: SystemMessage, path: str, reason: str, adjusted: Adjustments) -> Iterator[Said]:
    if blocks := text_blocks(texts(message["content"])):
        adjusted.note(path, "repaired", f"{reason}: it became the user's text")
        yield Said(path, "user", [{"text": f"<system>{block['text']}</system>"} for block in blocks])


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


def assistant_blocks(
    message: AssistantMessage, path: str, aliases: Mapping[str, str], adjusted: Adjustments
) -> list[ContentBlock]:
    said = texts(message.get("content")) + texts(message.get("refusal"))
    calls = message.get("tool_calls") or []
    return text_blocks(said) + [
        tool_use(call, f"{path}.tool_calls[{index}]", aliases, adjusted) for index, call in enumerate(calls)
    ]


def tool_use(call: ToolCall, path: str, aliases: Mapping[str, str], adjusted: Adjustments) -> ContentBlock:
    """Arguments that a model garbled, or a client cut, are passed on as text: it can see what it did."""
    name, arguments = call["function"]["name"], call["function"]["arguments"]
    value = read_object(arguments)
    if value is None:
        adjusted.note(f"{path}.function.arguments", "repaired", "no JSON object: sent as the text of _raw")
        value = {"_raw": arguments}
    return {"toolUse": {"toolUseId": call["id"], "name": aliases.get(name, name), "input": value}}


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
