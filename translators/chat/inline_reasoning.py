"""Reasoning that a model writes into its text, between tags: taken out of it, while it comes.

    <thinking> I need the weather tool. </thinking>Let me look.      Nova 1, before tool calls
    <reasoning>The user greets me.</reasoning>Hello!                  gpt-oss

Only what an answer begins with is reasoning; the same tags later on are what the model talks about.
"""

from typing import NamedTuple


class Said(NamedTuple):
    text: str = ""
    reasoning: str = ""


class InlineReasoning:
    """
    >>> inline = InlineReasoning("thinking")
    >>> [inline.feed(piece) for piece in ("<thin", "king> Hm.</th", "inking>\\n", "Yes <thinking>")]
    [Said(text='', reasoning=''), Said(text='', reasoning=' Hm.'), Said(text='', reasoning=''), \
Said(text='Yes <thinking>', reasoning='')]
    >>> inline.end()
    Said(text='', reasoning='')
    """

    def __init__(self, tag: str) -> None:
        self._opening = f"<{tag}>"
        self._closing = f"</{tag}>"
        self._held = ""  # what may be the beginning of a tag
        self._state = self._before

    def feed(self, text: str) -> Said:
        return self._state(self._held + text)

    def end(self) -> Said:
        """What was held back is no tag after all."""
        held, self._held = self._held, ""
        return Said(reasoning=held) if self._state == self._within else Said(text=held)

    def _before(self, text: str) -> Said:
        begun = text.lstrip()
        if begun.startswith(self._opening):
            self._held, self._state = "", self._within
            return self._within(begun.removeprefix(self._opening))
        if self._opening.startswith(begun):
            self._held = text
            return Said()
        self._held, self._state = "", self._after
        return Said(text=text)

    def _within(self, text: str) -> Said:
        reasoning, closed, rest = text.partition(self._closing)
        if closed:
            self._held, self._state = "", self._between
            said = self._between(rest)
            return Said(said.text, reasoning)
        kept = held_back(text, self._closing)
        self._held = text[len(text) - kept :]
        return Said(reasoning=text[: len(text) - kept])

    def _between(self, text: str) -> Said:
        """White space after the closing tag belongs to neither."""
        text = text.lstrip()
        if text:
            self._state = self._after
        return Said(text=text)

    def _after(self, text: str) -> Said:
        return Said(text=text)


def held_back(text: str, tag: str) -> int:
    """How many characters at the end of the text may be the tag's beginning.

    >>> held_back("so <", "</t>"), held_back("so </", "</t>"), held_back("so", "</t>")
    (1, 2, 0)
    """
    return next((size for size in range(len(tag) - 1, 0, -1) if text.endswith(tag[:size])), 0)
