"""Names of documents, which Bedrock wants legal and different.

The client's own is kept as far as it is legal. A name depends on what was said before it only: the same
conversation, longer by a turn, has the same names, and so Bedrock's prompt cache knows it.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html
"""

import re
from itertools import count
from unicodedata import normalize

from translators.chat.adjustments import Adjustments
from translators.chat.formats import extension

# "The document file name can only contain alphanumeric characters, whitespace characters, hyphens,
# parentheses, and square brackets. The name can't contain more than one consecutive whitespace character."
# The underscore is not in that sentence, and is accepted.
ILLEGAL = re.compile(r"[^A-Za-z0-9_()\[\]-]+")
LONGEST = 180  # of 200, so that a number has room
DEFAULT = "document"


class DocumentNames:
    def __init__(self, adjusted: Adjustments) -> None:
        self._taken: set[str] = set()
        self._adjusted = adjusted

    def legal(self, filename: str, format_: str, path: str) -> str:
        """The name that a document gets. A second one of a name is told, for the user may speak of it."""
        plain = legal(filename, format_)
        name = plain
        if plain in self._taken:
            name = next(other for n in count(2) if (other := f"{plain} ({n})") not in self._taken)
            if filename:
                self._adjusted.note(path, "renamed", f"another document has this name: it is {name}")
        self._taken.add(name)
        return name


def legal(filename: str, format_: str) -> str:
    """A file's name without its folder, nor the extension that Bedrock is told as the format.

    >>> legal("reports/Bericht.für_2024.pdf", "pdf"), legal("main.py", "txt"), legal("отчёт.pdf", "pdf")
    ('Bericht fur_2024', 'main py', 'document')
    """
    name = re.split(r"[/\\]", filename)[-1]
    if extension(name) == format_:
        name = name.rpartition(".")[0]
    # What is a letter with an accent keeps the letter.
    letters = normalize("NFKD", name).encode("ascii", "ignore").decode()
    return ILLEGAL.sub(" ", letters)[:LONGEST].strip() or DEFAULT
