"""`outcrop models`: what the account can call, as a table or as JSON."""

from collections.abc import Iterable
from dataclasses import replace

import orjson

from proxy.app import catalogue_of
from proxy.bedrock import connect
from proxy.discovery import TIMEOUT
from proxy.settings import Settings
from translators.openai import Model

HEADINGS = ("MODEL", "CONTEXT", "OUTPUT", "INPUT", "CAN", "NAME")
NUMBERS = (1, 2)


async def inventory(settings: Settings) -> tuple[list[Model], tuple[str, ...]]:
    """The models, and the IAM actions without which some may be missing. Raises APIError."""
    looking = replace(settings, discovery=replace(settings.discovery, enabled=True))
    async with connect(settings) as bedrock:
        catalogue = catalogue_of(bedrock, looking, cold=TIMEOUT + 1)  # a person waits longer than a client
        return (await catalogue.models())["data"], catalogue.state.missing


def matching(models: Iterable[Model], text: str) -> list[Model]:
    """Those with the text in their id or name."""
    wanted = text.casefold()
    return [model for model in models if wanted in f"{model['id']} {model['name']}".casefold()]


def as_json(models: list[Model]) -> str:
    return orjson.dumps(models, option=orjson.OPT_INDENT_2).decode()


def as_table(models: list[Model]) -> str:
    rows = [HEADINGS, *map(row, models)]
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEADINGS))]
    return "\n".join(line_of(line, widths) for line in rows)


def row(model: Model) -> tuple[str, ...]:
    can = [name for name, does in (("tools", model["tools"]), ("reasoning", model["reasoning"])) if does]
    if end := model.get("shutdown_date"):
        can.append(f"ends {end}")
    return (
        model["id"],
        f"{model['context_window']:,}",
        f"{model['max_output_tokens']:,}",
        " ".join(model["input_modalities"]),
        ", ".join(can),
        model["name"],
    )


def line_of(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = [
        cell.rjust(width) if column in NUMBERS else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
