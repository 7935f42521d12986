"""What a model thinks before it speaks: in its family's shape, and signed where the family signs.

Claude         thinking blocks with a signature; the text is left out where it is not displayed
GPT, Grok      one encrypted block
Nova 2         a block that says [REDACTED]
Nova 1         words in its text, before a call
the others     a block without a signature; DeepSeek R1's stands last in a whole answer
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from proxy.local import answers, effort, signatures, toolcalls
from proxy.local.call import ConverseOperation
from proxy.local.catalogue import Model
from proxy.local.conversation import ContentBlock, ConverseRequest, joined_text, newest_blocks
from proxy.local.signatures import Seal

FIRST_THOUGHT = "The user wants an answer, so I shall give one."
NEXT_THOUGHT = "The tools have answered, so I shall look at what they say."


def answer(model: Model, operation: ConverseOperation, request: ConverseRequest) -> dict[str, Any]:
    """The built-in answer with the thoughts that this model would have."""
    said = answers.answer(request, thoughts(model, request))
    if model.has("thoughts-last") and operation == "Converse":
        content = said["output"]["message"]["content"]
        return _with_content(said, sorted(content, key=lambda block: "reasoningContent" in block))
    return said


def thoughts(model: Model, request: ConverseRequest) -> list[ContentBlock]:
    called = toolcalls.named(request, joined_text(newest_blocks(request)))
    if model.has("thoughts-inline"):
        return [{"text": f"<thinking> {FIRST_THOUGHT} </thinking>\n"}] if called else []
    answered = any("toolResult" in block for block in newest_blocks(request))
    if not _thinks(model, request, answered=answered):
        return []
    return [{"reasoningContent": _thought(model, request, NEXT_THOUGHT if answered else FIRST_THOUGHT)}]


def _thinks(model: Model, request: ConverseRequest, *, answered: bool) -> bool:
    fields = _fields(request)
    asked = effort.asked(fields)
    if model.has("thinks-always"):
        return True
    if asked is None:
        return model.has("thinks-by-default") and not toolcalls.forced(request)
    if answered and model.has("thoughts-signed") and not effort.thinks_between_calls(fields):
        return False
    return asked and model.has("thinks-when-asked")


def _thought(model: Model, request: ConverseRequest, text: str) -> dict[str, Any]:
    """A blob that is empty here is put in by `signed`."""
    if model.has("thoughts-encrypted"):
        return {"redactedContent": ""}
    if model.has("thoughts-redacted"):
        return {"reasoningText": {"text": "[REDACTED]."}}
    if model.has("thoughts-signed"):
        # A phrase in the maker's documentation, for tests like these.
        if model.says["thoughts-signed"] in joined_text(newest_blocks(request)):
            return {"redactedContent": ""}
        shown = "omitted" if model.has("thoughts-omitted") else "summarized"
        if effort.thinking_config(_fields(request)).get("display", shown) == "omitted":
            return {"reasoningText": {"text": ""}}
    return {"reasoningText": {"text": text}}


def _fields(request: ConverseRequest) -> effort.Fields:
    fields = request.get("additionalModelRequestFields")
    return fields if isinstance(fields, Mapping) else {}


# Signatures


def signed(model: Model, request: ConverseRequest, response: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer with a signature in each thinking block that has none yet, and a blob where one is empty."""
    message = response.get("output", {}).get("message", {})
    content = message.get("content", ())
    places = [place for place, block in enumerate(content) if "reasoningContent" in block]
    if not places or not (model.has("thoughts-signed") or model.has("thoughts-encrypted")):
        return response
    bound = _bound(model, request, content)
    runs = _runs(places)
    blocks = list(content)
    for number, place in enumerate(places):
        binding = {**bound, "place": number, "count": len(places), "run": runs[place]}
        blocks[place] = {"reasoningContent": _sealed(model, content[place]["reasoningContent"], binding)}
    return _with_content(response, blocks)


def _bound(model: Model, request: ConverseRequest, content: Sequence[ContentBlock]) -> dict[str, Any]:
    return {
        "model": model.id,
        "answer": signatures.digest([model.id, request, content]),
        "prefix": signatures.prefix(request, len(request.get("messages") or [])),
    }


def _runs(places: Sequence[int]) -> dict[int, int]:
    """Which blocks stand together, numbered.

    >>> _runs([0, 1, 3])
    {0: 0, 1: 0, 3: 1}
    """
    together = groupby(enumerate(places), key=lambda item: item[1] - item[0])
    return {place: run for run, (_, group) in enumerate(together) for _, place in group}


def _sealed(model: Model, reasoning: Mapping[str, Any], binding: Mapping[str, Any]) -> Mapping[str, Any]:
    match reasoning:
        case {"redactedContent": ""}:
            seal = Seal(kind="redacted_thinking", text="", **binding)
            beginning = model.says.get("thoughts-encrypted", "")
            return {"redactedContent": signatures.redacted_content(seal, beginning)}
        case {"reasoningText": {"text": str(text), **rest}} if "signature" not in rest and model.has(
            "thoughts-signed"
        ):
            seal = Seal(kind="thinking", text=signatures.digest(text), **binding)
            return {"reasoningText": {"text": text, "signature": signatures.signature(seal, text)}}
        case _:
            return reasoning


def _with_content(response: Mapping[str, Any], content: Sequence[ContentBlock]) -> dict[str, Any]:
    output = response["output"]
    return {**response, "output": {**output, "message": {**output["message"], "content": list(content)}}}
