"""What is known of the thoughts behind a conversation's turns, and their way back to the model.

From the memory, if it knows the turn: then every block is where it was. Else what the client handed back of
it, in front of what it said and called: the order that Bedrock demands. What has no signature for a family
that demands one is left out, for it would be refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from translators.chat import thoughts, turns
from translators.chat.calls import given
from translators.chat.turns import Piece, found, names, packed, restored, turn
from translators.converse import ContentBlock, Message
from translators.departures import Quirks
from translators.openai import AssistantMessage, ChatCompletionRequest, UserMessage
from translators.openai import Message as OpenAIMessage


@dataclass(frozen=True, slots=True)
class Recollection:
    scope: str = ""
    """Who asked, and which family of models answered."""
    remembered: Mapping[str, bytes] = field(default_factory=dict)
    """By name: what `turns.packed` made of a turn."""
    refused: bool = False
    """Whether Bedrock would have none of it: then nothing goes back."""
    counts: bool = False
    """Whether the model may think, so that what does not go back is a loss."""

    def of(self, message: AssistantMessage, heard: str) -> list[Piece] | None:
        return found(self.remembered, names_of(self.scope, message, heard)) if self.remembered else None


NO_RECOLLECTION = Recollection()


def wanted(messages: Iterable[OpenAIMessage], quirks: Quirks, caller: str) -> tuple[str, list[str]]:
    """The scope, and the names under which the memory may know the conversation's turns."""
    scope = f"{caller} {quirks.reasoning_format}"
    return scope, [
        name
        for message, heard in after_user(messages)
        if message["role"] == "assistant"
        for name in names_of(scope, message, heard)
    ]


def may_think(request: ChatCompletionRequest, quirks: Quirks) -> bool:
    """Whether the model might think, and what it thinks goes back to it.

    What the user says in Bedrock's own words may ask for it too.
    """
    if quirks.thoughts_back == "never":
        return False
    if quirks.thinks != "when_asked" or request.get("additionalModelRequestFields") or request.get("bedrock"):
        return True
    return any(request.get(field) for field in ("reasoning_effort", "reasoning", "thinking"))


def memorable(
    blocks: Sequence[ContentBlock], scope: str, asked: Sequence[OpenAIMessage]
) -> tuple[list[str], bytes] | None:
    """The names of an answer to these messages and what is to be found under them, if it has thoughts."""
    pieces = turn(blocks)
    heard = next((words(message) for message in reversed(asked) if message["role"] == "user"), "")
    return (turns.names_of(scope, blocks, heard), packed(pieces)) if pieces else None


def after_user(messages: Iterable[OpenAIMessage]) -> Iterator[tuple[OpenAIMessage, str]]:
    """Each message, and what the user had said last before it."""
    heard = ""
    for message in messages:
        yield message, heard
        if message["role"] == "user":
            heard = words(message)


def words(message: UserMessage | AssistantMessage) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "".join(thoughts.string(part, "text") for part in thoughts.objects(content))


def names_of(scope: str, message: AssistantMessage, heard: str) -> list[str]:
    called = [(call["id"], given(call)) for call in message.get("tool_calls") or []]
    return names(scope, called, words(message), thoughts.text(message), heard)


def with_thoughts(
    message: AssistantMessage,
    blocks: list[ContentBlock],
    heard: str,
    quirks: Quirks,
    recollection: Recollection,
) -> list[ContentBlock]:
    """`blocks`: what the message says and calls; `heard`: what the user had said last."""
    if quirks.thoughts_back == "never" or recollection.refused or not blocks:
        return blocks
    if not recollection.remembered and not thoughts.handed_back(message):
        return blocks
    pieces = None if thoughts.foreign(message, quirks.reasoning_format) else recollection.of(message, heard)
    whole = restored(blocks, pieces) if pieces else None
    whole = whole or [*thoughts.blocks(message, quirks), *blocks]
    if quirks.thoughts_back == "text" and not thinks(whole):
        said = "" if thoughts.foreign(message, quirks.reasoning_format) else thoughts.text(message)
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
