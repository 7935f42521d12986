"""The repair of a conversation: whatever was said in whatever order, as turns that Bedrock accepts.

Bedrock demands, of every model or of some (`quirks`):

    turns alternate, and the user's is the first       neighbours are merged, an opening is put in front
    no turn is empty                                   a placeholder
    the last turn is the user's                        the model is asked to continue
    every call is answered in the very next turn,      late results move there, missing ones are made up,
    once, and nothing else is                          one without its call becomes text
    a document stands beside text                      some words
    ids are legal, and a turn's differ                 aliases, for call and result alike

No text is ever lost, and a conversation in good order comes out as it went in. Each message is looked at
once: time grows with the length of the history, not with its square.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from translators.chat.adjustments import Adjustments
from translators.chat.json_text import written
from translators.chat.names import CALL_ID, aliases, digested
from translators.converse import ContentBlock, Message, Role, ToolResult, ToolUse
from translators.departures import Quirks

OPENING = "(The conversation begins with the assistant.)"
CONTINUE = "Continue exactly where your last message ended."
EMPTY = "(empty message)"
ATTACHED = "(See what is attached.)"
BETWEEN = "."  # what the assistant is made to say between results and the user's next words
NO_RESULT = "No result was provided."


class Said(NamedTuple):
    """What one message says. A tool's message is the user's, with a toolResult under the client's id.

    What follows the toolResult in it is what the model does not take within one, and a cachePoint.
    """

    path: str
    role: Role
    blocks: list[ContentBlock]
    pairs: tuple[str, ...] = ()
    """The paths of its calls, or of what says which call its result is for."""


@dataclass(slots=True)
class Turn:
    role: Role
    path: str
    """Of its first message."""
    blocks: list[ContentBlock]
    """All but toolResults, which are with the calls that they answer."""
    beside: list[ContentBlock]
    """What came with results and cannot be in them."""
    calls: dict[str, "Call"]
    """By the id that Bedrock gets."""


@dataclass(slots=True)
class Call:
    path: str
    turn: int
    """Its number: the turn itself would be one more thing that only the garbage collector frees."""
    id: str = ""
    """The one that Bedrock gets."""
    result: ToolResult | None = None
    points: list[ContentBlock] = field(default_factory=list)
    """The cachePoint of the result, if it was marked: behind it, for none may stand in it."""


def repaired(
    said: Iterable[Said], ids: Iterable[str], quirks: Quirks, adjusted: Adjustments, *, tools: bool
) -> list[Message]:
    """`ids` are those of all calls; `tools`: some are offered, and with them some models take no prefill."""
    turns = paired(said, aliases(ids, CALL_ID), quirks, adjusted)
    messages = list(laid_out(turns, quirks, adjusted))
    return ended(opened(messages, quirks, adjusted), quirks, adjusted, tools=tools or uses_tools(messages))


def uses_tools(messages: Iterable[Message]) -> bool:
    """Whether there are calls, and so results: then Converse demands toolConfig."""
    return any("toolUse" in block for message in messages for block in message["content"])


# Pairing: messages -> turns, each call with its result


def paired(
    said: Iterable[Said], aliases: Mapping[str, str], quirks: Quirks, adjusted: Adjustments
) -> list[Turn]:
    pairing = Pairing(aliases, quirks, adjusted)
    for each in said:
        pairing.add(each)
    return pairing.turns


class Pairing:
    """Puts messages, in order, together to turns; remembers which calls still wait for their result."""

    def __init__(self, aliases: Mapping[str, str], quirks: Quirks, adjusted: Adjustments) -> None:
        """`aliases` of the client's ids, where Bedrock does not take them."""
        self.turns: list[Turn] = []
        # By the client's id, which may come again in later turns: the calls of each turn in their order.
        self._waiting: dict[str, list[deque[Call]]] = {}
        self._takes_tools = quirks.tools
        self._adjusted = adjusted
        self._aliases = aliases

    def add(self, said: Said) -> None:
        path, role, blocks, pairs = said
        if pairs and role == "user":
            self._tool(said)
            return
        if role == "assistant" and not blocks:
            return  # who says nothing has no turn; a user who says nothing has one
        turn = self._turn(role, path)
        if pairs:
            places = iter(pairs)
            blocks = [
                self._call(block["toolUse"], turn, next(places, path)) if "toolUse" in block else block
                for block in blocks
            ]
        turn.blocks += blocks

    def _tool(self, said: Said) -> None:
        [result] = [block["toolResult"] for block in said.blocks if "toolResult" in block]
        points = [block for block in said.blocks if "cachePoint" in block]
        beside = [block for block in said.blocks if not ("toolResult" in block or "cachePoint" in block)]
        self._result(result, beside, points, said.path, said.pairs[0])

    def _turn(self, role: Role, path: str) -> Turn:
        if not self.turns or self.turns[-1].role != role:
            self.turns.append(Turn(role, path, [], [], {}))
        return self.turns[-1]

    def _call(self, tool_use: ToolUse, turn: Turn, path: str) -> ContentBlock:
        if not self._takes_tools:
            self._adjusted.note(path, "repaired", "this model takes no tools: the call became text")
            return call_as_text(tool_use)
        told = tool_use["toolUseId"]
        call = Call(path, len(self.turns) - 1)
        call.id = self._id(told, call)
        turn.calls[call.id] = call
        waiting = self._waiting.setdefault(told, [])
        if waiting and waiting[-1][0].turn == call.turn:
            waiting[-1].append(call)
        else:
            waiting.append(deque([call]))
        return {"toolUse": {**tool_use, "toolUseId": call.id}}

    def _id(self, told: str, call: Call) -> str:
        id = self._aliases.get(told, told)
        if id != told:
            self._adjusted.note(
                f"{call.path}.id", "renamed", "Bedrock's ids are up to 64 of A-Z a-z 0-9 _ . : -"
            )
        calls = self.turns[call.turn].calls
        if id not in calls:
            return id
        self._adjusted.note(f"{call.path}.id", "renamed", "another call of the turn has this id")
        others = digested(id, id, start=len(calls))
        return next(other for other in others if other not in calls)

    def _result(
        self,
        result: ToolResult,
        beside: list[ContentBlock],
        points: list[ContentBlock],
        path: str,
        pair: str,
    ) -> None:
        call = self._answered(result["toolUseId"])
        if call is None:
            reason = "no call waits for it" if self._takes_tools else "this model takes no tools"
            self._adjusted.note(pair, "repaired", f"{reason}: the result became text")
            self._turn("user", path).blocks += result_as_text(result) + beside + points
            return
        call.result, call.points = result, points
        since = len(self.turns) - 1 - call.turn
        if not since:
            self._turn("user", path)  # parts what the assistant says next from the call
        elif since > 1 or self.turns[-1].blocks:
            self._adjusted.note(pair, "repaired", "it was moved to right after its call")
        if beside:
            self._turn("user", path).beside += [{"text": f"From the result of tool call {call.id}:"}, *beside]

    def _answered(self, told: str) -> Call | None:
        """The call that a result is for: of the newest turn that waits for one, the first."""
        waiting = self._waiting.get(told)
        if not waiting:
            return None
        call = waiting[-1].popleft()
        if not waiting[-1]:
            waiting.pop()
        return call


def call_as_text(tool_use: ToolUse) -> ContentBlock:
    arguments = written(tool_use["input"]).decode()
    return {"text": f"Tool call {tool_use['toolUseId']}: {tool_use['name']}({arguments})"}


def result_as_text(result: ToolResult) -> list[ContentBlock]:
    """And its media as they are. Any: their kinds are kinds of both unions."""
    said = [content["text"] for content in result["content"] if "text" in content]
    media: list[Any] = [content for content in result["content"] if "text" not in content]
    return [{"text": f"Tool result for {result['toolUseId']}: " + "\n".join(said)}, *media]


# Layout: turns -> Converse's messages


def laid_out(turns: Iterable[Turn], quirks: Quirks, adjusted: Adjustments) -> Iterator[Message]:
    owed: list[ContentBlock] = []
    for turn in turns:
        if turn.role == "assistant":
            yield {"role": "assistant", "content": turn.blocks}
            owed = [
                block
                for id, call in turn.calls.items()
                for block in (tool_result(id, call, quirks, adjusted), *call.points)
            ]
        else:
            yield from user_messages(owed, turn, quirks, adjusted)
            owed = []
    if owed:
        yield {"role": "user", "content": owed}


def tool_result(id: str, call: Call, quirks: Quirks, adjusted: Adjustments) -> ContentBlock:
    if call.result:
        return {"toolResult": {**call.result, "toolUseId": id}}
    adjusted.note(call.path, "repaired", "no result was given: Bedrock is told so")
    missing: ToolResult = {"toolUseId": id, "content": [{"text": NO_RESULT}]}
    return {"toolResult": {**missing, "status": "error"} if quirks.result_status else missing}


def user_messages(
    results: list[ContentBlock], turn: Turn, quirks: Quirks, adjusted: Adjustments
) -> Iterator[Message]:
    blocks = worded(turn.beside + turn.blocks, turn.path, adjusted)
    if results and blocks and quirks.results_alone:
        adjusted.note(turn.path, "repaired", "this model takes no words beside results: a turn parts them")
        yield {"role": "user", "content": results}
        yield {"role": "assistant", "content": [{"text": BETWEEN}]}
        yield {"role": "user", "content": blocks}
    elif results or blocks:
        yield {"role": "user", "content": results + blocks}
    else:
        adjusted.note(turn.path, "repaired", "it is blank: a placeholder stands for it")
        yield {"role": "user", "content": [{"text": EMPTY}]}


def worded(blocks: list[ContentBlock], path: str, adjusted: Adjustments) -> list[ContentBlock]:
    """ "A text block must be included when using documents. Add a text block and retry your request." """
    if not blocks or "text" in blocks[0]:
        return blocks  # as nearly all are
    if any("text" in block for block in blocks) or not any("document" in block for block in blocks):
        return blocks
    adjusted.note(path, "repaired", "a document needs text beside it: some was added")
    return [*blocks, {"text": ATTACHED}]


def opened(messages: list[Message], quirks: Quirks, adjusted: Adjustments) -> list[Message]:
    """Models that take an assistant's turn first take it where a user's follows."""
    if not messages:
        adjusted.note("messages", "repaired", "they are blank: a placeholder stands for them")
        return [{"role": "user", "content": [{"text": EMPTY}]}]
    if messages[0]["role"] == "user" or (quirks.assistant_first and len(messages) > 1):
        return messages
    adjusted.note("messages", "repaired", "the first turn must be the user's: an opening was put in front")
    return [{"role": "user", "content": [{"text": OPENING}]}, *messages]


def ended(messages: list[Message], quirks: Quirks, adjusted: Adjustments, *, tools: bool) -> list[Message]:
    """A last turn of the assistant, which the model would go on with, is called prefill."""
    last = messages[-1]
    if last["role"] == "user":
        return messages
    if quirks.prefill == "never" or (quirks.prefill == "without_tools" and tools):
        adjusted.note("messages", "repaired", "this model takes no prefill here: it is asked to continue")
        return [*messages, {"role": "user", "content": [{"text": CONTINUE}]}]
    return [*messages[:-1], {"role": "assistant", "content": trimmed(last["content"], adjusted)}]


def trimmed(content: list[ContentBlock], adjusted: Adjustments) -> list[ContentBlock]:
    """ "messages: final assistant content cannot end with trailing whitespace", some models say."""
    blocks = [block for block in content if "cachePoint" not in block]  # what is gone on with grows
    if any("reasoningContent" in block for block in blocks):
        # "When thinking is disabled, an `assistant` message in the final position cannot contain `thinking`."
        adjusted.note("messages", "dropped", "a prefill may not hold what the model thought")
        blocks = [block for block in blocks if "reasoningContent" not in block]
    text = blocks[-1]["text"]
    if text == text.rstrip():
        return blocks
    adjusted.note("messages", "repaired", "white space at the end of a prefill was trimmed")
    return [*blocks[:-1], {"text": text.rstrip()}]
