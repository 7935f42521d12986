"""Tool names and call ids: what Bedrock's patterns refuse gets an alias, everywhere in a request the same.

OpenAI's clients use names of up to 128 characters and with dots (MCP's servers do), and ids of any kind.
The way back knows the aliases of tools, so that the client is answered with its own names. What names there
are decides the aliases, not chance: the same conversation, longer by a turn, has the same ones.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from itertools import chain, count

TOOL_NAME = "a-zA-Z0-9_-"
CALL_ID = "a-zA-Z0-9_.:-"
LONGEST = 64
DIGEST = 8


def aliases(names: Iterable[str], characters: str) -> dict[str, str]:
    """A legal alias, like no other name, for each name that is not 1 to 64 of these characters.

    >>> aliases(["github.search", "search"], TOOL_NAME)
    {'github.search': 'github_search'}
    """
    every = dict.fromkeys(names)
    legal = whole_name(characters).fullmatch
    refused = [name for name in every if not legal(name)]
    if not refused:
        return {}
    taken = every.keys() - refused
    made: dict[str, str] = {}
    for name in refused:
        made[name] = next(alias for alias in candidates(name, characters) if alias not in taken)
        taken.add(made[name])
    return made


@cache
def whole_name(characters: str) -> re.Pattern[str]:
    return re.compile(f"[{characters}]{{1,{LONGEST}}}")


def candidates(name: str, characters: str) -> Iterator[str]:
    """The plainest first."""
    plain = re.sub(f"[^{characters}]", "_", name)
    return chain([plain] if 0 < len(plain) <= LONGEST else [], digested(plain, name))


def digested(plain: str, name: str, start: int = 0) -> Iterator[str]:
    """Names that tell names apart. Of a long one the end is kept: mcp__server__tool says most there."""
    kept = plain[-(LONGEST - DIGEST - 1) :]
    for number in count(start):
        yield f"{kept}_{sha256(f'{number} {name}'.encode()).hexdigest()[:DIGEST]}"
