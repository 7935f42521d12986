"""What models lack or refuse, in Bedrock's words; what looks odd and is taken; and that looking is quick."""

import pytest

from proxy.local.validation import check
from tests.proxy.local.requests import (
    CACHE,
    CLAUDE,
    CLAUDE_3,
    CLAUDE_46,
    CLAUDE_NEW,
    GROK,
    HI,
    JSON,
    LLAMA,
    LLAMA_4,
    NOVA,
    NOVA_2,
    QWEN,
    TITAN,
    TOOL,
    TOOLS,
    WRITER,
    Row,
    answered,
    asking,
    assert_refused,
    assistant,
    body,
    by_model,
    call,
    document,
    image,
    in_s3,
    inference,
    refusal,
    result,
    thinking,
    unsupported,
    user,
    video,
)

NO_SYSTEM = (
    "This model doesn't support system messages. Try again without a system message or use a model that supports "
    "system messages."
)
NOTHING_TO_CACHE = "There is nothing available to cache. Please remove the invalid cache point and try again."
THINKING_ENABLED = (
    '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
    '"output_config.effort" to control thinking behavior.'
)
SEE = "Please consult our documentation at https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking"
MAX_TOKENS_ABOVE_BUDGET = (
    f"`max_tokens` must be greater than `thinking.budget_tokens`. {SEE}#max-tokens-and-context-window-size"
)
CONSIDERATIONS = f"{SEE}#important-considerations-when-using-extended-thinking"

JSON_SCHEMA = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": "{}"}}}}

MODELS: list[Row] = [
    (
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        asking(),
        "Invocation of model ID anthropic.claude-sonnet-4-5-20250929-v1:0 with on-demand throughput isn’t "
        "supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
    ),
    (
        "amazon.nova-pro-v1:0:24k",
        asking(),
        "Invocation of model ID amazon.nova-pro-v1:0:24k with on-demand throughput isn’t supported. Retry your "
        "request with the ID or ARN of an inference profile that contains this model.",
    ),
    ("anthropic.claude-9", asking(), "The provided model identifier is invalid."),
    ("us.meta.llama3-8b-instruct-v1:0", asking(), "The provided model identifier is invalid."),
    (
        "amazon.titan-embed-text-v2:0",
        asking(),
        "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
    ),
    (TITAN, asking(system=[HI]), NO_SYSTEM),
    (
        CLAUDE_3,
        inference(maxTokens=4097),
        "The maximum tokens you requested exceeds the model limit of 4096. "
        "Try again with a maximum tokens value that is lower than 4096.",
    ),
    (CLAUDE_3, body(user({"text": "word " * 200_000})), "Input is too long for requested model."),
    (
        NOVA_2,
        body(user({"text": "word " * 1_000_000})),
        by_model(
            "Input Tokens Exceeded: Number of input tokens exceeds maximum length. "
            "Please update the input to try again."
        ),
    ),
    (
        CLAUDE_46,
        body(user({"text": "a" * 9_000_001})),
        "too many total text bytes: 9000001 > 9000000",
    ),
    (
        CLAUDE,
        inference(temperature=0.5, topP=0.5),
        by_model("`temperature` and `top_p` cannot both be specified for this model. Please use only one."),
    ),
    (CLAUDE_NEW, inference(temperature=1), by_model("`temperature` is deprecated for this model.")),
    (CLAUDE_NEW, inference(topP=1), by_model("`top_p` is deprecated for this model.")),
    (
        CLAUDE_NEW,
        asking(additionalModelRequestFields={"top_k": 5}),
        by_model("`top_k` is deprecated for this model."),
    ),
    (GROK, inference(temperature=1), unsupported("temperature")),
    (GROK, inference(topP=1), unsupported("topP")),
    (QWEN, inference(stopSequences=["END"]), unsupported("stopSequences")),
    (NOVA, asking(outputConfig=JSON_SCHEMA), unsupported("outputConfig")),
    (
        CLAUDE_NEW,
        asking(outputConfig=JSON_SCHEMA),
        by_model("output_config.format: Extra inputs are not permitted"),
    ),
    (
        CLAUDE_NEW,
        asking(toolConfig={"tools": [{"toolSpec": {**TOOL["toolSpec"], "strict": False}}]}),
        by_model("tools.0.custom.strict: Extra inputs are not permitted"),
    ),
    (
        CLAUDE_3,
        thinking({"type": "enabled", "budget_tokens": 2000}),
        by_model("thinking: Extra inputs are not permitted"),
    ),
    (
        CLAUDE,
        thinking({"type": "enabled", "budget_tokens": 1023}),
        by_model("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"),
    ),
    (
        CLAUDE,
        thinking({"type": "enabled"}),
        by_model("thinking.enabled.budget_tokens: Field required"),
    ),
    (
        CLAUDE,
        thinking({"type": "enabled", "budget_tokens": 2000}, inferenceConfig={"maxTokens": 2000}),
        by_model(MAX_TOKENS_ABOVE_BUDGET),
    ),
    (
        CLAUDE,
        thinking({"type": "enabled", "budget_tokens": 2000}, inferenceConfig={"temperature": 0.5}),
        by_model(f"`temperature` may only be set to 1 when thinking is enabled. {CONSIDERATIONS}"),
    ),
    (
        CLAUDE_46,
        thinking({"type": "adaptive"}, inferenceConfig={"topP": 0.5}),
        by_model(
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. "
            f"{CONSIDERATIONS}"
        ),
    ),
    (
        CLAUDE_46,
        thinking({"type": "adaptive"}, toolConfig={"tools": [TOOL], "toolChoice": {"any": {}}}),
        by_model("Thinking may not be enabled when tool_choice forces tool use."),
    ),
    (
        CLAUDE_NEW,
        thinking({"type": "enabled", "budget_tokens": 2000}),
        by_model(THINKING_ENABLED),
    ),
    (
        CLAUDE,
        thinking({"type": "adaptive"}),
        by_model("adaptive thinking is not supported on this model"),
    ),
    (
        CLAUDE,
        asking(system=[HI, CACHE], toolConfig={"tools": [TOOL, CACHE]})
        | body(user(HI, CACHE), assistant(HI, CACHE), user(HI, CACHE)),
        by_model("A maximum of 4 blocks with cache_control may be provided. Found 5."),
    ),
    (CLAUDE, body(user(CACHE, HI)), NOTHING_TO_CACHE),
    (
        CLAUDE,
        body(user(HI, document(kind="md"), CACHE)),
        by_model("messages.0.content.2.type: Field required"),
    ),
    (
        NOVA,
        body(user(HI, {"cachePoint": {"type": "default", "ttl": "1h"}})),
        "Extended TTL prompt caching is only supported for Anthropic models",
    ),
]


@pytest.mark.parametrize(("model", "request_body", "words"), MODELS)
def test_each_model_refuses_in_its_own_words(model: str, request_body: JSON, words: str) -> None:
    assert_refused(model, request_body, words)


def test_a_retired_model_is_not_found() -> None:
    refused = refusal("anthropic.claude-v2:1", asking())

    assert (refused.status, refused.type) == (404, "ResourceNotFoundException")
    assert refused.message == (
        "This model version has reached the end of its life. "
        "Please refer to the AWS documentation for more details."
    )


@pytest.mark.parametrize("model", [LLAMA, QWEN, "us.deepseek.r1-v1:0", CLAUDE_3])
def test_cache_points_are_a_matter_of_access(model: str) -> None:
    refused = refusal(model, body(user(HI, CACHE)))

    assert (refused.status, refused.type) == (403, "AccessDeniedException")
    assert refused.message == (
        "You invoked an unsupported model or your request did not allow prompt caching. "
        "See the documentation for more information."
    )


@pytest.mark.parametrize("model", [LLAMA, LLAMA_4, WRITER])
def test_some_models_call_tools_but_not_in_a_stream(model: str) -> None:
    assert check("Converse", model, asking(**TOOLS)).id in model

    refused = refusal(model, asking(**TOOLS), "ConverseStream")

    assert refused.message == "This model doesn't support tool use in streaming mode."


@pytest.mark.parametrize(
    ("model", "request_body"),
    [
        (CLAUDE, body(user(HI), user(HI))),
        (CLAUDE, body(assistant(HI), user(HI))),
        (NOVA, body(user(HI), assistant(HI))),
        (CLAUDE, body(user(HI, {"text": "\n"}, CACHE))),
        (CLAUDE, body(user(HI, document("a_name (1) [x]-2")))),
        (CLAUDE, answered(result("t1", HI, image(), document()), HI, image())),
        (CLAUDE, answered(result("t1", {"json": {"celsius": 20}}))),
        (CLAUDE, answered({"toolResult": {"toolUseId": "t1", "content": []}})),
        (CLAUDE, body(user(HI), assistant(call(type="tool_use")), user(result(type="x")), **TOOLS)),
        (CLAUDE, asking(inferenceConfig={}, system=[], additionalModelRequestFields={})),
        (CLAUDE, asking(inferenceConfig=None, toolConfig=None, system=None, whatever={"new": 1})),
        (CLAUDE, body(user(HI, {"audioOrSo": None, "text": "Hi"}))),
        (CLAUDE, inference(maxTokens=64000.0)),
        (CLAUDE, thinking({"type": "enabled", "budget_tokens": 1024}, inferenceConfig={"temperature": 1})),
        (CLAUDE_46, thinking({"type": "enabled", "budget_tokens": 1024})),
        (CLAUDE_3, inference(temperature=0.5, topP=0.5)),
        (NOVA_2, body(user(HI, in_s3("image", "png"), video()))),
        (NOVA, body(user(HI, CACHE), assistant(HI), user(HI, CACHE))),
    ],
)
def test_what_looks_odd_and_is_taken(model: str, request_body: JSON) -> None:
    assert check("Converse", model, request_body).id in model
