"""Agents that think between their calls, before the strict Bedrock that looks at every block they bring back.

It refuses what is missing, altered, moved or another's, so that each 200 says much; its journal says the
rest: that the blocks of every turn are the model's own, to the byte, whatever the client kept of them.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import openai
import pytest

from proxy.settings import Continuity, Settings
from tests.e2e.agent import (
    FORMS,
    REDACTED,
    Agent,
    Block,
    Form,
    asked,
    call,
    details,
    exact,
    fields,
    nothing,
    rule,
    signed_text,
    statuses,
    text,
    thinking_blocks,
    thought,
    thoughts,
    turns,
    with_bare_id,
)
from tests.e2e.door import Door
from tests.e2e.process import Process
from tests.e2e.test_continuity import get, paused, remembering
from tests.redis_server import RedisServer
from tests.servers import outcrop as serving_outcrop

BUDGET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
ADAPTIVE = "us.anthropic.claude-sonnet-4-6"
BOUND = "us.anthropic.claude-opus-5-5"
NOVA, GPT_OSS, GPT, KIMI = (
    "us.amazon.nova-2-lite-v1:0",
    "openai.gpt-oss-120b-1:0",
    "us.openai.gpt-5.6-sol",
    "moonshot.kimi-k2-thinking",
)
CLAUDES = [BUDGET, ADAPTIVE, BOUND]

Answers = Sequence[Sequence[Block]]

FORGOTTEN = "reasoning_effort=dropped; what it thought before these calls is not known any more"
UNSIGNED = "messages[1]=dropped; what was thought is left out: it is not signed or not this model's"


def answers() -> Answers:
    """Two calls at once, another after their results, an answer: with every kind of thought in between."""
    return [
        [
            thought("Two cities, so two calls."),
            REDACTED,
            {"text": "Let me look."},
            call("Bern"),
            call("Rome"),
        ],
        [thought(""), call("Oslo")],
        [thought("All of them have answered."), {"text": "It is sunny everywhere."}],
    ]


def scattered() -> Answers:
    """Thoughts that stand apart, which Bedrock wants back apart."""
    return [
        [
            thought("Bern."),
            {"text": "First "},
            thought("Rome."),
            call("Bern"),
            thought("Both."),
            call("Rome"),
        ],
        [
            thought("One is missing."),
            {"text": "One more."},
            thought("Oslo."),
            call("Oslo"),
            REDACTED,
            call("Paris"),
        ],
        [thought("Sunny."), {"text": "It is sunny. "}, thought("Is it?"), {"text": "Everywhere."}],
    ]


def scripted(door: Door, given: Answers, model: str = "*") -> Answers:
    door.script(*(rule(*content, model=model) for content in given))
    return given


def loop(agent: Agent) -> None:
    """Three turns of the model, and the user goes on."""
    agent.ask("How is the weather in Bern and Rome? Then look at Oslo.")
    agent.answer_calls()
    agent.answer_calls()
    agent.ask("Thank you!")


def check_exact(door: Door, agent: Agent, given: Answers) -> None:
    """Each request held every turn before it, each with all its blocks in their order."""
    said = [exact(content, shown) for content, shown in zip(given, agent.shown, strict=False)]
    expected = [[with_bare_id(block) for block in content] for content in said]
    assert [turns(body) for body in asked(door)] == [expected[:count] for count in range(len(given) + 1)]
    assert statuses(door) == [200] * (len(given) + 1)


@contextmanager
def fresh(client: openai.OpenAI, settings: Settings | None = None) -> Iterator[openai.OpenAI]:
    """The client on an Outcrop that remembers nothing yet."""
    with serving_outcrop(settings) as url:
        yield client.with_options(base_url=f"{url}/v1")


@pytest.fixture
def client(shared_client: openai.OpenAI, door: Door) -> openai.OpenAI:
    """A user of the test's own: to no other is anything remembered that this one was told."""
    return shared_client.with_options(api_key=token_urlsafe(8))


@pytest.fixture(scope="module")
def restarted(shared_client: openai.OpenAI) -> Iterator[str]:
    """The base URL of an Outcrop that has not seen how the conversations began which go on there."""
    with fresh(shared_client) as client:
        yield str(client.base_url)


@pytest.fixture(scope="module")
def forgetful(shared_client: openai.OpenAI) -> Iterator[openai.OpenAI]:
    """The client on an Outcrop that remembers nothing at all."""
    with fresh(shared_client, Settings(continuity=Continuity(max_entries=0))) as client:
        yield client


# Every client, before every kind of Claude


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("model", CLAUDES)
def test_whatever_a_client_hands_back_the_model_gets_its_blocks(
    client: openai.OpenAI, door: Door, model: str, form: Form, stream: bool
) -> None:
    given = scripted(door, answers())
    agent = Agent(client, model, form, stream=stream)

    loop(agent)

    check_exact(door, agent, given)
    assert agent.adjusted == ""
    assert all("thinking" in fields(body) for body in asked(door))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_thoughts_that_stand_apart_come_back_apart(
    client: openai.OpenAI, door: Door, form: Form, stream: bool
) -> None:
    given = scripted(door, scattered())
    agent = Agent(client, ADAPTIVE, form, stream=stream)

    loop(agent)

    check_exact(door, agent, given)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("form", [details, thinking_blocks])
@pytest.mark.parametrize("model", CLAUDES)
def test_what_is_handed_back_whole_needs_no_memory(
    forgetful: openai.OpenAI, door: Door, model: str, form: Form, stream: bool
) -> None:
    given = scripted(door, answers())
    agent = Agent(forgetful, model, form, stream=stream)

    loop(agent)

    check_exact(door, agent, given)
    assert agent.adjusted == ""


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_nor_does_one_block_with_its_signature(forgetful: openai.OpenAI, door: Door, stream: bool) -> None:
    given = scripted(door, [[thought("Bern first."), call("Bern")], [thought("Now Rome."), call("Rome")]])
    agent = Agent(forgetful, BUDGET, signed_text, stream=stream)

    agent.ask("How is the weather in Bern and Rome?")
    agent.answer_calls()
    agent.answer_calls()

    check_exact(door, agent, given)


def test_without_a_script_the_local_model_thinks_between_its_calls_too(
    client: openai.OpenAI, door: Door
) -> None:
    """Within a budget it does so only where it was asked to."""
    agent = Agent(client, BUDGET, nothing, stream=True)
    agent.ask("Call get_weather for Bern.")
    agent.answer_calls()

    assert [bool(shown.get("reasoning_details")) for shown in agent.shown] == [True, True]
    assert fields(asked(door)[0])["anthropic_beta"] == ["interleaved-thinking-2025-05-14"]


def test_a_turn_that_was_thought_about_once_goes_on(client: openai.OpenAI, door: Door) -> None:
    """Claude 3.7 thinks before the first call only: the later ones come without, and that is in order."""
    given = scripted(
        door, [[thought("Go."), call("Bern")], [call("Rome")], [call("Oslo")], [{"text": "Sunny."}]]
    )
    agent = Agent(client, "us.anthropic.claude-3-7-sonnet-20250219-v1:0", nothing, stream=False)

    agent.ask("How is the weather?")
    for _ in given[1:]:
        agent.answer_calls()

    assert [len(thoughts(body)) for body in asked(door)] == [0, 1, 1, 1]
    assert all("thinking" in fields(body) for body in asked(door))
    assert agent.adjusted == ""


# A client that damages what it hands back


def test_blocks_that_were_altered_are_replaced_by_those_that_are_remembered(
    client: openai.OpenAI, door: Door
) -> None:
    given = scripted(door, answers())
    agent = Agent(client, ADAPTIVE, altered, stream=False)

    loop(agent)

    check_exact(door, agent, given)


def test_blocks_that_were_altered_and_are_not_remembered_are_left_out(
    forgetful: openai.OpenAI, door: Door
) -> None:
    scripted(door, answers())
    agent = Agent(forgetful, "claude-sonnet-4-5", altered, stream=False)
    agent.ask("How is the weather in Bern and Rome?")
    agent.answer_calls()

    assert statuses(door) == [200, 400, 200]
    assert thoughts(asked(door)[-1]) == []
    assert "Bedrock refused what the model had thought" in agent.adjusted


def altered(shown: dict[str, Any]) -> dict[str, Any]:
    message = details(shown)
    entries = message.get("reasoning_details", [])
    message["reasoning_details"] = [
        {**each, "text": each["text"] + "!"} for each in entries if "text" in each
    ]
    return message


# After a restart


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("model", "form", "told"),
    [
        (BUDGET, nothing, FORGOTTEN),
        (BUDGET, text, f"{UNSIGNED}, {FORGOTTEN}"),
        (ADAPTIVE, nothing, ""),
        (ADAPTIVE, text, UNSIGNED),
        (BOUND, text, UNSIGNED),
    ],
)
def test_after_a_restart_the_conversation_goes_on_and_what_was_lost_is_told(
    client: openai.OpenAI, restarted: str, door: Door, model: str, form: Form, told: str, stream: bool
) -> None:
    scripted(door, answers())
    agent = Agent(client, model, form, stream=stream)
    agent.ask("How is the weather in Bern and Rome?")
    agent.client = client.with_options(base_url=restarted)
    agent.answer_calls()
    assert agent.adjusted == told
    agent.answer_calls()
    agent.ask("Thank you!")

    bodies = asked(door)
    assert statuses(door) == [200] * 4
    assert thoughts(bodies[1]) == []
    assert ["thinking" in fields(body) for body in bodies] == [True, *[model != BUDGET] * 2, True]


@pytest.mark.parametrize("model", CLAUDES)
def test_after_a_restart_what_is_handed_back_whole_is_still_exact(
    client: openai.OpenAI, restarted: str, door: Door, model: str
) -> None:
    given = scripted(door, answers())
    agent = Agent(client, model, details, stream=True)
    agent.ask("How is the weather in Bern and Rome?")
    agent.client = client.with_options(base_url=restarted)
    agent.answer_calls()
    agent.answer_calls()
    agent.ask("Thank you!")

    check_exact(door, agent, given)
    assert agent.adjusted == ""


def test_it_is_so_after_a_real_restart(client: openai.OpenAI, door: Door) -> None:
    scripted(door, answers())
    with fresh(client) as before:
        agent = Agent(before, BUDGET, nothing, stream=True)
        agent.ask("How is the weather in Bern and Rome?")
    with fresh(client) as agent.client:
        agent.answer_calls()

    assert agent.adjusted == FORGOTTEN
    assert statuses(door) == [200] * 2


# Several processes


@pytest.fixture
def workers(bedrock: str, folder: Path) -> Iterator[Process]:
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    with remembering({**aws, "OUTCROP_DISCOVERY_ENABLED": "false", "TMPDIR": str(folder)}) as process:
        yield process


def test_two_workers_share_what_they_remember(workers: Process, client: openai.OpenAI, door: Door) -> None:
    """Each turn is another worker's."""
    first, _ = get(workers)
    with paused(first):
        second, _ = get(workers)
    given = scripted(door, answers())
    agent = Agent(client.with_options(base_url=workers.base_url), BUDGET, nothing, stream=True)
    with paused(first):
        agent.ask("How is the weather in Bern and Rome?")
    with paused(second):
        agent.answer_calls()
    with paused(first):
        agent.answer_calls()
    with paused(second):
        agent.ask("Thank you!")

    check_exact(door, agent, given)
    assert agent.adjusted == ""


def test_two_replicas_share_a_redis(
    client: openai.OpenAI, door: Door, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Which sees nothing of what it holds; no more does the log."""
    caplog.set_level("DEBUG")
    settings = Settings(continuity=Continuity(url=redis_server.url, key="correct horse battery"))
    given = scripted(door, answers())
    with fresh(client, settings) as one, fresh(client, settings) as other:
        agent = Agent(one, BUDGET, nothing, stream=True)
        agent.ask("How is the weather in Bern and Rome?")
        agent.client = other
        agent.answer_calls()
        agent.client = one
        agent.answer_calls()
        agent.client = other
        agent.ask("Thank you!")

    check_exact(door, agent, given)
    stored = b"".join(key + value for key, value in redis_server.everything().items())
    assert stored
    assert caplog.text
    for word in (
        "Two cities",
        "get_weather",
        "Bern",
        agent.messages[1]["tool_calls"][0]["id"],
    ):
        assert word.encode() not in stored
        assert word not in caplog.text


# Another model in the middle


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("form", [details, text, nothing])
@pytest.mark.parametrize("other", [NOVA, GPT_OSS, KIMI, GPT])
def test_a_signature_never_reaches_another_family(
    client: openai.OpenAI, door: Door, other: str, form: Form, stream: bool
) -> None:
    """In the middle of a tool loop; then the first model takes over again."""
    first = answers()[0]
    scripted(door, [first], "*claude*")
    agent = Agent(client, BUDGET, form, stream=stream)
    agent.ask("How is the weather in Bern and Rome?")
    agent.model = other
    agent.answer_calls()
    agent.ask("Call get_weather for Oslo.")
    agent.answer_calls()
    agent.model = BUDGET
    agent.ask("And now?")

    _, *others, again = asked(door)
    own = exact(first, agent.shown[0])
    seals = [block for block in own if "reasoningContent" in block]
    assert statuses(door) == [200] * 5
    assert not any(block in thoughts(body) for body in others for block in seals)
    assert thoughts(again) == seals, "its own turn is the model's own again, and nothing else is"
    assert "signature" not in str([thoughts(body) for body in others])


def test_what_another_family_thought_is_told_to_be_left_out(client: openai.OpenAI, door: Door) -> None:
    scripted(door, answers()[:1], "*claude*")
    agent = Agent(client, BUDGET, details, stream=False)
    agent.ask("How is the weather in Bern and Rome?")
    agent.model = GPT_OSS
    agent.answer_calls()

    assert agent.adjusted == UNSIGNED


def test_another_claude_takes_over_in_the_middle(client: openai.OpenAI, door: Door) -> None:
    """Bedrock takes its sister's blocks."""
    given = scripted(door, answers())
    agent = Agent(client, BUDGET, nothing, stream=False)
    agent.ask("How is the weather in Bern and Rome?")
    agent.model = ADAPTIVE
    agent.answer_calls()
    agent.answer_calls()
    agent.ask("Thank you!")

    check_exact(door, agent, given)


# Another user


@pytest.mark.parametrize("model", [KIMI, BUDGET])
def test_one_user_s_thoughts_never_reach_another(client: openai.OpenAI, door: Door, model: str) -> None:
    """Though the ids of their calls are the same, as the ids that Kimi gives are."""
    given = [[thought("Anna's secret."), call("Bern", "functions.get_weather:0")]]
    anna = Agent(client.with_options(api_key="anna"), model, nothing, stream=False)
    ben = Agent(client.with_options(api_key="ben"), model, nothing, stream=False)
    scripted(door, given)
    anna.ask("How is the weather in Bern?")
    ben.messages = list(anna.messages)
    ben.answer_calls()
    anna.answer_calls()

    _, bens, annas = asked(door)
    assert "secret" not in str(bens)
    assert thoughts(bens) == []
    assert turns(annas) == [[with_bare_id(block) for block in exact(given[0], anna.shown[0])]]


def test_ids_that_come_again_bring_back_each_turn_its_own_thoughts(client: openai.OpenAI, door: Door) -> None:
    given = [
        [thought(f"First {city}."), call(city, "functions.get_weather:0")]
        for city in ("Bern", "Rome", "Oslo")
    ]
    scripted(door, given)
    agent = Agent(client, KIMI, nothing, stream=False)
    agent.ask("How is the weather in Bern, Rome and Oslo?")
    agent.answer_calls()
    agent.answer_calls()
    agent.answer_calls()

    check_exact(door, agent, given)


@pytest.mark.parametrize("model", CLAUDES)
def test_the_same_words_in_two_conversations_have_each_their_own_thoughts(
    client: openai.OpenAI, door: Door, model: str
) -> None:
    milk, bread = [thought("Milk."), {"text": "Done."}], [thought("Bread."), {"text": "Done."}]
    scripted(door, [milk, bread])
    one, other = (Agent(client, model, nothing, stream=False) for _ in range(2))
    one.ask("Buy milk.")
    other.ask("Buy bread.")
    one.ask("Thank you!")

    assert turns(asked(door)[-1]) == [exact(milk, one.shown[0])]
    assert statuses(door) == [200] * 3


# What the time before tools had


def test_a_function_s_turn_goes_on_without_its_thoughts(client: openai.OpenAI, door: Door) -> None:
    """`function_call` has no id to know it by: that is a miss."""
    scripted(door, [[thought("Look."), call("Bern")]])
    functions = {"functions": [{"name": "get_weather"}], "model": BUDGET, "reasoning_effort": "high"}
    question = {"role": "user", "content": "How is the weather?"}
    completions: Any = client.chat.completions
    shown = completions.create(messages=[question], **functions).choices[0].message
    turn = {"role": "assistant", "function_call": shown.function_call.model_dump()}
    result = {"role": "function", "name": "get_weather", "content": "Sunny."}
    raw = completions.with_raw_response.create(messages=[question, turn, result], **functions)

    assert raw.headers["x-outcrop-adjusted"] == FORGOTTEN
    assert statuses(door) == [200, 200]


def test_it_goes_on_with_them_where_they_are_handed_back(client: openai.OpenAI, door: Door) -> None:
    scripted(door, [[thought("Look."), call("Bern")]])
    functions = {"functions": [{"name": "get_weather"}], "model": BUDGET, "reasoning_effort": "high"}
    question = {"role": "user", "content": "How is the weather?"}
    completions: Any = client.chat.completions
    shown = completions.create(messages=[question], **functions).choices[0].message.model_dump()
    turn = {name: shown[name] for name in ("role", "function_call", "reasoning_details")}
    result = {"role": "function", "name": "get_weather", "content": "Sunny."}
    raw = completions.with_raw_response.create(messages=[question, turn, result], **functions)

    assert "x-outcrop-adjusted" not in raw.headers
    assert thoughts(asked(door)[-1]) == exact([thought("")], shown)
