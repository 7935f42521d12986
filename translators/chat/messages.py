"""OpenAI's list of messages, as Converse's system prompt and turns.

    system, developer     -> system, before anything else is said; later, or where the model has no system
                             prompt, <system>...</system> in the user's turn; alone, the user's turn itself
    user                  -> text and images
    assistant             -> text, then toolUse
    tool, function        -> toolResult

Blank text is left out: Bedrock refuses it. How the messages become turns is told in `conversation`.
"""

from collections.abc import Iterable, Iterator, Mapping

from translators.chat.adjustments import Adjustments
from translators.chat.calls import as_text, function_ids, tool_uses
from translators.chat.conversation import Said, repaired
from translators.chat.media import image_block
from translators.converse import ContentBlock, Message, SystemContentBlock
from translators.errors import BadRequestError
from translators.openai import (
    AssistantMessage,
    ImagePart,
    RefusalPart,
    SystemMessage,
    TextPart,
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
    calls: bool,
) -> list[Message]:
    """Turns as Bedrock takes them. `tools`: some are offered; `calls`: those of the history stay calls.

    Raises BadRequestError where there is no message at all.
    """
    if not messages:
        raise BadRequestError(
            "Missing required parameter: 'messages' must hold a message.",
            param="messages",
            code="missing_required_parameter",
        )
    turns = said(messages, aliases, quirks, adjusted)
    return repaired(turns if calls else as_text(turns, adjusted), quirks, adjusted, tools=tools)


def said(
    messages: list[OpenAIMessage], aliases: Mapping[str, str], quirks: Quirks, adjusted: Adjustments
) -> Iterator[Said]:
    leading = leading_system_messages(messages)
    functions = function_ids(messages)
    for index, message in enumerate(messages):
        path = f"messages[{index}]"
        match message["role"]:
            case "user":
                yield Said(path, "user", user_blocks(message, path))
            case "assistant":
                calls = tool_uses(message, path, functions.get(index), aliases, adjusted)
                yield Said(path, "assistant", assistant_text(message) + calls)
            case "tool":
                yield Said(path, "user", [tool_result(message["tool_call_id"], message["content"])])
            case "function":
                yield Said(path, "user", [tool_result(functions[index], message["content"])])
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


def assistant_text(message: AssistantMessage) -> list[ContentBlock]:
    return text_blocks(texts(message.get("content")) + texts(message.get("refusal")))


def tool_result(id: str, content: str | list[TextPart] | None) -> ContentBlock:
    said = [text for text in texts(content) if text.strip()] or [NO_OUTPUT]
    return {"toolResult": {"toolUseId": id, "content": [{"text": text} for text in said]}}


def text_blocks(said: Iterable[str]) -> list[ContentBlock]:
    return [{"text": text} for text in said if text.strip()]


def texts(content: str | list[TextPart] | list[TextPart | RefusalPart] | None) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [part["refusal"] if part["type"] == "refusal" else part["text"] for part in content or []]
