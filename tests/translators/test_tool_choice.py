"""Choices that cannot be: refused by name."""

from typing import Any

import pytest

from tests.plans import converse
from translators.chat import plan
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
TOOL = {"type": "function", "function": {"name": "f"}}
GRAMMAR = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: NUMBER"}}


def allowed(*names: str) -> dict[str, Any]:
    tools = [{"type": "function", "function": {"name": name}} for name in names]
    return {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": tools}}


@pytest.mark.parametrize(
    ("asked", "param", "code"),
    [
        ({"tool_choice": "required"}, "tool_choice", "invalid_value"),
        ({"tool_choice": TOOL}, "tool_choice", "invalid_value"),
        ({"tools": [TOOL], "tool_choice": allowed("f", "g")}, "tool_choice", "invalid_value"),
        ({"tools": [TOOL], "tool_choice": allowed()}, "tool_choice", "invalid_value"),
        ({"function_call": {"name": "f"}}, "function_call", "invalid_value"),
        ({"functions": [{"name": "g"}], "function_call": {"name": "f"}}, "function_call", "invalid_value"),
        ({"functions": [{"name": "g"}], "tools": [TOOL]}, "functions", "invalid_value"),
        ({"model": "us.deepseek.r1-v1:0", "tools": [TOOL]}, "tools", "unsupported_value"),
        ({"model": "us.deepseek.r1-v1:0", "functions": [{"name": "g"}]}, "functions", "unsupported_value"),
        ({"tool_choice": {"type": "web_search"}}, "tool_choice.type", "invalid_value"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type", "invalid_value"),
        (
            {"tools": [TOOL, {"type": "custom", "custom": {"name": "c", "format": GRAMMAR}}]},
            "tools[1].custom.format",
            "unsupported_value",
        ),
        (
            {"functions": [{"name": "f", "parameters": {"type": "array"}}]},
            "functions[0].parameters.type",
            "invalid_value",
        ),
    ],
)
def test_what_cannot_be_chosen_is_refused(asked: dict[str, Any], param: str, code: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        plan(conform({**CHAT, **asked}, ChatCompletionRequest))

    assert (caught.value.param, caught.value.code) == (param, code)


@pytest.mark.parametrize(
    "asked",
    [
        {"tool_choice": "auto"},
        {"tool_choice": "none"},
        {"tools": [], "tool_choice": "auto", "function_call": "none", "functions": []},
        {"parallel_tool_calls": False},
        {"parallel_tool_calls": True, "function_call": "auto"},
    ],
)
def test_what_means_nothing_without_tools_is_neutral(asked: dict[str, Any]) -> None:
    made = plan(conform({**CHAT, **asked}, ChatCompletionRequest))

    assert made.adjusted == ()
    assert converse(made).keys() == {"messages"}


def test_the_notes_of_functions_name_functions() -> None:
    asked = {"functions": [{"name": "a.b"}, {"name": "a.b"}], "function_call": {"name": "a.b"}}
    made = plan(
        conform({**CHAT, **asked, "model": "us.meta.llama3-3-70b-instruct-v1:0"}, ChatCompletionRequest)
    )

    assert [each.field for each in made.adjusted] == ["functions[0].name", "functions[1]", "function_call"]


UNFORCED = ["us.anthropic.claude-fable-5-1", "anthropic.claude-opus-5-5", "anthropic.claude-saga-6"]


@pytest.mark.parametrize("model", UNFORCED)
def test_a_model_that_cannot_be_forced_is_not(model: str) -> None:
    schema = {"name": "s", "schema": {"type": "object", "properties": {}}}
    format_ = {"type": "json_schema", "json_schema": schema}
    required, named, formatted = (
        plan(conform({**CHAT, "model": model, "tools": [TOOL], **asked}, ChatCompletionRequest))
        for asked in ({"tool_choice": "required"}, {"tool_choice": TOOL}, {"response_format": format_})
    )

    assert [each.verb for each in required.adjusted] == ["dropped"]
    assert [each.verb for each in named.adjusted] == ["emulated"]
    assert "system" in converse(formatted)
    assert all(
        converse(made)["toolConfig"].get("toolChoice") in (None, {"auto": {}})
        for made in (required, named, formatted)
    )
