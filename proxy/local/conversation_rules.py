"""The rules of a conversation that hold for every model, in the words Bedrock has for breaking them.

The words are recorded traffic's, or quoted in public reports of users.
"""

import re
from collections import Counter
from collections.abc import Callable

from proxy.local.call import Call, PlacedBlock
from proxy.local.refusals import from_model, validation

MAX_DOCUMENTS = 5
MAX_DOCUMENT_BYTES = 4_500_000
MAX_CACHE_POINTS = 4

# One space at a time, and neither dots nor tabs; the underscore is not in AWS's sentence and is accepted.
DOCUMENT_NAME = re.compile(r"(?:[A-Za-z0-9_()\[\]-]| (?! ))+")


def check(call: Call) -> None:
    """Raise the first Refusal."""
    for rule in RULES:
        rule(call)


def messages_have_content(call: Call) -> None:
    if not call.messages:
        raise validation(
            "A conversation must start with a user message. "
            "Try again with a conversation that starts with a user message."
        )
    for number, message in enumerate(call.messages):
        if not message:
            raise validation(
                f"The content field in the Message object at messages.{number} is empty. "
                "Add a ContentBlock object to the content field and try again."
            )


def text_is_not_blank(call: Call) -> None:
    """Whitespace is blank too, except for models that have words of their own for it."""
    told_by_model = call.model.has("whitespace-refused")
    for block in call.blocks("text"):
        if not (block.value if told_by_model else block.value.strip()):
            raise validation(
                f"The text field in the ContentBlock object at {block.path} is blank. "
                "Add text to the text field, and try again."
            )


def documents_of_json_are_objects(call: Call) -> None:
    """AWS's model allows any JSON here; AWS does not."""
    for block in call.blocks("toolUse"):
        _object(block.value["input"], f"{block.path}.toolUse.input")
    for block in call.blocks("json", results=True):
        _object(block.value, f"{block.path}.json")
    for number, tool in enumerate(call.tools):
        if spec := tool.get("toolSpec"):
            _schema(spec["inputSchema"].get("json"), f"toolConfig.tools.{number}.toolSpec.inputSchema.json")


def _object(value: object, path: str) -> None:
    if not isinstance(value, dict):
        raise validation(
            f"The format of the value at {path} is invalid. "
            "Provide a json object for the field and try again."
        )


def _schema(value: object, path: str) -> None:
    _object(value, path)
    if isinstance(value, dict) and value.get("type") != "object":
        raise validation(f"The value at {path}.type must be one of the following: object.")


def tool_config_is_there(call: Call) -> None:
    if not call.tools and any(call.blocks("toolUse", "toolResult")):
        raise validation(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks."
        )


def tool_blocks_stand_in_their_roles(call: Call) -> None:
    for block in call.blocks("toolUse"):
        if block.role == "user":
            raise from_model(
                f"messages.{block.message}: `tool_use` blocks can only be in `assistant` messages"
            )
    for block in call.blocks("toolResult"):
        if block.role == "assistant" and not _of_the_server(block, call):
            raise from_model(f"messages.{block.message}: `tool_result` blocks can only be in `user` messages")


def tool_results_answer_tool_calls(call: Call) -> None:
    """Every call of a turn is answered in the very next message, once, and nothing else is answered."""
    asked: list[str] = []
    for number, message in enumerate(call.messages):
        answered = _ids(message, "toolResult", call)
        _no_duplicates("toolResult", answered, number)
        if missing := [name for name in asked if name not in answered]:
            raise validation(
                f"Expected toolResult blocks at messages.{number}.content for the following Ids: "
                + ", ".join(missing)
            )
        if len(answered) > len(asked):
            raise validation(
                f"The number of toolResult blocks at messages.{number}.content exceeds the number of "
                "toolUse blocks of previous turn."
            )
        asked = _ids(message, "toolUse", call)
        _no_duplicates("toolUse", asked, number)
    if asked:
        raise validation(
            f"Expected toolResult blocks at messages.{len(call.messages)}.content for the following Ids: "
            + ", ".join(asked)
        )


def _ids(message: list[PlacedBlock], kind: str, call: Call) -> list[str]:
    return [
        block.value["toolUseId"]
        for block in message
        if block.kind == kind and not _of_the_server(block, call)
    ]


def _of_the_server(block: PlacedBlock, call: Call) -> bool:
    """Tools that Bedrock runs itself leave call and result in one assistant message (its system tools)."""
    if block.kind == "toolUse":
        return bool(block.value.get("type") == "server_tool_use")
    return block.role == "assistant" and any(
        use.value["toolUseId"] == block.value["toolUseId"] and _of_the_server(use, call)
        for use in call.messages[block.message]
        if use.kind == "toolUse"
    )


def _no_duplicates(kind: str, ids: list[str], number: int) -> None:
    if twice := [name for name, count in Counter(ids).items() if count > 1]:
        raise validation(
            f"The {kind} blocks at messages.{number}.content contain duplicate Ids: {', '.join(twice)}"
        )


def error_results_say_something(call: Call) -> None:
    for block in call.blocks("toolResult"):
        if block.value.get("status") == "error" and not block.value["content"]:
            raise validation(
                f"The content field at {block.path}.toolResult cannot be empty when status value is error."
            )


def media_come_from_the_user(call: Call) -> None:
    for block in call.blocks("image", "document", "video", "audio"):
        if block.role == "assistant":
            raise from_model(
                f"messages.{block.message}.content: '{block.kind}' blocks are not permitted within "
                "assistant turns."
            )


def documents_are_named(call: Call) -> None:
    names = [block.value["name"] for block in call.blocks("document", results=True)]
    if not all(DOCUMENT_NAME.fullmatch(name) for name in names):
        raise validation(
            "The document file name can only contain alphanumeric characters, whitespace characters, "
            "hyphens, parentheses, and square brackets. The name can't contain more than one consecutive "
            "whitespace character. Check that the file name conforms to these restrictions and retry your "
            "request."
        )
    if len(set(names)) < len(names):
        raise validation(
            "Messages can't contain duplicate document names. Rename the document and retry your request."
        )


def documents_stand_beside_text(call: Call) -> None:
    for message in call.messages:
        kinds = {block.kind for block in message}
        if "document" in kinds and "text" not in kinds:
            raise validation(
                "A text block must be included when using documents. Add a text block and retry your request."
            )


def documents_are_few_and_small(call: Call) -> None:
    documents = list(call.blocks("document", results=True))
    if len(documents) > MAX_DOCUMENTS:
        raise validation(
            f"You can't include more than {MAX_DOCUMENTS} documents in a request. "
            "Reduce the number of documents and retry your request."
        )
    sizes = [len(block.value["source"].get("bytes") or "") * 3 // 4 for block in documents]
    if max(sizes, default=0) > MAX_DOCUMENT_BYTES:
        raise validation(
            "The maximum document size is 4.5 MB. Reduce the size of your document and retry your request."
        )


def text_documents_are_cited(call: Call) -> None:
    """A document given as text is there to be cited; without citations AWS does not see its source."""
    for block in call.blocks("document", results=True):
        cited = (block.value.get("citations") or {}).get("enabled", False)
        if block.value["source"].get("text") is not None and not cited:
            raise validation(
                f"DocumentSource object at {block.path}.document.source must set one of the following keys: "
                "bytes, s3Location."
            )


def tools_have_their_own_names(call: Call) -> None:
    names = [tool["toolSpec"]["name"] for tool in call.tools if tool.get("toolSpec")]
    if len(set(names)) < len(names):
        raise from_model("tools: Tool names must be unique.")
    match call.tool_choice:
        case ("tool", {"name": str(name)}) if name not in names:
            raise from_model(f"Tool '{name}' not found in provided tools")


def cache_points_are_few(call: Call) -> None:
    points = list(call.blocks("cachePoint"))
    found = len(points) + sum(bool(item.get("cachePoint")) for item in [*call.system, *call.tools])
    if found > MAX_CACHE_POINTS:
        raise from_model(f"A maximum of 4 blocks with cache_control may be provided. Found {found}.")
    if any(point.position == 0 for point in points):
        raise validation(
            "There is nothing available to cache. Please remove the invalid cache point and try again."
        )


RULES: tuple[Callable[[Call], None], ...] = (
    messages_have_content,
    text_is_not_blank,
    documents_of_json_are_objects,
    tool_config_is_there,
    tool_blocks_stand_in_their_roles,
    tool_results_answer_tool_calls,
    error_results_say_something,
    media_come_from_the_user,
    documents_are_named,
    documents_stand_beside_text,
    documents_are_few_and_small,
    text_documents_are_cited,
    tools_have_their_own_names,
    cache_points_are_few,
)
