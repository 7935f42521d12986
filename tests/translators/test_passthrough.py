"""The `bedrock` object: every field of Converse that OpenAI has no words for can be reached, and no other."""

from typing import Any

import botocore.session
import pytest

from tests.plans import converse
from translators.chat import plan
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.openai.extensions import BedrockFields
from translators.shapes import conform

CHAT: dict[str, Any] = {"model": "maker.unknown-v1:0", "messages": [{"role": "user", "content": "Hi"}]}

# What OpenAI's own fields say. `modelId` is in the path.
OPENAI_S = {"modelId", "messages", "system", "inferenceConfig"}

FORMAT = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object", "properties": {}}}}
TOOL = {"type": "function", "function": {"name": "f"}}

# The object, and what it says of Converse's field of that name, beside what OpenAI's fields say.
SAID: list[tuple[dict[str, Any], dict[str, Any], Any]] = [
    ({}, {"additionalModelRequestFields": {"x": 1}}, {"x": 1}),
    (
        {"additionalModelRequestFields": {"x": 0, "y": 2}},
        {"additionalModelRequestFields": {"x": 1}},
        {"x": 1, "y": 2},
    ),
    ({}, {"additionalModelResponseFieldPaths": ["/stop_sequence"]}, ["/stop_sequence"]),
    ({}, {"performanceConfig": {"latency": "optimized"}}, {"latency": "optimized"}),
    ({}, {"promptVariables": {"name": {"text": "Bern"}}}, {"name": {"text": "Bern"}}),
    ({"metadata": {"a": "1", "b": "2"}}, {"requestMetadata": {"b": "3"}}, {"a": "1", "b": "3"}),
    ({"service_tier": "flex"}, {"serviceTier": {"type": "reserved"}}, {"type": "reserved"}),
    ({}, {"outputConfig": {"effort": "high"}}, {"effort": "high"}),
    (
        {},
        {"toolConfig": {"tools": [{"systemTool": {"name": "g"}}]}},
        {"tools": [{"systemTool": {"name": "g"}}]},
    ),
]


def sent(**fields: Any) -> dict[str, Any]:
    return converse(plan(conform({**CHAT, **fields}, ChatCompletionRequest)))


@pytest.mark.parametrize(("fields", "own", "expected"), SAID)
def test_it_is_put_beside_what_other_fields_say_and_wins(
    fields: dict[str, Any], own: dict[str, Any], expected: Any
) -> None:
    (name,) = own

    assert sent(**fields, bedrock=own)[name] == expected


def test_an_effort_stands_beside_the_answers_format() -> None:
    config = sent(response_format=FORMAT, bedrock={"outputConfig": {"effort": "low"}})["outputConfig"]

    assert set(config) == {"textFormat", "effort"}


def test_json_asked_for_in_words_is_taken_out_of_words_beside_an_effort_too() -> None:
    request = {
        **CHAT,
        "response_format": {"type": "json_object"},
        "bedrock": {"outputConfig": {"effort": "low"}},
    }

    assert plan(conform(request, ChatCompletionRequest)).way_back.bare_json


def test_tools_of_bedrock_stand_behind_the_users_own() -> None:
    own = {"toolConfig": {"tools": [{"systemTool": {"name": "nova_grounding"}}]}}
    tools = sent(tools=[TOOL], tool_choice="required", bedrock=own)["toolConfig"]

    assert [next(iter(tool)) for tool in tools["tools"]] == ["toolSpec", "systemTool"]
    assert tools["toolChoice"] == {"any": {}}


def test_nothing_said_is_nothing_sent() -> None:
    nulls = dict.fromkeys(BedrockFields.__annotations__)

    assert sent(bedrock={}) == sent(bedrock=None) == sent(bedrock=nulls) == sent()


def test_every_field_of_converse_can_be_reached() -> None:
    service = botocore.session.get_session().get_service_model("bedrock-runtime")
    theirs = set(service.operation_model("ConverseStream").input_shape.members)  # type: ignore[union-attr]

    assert set(BedrockFields.__annotations__) | OPENAI_S == theirs


@pytest.mark.parametrize(
    ("own", "param", "code"),
    [
        ({"guardrailConfg": {}}, "bedrock.guardrailConfg", "unsupported_parameter"),
        ({"messages": []}, "bedrock.messages", "unsupported_parameter"),
        ({"inferenceConfig": {"topK": 5}}, "bedrock.inferenceConfig", "unsupported_parameter"),
        ({"performanceConfig": {"latency": "turbo"}}, "bedrock.performanceConfig.latency", "invalid_value"),
        ({"performanceConfig": {}}, "bedrock.performanceConfig.latency", "missing_required_parameter"),
        (
            {"performanceConfig": {"latency": "standard", "x": 1}},
            "bedrock.performanceConfig.x",
            "unsupported_parameter",
        ),
        ({"serviceTier": "flex"}, "bedrock.serviceTier", "invalid_type"),
        ({"promptVariables": {"a": {"text": 5}}}, "bedrock.promptVariables.a.text", "invalid_type"),
        ({"requestMetadata": {"a": 5}}, "bedrock.requestMetadata.a", "invalid_type"),
        ({"requestMetadata": []}, "bedrock.requestMetadata", "invalid_type"),
        ({"outputConfig": {"textFormat": {}}}, "bedrock.outputConfig.textFormat", "unsupported_parameter"),
        (
            {"toolConfig": {"tools": [{"toolSpec": {}}]}},
            "bedrock.toolConfig.tools[0].systemTool",
            "missing_required_parameter",
        ),
        (
            {"toolConfig": {"tools": [], "toolChoice": {}}},
            "bedrock.toolConfig.toolChoice",
            "unsupported_parameter",
        ),
        (
            {"additionalModelResponseFieldPaths": "/x"},
            "bedrock.additionalModelResponseFieldPaths",
            "invalid_type",
        ),
        ([], "bedrock", "invalid_type"),
    ],
)
def test_what_is_misspelt_or_said_elsewhere_is_refused_with_its_path(own: Any, param: str, code: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        sent(bedrock=own)

    assert (caught.value.param, caught.value.code) == (param, code)


def test_a_refusal_quotes_no_endless_name() -> None:
    with pytest.raises(BadRequestError) as caught:
        sent(bedrock={"x" * 10_000: 1})

    assert len(caught.value.message) < 500


def test_depth_is_told_under_the_right_name() -> None:
    bottomless: dict[str, Any] = {}
    for _ in range(300):
        bottomless = {"x": bottomless}

    with pytest.raises(BadRequestError) as caught:
        sent(bedrock={"additionalModelRequestFields": bottomless})

    assert caught.value.param == "bedrock.additionalModelRequestFields"
