"""The short names of foundation models: an id without its maker, version and date.

    maker.model-9-20250929-v1:0 ->  maker.model-9-20250929-v1:0, maker.model-9-20250929, maker.model-9,
                                    model-9-20250929-v1:0, model-9-20250929, model-9

Dots, colons and underscores count as hyphens, because the makers' own names have dots where Bedrock's ids
have hyphens, and capitals as small letters. Of several models of one name the newest has it.
"""

import re
from collections.abc import Iterable

VERSION = re.compile(r"(-v?\d+)?:\d+$|-v\d+$")
DATE = re.compile(r"-(20\d{6}|2\d[01]\d)$")  # 20250929, or 2509
SEPARATORS = str.maketrans("._:", "---")


def short_names(ids: Iterable[str]) -> dict[str, str]:
    """The model of each name. A name that two makers' models share is nobody's."""
    named: dict[str, set[str]] = {}
    for id in ids:
        for name in names_of(id):
            named.setdefault(name, set()).add(id)
    return {name: max(found, key=age) for name, found in named.items() if len(set(map(maker, found))) == 1}


def names_of(id: str) -> set[str]:
    undated, unversioned = stem(id), VERSION.sub("", id)
    return {
        spelt(name) for full in (id, unversioned, undated) for name in (full, full.partition(".")[2] or full)
    }


def spelt(name: str) -> str:
    """As names are compared.

    >>> spelt("Model-4.5_X")
    'model-4-5-x'
    """
    return name.lower().translate(SEPARATORS)


def stem(id: str) -> str:
    """
    >>> stem("maker.model-9-20250929-v1:0")
    'maker.model-9'
    """
    return DATE.sub("", VERSION.sub("", id))


def maker(id: str) -> str:
    return id.partition(".")[0]


def age(id: str) -> tuple[str, str]:
    """What is greater is newer: the date, then the version."""
    found = DATE.search(VERSION.sub("", id))
    date = found[1] if found else ""
    return f"20{date}" if len(date) == 4 else date, id
