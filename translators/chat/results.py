"""Tool messages, as Converse's toolResult: text, and what else the model takes within one.

What it does not take there follows as the user's content; `conversation` says from which call it is.
"""

from typing import Any

from translators.chat.adjustments import Adjustments
from translators.chat.media import NOUNS, Media
from translators.converse import ContentBlock
from translators.departures import Quirks
from translators.openai.parts import MediaPart, TextPart

Content = str | list[TextPart | MediaPart]

# Bedrock refuses blank text in a result too; a tool that says nothing has said that.
NO_OUTPUT = "(no output)"
FOLLOWS = "(what the tool gave follows)"


def tool_result(
    id: str, content: Content, path: str, media: Media, quirks: Quirks, adjusted: Adjustments
) -> list[ContentBlock]:
    """The toolResult, and after it what stands beside it."""
    blocks = result_content(content, path, media)
    inside = [block for block in blocks if is_taken(block, quirks)]
    beside = [block for block in blocks if not is_taken(block, quirks)]
    if beside:
        kinds = sorted({NOUNS[kind] for block in beside for kind in block})
        adjusted.note(
            f"{path}.content",
            "repaired",
            f"this model takes no {' or '.join(kinds)} in a result: they follow",
        )
    # Any: the kinds that are inside are kinds of both unions.
    held: Any = inside or [{"text": FOLLOWS if beside else NO_OUTPUT}]
    return [{"toolResult": {"toolUseId": id, "content": held}}, *beside]


def is_taken(block: ContentBlock, quirks: Quirks) -> bool:
    """Whether the model takes it within a result."""
    return "text" in block or block.keys() <= quirks.media_in_results


def result_content(content: Content, path: str, media: Media) -> list[ContentBlock]:
    if isinstance(content, str):
        return [{"text": content}] if content and not content.isspace() else []
    blocks: list[ContentBlock] = []
    for index, part in enumerate(content):
        if part["type"] != "text":
            blocks.append(media.block(part, f"{path}.content[{index}]"))
        elif part["text"] and not part["text"].isspace():
            blocks.append({"text": part["text"]})
    return blocks
