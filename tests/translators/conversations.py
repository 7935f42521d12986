"""Conversations for hypothesis: what OpenAI's types allow, in any order, and what is in good order."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.samples import PNG

JSON = dict[str, Any]

BLANK = ["", " ", "\n\t", "\u3000"]
IDS = ["call_1", "call_2", "functions.f:0", "call|1", "call 1", "", " ", "c" * 64, "c" * 65, "c" * 66, "é"]
NAMES = ["f", "g", "mcp.server.f", "mcp/server/f", "mcp_server_f", "n" * 64, "n" * 65, "n" * 128, "", "ß"]
ARGUMENTS = [
    "",
    " ",
    "{}",
    '{"city":"Bern"}',
    '{"a":{"b":[1,2.5,null,true]}}',
    '{"city":"Be',
    "[1]",
    "null",
    '"Bern"',
    "NaN",
    '{"a":"\\ud800"}',
    '{"":""}',
    '{"_raw":"mine"}',
    '{"id":' + "9" * 40 + "}",
    *('{"a":' * depth + "1" + "}" * depth for depth in (200, *range(238, 258, 2), 300)),
    "[" * 2000,
]
PARAMETERS: list[JSON | None] = [
    None,
    {},
    {"type": "object"},
    {"type": ["object", "null"], "properties": None},
    {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"a": {}}},
    {"properties": {"a": {"type": "string"}}, "required": ["a"]},
    {"anyOf": [{"type": "object", "properties": {"a": {}}, "required": ["a"]}, {"required": ["b"]}]},
    {"oneOf": [{"$ref": "#/$defs/A"}, {"$ref": "#"}, 5], "$defs": {"A": {"properties": {"a": {}}}}},
    {"allOf": "nonsense", "required": [5, "a"], "description": "d"},
    {"anyOf": [], "oneOf": []},
    {"properties": {"a": {"type": "array", "minItems": 2, "items": [{}]}, "b": {"pattern": "(?=b)"}}},
    {"properties": {"a": {"oneOf": [{"type": "object", "properties": {}}, {"type": "null"}], "default": {}}}},
    {"properties": {f"p{n}": {"type": ["string", "null"]} for n in range(9)}, "additionalProperties": False},
    {
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "$defs": {"A": {"items": {"$ref": "#/$defs/A"}, "type": "array"}},
    },
]

said = st.one_of(
    st.integers(0, 30).map("said {}.".format),
    st.sampled_from(BLANK),
    st.text(max_size=6),
    st.sampled_from(["trailing \n", "<system>x</system>"]),
)
ids = st.sampled_from(IDS) | st.text(max_size=70)
names = st.sampled_from(NAMES) | st.text(max_size=130)


def text_parts(kind: str = "text") -> st.SearchStrategy[list[JSON]]:
    return st.lists(st.builds(lambda text: {"type": kind, kind: text}, said), max_size=3)


def calls() -> st.SearchStrategy[list[JSON]]:
    def call(id: str, name: str, arguments: str) -> JSON:
        return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}

    def custom(id: str, name: str, input: str) -> JSON:
        return {"id": id, "type": "custom", "custom": {"name": name, "input": input}}

    made = st.builds(call, ids, names, st.sampled_from(ARGUMENTS)) | st.builds(custom, ids, names, said)
    return st.lists(made, max_size=3)


def function_call() -> st.SearchStrategy[JSON]:
    return st.fixed_dictionaries({"name": names, "arguments": st.sampled_from(ARGUMENTS)})


PNG_URL = f"data:image/png;base64,{PNG}"
PICTURE = {"type": "image_url", "image_url": {"url": PNG_URL}}
TABLE = {"type": "file", "file": {"file_data": "data:text/csv;base64,Y2l0eQpCZXJuCg==", "filename": "a.csv"}}
REPORT = {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0xLjQK"}}
ATTACHED = {"type": "file", "file": {"file_data": PNG_URL, "filename": "ä b.pdf"}}


def media_parts() -> st.SearchStrategy[list[JSON]]:
    text = st.builds(lambda text: {"type": "text", "text": text}, said)
    return st.lists(text | st.sampled_from([PICTURE, TABLE, REPORT, ATTACHED]), max_size=3)


def message(content: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[JSON]:
    texts = said | text_parts()
    content = texts if content is None else content
    assistant = {
        "role": st.just("assistant"),
        "content": st.none() | content | text_parts("refusal"),
        "tool_calls": st.none() | calls(),
    }
    return st.one_of(
        st.fixed_dictionaries({"role": st.just("user"), "content": content}),
        st.fixed_dictionaries(
            assistant,
            optional={"refusal": st.none() | said, "function_call": st.none() | function_call()},
        ),
        st.fixed_dictionaries({"role": st.just("function"), "name": names, "content": st.none() | said}),
        st.fixed_dictionaries({"role": st.just("tool"), "tool_call_id": ids, "content": content}),
        st.fixed_dictionaries({"role": st.sampled_from(["system", "developer"]), "content": texts}),
    )


def messages(
    min_size: int = 0, content: st.SearchStrategy[Any] | None = None
) -> st.SearchStrategy[list[JSON]]:
    return st.lists(message(content), min_size=min_size, max_size=9)


def tool_lists() -> st.SearchStrategy[list[JSON] | None]:
    function = st.fixed_dictionaries(
        {"name": names},
        optional={
            "description": said,
            "parameters": st.sampled_from(PARAMETERS),
            "strict": st.none() | st.booleans(),
        },
    )
    custom = st.fixed_dictionaries({"name": names}, optional={"description": said})
    tool = st.one_of(
        st.builds(lambda function: {"type": "function", "function": function}, function),
        st.builds(lambda custom: {"type": "custom", "custom": custom}, custom),
    )
    return st.none() | st.lists(tool, max_size=4)


def texts_of(history: list[JSON]) -> Iterator[str]:
    """All that was said and is not blank, without the white space around it; of calls the arguments."""
    for each in history:
        for content in (each.get("content"), each.get("refusal")):
            found = [content] if isinstance(content, str) else content or []
            yield from (text.strip() for text in map(text_of, found) if text.strip())
        for call in [*(each.get("tool_calls") or []), {"function": each.get("function_call")}]:
            if text := argument_text(call):
                yield text


def argument_text(call: JSON) -> str:
    if custom := call.get("custom"):
        return str(custom["input"]).strip()
    arguments = str((call["function"] or {}).get("arguments", ""))
    return "" if arguments.strip() == "{}" else arguments.strip() and arguments


def text_of(part: str | JSON) -> str:
    if isinstance(part, str):
        return part
    return str(part[part["type"]])


@st.composite
def good_messages(
    draw: st.DrawFn, *, legal: bool = True, content: st.SearchStrategy[Any] | None = None
) -> list[JSON]:
    """The system, then user and assistant in turns, every call with its result, the user last.

    With ids and names that are all good or, if not `legal`, that need aliases. `content` is what users and
    tools say.
    """
    content = words if content is None else content
    history: list[JSON] = []
    if draw(st.booleans()):
        history.append({"role": "system", "content": "Be brief."})
    history.append({"role": "user", "content": draw(content)})
    mark = "_" if legal else "|"
    for turn in range(draw(st.integers(0, 4))):
        ids = [f"call{mark}{turn}{mark}{number}" for number in range(draw(st.integers(0, 3)))]
        calls = [good_call(id, draw(st.sampled_from(["f", "g" if legal else "mcp.g"]))) for id in ids]
        history.append({"role": "assistant", "content": draw(words), "tool_calls": calls})
        history += [{"role": "tool", "tool_call_id": id, "content": draw(content)} for id in ids]
        if not ids:
            history.append({"role": "user", "content": draw(content)})
    return history


words = st.sampled_from(["One.", "Two?", " Three", "4\n"])


def good_call(id: str, name: str) -> JSON:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": '{"city":"Bern"}'}}
