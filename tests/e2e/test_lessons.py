"""A model whose differences nobody has written down: asked once more without what it refused, then remembered."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest

from proxy.lessons import MODELS, SECONDS, Lessons
from proxy.local import catalogue
from proxy.settings import Settings
from proxy.wanted import Wanted
from tests.e2e.door import Door
from tests.servers import outcrop as serving_outcrop
from translators.aws_errors import from_aws
from translators.chat import plan
from translators.chat.cuts import NO_CUTS
from translators.departures import PLAIN
from translators.errors import BadRequestError

# A Claude behind an application profile, which nobody may ask for its model; it does not take both.
OPAQUE = next(
    profile["inferenceProfileArn"]
    for profile in catalogue.inference_profiles()
    if profile["type"] == "APPLICATION"
    and catalogue.resolve(profile["inferenceProfileArn"]).provider == "Anthropic"
)
ASK: dict[str, Any] = {
    "model": OPAQUE,
    "messages": [{"role": "user", "content": "Hi"}],
    "temperature": 0.5,
    "top_p": 0.5,
}
UNTOLD = {
    "when": {"operation": "GetInferenceProfile"},
    "times": "always",
    "error": {"type": "AccessDeniedException", "message": "No."},
}
TOLD = "top_p=dropped; this model does not take it beside temperature"


@pytest.fixture
def fresh(door: Door) -> Iterator[httpx.Client]:
    """An Outcrop that has learnt nothing yet."""
    door.script(UNTOLD)
    with serving_outcrop() as url, httpx.Client(base_url=url) as http:
        yield http


def chats(door: Door) -> list[dict[str, Any]]:
    return [request for request in door.requests() if request["operation"].startswith("Converse")]


@pytest.mark.parametrize("stream", [False, True])
def test_it_is_learnt_from_the_first_refusal(fresh: httpx.Client, door: Door, stream: bool) -> None:
    answers = [fresh.post("/v1/chat/completions", json={**ASK, "stream": stream}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.headers["x-outcrop-adjusted"] for answer in answers] == [TOLD, TOLD]
    assert [request["body"]["inferenceConfig"] for request in chats(door)] == [
        {"temperature": 0.5, "topP": 0.5},
        {"temperature": 0.5},
        {"temperature": 0.5},
    ]


def test_what_one_model_taught_is_not_asked_of_another(fresh: httpx.Client, door: Door) -> None:
    fresh.post("/v1/chat/completions", json=ASK)
    other = fresh.post("/v1/chat/completions", json={**ASK, "model": "us.amazon.nova-lite-v1:0"})

    assert "x-outcrop-adjusted" not in other.headers


def test_it_asks_once_more_and_no_more(fresh: httpx.Client, door: Door) -> None:
    words = "This model doesn't support the stopSequences field. Remove stopSequences and try again."
    door.script(UNTOLD, {"times": "always", "error": {"type": "ValidationException", "message": words}})
    answer = fresh.post("/v1/chat/completions", json={**ASK, "stop": "END"})

    assert (answer.status_code, answer.json()["error"]["message"]) == (400, words)
    assert len(chats(door)) == 2


def test_a_refusal_in_the_first_frame_teaches_too(fresh: httpx.Client, door: Door) -> None:
    words = "The model returned the following errors: `temperature` is deprecated for this model."
    door.script(UNTOLD, {"exception": {"type": "validationException", "message": words}})
    answer = fresh.post("/v1/chat/completions", json={**ASK, "top_p": None, "stream": True})

    assert answer.status_code == 200
    assert answer.headers["x-outcrop-adjusted"] == "temperature=dropped; this model takes none"
    assert "[DONE]" in answer.text


def test_strict_mode_hands_on_the_refusal(bedrock: str, door: Door) -> None:
    door.script(UNTOLD)
    with serving_outcrop(Settings(strict=True)) as url:
        answers = [httpx.post(f"{url}/v1/chat/completions", json=ASK) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert all("cannot both be specified" in answer.json()["error"]["message"] for answer in answers)
    assert len(chats(door)) == 2


# The memory itself


def learn(lessons: Lessons, model: str = "m") -> None:
    chat = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "temperature": 0.5}
    body = Wanted(orjson.dumps(chat), NO_CUTS, messages=1)
    asyncio.run(lessons.learn(refused(), plan(body.read()), body))


def refused() -> BadRequestError:
    error = from_aws("ValidationException", "This model doesn't support the temperature field.")
    assert isinstance(error, BadRequestError)
    return error


def test_a_lesson_is_forgotten_after_its_time() -> None:
    now = [0.0]
    lessons = Lessons(clock=lambda: now[0])
    learn(lessons)

    now[0] = SECONDS - 1
    assert lessons.quirks("m") == replace(PLAIN, temperature=False)
    now[0] = SECONDS
    assert lessons.quirks("m") == PLAIN


def test_the_memory_is_bounded() -> None:
    lessons = Lessons()
    for number in range(MODELS + 1):
        learn(lessons, f"m{number}")

    assert lessons.quirks("m0") == PLAIN
    assert lessons.quirks("m1") != PLAIN
    assert lessons.quirks(f"m{MODELS}") != PLAIN
