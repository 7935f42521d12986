"""Calls and results in the history: those of tools, and of functions as they were before there were tools."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from translators.chat.adjustments import Adjustments
from translators.chat.conversation import Said, call_as_text, result_as_text
from translators.chat.json_text import read_object
from translators.converse import JSON, ContentBlock
from translators.openai import AssistantMessage, Message
from translators.openai.tools import CustomCall, CustomToolCall, FunctionCall, FunctionToolCall, ToolCall

# The one argument of a tool whose input is free text.
INPUT = "input"


def called(message: AssistantMessage) -> Iterator[str]:
    """The names of what it calls."""
    for call in message.get("tool_calls") or ():
        yield (custom_call(call) or function_call(call))["name"]
    if legacy := message.get("function_call"):
        yield legacy["name"]


def names_called(message: AssistantMessage, path: str) -> Iterator[tuple[str, str]]:
    """Each with its path."""
    paths = [
        f"{path}.tool_calls[{index}].{'custom' if custom_call(call) else 'function'}.name"
        for index, call in enumerate(message.get("tool_calls") or [])
    ]
    yield from zip([*paths, f"{path}.function_call.name"], called(message), strict=False)


def custom_call(call: ToolCall) -> CustomCall | None:
    """The door has checked what the type says."""
    return cast(CustomToolCall, call)["custom"] if call.get("type") == "custom" else None


def function_call(call: ToolCall) -> FunctionCall:
    return cast(FunctionToolCall, call)["function"]


def tool_uses(
    message: AssistantMessage,
    path: str,
    function_id: str | None,
    aliases: Mapping[str, str],
    adjusted: Adjustments,
) -> dict[str, ContentBlock]:
    """By their paths. `function_id` is that of the call of a function, if it makes one."""
    uses: dict[str, ContentBlock] = {}
    for index, call in enumerate(message.get("tool_calls") or ()):
        place = f"{path}.tool_calls[{index}]"
        uses[place] = tool_use(call, place, aliases, adjusted)
    if (function := message.get("function_call")) and function_id:
        place = f"{path}.function_call"
        input = arguments(function, place, adjusted)
        uses[place] = use(function_id, function["name"], input, aliases)
    return uses


def given(call: ToolCall) -> JSON:
    """What the tool is called with, without a word about what had to be repaired."""
    if custom := custom_call(call):
        return {INPUT: custom["input"]}
    return arguments(function_call(call), "", Adjustments())


def tool_use(call: ToolCall, path: str, aliases: Mapping[str, str], adjusted: Adjustments) -> ContentBlock:
    if custom := custom_call(call):
        return use(call["id"], custom["name"], {INPUT: custom["input"]}, aliases)
    function = function_call(call)
    return use(call["id"], function["name"], arguments(function, f"{path}.function", adjusted), aliases)


def use(id: str, name: str, input: JSON, aliases: Mapping[str, str]) -> ContentBlock:
    return {"toolUse": {"toolUseId": id, "name": aliases.get(name, name), "input": input}}


def arguments(call: FunctionCall, path: str, adjusted: Adjustments) -> JSON:
    """Arguments that a model garbled, or a client cut, are passed on as text: it can see what it did."""
    value = read_object(call["arguments"])
    if value is None:
        adjusted.note(f"{path}.arguments", "repaired", "no JSON object: sent as the text of _raw")
        return {"_raw": call["arguments"]}
    return value


def call_ids(messages: Iterable[Message]) -> Iterator[str]:
    for message in messages:
        if message["role"] == "assistant":
            for call in message.get("tool_calls") or ():
                yield call["id"]


def function_ids(messages: Iterable[Message]) -> dict[int, str]:
    """By the message's index. Calls of functions had no ids, and never two waited for their results.

    A call has its place for an id, which it keeps while the conversation grows; a result that of the newest
    call of its name.
    """
    ids: dict[int, str] = {}
    newest: dict[str, str] = {}
    for index, message in enumerate(messages):
        if message["role"] == "assistant" and (call := message.get("function_call")):
            ids[index] = newest[call["name"]] = f"function_call_{index}"
        elif message["role"] == "function":
            ids[index] = newest.get(message["name"], f"function_call_{index}")
    return ids


def as_text(turns: Iterable[Said], adjusted: Adjustments) -> Iterator[Said]:
    """For a request that allows no call: Converse can say that only by offering no tools.

    "The toolConfig field must be defined when using toolUse and toolResult content blocks."
    """
    told = False
    for path, role, blocks, _ in turns:
        words = [text for block in blocks for text in as_words(block)]
        if words != blocks and not told:
            adjusted.note("tool_choice", "emulated", "to offer no tools the history's calls became text")
            told = True
        yield Said(path, role, words)


def as_words(block: ContentBlock) -> list[ContentBlock]:
    match block:
        case {"toolUse": tool_use}:
            return [call_as_text(tool_use)]
        case {"toolResult": result}:
            return result_as_text(result)
    return [block]
