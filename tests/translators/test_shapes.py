"""The door: each wrong body is refused with the path of the field, and well-formed ones pass."""

from typing import Any

import pytest

from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

USER = {"role": "user", "content": "Hi"}


def chat(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [USER], **fields}


REFUSED: list[tuple[Any, str | None, str]] = [
    ([], None, "invalid_type"),
    ("text", None, "invalid_type"),
    (None, None, "invalid_type"),
    ({"messages": [USER]}, "model", "missing_required_parameter"),
    ({"model": "m"}, "messages", "missing_required_parameter"),
    ({"model": None, "messages": [USER]}, "model", "invalid_type"),
    ({"model": "m", "messages": {}}, "messages", "invalid_type"),
    ({"model": "m", "messages": ["Hi"]}, "messages[0]", "invalid_type"),
    ({"model": "m", "messages": [{"content": "Hi"}]}, "messages[0].role", "missing_required_parameter"),
    ({"model": "m", "messages": [{"role": "robot"}]}, "messages[0].role", "invalid_value"),
    ({"model": "m", "messages": [{"role": 1}]}, "messages[0].role", "invalid_type"),
    ({"model": "m", "messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
    ({"model": "m", "messages": [{"role": "user", "content": 5}]}, "messages[0].content", "invalid_type"),
    ({"model": "m", "messages": [{"role": "user", "content": None}]}, "messages[0].content", "invalid_type"),
    (
        {"model": "m", "messages": [USER, {"role": "user", "content": [{"type": "text"}]}]},
        "messages[1].content[0].text",
        "missing_required_parameter",
    ),
    (
        {"model": "m", "messages": [{"role": "user", "content": [{"type": "hologram"}]}]},
        "messages[0].content[0].type",
        "invalid_value",
    ),
    (
        {"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": 5}]}]},
        "messages[0].content[0].image_url",
        "invalid_type",
    ),
    (
        {"model": "m", "messages": [{"role": "tool", "content": "x"}]},
        "messages[0].tool_call_id",
        "missing_required_parameter",
    ),
    (
        {
            "model": "m",
            "messages": [{"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "f"}}]}],
        },
        "messages[0].tool_calls[0].function.arguments",
        "missing_required_parameter",
    ),
    (chat(temperature="hot"), "temperature", "invalid_type"),
    (chat(temperature=True), "temperature", "invalid_type"),
    (chat(temperature=2.1), "temperature", "invalid_value"),
    (chat(temperature=-0.1), "temperature", "invalid_value"),
    (chat(top_p=1.1), "top_p", "invalid_value"),
    (chat(max_tokens=0), "max_tokens", "invalid_value"),
    (chat(max_tokens=1.5), "max_tokens", "invalid_type"),
    (chat(max_completion_tokens=-5), "max_completion_tokens", "invalid_value"),
    (chat(stop=5), "stop", "invalid_type"),
    (chat(stop=["a", 5]), "stop[1]", "invalid_type"),
    (chat(stream="yes"), "stream", "invalid_type"),
    (chat(stream_options={"include_usage": 1}), "stream_options.include_usage", "invalid_type"),
    (chat(tools=[{"type": "function"}]), "tools[0].function", "missing_required_parameter"),
    (chat(tools=[{"type": "magic"}]), "tools[0].type", "invalid_value"),
    (
        chat(tools=[{"type": "function", "function": {"name": "f", "parameters": "x"}}]),
        "tools[0].function.parameters",
        "invalid_type",
    ),
    (chat(tool_choice="sometimes"), "tool_choice", "invalid_value"),
    (chat(tool_choice={"type": "function"}), "tool_choice.function", "missing_required_parameter"),
    (chat(response_format={"type": "yaml"}), "response_format.type", "invalid_value"),
    (
        chat(response_format={"type": "json_schema"}),
        "response_format.json_schema",
        "missing_required_parameter",
    ),
]


@pytest.mark.parametrize(("body", "param", "code"), REFUSED, ids=[str(row[1:]) for row in REFUSED])
def test_a_wrong_body_is_refused_with_the_path_of_the_field(body: Any, param: str | None, code: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        conform(body, ChatCompletionRequest)

    assert (caught.value.param, caught.value.code, caught.value.status) == (param, code, 400)
    assert param is None or f"'{param}'" in caught.value.message


def test_an_integer_is_a_number() -> None:
    assert conform(chat(temperature=1, top_p=0), ChatCompletionRequest)["temperature"] == 1


def test_a_long_value_is_not_quoted_for_it_could_be_a_prompt() -> None:
    with pytest.raises(BadRequestError) as caught:
        conform(chat(tool_choice="my secret diary " * 10), ChatCompletionRequest)

    assert "diary" not in caught.value.message


def test_every_nullable_field_may_be_null() -> None:
    nullable = [name for name in ChatCompletionRequest.__annotations__ if name not in ("model", "messages")]
    body = chat(**dict.fromkeys(nullable))

    assert conform(body, ChatCompletionRequest) is body
