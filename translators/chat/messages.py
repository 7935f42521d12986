"""OpenAI's list of messages, as Converse's system prompt and turns.

    system, developer     -> system, before anything else is said; later, or where the model has no system
                             prompt, <system>...</system> in the user's turn; alone, the user's turn itself
    user                  -> text and media
    assistant             -> reasoningContent where it goes back, text, then toolUse; media follow as the
                             user's, for no model says any
    tool, function        -> toolResult, and the media that do not go into one

Blank text is left out: Bedrock refuses it. How the messages become turns is told in `conversation`.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from translators.chat.adjustments import Adjustments
from translators.chat.cache_marks import Marks
from translators.chat.calls import as_text, call_ids, function_ids, tool_uses
from translators.chat.conversation import Said, repaired
from translators.chat.cuts import Cuts
from translators.chat.media import Media, media_parts
from translators.chat.recollection import Recollection, dropped, with_thoughts
from translators.chat.results import tool_result
from translators.converse import ContentBlock, Message, SystemContentBlock
from translators.departures import Quirks
from translators.errors import BadRequestError
from translators.openai import AssistantMessage, SystemMessage, UserMessage
from translators.openai import Message as OpenAIMessage
from translators.openai.parts import MediaPart, RefusalPart, TextPart, ThinkingPart

UNSIGNED = "what was thought is left out: it is not signed or not this model's"
SHOWN = "(The assistant's message held this.)"
BETWEEN = "it stands between the turns"
NO_SYSTEM = "this model takes no system prompt"


def system_blocks(messages: list[OpenAIMessage], marks: Marks, quirks: Quirks) -> list[SystemContentBlock]:
    """One block for each text that is not blank of the system and developer messages that lead the list.

    None where the model takes no system prompt, or nothing follows: then they are turns.
    """
    leading = leading_system_messages(messages)
    if leading == len(messages) or not quirks.system:
        return []
    return [
        block
        for message in messages[:leading]
        if message["role"] == "system" or message["role"] == "developer"
        for block in system_texts(message, marks)
    ]


def system_texts(message: SystemMessage, marks: Marks) -> list[SystemContentBlock]:
    content = message["content"]
    parts: list[TextPart] = [{"type": "text", "text": content}] if isinstance(content, str) else content
    blocks: list[SystemContentBlock] = []
    for part in parts:
        if part["text"].strip():
            blocks += marks.behind([{"text": part["text"]}], "system", part)
    return marks.behind(blocks, "system", message)


def leading_system_messages(messages: list[OpenAIMessage]) -> int:
    others = (index for index, each in enumerate(messages) if each["role"] not in ("system", "developer"))
    return next(others, len(messages))


def converse_messages(
    messages: list[OpenAIMessage],
    aliases: Mapping[str, str],
    cuts: Cuts,
    marks: Marks,
    quirks: Quirks,
    recollection: Recollection,
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
    functions = function_ids(messages)
    said = each_said(messages, functions, aliases, cuts, marks, quirks, recollection, adjusted)
    ids = chain(call_ids(messages), functions.values())
    return repaired(said if calls else as_text(said, adjusted), ids, quirks, adjusted, tools=tools)


def each_said(
    messages: list[OpenAIMessage],
    functions: Mapping[int, str],
    aliases: Mapping[str, str],
    cuts: Cuts,
    marks: Marks,
    quirks: Quirks,
    recollection: Recollection,
    adjusted: Adjustments,
) -> Iterator[Said]:
    leading = leading_system_messages(messages)
    media = Media(quirks, adjusted, cuts)
    for index, message in enumerate(messages):
        path = f"messages[{index}]"
        match message["role"]:
            case "user":
                yield Said(path, "user", user_blocks(message, path, media, marks))
            case "assistant":
                calls = tool_uses(message, path, functions.get(index), aliases, adjusted)
                words = [*assistant_text(message, path, adjusted), *calls.values()]
                blocks = with_thoughts(message, index, words, quirks, recollection)
                if recollection.counts and dropped(message, blocks, quirks):
                    adjusted.note(path, "dropped", UNSIGNED)
                yield Said(path, "assistant", marks.at_end(blocks, message), tuple(calls))
                if isinstance(message.get("content"), list):
                    yield from shown(message, path, media, adjusted)
            case "tool":
                id = message["tool_call_id"]
                blocks = tool_result(id, message["content"], path, media, quirks, adjusted)
                yield Said(path, "user", marks.at_end(blocks, message), (f"{path}.tool_call_id",))
            case "function":
                given = message["content"] or ""
                blocks = tool_result(functions[index], given, path, media, quirks, adjusted)
                yield Said(path, "user", blocks, (f"{path}.name",))
            case "system" | "developer":
                if leading == len(messages):
                    yield from alone(message, path, marks, adjusted)
                elif index >= leading or not quirks.system:
                    why = BETWEEN if index >= leading else NO_SYSTEM
                    yield from tagged(message, path, why, marks, adjusted)


def alone(message: SystemMessage, path: str, marks: Marks, adjusted: Adjustments) -> Iterator[Said]:
    if blocks := text_blocks(texts(message["content"])):
        adjusted.note(path, "repaired", "nobody else says anything: it became the user's")
        yield Said(path, "user", marks.at_end(blocks, message))


def tagged(
    message: SystemMessage, path: str, reason: str, marks: Marks, adjusted: Adjustments
) -> Iterator[Said]:
    if plain := text_blocks(texts(message["content"])):
        adjusted.note(path, "repaired", f"{reason}: it became the user's text")
        blocks: list[ContentBlock] = [{"text": f"<system>{block['text']}</system>"} for block in plain]
        yield Said(path, "user", marks.at_end(blocks, message))


def user_blocks(message: UserMessage, path: str, media: Media, marks: Marks) -> list[ContentBlock]:
    content = message["content"]
    if isinstance(content, str):
        return marks.behind(text_block(content), "messages", message)
    blocks: list[ContentBlock] = []
    for index, part in enumerate(content):
        found = part_blocks(part, f"{path}.content[{index}]", media)
        blocks += marks.behind(found, "messages", part)
    return marks.behind(blocks, "messages", message)


def part_blocks(part: TextPart | MediaPart, path: str, media: Media) -> list[ContentBlock]:
    return text_block(part["text"]) if part["type"] == "text" else [media.block(part, path)]


def shown(message: AssistantMessage, path: str, media: Media, adjusted: Adjustments) -> Iterator[Said]:
    """ "'image' blocks are not permitted within assistant turns." """
    blocks = [media.block(part, f"{path}.content[{index}]") for index, part in media_parts(message)]
    if blocks:
        adjusted.note(f"{path}.content", "repaired", "models take no media from themselves: the user's now")
        yield Said(path, "user", [{"text": SHOWN}, *blocks])


def assistant_text(message: AssistantMessage, path: str, adjusted: Adjustments) -> list[ContentBlock]:
    if message.get("audio"):
        adjusted.note(f"{path}.audio", "dropped", "no audio is kept here: only text is sent")
    content, refusal = message.get("content"), message.get("refusal")
    if isinstance(content, str) and not refusal:
        return text_block(content)
    return text_blocks(texts(content) + texts(refusal))


def text_blocks(given: Iterable[str]) -> list[ContentBlock]:
    return [block for text in given for block in text_block(text)]


def text_block(text: str) -> list[ContentBlock]:
    """Empty where it is blank; `strip` would copy what may be long."""
    return [{"text": text}] if text and not text.isspace() else []


def texts(
    content: str | list[TextPart] | list[TextPart | RefusalPart | ThinkingPart | MediaPart] | None,
) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [text for part in content or [] for text in part_texts(part)]


def part_texts(part: TextPart | RefusalPart | ThinkingPart | MediaPart) -> list[str]:
    match part["type"]:
        case "text":
            return [part["text"]]
        case "refusal":
            return [part["refusal"]]
        case _:
            return []
