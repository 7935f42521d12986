"""What is known of the thoughts behind a conversation's turns, and their way back to the model.

From the memory, if it knows the turn: then every block is where it was. Else what the client handed back of
it, in front of what it said and called: the order that Bedrock demands. What has no signature for a family
that demands one is left out, for it would be refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from translators.chat import thoughts
from translators.chat.turns import Piece, found, names, restored
from translators.converse import ContentBlock, Message
from translators.openai import AssistantMessage
from translators.openai import Message as OpenAIMessage
from translators.quirks import Quirks


@dataclass(frozen=True, slots=True)
class Recollection:
    scope: str = ""
    """Who asked, and which family of models answered."""
    remembered: Mapping[str, bytes] = field(default_factory=dict)
    """By name: what `turns.packed` made of a turn."""

    def of(self, message: AssistantMessage) -> list[Piece] | None:
        return found(self.remembered, names_of(self.scope, message)) if self.remembered else None


NO_RECOLLECTION = Recollection()


def wanted(messages: Iterable[OpenAIMessage], scope: str) -> Iterator[str]:
    """The names under which the memory may know the turns of a conversation."""
    for message in messages:
        if message["role"] == "assistant":
            yield from names_of(scope, message)


def names_of(scope: str, message: AssistantMessage) -> list[str]:
    ids = [call["id"] for call in message.get("tool_calls") or []]
    content = message.get("content")
    parts = thoughts.objects(content)
    said = content if isinstance(content, str) else "".join(thoughts.string(part, "text") for part in parts)
    return names(scope, ids, said, thoughts.text(message))


def with_thoughts(
    message: AssistantMessage, blocks: list[ContentBlock], quirks: Quirks, recollection: Recollection
) -> list[ContentBlock]:
    """`blocks`: what the message says and calls."""
    if quirks.thoughts_back == "never" or not blocks:
        return blocks
    pieces = recollection.of(message)
    turn = restored(blocks, pieces) if pieces else None
    turn = turn or [*thoughts.blocks(message, quirks), *blocks]
    if quirks.thoughts_back == "text" and not any("reasoningContent" in block for block in turn):
        said = thoughts.text(message)
        turn = [{"reasoningContent": {"reasoningText": {"text": said}}}, *turn] if said.strip() else turn
    return [taken for block in turn if (taken := TAKEN[quirks.thoughts_back](block))]


def signed(block: ContentBlock) -> ContentBlock | None:
    reasoning = block.get("reasoningContent")
    if reasoning is None or "redactedContent" in reasoning:
        return block
    return block if reasoning.get("reasoningText", {}).get("signature") else None


def encrypted(block: ContentBlock) -> ContentBlock | None:
    reasoning = block.get("reasoningContent")
    return block if reasoning is None or "redactedContent" in reasoning else None


def as_text(block: ContentBlock) -> ContentBlock | None:
    """Without a signature, which these families refuse."""
    reasoning = block.get("reasoningContent")
    if reasoning is None:
        return block
    said = reasoning.get("reasoningText", {}).get("text", "")
    return {"reasoningContent": {"reasoningText": {"text": said}}} if said.strip() else None


TAKEN = {"signed": signed, "encrypted": encrypted, "text": as_text}


def forgotten(messages: list[Message]) -> bool:
    """Whether the model is in the middle of tool calls without the thinking that led to them."""
    turns = [message["content"] for message in messages if message["role"] == "assistant"]
    in_loop = any("toolResult" in block for block in messages[-1]["content"])
    return bool(in_loop and turns) and "reasoningContent" not in turns[-1][0]
