"""The stories hold every shape of answer that was recorded, so that without the recordings all is tested too."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Story, stories
from tests.recordings import FOLDER, load, names

# The user's own JSON, and what no translator looks into: a shape of its own for each tool and guardrail.
OPAQUE = {"input", "trace"}


@pytest.mark.skipif(not FOLDER.exists(), reason="the recordings are not here")
def test_the_stories_have_every_shape_that_was_recorded() -> None:
    recorded = {path for answer in recorded_answers() for path in key_paths(answer)}
    told = {path for answer in told_answers() for path in key_paths(answer)}

    assert len(recorded) > 100
    assert sorted(recorded - told) == []


def recorded_answers() -> Iterator[Any]:
    for name in names("Converse", "ConverseStream"):
        recording = load(name)
        if recording.status == 200 and recording.operation == "Converse":
            yield recording.json
        elif recording.status == 200:
            yield from ({name: body} for name, body in recording.events())


def told_answers() -> Iterator[Any]:
    for story in map(Story, stories()):
        if story.has("3_response.json"):
            yield story.read("3_response.json")
        if story.has("3_events.jsonl"):
            yield from story.read("3_events.jsonl")


def key_paths(value: Any, path: str = "") -> Iterator[str]:
    """contentBlockStart.start.toolUse.type, ...; of a stop reason its value too."""
    if isinstance(value, dict):
        for name, member in value.items():
            here = f"{path}.{name}".removeprefix(".")
            yield f"{here}={member}" if name == "stopReason" else here
            if name not in OPAQUE:
                yield from key_paths(member, here)
    elif isinstance(value, list):
        for item in value:
            yield from key_paths(item, f"{path}[]")


def test_key_paths() -> None:
    answer = json.loads('{"a": [{"b": 1, "stopReason": "end_turn"}], "input": {"c": 2}}')

    assert sorted(key_paths(answer)) == ["a", "a[].b", "a[].stopReason=end_turn", "input"]
