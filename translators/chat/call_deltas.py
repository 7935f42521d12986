"""The calls of a streamed answer: what becomes of each block of a tool's use, as deltas.

contentBlockStart    the call's id and name
contentBlockDelta    its arguments, a piece of JSON text; or its input, if it is a custom tool's
contentBlockStop     "{}" for the arguments of a tool without parameters: clients parse them
"""

from collections.abc import Callable
from typing import Literal, Protocol

from translators.chat.free_input import FreeInput
from translators.chat.way_back import WayBack
from translators.converse import ToolUse
from translators.openai import Delta
from translators.openai.tools import ToolCallDelta

Told = Callable[[str], Delta]
"""The delta that brings a piece of text."""


class CallDeltas:
    """Calls are numbered densely from 0 in the order in which they start, whatever their blocks' indices."""

    def __init__(self, way_back: WayBack) -> None:
        self._way_back = way_back
        self._open: dict[int, Call] = {}  # by contentBlockIndex
        self._started = 0
        self.answered = False
        """Whether the output tool was called."""

    @property
    def called(self) -> Literal["tool_calls", "function_call"] | None:
        """What an answer with these calls ends in, if there are any."""
        if not self._started:
            return None
        return "function_call" if self._way_back.function_calls else "tool_calls"

    def __contains__(self, index: int) -> bool:
        return index in self._open

    def takes(self, tool_use: ToolUse) -> bool:
        """Functions are called one at a time."""
        return tool_use["name"] == self._way_back.output_tool or not (
            self._way_back.function_calls and self._started
        )

    def start(self, index: int, tool_use: ToolUse) -> Delta:
        if tool_use["name"] == self._way_back.output_tool:
            self._open[index] = Ignored() if self.answered else Arguments(lambda text: {"content": text})
            self.answered = True
            return {}
        name = self._way_back.tool_names.get(tool_use["name"], tool_use["name"])
        number, self._started = self._started, self._started + 1
        if self._way_back.function_calls:
            self._open[index] = Arguments(lambda text: {"function_call": {"arguments": text}})
            return {"function_call": {"name": name, "arguments": ""}}
        start: ToolCallDelta = {"index": number, "id": tool_use["toolUseId"]}
        if tool_use["name"] in self._way_back.custom_tools:
            self._open[index] = Input(
                lambda text: {"tool_calls": [{"index": number, "custom": {"input": text}}]}
            )
            return {"tool_calls": [{**start, "type": "custom", "custom": {"name": name, "input": ""}}]}
        self._open[index] = Arguments(
            lambda text: {"tool_calls": [{"index": number, "function": {"arguments": text}}]}
        )
        return {"tool_calls": [{**start, "type": "function", "function": {"name": name, "arguments": ""}}]}

    def more(self, index: int, text: str) -> Delta | None:
        return self._open[index].more(text)

    def stop(self, index: int) -> Delta | None:
        return self._open.pop(index).stop()


class Call(Protocol):
    """What remains of a call that has started."""

    def more(self, text: str) -> Delta | None: ...

    def stop(self) -> Delta | None: ...


class Arguments:
    """JSON text, which goes out as it comes."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._empty = True

    def more(self, text: str) -> Delta | None:
        if not text:
            return None
        self._empty = False
        return self._told(text)

    def stop(self) -> Delta | None:
        return self._told("{}") if self._empty else None


class Ignored:
    """Another call of the output tool: the first is the answer."""

    def more(self, text: str) -> None:
        return None

    def stop(self) -> None:
        return None


class Input:
    """A custom tool's free text."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._free = FreeInput()

    def more(self, text: str) -> Delta | None:
        return self._told(free) if (free := self._free.feed(text)) else None

    def stop(self) -> Delta | None:
        return self._told(free) if (free := self._free.end()) else None
