"""The table of facts about models, read from `facts.json`, which names its sources."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import orjson

from translators.models import Facts


@cache
def facts() -> Mapping[str, Facts]:
    """By the foundation model's id."""
    table: Mapping[str, Facts] = orjson.loads(files("proxy").joinpath("facts.json").read_bytes())["models"]
    return table
