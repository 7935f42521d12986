"""What AWS's service model forbids, in the words of its framework."""

import pytest
from botocore.validate import ParamValidator

from proxy.local import shapes
from proxy.local.validation import check
from tests.proxy.local.requests import (
    CACHE,
    CLAUDE,
    HI,
    JPEG,
    JSON,
    NOVA_2,
    TOOL,
    Row,
    answered,
    asking,
    assert_refused,
    assistant,
    body,
    call,
    constraint,
    document,
    image,
    in_s3,
    inference,
    refusal,
    result,
    tool,
    user,
    video,
)

SHAPES: list[Row] = [
    (CLAUDE, asking(inferenceConfig={"temperature": 1.5}), constraint(
        "inferenceConfig.temperature", "Member must have value less than or equal to 1", " '1.5'")),
    (CLAUDE, inference(topP=-1), constraint(
        "inferenceConfig.topP", "Member must have value greater than or equal to 0", " '-1.0'")),
    (CLAUDE, inference(maxTokens=0), constraint(
        "inferenceConfig.maxTokens", "Member must have value greater than or equal to 1", " '0'")),
    (CLAUDE, inference(stopSequences=["ok", ""]), constraint(
        "inferenceConfig.stopSequences",
        "Member must satisfy constraint: [Member must have length greater than or equal to 1]", " '[ok, ]'")),
    (CLAUDE, body({"role": "tool", "content": [HI]}), constraint(
        "messages.1.member.role", "Member must satisfy enum value set: [user, assistant, system]")),
    (CLAUDE, body({"content": [HI]}), constraint("messages.1.member.role", "Member must not be null", " null")),
    (CLAUDE, body(user(HI, image(kind="jpg"))), constraint(
        "messages.1.member.content.2.member.image.format",
        "Member must satisfy enum value set: [png, jpeg, gif, webp]")),
    (CLAUDE, body(user(image(data=""))), constraint(
        "messages.1.member.content.1.member.image.source.bytes",
        "Member must have length greater than or equal to 1")),
    (CLAUDE, asking(toolConfig={"tools": []}), constraint(
        "toolConfig.tools", "Member must have length greater than or equal to 1", " '[]'")),
    (CLAUDE, asking(toolConfig={"tools": [tool("get weather")]}), constraint(
        "toolConfig.tools.1.member.toolSpec.name",
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+", " 'get weather'")),
    (CLAUDE, answered(result("i" * 65)), constraint(
        "messages.3.member.content.1.member.toolResult.toolUseId",
        "Member must have length less than or equal to 64")),
    (CLAUDE, asking(toolConfig={"tools": [tool("")]}), (
        "2 validation errors detected: Value '' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+; Value '' at "
        "'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member must have length greater "
        "than or equal to 1")),
    (CLAUDE, asking(system=[{"text": ""}]), constraint(
        "system.1.member.text", "Member must have length greater than or equal to 1")),
    (CLAUDE, asking(requestMetadata={}), constraint(
        "requestMetadata", "Member must have length greater than or equal to 1")),
    (CLAUDE, asking(requestMetadata={"ключ": "v"}), constraint(
        "requestMetadata", "Map keys must satisfy constraint: [Member must have length less than or equal to 256, "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9\\s:_@$#=/+,-.]{1,256}, "
        "Member must have length greater than or equal to 1]")),
    (CLAUDE, asking(guardrailConfig={"guardrailVersion": "v1"}), constraint(
        "guardrailConfig.guardrailVersion",
        "Member must satisfy regular expression pattern: (|([1-9][0-9]{0,7})|(DRAFT))", " 'v1'")),
    (CLAUDE, asking(serviceTier={"type": "fast"}), constraint(
        "serviceTier.type", "Member must satisfy enum value set: [priority, default, flex, reserved]", " 'fast'")),
]  # fmt: skip


@pytest.mark.parametrize(("model", "request_body", "words"), SHAPES)
def test_a_broken_constraint_is_told_in_awss_words(model: str, request_body: JSON, words: str) -> None:
    assert_refused(model, request_body, words)


@pytest.mark.parametrize(
    "request_body",
    [
        "text",
        [],
        None,
        {"messages": {}},
        body("Hi"),
        body({"role": "user", "content": "Hi"}),
        body(user({"text": 1})),
        body(user({"text": "Hi", "cachePoint": {"type": "default"}})),
        body(user(HI, image(data="not base64!"))),
        body(user(HI, image(data="QUJD\nQUJD"))),
        inference(maxTokens="10"),
        inference(maxTokens=1.5),
        inference(maxTokens=True),
        inference(stopSequences="END"),
        asking(requestMetadata=["a"]),
        asking(toolConfig={"tools": [{"toolSpec": {**tool("a")["toolSpec"], "strict": "yes"}}]}),
    ],
)
def test_wrong_json_types_never_reach_the_rules(request_body: JSON) -> None:
    refused = refusal(CLAUDE, request_body)

    assert (refused.status, refused.type) == (400, "SerializationException")
    assert (refused.key, refused.message) == ("Message", "Unexpected value type in payload")


GOLDENS: list[tuple[str, JSON]] = [
    (
        CLAUDE,
        {
            "messages": [
                user(HI, image(), document(), {"cachePoint": {"type": "default", "ttl": "1h"}}),
                assistant(
                    {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}},
                    {"text": "Let me look."},
                    call("tooluse_1"),
                    call("functions.weather:0"),
                ),
                user(
                    result("tooluse_1", {"text": "warm"}, image(JPEG, "jpeg"), status="success"),
                    result("functions.weather:0", {"json": {"wind": None}}, status="error"),
                    {"text": "And?"},
                ),
            ],
            "system": [{"text": "Be brief."}, CACHE],
            "inferenceConfig": {"maxTokens": 64, "temperature": 0.5, "stopSequences": ["END"]},
            "toolConfig": {"tools": [TOOL, CACHE], "toolChoice": {"tool": {"name": "weather"}}},
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"schema": "{}", "name": "a"}},
                }
            },
            "additionalModelRequestFields": {"anthropic_beta": ["context-1m-2025-08-07"]},
            "additionalModelResponseFieldPaths": ["/stop_sequence"],
            "guardrailConfig": {
                "guardrailIdentifier": "abc123",
                "guardrailVersion": "DRAFT",
                "trace": "enabled",
            },
            "requestMetadata": {"team": "search"},
            "performanceConfig": {"latency": "optimized"},
            "serviceTier": {"type": "flex"},
            "promptVariables": {"name": {"text": "Ann"}},
        },
    ),
    (NOVA_2, body(user(HI, video(), in_s3("image", "webp")), assistant(HI), user(HI, CACHE))),
]


@pytest.mark.parametrize(("model", "golden"), GOLDENS)
def test_what_botocore_sends_is_taken(model: str, golden: JSON) -> None:
    shape = shapes.service_model("bedrock-runtime").shape_for("ConverseRequest")
    sent = {"modelId": model, **golden}

    assert ParamValidator().validate(as_bytes(sent), shape).generate_report() == ""
    assert check("Converse", model, golden)
    assert check("ConverseStream", model, golden)


def as_bytes(value: JSON, name: str = "") -> JSON:
    """botocore takes files as bytes, and makes base64 of them itself."""
    match value:
        case dict():
            return {key: as_bytes(item, key) for key, item in value.items()}
        case list():
            return [as_bytes(item) for item in value]
    return value.encode() if name == "bytes" else value
