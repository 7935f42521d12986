"""The JSON object of an answer that was asked for in words: what a model says around it is left out.

Sure! Here it is: {"city": "Bern"}. Anything else?      ->      {"city": "Bern"}
"""

import re

# Prose has braces too; an object begins with a key.
OBJECT = re.compile(r'\{\s*"')
OPENING = re.compile(r"\{\s*$")


class BareJSON:
    """The object out of text that comes in pieces; all that follows it is dropped.

    >>> bare = BareJSON()
    >>> [bare.feed(piece) for piece in ("Here: ", '{"a": "}', '"} Done.', "Bye.")], bare.end()
    (['', '{"a": "}', '"}', ''], '')
    """

    def __init__(self) -> None:
        self._held: list[str] = []
        self._opening = ""  # a brace at the end of a piece, which the next one may make an object's
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._began = False
        self._ended = False

    def feed(self, text: str) -> str:
        """As much of the object as this piece brings."""
        if self._ended:
            return ""
        if self._began:
            return text[: self._end(text)]
        self._held.append(text)
        text = self._opening + text
        start = OBJECT.search(text)
        if start is None:
            opening = OPENING.search(text)
            self._opening = opening.group() if opening else ""
            return ""
        self._began = True
        self._held.clear()
        found = text[start.start() :]
        return found[: self._end(found)]

    def end(self) -> str:
        """What was held back, where there was no object in it: better the model's own words than none."""
        held = "".join(self._held)
        self._held.clear()
        return held

    def _end(self, text: str) -> int | None:
        """Where the object ends in this piece, if it does."""
        for place, character in enumerate(text):
            if self._in_string:
                self._string(character)
            elif character == '"':
                self._in_string = True
            elif character in "{[":
                self._depth += 1
            elif character in "}]":
                self._depth -= 1
                if self._depth == 0:
                    self._ended = True
                    return place + 1
        return None

    def _string(self, character: str) -> None:
        if self._escaped:
            self._escaped = False
        elif character == "\\":
            self._escaped = True
        elif character == '"':
            self._in_string = False


def bare_json(text: str) -> str:
    """
    >>> bare_json('```json\\n{"a": [1, {}]}\\n```'), bare_json("I cannot.")
    ('{"a": [1, {}]}', 'I cannot.')
    """
    bare = BareJSON()
    return bare.feed(text) + bare.end()


class Held:
    """Words that may turn out to be beside the answer: nothing leaves before the end."""

    def __init__(self) -> None:
        self._held: list[str] = []

    def feed(self, text: str) -> str:
        self._held.append(text)
        return ""

    def end(self) -> str:
        return "".join(self._held)


def words_beside(text: str, *, answered: bool, called: bool) -> str:
    """What is left to say where a tool was to give the answer: as it was, beside calls of other tools.

    Where no tool was called, the words are the answer.
    """
    if answered:
        return ""
    return text if called else bare_json(text)
