"""What was asked goes when it is answered, however it is answered: nothing waits for the garbage collector."""

import gc
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from proxy.wanted import Wanted
from tests.e2e.door import Door
from tests.samples import MODEL
from translators.chat import Plan

ASK: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "temperature": 0.5}

THROTTLED = {"times": "always", "error": {"type": "ThrottlingException", "message": "Too many requests."}}
DENIED = {"times": "always", "error": {"type": "AccessDeniedException", "message": "No."}}
TAUGHT = {
    "error": {
        "type": "ValidationException",
        "message": "This model doesn't support the temperature field. Remove temperature and try again.",
    }
}
AT_FIRST = {"exception": {"type": "throttlingException", "message": "Too many requests."}}
IN_BETWEEN = {"text": "One two.", "exception": {"type": "throttlingException", "message": "No.", "after": 1}}

ANSWERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "answered": ({}, {}),
    "throttled": (THROTTLED, {}),
    "throttled, two choices": (THROTTLED, {"n": 2}),
    "denied": (DENIED, {}),
    "answered at the second attempt": (TAUGHT, {"model": "maker.unknown-v1:0"}),
    "refused by us": ({}, {"temperature": "hot"}),
    "streamed": ({}, {"stream": True}),
    "throttled before a stream": (THROTTLED, {"stream": True}),
    "throttled in the first frame": (AT_FIRST, {"stream": True}),
    "throttled in a stream": (IN_BETWEEN, {"stream": True}),
    "throttled in a stream of two": (IN_BETWEEN, {"stream": True, "n": 2}),
}


@pytest.fixture
def no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize(("answer", "changes"), ANSWERS.values(), ids=ANSWERS)
def test_nothing_of_a_request_is_left(
    http: httpx.Client, door: Door, answer: dict[str, Any], changes: dict[str, Any]
) -> None:
    door.script(*([answer] if answer else []))
    for _ in range(3):
        http.post("/v1/chat/completions", json={**ASK, **changes})

    for _ in range(100):  # the server may have something to do yet, after the answer's last byte
        http.get("/livez")
        if not left():
            break
    assert left() == []


def left() -> list[str]:
    return [type(each).__name__ for each in gc.get_objects() if isinstance(each, Plan | Wanted)]
