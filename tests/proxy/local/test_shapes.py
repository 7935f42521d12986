"""What AWS's service model forbids, in the words of its framework."""

import pytest
from botocore.validate import ParamValidator

from proxy.local import shapes
from proxy.local.validation import check
from tests.proxy.local import requests as r

SHAPES: list[r.Row] = [
    (r.CLAUDE, r.ask(inferenceConfig={"temperature": 1.5}), r.constraint(
        "inferenceConfig.temperature", "Member must have value less than or equal to 1", " '1.5'")),
    (r.CLAUDE, r.inference(topP=-1), r.constraint(
        "inferenceConfig.topP", "Member must have value greater than or equal to 0", " '-1.0'")),
    (r.CLAUDE, r.inference(maxTokens=0), r.constraint(
        "inferenceConfig.maxTokens", "Member must have value greater than or equal to 1", " '0'")),
    (r.CLAUDE, r.inference(stopSequences=["ok", ""]), r.constraint(
        "inferenceConfig.stopSequences",
        "Member must satisfy constraint: [Member must have length greater than or equal to 1]", " '[ok, ]'")),
    (r.CLAUDE, r.body({"role": "tool", "content": [r.HI]}), r.constraint(
        "messages.1.member.role", "Member must satisfy enum value set: [user, assistant, system]")),
    (r.CLAUDE, r.body({"content": [r.HI]}), r.constraint("messages.1.member.role", "Member must not be null", " null")),
    (r.CLAUDE, r.body(r.user(r.HI, r.image(kind="jpg"))), r.constraint(
        "messages.1.member.content.2.member.image.format",
        "Member must satisfy enum value set: [png, jpeg, gif, webp]")),
    (r.CLAUDE, r.body(r.user(r.image(data=""))), r.constraint(
        "messages.1.member.content.1.member.image.source.bytes",
        "Member must have length greater than or equal to 1")),
    (r.CLAUDE, r.ask(toolConfig={"tools": []}), r.constraint(
        "toolConfig.tools", "Member must have length greater than or equal to 1", " '[]'")),
    (r.CLAUDE, r.ask(toolConfig={"tools": [r.tool("get weather")]}), r.constraint(
        "toolConfig.tools.1.member.toolSpec.name",
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+", " 'get weather'")),
    (r.CLAUDE, r.answered(r.result("i" * 65)), r.constraint(
        "messages.3.member.content.1.member.toolResult.toolUseId",
        "Member must have length less than or equal to 64")),
    (r.CLAUDE, r.ask(toolConfig={"tools": [r.tool("")]}), (
        "2 validation errors detected: Value '' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+; Value '' at "
        "'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member must have length greater "
        "than or equal to 1")),
    (r.CLAUDE, r.ask(system=[{"text": ""}]), r.constraint(
        "system.1.member.text", "Member must have length greater than or equal to 1")),
    (r.CLAUDE, r.ask(requestMetadata={}), r.constraint(
        "requestMetadata", "Member must have length greater than or equal to 1")),
    (r.CLAUDE, r.ask(requestMetadata={"ключ": "v"}), r.constraint(
        "requestMetadata", "Map keys must satisfy constraint: [Member must have length less than or equal to 256, "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9\\s:_@$#=/+,-.]{1,256}, "
        "Member must have length greater than or equal to 1]")),
    (r.CLAUDE, r.ask(guardrailConfig={"guardrailVersion": "v1"}), r.constraint(
        "guardrailConfig.guardrailVersion",
        "Member must satisfy regular expression pattern: (|([1-9][0-9]{0,7})|(DRAFT))", " 'v1'")),
    (r.CLAUDE, r.ask(serviceTier={"type": "fast"}), r.constraint(
        "serviceTier.type", "Member must satisfy enum value set: [priority, default, flex, reserved]", " 'fast'")),
]  # fmt: skip


@pytest.mark.parametrize(("model", "request_body", "words"), SHAPES)
def test_a_broken_constraint_is_told_in_awss_words(model: str, request_body: r.JSON, words: str) -> None:
    r.assert_refused(model, request_body, words)


@pytest.mark.parametrize(
    "request_body",
    [
        "text",
        [],
        None,
        {"messages": {}},
        r.body("Hi"),
        r.body({"role": "user", "content": "Hi"}),
        r.body(r.user({"text": 1})),
        r.body(r.user({"text": "Hi", "cachePoint": {"type": "default"}})),
        r.body(r.user(r.HI, r.image(data="not base64!"))),
        r.body(r.user(r.HI, r.image(data="QUJD\nQUJD"))),
        r.inference(maxTokens="10"),
        r.inference(maxTokens=1.5),
        r.inference(maxTokens=True),
        r.inference(stopSequences="END"),
        r.ask(requestMetadata=["a"]),
        r.ask(toolConfig={"tools": [{"toolSpec": {**r.tool("a")["toolSpec"], "strict": "yes"}}]}),
    ],
)
def test_wrong_json_types_never_reach_the_rules(request_body: r.JSON) -> None:
    refused = r.refusal(r.CLAUDE, request_body)

    assert (refused.status, refused.type) == (400, "SerializationException")
    assert (refused.key, refused.message) == ("Message", "Unexpected value type in payload")


GOLDENS: list[tuple[str, r.JSON]] = [
    (
        r.CLAUDE,
        {
            "messages": [
                r.user(r.HI, r.image(), r.document(), {"cachePoint": {"type": "default", "ttl": "5m"}}),
                r.said(
                    r.CLAUDE,
                    r.thought("Hm."),
                    {"text": "Let me look."},
                    r.call("tooluse_1"),
                    r.call("functions.weather:0"),
                ),
                r.user(
                    r.result("tooluse_1", {"text": "warm"}, r.image(r.JPEG, "jpeg"), status="success"),
                    r.result("functions.weather:0", {"json": {"wind": None}}, status="error"),
                    {"text": "And?"},
                ),
            ],
            "system": [{"text": "Be brief."}, r.CACHE],
            "inferenceConfig": {"maxTokens": 64, "temperature": 0.5, "stopSequences": ["END"]},
            "toolConfig": {"tools": [r.TOOL, r.CACHE], "toolChoice": {"tool": {"name": "weather"}}},
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
    (
        r.NOVA_2,
        r.body(r.user(r.HI, r.video(), r.in_s3("image", "webp")), r.assistant(r.HI), r.user(r.HI, r.CACHE)),
    ),
]


@pytest.mark.parametrize(("model", "golden"), GOLDENS)
def test_what_botocore_sends_is_taken(model: str, golden: r.JSON) -> None:
    shape = shapes.service_model("bedrock-runtime").shape_for("ConverseRequest")
    sent = {"modelId": model, **golden}

    assert ParamValidator().validate(as_bytes(sent), shape).generate_report() == ""
    assert check("Converse", model, golden)
    assert check("ConverseStream", model, golden)


def as_bytes(value: r.JSON, name: str = "") -> r.JSON:
    """botocore takes files as bytes, and makes base64 of them itself."""
    match value:
        case dict():
            return {key: as_bytes(item, key) for key, item in value.items()}
        case list():
            return [as_bytes(item) for item in value]
    return value.encode() if name == "bytes" else value
