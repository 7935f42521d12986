"""What the built-in answers say and call: the rules that README states."""

from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from proxy.local.answers import MAX_REPEATED, answer
from tests.proxy.local.requests import TIME, WEATHER, ask, tool_config, user
from tests.samples import PNG

BOTH = tool_config(WEATHER, TIME)


def said(request: dict[str, Any]) -> str:
    return "".join(block.get("text", "") for block in answer(request)["output"]["message"]["content"])


def called(request: dict[str, Any]) -> list[tuple[str, Any]]:
    content = answer(request)["output"]["message"]["content"]
    return [(block["toolUse"]["name"], block["toolUse"]["input"]) for block in content if "toolUse" in block]


def kinds(request: dict[str, Any]) -> list[str]:
    return [next(iter(block)) for block in answer(request)["output"]["message"]["content"]]


def after_result(*result: Any, status: str = "success", text: str | None = None) -> list[dict[str, Any]]:
    """A conversation in which get_weather was called and has answered."""
    call = {"toolUse": {"toolUseId": "t1", "name": "get_weather", "input": {"city": "Paris"}}}
    answered = {"toolResult": {"toolUseId": "t1", "content": list(result), "status": status}}
    return [
        user("Call get_weather for Paris"),
        {"role": "assistant", "content": [call]},
        user(answered, *([text] if text else [])),
    ]


# Words


def test_it_says_what_it_received() -> None:
    image = {"image": {"format": "png", "source": {"bytes": PNG}}}
    document = {"document": {"name": "a", "format": "txt", "source": {"bytes": "QQ=="}}}
    request = {
        "messages": [
            user("Hello", image),
            {"role": "assistant", "content": [{"text": "Hi"}]},
            user("And", "this?", image, document),
        ],
        "system": [{"text": "Be kind."}],
        "toolConfig": BOTH,
    }
    assert said(request) == (
        'You said: "And\nthis?". '
        "I received 3 turns, a system prompt, 2 images, 1 document and 2 tools (get_weather, get_time)."
    )


def test_images_in_tool_results_are_counted_too() -> None:
    image = {"image": {"format": "png", "source": {"bytes": PNG}}}
    text = said({"messages": after_result({"text": "See:"}, image), "toolConfig": BOTH})
    assert "get_weather returned: See:, [image]." in text
    assert "1 image," in text


def test_a_long_text_is_repeated_in_part() -> None:
    text = said(ask("x" * 5000))
    assert "x" * MAX_REPEATED + '..."' in text
    assert "x" * (MAX_REPEATED + 1) not in text


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        ([{"text": "21 degrees"}], "success", "get_weather returned: 21 degrees."),
        ([{"json": {"degrees": 21}}], "success", 'get_weather returned: {"degrees":21}.'),
        ([{"text": "no network"}], "error", "get_weather failed with: no network."),
        ([], "success", "get_weather returned: nothing."),
    ],
)
def test_after_a_tool_result_it_says_the_result(content: Any, status: str, words: str) -> None:
    request = {"messages": after_result(*content, status=status), "toolConfig": BOTH}
    assert said(request).startswith(words)
    assert called(request) == []
    assert answer(request)["stopReason"] == "end_turn"


# Tools


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("Call get_weather for Paris", [("get_weather", {"city": "Paris"})]),
        ("Please call `get_weather`.", [("get_weather", {"city": "city"})]),
        ("get_weather in Rome, Italy and then stop", [("get_weather", {"city": "Rome, Italy"})]),
        ('Use get_weather with "New York"', [("get_weather", {"city": "New York"})]),
        ('get_weather({"city": "Oslo", "days": 2})', [("get_weather", {"city": "Oslo", "days": 2})]),
        ('get_weather with {"city": "Oslo"}, please', [("get_weather", {"city": "Oslo"})]),
        ("get_weather {not JSON}", [("get_weather", {"city": "city"})]),
        ("get_time and get_weather for Rome", [("get_time", {}), ("get_weather", {"city": "Rome"})]),
        ("get_weather_history and my-get_time are other tools", []),
        ("Hello", []),
    ],
)
def test_it_calls_the_tools_that_the_text_names(text: str, calls: list[tuple[str, Any]]) -> None:
    request = ask(text, toolConfig=BOTH)
    assert called(request) == calls
    assert answer(request)["stopReason"] == ("tool_use" if calls else "end_turn")


def test_a_call_of_its_own_will_comes_after_a_text() -> None:
    assert kinds(ask("Call get_time", toolConfig=BOTH)) == ["text", "toolUse"]
    assert said(ask("Call get_time and get_weather", toolConfig=BOTH)) == "Calling get_time and get_weather."


@pytest.mark.parametrize(
    ("choice", "text", "names"),
    [
        ({"auto": {}}, "Hello", []),
        ({"any": {}}, "Hello", ["get_weather"]),
        ({"any": {}}, "What does get_time say?", ["get_time"]),
        ({"tool": {"name": "get_time"}}, "Hello", ["get_time"]),
        ({"tool": {"name": "get_time"}}, "Call get_weather", ["get_time"]),
    ],
)
def test_it_follows_tool_choice(choice: dict[str, Any], text: str, names: list[str]) -> None:
    request = ask(text, toolConfig=tool_config(WEATHER, TIME, toolChoice=choice))
    assert [name for name, _ in called(request)] == names
    if names:
        assert set(kinds(request)) == {"toolUse"}


def test_it_never_calls_a_tool_without_tools() -> None:
    assert called(ask("Call get_weather for Paris")) == []


def test_a_text_after_a_tool_result_can_ask_for_another_call() -> None:
    request = {"messages": after_result({"text": "21"}, text="Now get_time."), "toolConfig": BOTH}
    assert [name for name, _ in called(request)] == ["get_time"]


def test_each_call_has_its_own_id() -> None:
    request = ask("get_time and get_weather", toolConfig=BOTH)
    content = answer(request)["output"]["message"]["content"]
    ids = [block["toolUse"]["toolUseId"] for block in content if "toolUse" in block]
    assert len(set(ids)) == 2
    assert all(len(one) == 30 and one.startswith("tooluse_") for one in ids)


# Structured output


def test_it_answers_json_for_a_json_schema() -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
    structure = {"jsonSchema": {"schema": orjson.dumps(schema).decode()}}
    request = ask(
        'Invent "Ada"', outputConfig={"textFormat": {"type": "json_schema", "structure": structure}}
    )
    value = orjson.loads(said(request))
    Draft202012Validator(schema).validate(value)
    assert value == {"name": "Ada", "age": 18}


# Limits


def test_max_tokens_cuts_the_text() -> None:
    response = answer(ask("Hello", inferenceConfig={"maxTokens": 2}))
    assert response["output"]["message"]["content"] == [{"text": "You said"}]
    assert response["stopReason"] == "max_tokens"


def test_a_call_that_does_not_fit_is_left_out() -> None:
    request = ask("Call get_weather for Paris", toolConfig=BOTH, inferenceConfig={"maxTokens": 10})
    assert kinds(request) == ["text"]
    assert answer(request)["stopReason"] == "max_tokens"


def test_a_forced_call_that_does_not_fit_is_whole_all_the_same() -> None:
    config = tool_config(WEATHER, toolChoice={"any": {}})
    response = answer(ask("Hello", toolConfig=config, inferenceConfig={"maxTokens": 1}))
    assert "toolUse" in response["output"]["message"]["content"][0]
    assert response["stopReason"] == "max_tokens"


@pytest.mark.parametrize(
    ("sequences", "text"),
    [
        (["END"], 'You said: "one '),
        (["two", "END"], 'You said: "one '),
        (["You"], ""),
    ],
)
def test_a_stop_sequence_ends_the_text_before_it(sequences: list[str], text: str) -> None:
    request = ask("one END two", inferenceConfig={"stopSequences": sequences})
    assert said(request) == text
    assert answer(request)["stopReason"] == "stop_sequence"


def test_the_limit_that_comes_first_counts() -> None:
    config = {"stopSequences": ["END"], "maxTokens": 2}
    assert answer(ask("one END two", inferenceConfig=config))["stopReason"] == "max_tokens"
    config = {"stopSequences": ["END"], "maxTokens": 200}
    assert answer(ask("one END two", inferenceConfig=config))["stopReason"] == "stop_sequence"
