"""What is known of the thoughts behind a conversation's turns, and their way back to the model.

From the memory, if it knows the turn: then every block is where it was. Else what the client handed back of
it, in front of what it said and called: the order that Bedrock demands. What has no signature for a family
that demands one is left out, for it would be refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from translators.chat import thoughts, turns
from translators.chat.calls import given
from translators.chat.turns import names, packed, restored, turn, unpacked
from translators.converse import ContentBlock, Message
from translators.departures import Quirks
from translators.openai import AssistantMessage, ChatCompletionRequest, UserMessage
from translators.openai import Message as OpenAIMessage


@dataclass(frozen=True, slots=True)
class Recollection:
    scope: str = ""
    """Who asked, and which family of models answered."""
    remembered: Mapping[int, bytes] = field(default_factory=dict)
    """By the message's index: what `turns.packed` made of its turn."""
    refused: bool = False
    """Whether Bedrock would have none of it: then nothing goes back."""
    counts: bool = False
    """Whether the model may think, so that what does not go back is a loss."""


NO_RECOLLECTION = Recollection()


class Occasion(NamedTuple):
    """What an answer was given to, as far as the memory knows it by that."""

    scope: str
    heard: str
    """What the user had said, as `turns.words_digest` has it."""


def turn_names(messages: Iterable[OpenAIMessage], scope: str) -> dict[int, list[str]]:
    """Of each turn that the memory may know the index, and its names there, the surest first."""
    names: dict[int, list[str]] = {}
    said, heard = "", ""
    for index, message in enumerate(messages):
        if message["role"] == "user":
            said, heard = words(message), ""
        elif message["role"] == "assistant":
            if said and not message.get("tool_calls"):  # else nobody asks what was heard
                said, heard = "", turns.words_digest(said)
            if looked_for := names_of(scope, message, heard):
                names[index] = looked_for
    return names


def scope_of(quirks: Quirks, caller: str) -> str:
    """Who asks, and which family of models answers."""
    return f"{caller} {quirks.reasoning_format}"


def occasion(request: ChatCompletionRequest, quirks: Quirks, scope: str) -> Occasion | None:
    """Of the answer to this request; None where it is not to be remembered."""
    if not scope or not may_think(request, quirks):
        return None
    said = next((words(each) for each in reversed(request["messages"]) if each["role"] == "user"), "")
    return Occasion(scope, turns.words_digest(said) if said else "")


def may_think(request: ChatCompletionRequest, quirks: Quirks) -> bool:
    """Whether the model might think, and what it thinks goes back to it.

    What the user says in Bedrock's own words may ask for it too.
    """
    if quirks.thoughts_back == "never":
        return False
    if quirks.thinks != "when_asked" or request.get("additionalModelRequestFields") or request.get("bedrock"):
        return True
    return any(request.get(field) for field in ("reasoning_effort", "reasoning", "thinking"))


def memorable(blocks: Sequence[ContentBlock], occasion: Occasion) -> tuple[list[str], bytes] | None:
    """The names of an answer and what is to be found under them, if it has thoughts."""
    pieces = turn(blocks)
    return (turns.names_of(occasion.scope, blocks, occasion.heard), packed(pieces)) if pieces else None


def words(message: UserMessage | AssistantMessage) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "".join(thoughts.string(part, "text") for part in thoughts.objects(content))


def names_of(scope: str, message: AssistantMessage, heard: str) -> list[str]:
    called = [(call["id"], partial(given, call)) for call in message.get("tool_calls") or []]
    return names(scope, called, words(message), thoughts.text(message), heard)


def with_thoughts(
    message: AssistantMessage,
    index: int,
    blocks: list[ContentBlock],
    quirks: Quirks,
    recollection: Recollection,
) -> list[ContentBlock]:
    """`blocks`: what the message says and calls; `index`: that of the message."""
    if quirks.thoughts_back == "never" or recollection.refused or not blocks:
        return blocks
    remembered = recollection.remembered.get(index)
    if not remembered and not thoughts.handed_back(message):
        return blocks
    foreign = thoughts.foreign(message, quirks.reasoning_format)
    whole = restored(blocks, unpacked(remembered)) if remembered and not foreign else None
    whole = whole or [*thoughts.blocks(message, quirks), *blocks]
    if quirks.thoughts_back == "text" and not thinks(whole):
        said = "" if foreign else thoughts.text(message)
        whole = [{"reasoningContent": {"reasoningText": {"text": said}}}, *whole] if said.strip() else whole
    return [taken for block in whole if (taken := TAKEN[quirks.thoughts_back](block))]


def dropped(message: AssistantMessage, blocks: list[ContentBlock], quirks: Quirks) -> bool:
    """Whether the client handed back thoughts none of which are among the turn's `blocks`.

    Where none ever go back no client can know that: there it is only told of what another family thought.
    """
    if not thoughts.handed_back(message) or thinks(blocks):
        return False
    if quirks.thoughts_back == "never":
        return thoughts.foreign(message, quirks.reasoning_format)
    return thoughts.any_in(message)


def thinks(blocks: list[ContentBlock]) -> bool:
    return any("reasoningContent" in block for block in blocks)


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
    """Whether the turn that is still open (calls, results, calls, ...) does not begin with thinking."""
    first: Message | None = None
    for message in reversed(messages):
        if message["role"] == "assistant":
            first = message
        elif not any("toolResult" in block for block in message["content"]):
            break
    return first is not None and "reasoningContent" not in first["content"][0]
