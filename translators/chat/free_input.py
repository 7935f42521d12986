"""The input of a custom tool, which is free text, out of the JSON that a model calls any tool with.

{"input": "print(\"hi\")"}      ->      print("hi")

What is not of this form is not lost: it is passed on as it came. Other members after the input are the
model's invention and are left out.
"""

import json
import re
from typing import Any

from translators.chat.calls import INPUT
from translators.chat.json_text import written

OPENING = re.compile(rf'\s*\{{\s*"{INPUT}"\s*:\s*"')
# An object without anything in it, or the beginning of one.
NOTHING = re.compile(r"\s*(\{\s*\}?\s*)?")
# As much of a string as is whole. The first half of a surrogate pair is not, before it is clear what follows.
WHOLE = re.compile(
    r'(?:[^"\\]+|\\(?:["\\/bfnrt]|u(?![dD][89abAB])[0-9a-fA-F]{4}'
    r"|u[dD][89abAB][0-9a-fA-F]{2}(?:\\u[0-9a-fA-F]{4}|(?=[^\\]|\\[^u]))))*"
)
# What may yet become an escape.
ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3}|u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?)?")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class FreeInput:
    r"""The text out of JSON that comes in pieces.

    >>> free = FreeInput()
    >>> [free.feed(piece) for piece in ('{"inp', 'ut": "a', r'\u00', 'e9"}')], free.end()
    (['', 'a', '', 'é'], '')
    """

    def __init__(self) -> None:
        self._held = ""
        self._opened = False
        self._closed = False
        self._raw = False

    def feed(self, piece: str) -> str:
        """As much of the text as this piece brings."""
        if self._closed:
            return ""
        if self._raw:
            return piece
        text, self._held = self._held + piece, ""
        return self._string(text) if self._opened else self._opening(text)

    def end(self) -> str:
        """What was held back. Half an escape at the end of an answer that was cut is left out."""
        held, self._held = self._held, ""
        return "" if self._opened or NOTHING.fullmatch(held) else held

    def _opening(self, text: str) -> str:
        if opening := OPENING.match(text):
            self._opened = True
            return self._string(text[opening.end() :])
        if may_open(text) or NOTHING.fullmatch(text):
            self._held = text
            return ""
        self._raw = True
        return text

    def _string(self, text: str) -> str:
        whole = WHOLE.match(text)
        end = whole.end() if whole else 0
        rest = text[end:]
        if rest.startswith('"'):
            self._closed = True
        elif ESCAPE.fullmatch(rest):
            self._held = rest
        elif rest:
            self._raw = True
            return decoded(text[:end]) + rest
        return decoded(text[:end])


def may_open(text: str) -> bool:
    """Whether what follows could make it an OPENING; nothing in that depends on where its spaces are."""
    return f'{{"{INPUT}":"'.startswith("".join(text.split()))


def decoded(string: str) -> str:
    """A JSON string without its quotes. Models put line feeds into strings, which JSON does not allow."""
    text: str = json.loads(f'"{string}"', strict=False)
    return LONE_SURROGATE.sub("\ufffd", text)


def free_input(input: Any) -> str:
    """The same of JSON that came whole: what a model calls a tool with is any JSON.

    >>> free_input({"input": "a"}), free_input({}), free_input({"text": "a"})
    ('a', '', '{"text":"a"}')
    """
    match input:
        case {"input": str() as text} if next(iter(input)) == INPUT:
            return text
        case {} if not input:
            return ""
    return written(input).decode()
