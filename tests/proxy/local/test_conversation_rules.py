"""The rules of a conversation: one smallest request for each way to break them, and Bedrock's words for it."""

import pytest

from proxy.local.validation import check
from tests.proxy.local import requests as r

START_WITH_USER = "A conversation must start with a user message. Try again with a conversation that starts with a user message."
ALTERNATE = (
    "A conversation must alternate between user and assistant roles. Make sure the conversation alternates "
    "between user and assistant roles and try again."
)
BLANK = (
    "The text field in the ContentBlock object at messages.0.content.0 is blank. "
    "Add text to the text field, and try again."
)
PREFILL = (
    "This model does not support assistant message prefill. The conversation must end with a user message."
)
PREFILL_WITH_TOOLS = (
    "Your API request included an `assistant` message in the final position, which would pre-fill the `assistant` "
    "response. When using tools, pre-filling the `assistant` response is not supported."
)
NOT_WHITESPACE = "text content blocks must contain non-whitespace text"

CONVERSATION: list[r.Row] = [
    (r.CLAUDE, {}, START_WITH_USER),
    (r.CLAUDE, r.body(), START_WITH_USER),
    (r.NOVA, r.body(r.assistant(r.HI), r.user(r.HI)), START_WITH_USER),
    (r.LLAMA, r.body(r.user(r.HI), r.user(r.HI)), ALTERNATE),
    (r.QWEN, r.body(r.user(r.HI), r.assistant(r.HI), r.assistant(r.HI), r.user(r.HI)), ALTERNATE),
    (
        r.CLAUDE,
        r.body(r.user(r.HI), r.assistant()),
        "The content field in the Message object at messages.1 is empty. "
        "Add a ContentBlock object to the content field and try again.",
    ),
    (
        r.CLAUDE,
        r.body(r.user({})),
        "ContentBlock object at messages.0.content.0 must set one of the following keys: text, image, toolUse, "
        "toolResult, document, video, cachePoint, reasoningContent, citationsContent, searchResult.",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, {"image": {"format": "png", "source": {}}})),
        "ImageSource object at messages.0.content.1.image.source must set one of the following keys: bytes, "
        "s3Location.",
    ),
    (r.CLAUDE, r.body(r.user({"text": ""})), BLANK),
    (r.LLAMA, r.body(r.user({"text": " "})), BLANK),
    (r.CLAUDE, r.body(r.user({"text": " \n"})), r.by_model(f"messages: {NOT_WHITESPACE}")),
    (r.CLAUDE, r.ask(system=[{"text": " "}]), r.by_model(f"system: {NOT_WHITESPACE}")),
    (
        r.CLAUDE,
        r.inference(stopSequences=["\n"]),
        r.by_model("stop_sequences: each stop sequence must contain non-whitespace"),
    ),
    (r.CLAUDE_46, r.body(r.user(r.HI), r.assistant(r.HI)), r.by_model(PREFILL)),
    (r.CLAUDE_NEW, r.body(r.user(r.HI), r.assistant(r.HI)), r.by_model(PREFILL)),
    (r.CLAUDE, r.body(r.user(r.HI), r.assistant(r.HI), **r.TOOLS), r.by_model(PREFILL_WITH_TOOLS)),
    (
        r.CLAUDE,
        r.body(r.user(r.HI), r.assistant({"text": "It is "})),
        r.by_model("messages: final assistant content cannot end with trailing whitespace"),
    ),
]


def choosing(choice: r.JSON) -> r.JSON:
    return r.ask(toolConfig={"tools": [r.TOOL], "toolChoice": choice})


TOOL_RULES: list[r.Row] = [
    (
        r.CLAUDE,
        r.body(r.user(r.HI), r.assistant(r.call()), r.user(r.result())),
        "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
    ),
    (
        r.CLAUDE,
        r.body(
            r.user(r.HI),
            r.assistant(r.call("t1"), r.call("t2"), r.call("t3")),
            r.user(r.result("t2")),
            **r.TOOLS,
        ),
        "Expected toolResult blocks at messages.2.content for the following Ids: t1, t3",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI), r.assistant(r.call()), **r.TOOLS),
        "Expected toolResult blocks at messages.2.content for the following Ids: t1",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI), r.assistant(r.call()), r.user(r.HI), r.user(r.result()), **r.TOOLS),
        "Expected toolResult blocks at messages.2.content for the following Ids: t1",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.result()), **r.TOOLS),
        "The number of toolResult blocks at messages.0.content exceeds the number of toolUse blocks of previous turn.",
    ),
    (
        r.CLAUDE,
        r.answered(r.result("t1"), r.result("t2")),
        "The number of toolResult blocks at messages.2.content exceeds the number of toolUse blocks of previous turn.",
    ),
    (
        r.CLAUDE,
        r.answered(r.result("t1"), r.result("t1")),
        "The toolResult blocks at messages.2.content contain duplicate Ids: t1",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI), r.assistant(r.call(), r.call()), r.user(r.result()), **r.TOOLS),
        "The toolUse blocks at messages.1.content contain duplicate Ids: t1",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.call()), **r.TOOLS),
        r.by_model("messages.0: `tool_use` blocks can only be in `assistant` messages"),
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI), r.assistant(r.call()), r.assistant(r.result()), **r.TOOLS),
        r.by_model("messages.2: `tool_result` blocks can only be in `user` messages"),
    ),
    (
        r.CLAUDE,
        r.answered({"toolResult": {"toolUseId": "t1", "content": [], "status": "error"}}),
        "The content field at messages.2.content.0.toolResult cannot be empty when status value is error.",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI), r.assistant(r.call(input=[1])), r.user(r.result()), **r.TOOLS),
        "The format of the value at messages.1.content.0.toolUse.input is invalid. "
        "Provide a json object for the field and try again.",
    ),
    (
        r.CLAUDE,
        r.answered(r.result("t1", {"json": [1, 2]})),
        "The format of the value at messages.2.content.0.toolResult.content.0.json is invalid. "
        "Provide a json object for the field and try again.",
    ),
    (
        r.CLAUDE,
        r.ask(toolConfig={"tools": [r.tool("a", ["x"])]}),
        "The format of the value at toolConfig.tools.0.toolSpec.inputSchema.json is invalid. "
        "Provide a json object for the field and try again.",
    ),
    (
        r.CLAUDE,
        r.ask(toolConfig={"tools": [r.tool("a"), r.tool("b", {"type": "array"})]}),
        "The value at toolConfig.tools.1.toolSpec.inputSchema.json.type must be one of the following: object.",
    ),
    (
        r.CLAUDE,
        r.ask(toolConfig={"tools": [r.TOOL, r.TOOL]}),
        r.by_model("tools: Tool names must be unique."),
    ),
    (
        r.CLAUDE,
        r.ask(toolConfig={"tools": [r.TOOL], "toolChoice": {"tool": {"name": "news"}}}),
        r.by_model("Tool 'news' not found in provided tools"),
    ),
    ("us.meta.llama3-2-3b-instruct-v1:0", r.ask(**r.TOOLS), "This model doesn't support tool use."),
    ("us.deepseek.r1-v1:0", r.ask(**r.TOOLS), "This model doesn't support tool use."),
    (r.LLAMA, choosing({"auto": {}}), r.unsupported("toolConfig.toolChoice.auto")),
    (r.LLAMA, choosing({"tool": {"name": "weather"}}), r.unsupported("toolConfig.toolChoice.tool")),
    (
        "mistral.mistral-large-2402-v1:0",
        choosing({"tool": {"name": "weather"}}),
        r.unsupported("toolConfig.toolChoice.tool"),
    ),
    (
        r.LLAMA_4,
        choosing({"any": {}}),
        r.unsupported("toolConfig.toolChoice.any"),
    ),
    (
        r.LLAMA,
        r.answered(r.result(), r.HI),
        "messages.2.content: Conversation blocks and tool result blocks cannot be provided in the same turn.",
    ),
    (r.WRITER, r.answered(r.result(status="success")), r.unsupported("toolResult.status")),
]


@pytest.mark.parametrize(("model", "request_body", "words"), [*CONVERSATION, *TOOL_RULES])
def test_each_broken_rule_is_told_in_bedrocks_words(model: str, request_body: r.JSON, words: str) -> None:
    r.assert_refused(model, request_body, words)


def test_tools_that_bedrock_ran_itself_need_no_answer() -> None:
    ran = r.assistant(
        r.call("s1", type="server_tool_use"),
        r.result("s1", type="nova_grounding_result"),
        {"text": "Found."},
    )

    assert check("Converse", r.NOVA_2, r.body(r.user(r.HI), ran, r.user(r.HI), **r.TOOLS))
