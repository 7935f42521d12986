"""The rules of a conversation: one smallest request for each way to break them, and Bedrock's words for it."""

import pytest

from proxy.local.validation import check
from tests.proxy.local.requests import (
    CLAUDE,
    CLAUDE_46,
    CLAUDE_NEW,
    HI,
    JSON,
    LLAMA,
    LLAMA_4,
    NOVA,
    NOVA_2,
    QWEN,
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
    inference,
    result,
    tool,
    unsupported,
    user,
)

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

CONVERSATION: list[Row] = [
    (CLAUDE, {}, START_WITH_USER),
    (CLAUDE, body(), START_WITH_USER),
    (NOVA, body(assistant(HI), user(HI)), START_WITH_USER),
    (LLAMA, body(user(HI), user(HI)), ALTERNATE),
    (QWEN, body(user(HI), assistant(HI), assistant(HI), user(HI)), ALTERNATE),
    (
        CLAUDE,
        body(user(HI), assistant()),
        "The content field in the Message object at messages.1 is empty. "
        "Add a ContentBlock object to the content field and try again.",
    ),
    (
        CLAUDE,
        body(user({})),
        "ContentBlock object at messages.0.content.0 must set one of the following keys: text, image, toolUse, "
        "toolResult, document, video, cachePoint, reasoningContent, citationsContent, searchResult.",
    ),
    (
        CLAUDE,
        body(user(HI, {"image": {"format": "png", "source": {}}})),
        "ImageSource object at messages.0.content.1.image.source must set one of the following keys: bytes, "
        "s3Location.",
    ),
    (CLAUDE, body(user({"text": ""})), BLANK),
    (LLAMA, body(user({"text": " "})), BLANK),
    (CLAUDE, body(user({"text": " \n"})), by_model(f"messages: {NOT_WHITESPACE}")),
    (CLAUDE, asking(system=[{"text": " "}]), by_model(f"system: {NOT_WHITESPACE}")),
    (
        CLAUDE,
        inference(stopSequences=["\n"]),
        by_model("stop_sequences: each stop sequence must contain non-whitespace"),
    ),
    (CLAUDE_46, body(user(HI), assistant(HI)), by_model(PREFILL)),
    (CLAUDE_NEW, body(user(HI), assistant(HI)), by_model(PREFILL)),
    (CLAUDE, body(user(HI), assistant(HI), **TOOLS), by_model(PREFILL_WITH_TOOLS)),
    (
        CLAUDE,
        body(user(HI), assistant({"text": "It is "})),
        by_model("messages: final assistant content cannot end with trailing whitespace"),
    ),
]


def choosing(choice: JSON) -> JSON:
    return asking(toolConfig={"tools": [TOOL], "toolChoice": choice})


TOOL_RULES: list[Row] = [
    (
        CLAUDE,
        body(user(HI), assistant(call()), user(result())),
        "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
    ),
    (
        CLAUDE,
        body(user(HI), assistant(call("t1"), call("t2"), call("t3")), user(result("t2")), **TOOLS),
        "Expected toolResult blocks at messages.2.content for the following Ids: t1, t3",
    ),
    (
        CLAUDE,
        body(user(HI), assistant(call()), **TOOLS),
        "Expected toolResult blocks at messages.2.content for the following Ids: t1",
    ),
    (
        CLAUDE,
        body(user(HI), assistant(call()), user(HI), user(result()), **TOOLS),
        "Expected toolResult blocks at messages.2.content for the following Ids: t1",
    ),
    (
        CLAUDE,
        body(user(result()), **TOOLS),
        "The number of toolResult blocks at messages.0.content exceeds the number of toolUse blocks of previous turn.",
    ),
    (
        CLAUDE,
        answered(result("t1"), result("t2")),
        "The number of toolResult blocks at messages.2.content exceeds the number of toolUse blocks of previous turn.",
    ),
    (
        CLAUDE,
        answered(result("t1"), result("t1")),
        "The toolResult blocks at messages.2.content contain duplicate Ids: t1",
    ),
    (
        CLAUDE,
        body(user(HI), assistant(call(), call()), user(result()), **TOOLS),
        "The toolUse blocks at messages.1.content contain duplicate Ids: t1",
    ),
    (
        CLAUDE,
        body(user(call()), **TOOLS),
        by_model("messages.0: `tool_use` blocks can only be in `assistant` messages"),
    ),
    (
        CLAUDE,
        body(user(HI), assistant(call()), assistant(result()), **TOOLS),
        by_model("messages.2: `tool_result` blocks can only be in `user` messages"),
    ),
    (
        CLAUDE,
        answered({"toolResult": {"toolUseId": "t1", "content": [], "status": "error"}}),
        "The content field at messages.2.content.0.toolResult cannot be empty when status value is error.",
    ),
    (
        CLAUDE,
        body(user(HI), assistant(call(input=[1])), user(result()), **TOOLS),
        "The format of the value at messages.1.content.0.toolUse.input is invalid. "
        "Provide a json object for the field and try again.",
    ),
    (
        CLAUDE,
        answered(result("t1", {"json": [1, 2]})),
        "The format of the value at messages.2.content.0.toolResult.content.0.json is invalid. "
        "Provide a json object for the field and try again.",
    ),
    (
        CLAUDE,
        asking(toolConfig={"tools": [tool("a", ["x"])]}),
        "The format of the value at toolConfig.tools.0.toolSpec.inputSchema.json is invalid. "
        "Provide a json object for the field and try again.",
    ),
    (
        CLAUDE,
        asking(toolConfig={"tools": [tool("a"), tool("b", {"type": "array"})]}),
        "The value at toolConfig.tools.1.toolSpec.inputSchema.json.type must be one of the following: object.",
    ),
    (
        CLAUDE,
        asking(toolConfig={"tools": [TOOL, TOOL]}),
        by_model("tools: Tool names must be unique."),
    ),
    (
        CLAUDE,
        asking(toolConfig={"tools": [TOOL], "toolChoice": {"tool": {"name": "news"}}}),
        by_model("Tool 'news' not found in provided tools"),
    ),
    ("us.meta.llama3-2-3b-instruct-v1:0", asking(**TOOLS), "This model doesn't support tool use."),
    ("us.deepseek.r1-v1:0", asking(**TOOLS), "This model doesn't support tool use."),
    (LLAMA, choosing({"auto": {}}), unsupported("toolConfig.toolChoice.auto")),
    (LLAMA, choosing({"tool": {"name": "weather"}}), unsupported("toolConfig.toolChoice.tool")),
    (
        "mistral.mistral-large-2402-v1:0",
        choosing({"tool": {"name": "weather"}}),
        unsupported("toolConfig.toolChoice.tool"),
    ),
    (
        LLAMA_4,
        choosing({"any": {}}),
        unsupported("toolConfig.toolChoice.any"),
    ),
    (
        LLAMA,
        answered(result(), HI),
        "messages.2.content: Conversation blocks and tool result blocks cannot be provided in the same turn.",
    ),
    (WRITER, answered(result(status="success")), unsupported("toolResult.status")),
]


@pytest.mark.parametrize(("model", "request_body", "words"), [*CONVERSATION, *TOOL_RULES])
def test_each_broken_rule_is_told_in_bedrocks_words(model: str, request_body: JSON, words: str) -> None:
    assert_refused(model, request_body, words)


def test_tools_that_bedrock_ran_itself_need_no_answer() -> None:
    ran = assistant(
        call("s1", type="server_tool_use"),
        result("s1", type="nova_grounding_result"),
        {"text": "Found."},
    )

    assert check("Converse", NOVA_2, body(user(HI), ran, user(HI), **TOOLS))
