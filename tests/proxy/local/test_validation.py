"""What models lack or refuse, in Bedrock's words; what looks odd and is taken; and that looking is quick."""

import pytest

from proxy.local.validation import check
from tests.proxy.local import requests as r

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

ONE_CALL = {"tool_choice": {"disable_parallel_tool_use": True}}
TYPED = {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}


def extraneous(keys: str) -> str:
    return f"Malformed input request: {keys}, please reformat your input and try again."


MODELS: list[r.Row] = [
    (
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        r.ask(),
        "Invocation of model ID anthropic.claude-sonnet-4-5-20250929-v1:0 with on-demand throughput isn’t "
        "supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
    ),
    (
        "amazon.nova-pro-v1:0:24k",
        r.ask(),
        "Invocation of model ID amazon.nova-pro-v1:0:24k with on-demand throughput isn’t supported. Retry your "
        "request with the ID or ARN of an inference profile that contains this model.",
    ),
    ("anthropic.claude-9", r.ask(), "The provided model identifier is invalid."),
    ("us.meta.llama3-8b-instruct-v1:0", r.ask(), "The provided model identifier is invalid."),
    (
        "amazon.titan-embed-text-v2:0",
        r.ask(),
        "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
    ),
    (r.TITAN, r.ask(system=[r.HI]), NO_SYSTEM),
    (
        r.CLAUDE_3,
        r.inference(maxTokens=4097),
        "The maximum tokens you requested exceeds the model limit of 4096. "
        "Try again with a maximum tokens value that is lower than 4096.",
    ),
    (r.CLAUDE_3, r.body(r.user({"text": "word " * 200_000})), "Input is too long for requested model."),
    (
        r.NOVA_2,
        r.body(r.user({"text": "word " * 1_000_000})),
        r.by_model(
            "Input Tokens Exceeded: Number of input tokens exceeds maximum length. "
            "Please update the input to try again."
        ),
    ),
    (
        r.CLAUDE_46,
        r.body(r.user({"text": "a" * 9_000_001})),
        "too many total text bytes: 9000001 > 9000000",
    ),
    (
        r.CLAUDE,
        r.inference(temperature=0.5, topP=0.5),
        r.by_model("`temperature` and `top_p` cannot both be specified for this model. Please use only one."),
    ),
    (r.CLAUDE_NEW, r.inference(temperature=1), r.by_model("`temperature` is deprecated for this model.")),
    (r.CLAUDE_NEW, r.inference(topP=1), r.by_model("`top_p` is deprecated for this model.")),
    (
        r.CLAUDE_NEW,
        r.ask(additionalModelRequestFields={"top_k": 5}),
        r.by_model("`top_k` is deprecated for this model."),
    ),
    (
        r.CLAUDE,
        r.ask(additionalModelRequestFields={"top_k": 5, "guardrails": []}),
        r.by_model("guardrails: Extra inputs are not permitted"),
    ),
    (
        r.CLAUDE_3,
        r.ask(additionalModelRequestFields={"top_n": 1}),
        r.by_model(extraneous("#: extraneous key [top_n] is not permitted")),
    ),
    (
        r.NOVA,
        r.ask(additionalModelRequestFields={"top_k": 5, "inferenceConfig": {"topK": 5}, "top_p": 1}),
        r.by_model(
            extraneous("#: extraneous key [top_k] is not permitted#: extraneous key [top_p] is not permitted")
        ),
    ),
    (
        "openai.gpt-oss-120b-1:0",
        r.ask(additionalModelRequestFields={"frequency_penalty": 1}),
        r.by_model("The 'frequency_penalty' parameter is not supported"),
    ),
    (r.CLAUDE, r.ask(serviceTier={"type": "reserved"}), "Reservation not found."),
    (r.GROK, r.inference(temperature=1), r.unsupported("temperature")),
    (r.GROK, r.inference(topP=1), r.unsupported("topP")),
    (r.QWEN, r.inference(stopSequences=["END"]), r.unsupported("stopSequences")),
    (r.NOVA, r.ask(outputConfig=JSON_SCHEMA), r.unsupported("outputConfig")),
    (
        r.CLAUDE_NEW,
        r.ask(outputConfig=JSON_SCHEMA),
        r.by_model("output_config.format: Extra inputs are not permitted"),
    ),
    (
        r.CLAUDE_NEW,
        r.ask(toolConfig={"tools": [{"toolSpec": {**r.TOOL["toolSpec"], "strict": False}}]}),
        r.by_model("tools.0.custom.strict: Extra inputs are not permitted"),
    ),
    (
        r.CLAUDE,
        r.ask(toolConfig={"tools": [r.TOOL], "toolChoice": {"any": {}}}, additionalModelRequestFields=TYPED),
        "The additional field tool_choice/type conflicts with the existing field toolConfig.toolChoice.any. "
        "Remove tool_choice/type and try again.",
    ),
    (
        r.CLAUDE,
        r.ask(toolConfig={"tools": [r.TOOL]}, additionalModelRequestFields=ONE_CALL),
        r.by_model("missing field `type`"),
    ),
    (
        r.CLAUDE_3,
        r.ask(toolConfig={"tools": [r.TOOL]}, additionalModelRequestFields=TYPED),
        r.by_model(
            "Malformed input request: #/tool_choice: extraneous key [disable_parallel_tool_use] is not "
            "permitted, please reformat your input and try again."
        ),
    ),
    (
        r.CLAUDE_3,
        r.thinking({"type": "enabled", "budget_tokens": 2000}),
        r.by_model("thinking: Extra inputs are not permitted"),
    ),
    (
        r.CLAUDE,
        r.thinking({"type": "enabled", "budget_tokens": 1023}),
        r.by_model("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"),
    ),
    (
        r.CLAUDE,
        r.thinking({"type": "enabled"}),
        r.by_model("thinking.enabled.budget_tokens: Field required"),
    ),
    (
        r.CLAUDE,
        r.thinking({"type": "enabled", "budget_tokens": 2000}, inferenceConfig={"maxTokens": 2000}),
        r.by_model(MAX_TOKENS_ABOVE_BUDGET),
    ),
    (
        r.CLAUDE,
        r.thinking({"type": "enabled", "budget_tokens": 2000}, inferenceConfig={"temperature": 0.5}),
        r.by_model(f"`temperature` may only be set to 1 when thinking is enabled. {CONSIDERATIONS}"),
    ),
    (
        r.CLAUDE_46,
        r.thinking({"type": "adaptive"}, inferenceConfig={"topP": 0.5}),
        r.by_model(
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. "
            f"{CONSIDERATIONS}"
        ),
    ),
    (
        r.CLAUDE_46,
        r.thinking({"type": "adaptive"}, toolConfig={"tools": [r.TOOL], "toolChoice": {"any": {}}}),
        r.by_model("Thinking may not be enabled when tool_choice forces tool use."),
    ),
    (
        r.CLAUDE_NEW,
        r.thinking({"type": "enabled", "budget_tokens": 2000}),
        r.by_model(THINKING_ENABLED),
    ),
    (
        r.CLAUDE,
        r.thinking({"type": "adaptive"}),
        r.by_model("adaptive thinking is not supported on this model"),
    ),
    (
        r.CLAUDE,
        r.ask(system=[r.HI, r.CACHE], toolConfig={"tools": [r.TOOL, r.CACHE]})
        | r.body(r.user(r.HI, r.CACHE), r.assistant(r.HI, r.CACHE), r.user(r.HI, r.CACHE)),
        r.by_model("A maximum of 4 blocks with cache_control may be provided. Found 5."),
    ),
    (r.CLAUDE, r.body(r.user(r.CACHE, r.HI)), NOTHING_TO_CACHE),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.document(kind="md"), r.CACHE)),
        r.by_model("messages.0.content.2.type: Field required"),
    ),
    (
        r.NOVA,
        r.body(r.user(r.HI, r.CACHE_LONG)),
        "Extended TTL prompt caching is only supported for Anthropic models",
    ),
    (
        r.NOVA,
        r.ask(toolConfig={"tools": [r.TOOL, r.CACHE]}),
        r.by_model(extraneous("#/toolConfig/tools/1: extraneous key [cachePoint] is not permitted")),
    ),
    (
        r.NOVA,
        r.answered(r.result("t1"), r.CACHE),
        r.by_model(extraneous("#/messages/2/content/0: extraneous key [cachePoint] is not permitted")),
    ),
    (
        "us.anthropic.claude-opus-4-1-20250805-v1:0",
        r.ask(system=[r.HI, r.CACHE_LONG]),
        r.by_model("system.0.cache_control.ttl: Extra inputs are not permitted"),
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.CACHE_LONG), toolConfig={"tools": [r.TOOL, r.CACHE]}),
        r.by_model(
            "messages.0.content.0.cache_control.ttl: a ttl='1h' cache_control block must not come after a "
            "ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, "
            "`system`, `messages`."
        ),
    ),
]


@pytest.mark.parametrize(("model", "request_body", "words"), MODELS)
def test_each_model_refuses_in_its_own_words(model: str, request_body: r.JSON, words: str) -> None:
    r.assert_refused(model, request_body, words)


def test_a_retired_model_is_not_found() -> None:
    refused = r.refusal("anthropic.claude-v2:1", r.ask())

    assert (refused.status, refused.type) == (404, "ResourceNotFoundException")
    assert refused.message == (
        "This model version has reached the end of its life. "
        "Please refer to the AWS documentation for more details."
    )


@pytest.mark.parametrize("model", [r.LLAMA, r.QWEN, "us.deepseek.r1-v1:0", r.CLAUDE_3])
def test_cache_points_are_a_matter_of_access(model: str) -> None:
    refused = r.refusal(model, r.body(r.user(r.HI, r.CACHE)))

    assert (refused.status, refused.type) == (403, "AccessDeniedException")
    assert refused.message == (
        "You invoked an unsupported model or your request did not allow prompt caching. "
        "See the documentation for more information."
    )


@pytest.mark.parametrize("model", [r.LLAMA, r.LLAMA_4, r.WRITER])
def test_some_models_call_tools_but_not_in_a_stream(model: str) -> None:
    assert check("Converse", model, r.ask(**r.TOOLS)).id in model

    refused = r.refusal(model, r.ask(**r.TOOLS), "ConverseStream")

    assert refused.message == "This model doesn't support tool use in streaming mode."


@pytest.mark.parametrize(
    ("model", "request_body"),
    [
        (r.CLAUDE, r.body(r.user(r.HI), r.user(r.HI))),
        (r.CLAUDE, r.body(r.assistant(r.HI), r.user(r.HI))),
        (r.NOVA, r.body(r.user(r.HI), r.assistant(r.HI))),
        (r.CLAUDE, r.body(r.user(r.HI, {"text": "\n"}, r.CACHE))),
        (r.CLAUDE, r.body(r.user(r.HI, r.document("a_name (1) [x]-2")))),
        (r.CLAUDE, r.answered(r.result("t1", r.HI, r.image(), r.document()), r.HI, r.image())),
        (r.CLAUDE, r.answered(r.result("t1", {"json": {"celsius": 20}}))),
        (r.CLAUDE, r.answered({"toolResult": {"toolUseId": "t1", "content": []}})),
        (
            r.CLAUDE,
            r.body(r.user(r.HI), r.assistant(r.call(type="tool_use")), r.user(r.result(type="x")), **r.TOOLS),
        ),
        (r.CLAUDE, r.ask(inferenceConfig={}, system=[], additionalModelRequestFields={})),
        (r.CLAUDE, r.ask(inferenceConfig=None, toolConfig=None, system=None, whatever={"new": 1})),
        (r.CLAUDE, r.body(r.user(r.HI, {"audioOrSo": None, "text": "Hi"}))),
        (r.CLAUDE, r.inference(maxTokens=64000.0)),
        (
            r.CLAUDE,
            r.thinking({"type": "enabled", "budget_tokens": 1024}, inferenceConfig={"temperature": 1}),
        ),
        (r.CLAUDE_46, r.thinking({"type": "enabled", "budget_tokens": 1024})),
        (r.CLAUDE_3, r.inference(temperature=0.5, topP=0.5)),
        (r.NOVA_2, r.body(r.user(r.HI, r.in_s3("image", "png"), r.video()))),
        (r.NOVA, r.body(r.user(r.HI, r.CACHE), r.assistant(r.HI), r.user(r.HI, r.CACHE))),
    ],
)
def test_what_looks_odd_and_is_taken(model: str, request_body: r.JSON) -> None:
    assert check("Converse", model, request_body).id in model
