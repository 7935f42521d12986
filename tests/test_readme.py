"""README says what the code does: its tables and commands are compared with it."""

import argparse
import re
import tomllib
from dataclasses import fields, is_dataclass
from typing import Any

from proxy.cli import parser
from proxy.local.rule import OPERATIONS, Rule, When
from proxy.local.script import ERROR, RULE, loads
from proxy.routes import ROUTES
from proxy.settings import Settings
from tests.readme import LOCAL, README, ROOT, examples, names, section, table
from translators.chat.fields import IGNORED, REFUSED
from translators.openai import ChatCompletionRequest

OFFLINE = "Test your own agent offline"
UNSERVED = {"refused with 400": REFUSED, "accepted and ignored": IGNORED}


def test_the_table_of_fields_is_complete() -> None:
    said: dict[str, set[str]] = {kind: set() for kind in (*UNSERVED, "mapped")}
    for fields_cell, fate in table("What is supported", "request field"):
        kind = next((kind for kind in UNSERVED if kind in fate), "mapped")
        said[kind] |= names(fields_cell)

    assert said == {
        "mapped": set(ChatCompletionRequest.__annotations__),
        **{kind: set(known) for kind, known in UNSERVED.items()},
    }


def test_the_table_of_settings_is_complete() -> None:
    said = {cells[0].strip("`"): (cells[1].strip("`"), cells[2]) for cells in table("Settings", "file")}
    known = settings(Settings())

    assert {name: variable for name, (variable, _) in said.items()} == {
        name: variable for name, (variable, _) in known.items()
    }
    for name, (_, default) in known.items():
        if default not in (None, (), "", {}, frozenset()):
            assert said[name][1] == f"`{str(default).lower()}`", name


def settings(instance: Any, section: str = "") -> dict[str, tuple[str, Any]]:
    """File name -> variable and default."""
    known: dict[str, tuple[str, Any]] = {}
    for each in fields(instance):
        value = getattr(instance, each.name)
        if is_dataclass(value):
            known |= settings(value, each.name)
        else:
            name = f"[{section}] {each.name}" if section else each.name
            variable = f"OUTCROP_{section}_{each.name}" if section else f"OUTCROP_{each.name}"
            known[name] = variable.upper(), value
    return known


def test_the_table_of_a_rules_fields_is_complete() -> None:
    said = {name: meaning for cell, meaning in table("Scripts", "field", LOCAL) for name in names(cell)}

    assert set(said) == set(RULE) == {each.name for each in fields(Rule)}
    assert {name for name in names(said["error"]) if name.isalpha()} == set(ERROR)
    assert names(said["exception"]) == {"type", "message", "after"}
    assert names(said["when"]) - {"*"} == {each.name for each in fields(When)} | set(OPERATIONS)


def test_the_example_of_a_script_is_one() -> None:
    (example,) = examples(OFFLINE, "json")

    throttled, sunny, cut = loads(example.encode()).rules
    assert (throttled.error and throttled.error.type, throttled.times) == ("ThrottlingException", 1)
    assert (sunny.text, sunny.pace, sunny.times) == ("Sunny, 21 degrees.", 0.05, None)
    assert (cut.when.model, cut.drop_after, cut.times) == ("*nova*", 2, None)


def test_what_may_go_wrong_can_be_scripted() -> None:
    scripts = [row[1].strip("`") for row in table("What may go wrong with an account", "situation", LOCAL)]

    assert [bool(loads(script.encode()).source) for script in scripts] == [True] * 6


def test_every_command_and_option_is_named() -> None:
    commands = re.findall(r"^outcrop (\w+) (.*)$", section("Settings"), re.MULTILINE)
    said = {command: set(re.findall(r"--[\w-]+", rest)) for command, rest in commands}

    assert said == options(parser())


def options(top: argparse.ArgumentParser) -> dict[str, set[str]]:
    [commands] = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    return {
        name: {flag for action in sub._actions for flag in action.option_strings if flag.startswith("--")}
        - {"--help"}
        for name, sub in commands.choices.items()
    }


def test_every_route_is_named() -> None:
    said = set(re.findall(r"`(?:GET|POST) ([^`]+)`", section("What is supported")))

    assert said == {route.path.replace(":path", "") for route in ROUTES}


def test_the_version_has_its_entry_in_the_changelog() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


def test_every_file_that_readme_names_is_there() -> None:
    named = re.findall(r"`((?:proxy|translators|tests|\.ci)/[\w./]*)`", README)
    named += re.findall(r"\]\((?!https?:)([^)#]+)\)", README)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
