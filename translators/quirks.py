"""What each model family does differently, as data.

No other module mentions a model by name. A row cites the evidence it rests on: AWS's documentation,
or the error that Bedrock returned and where it was seen.
"""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from translators.departures import PLAIN, Quirks, departures
from translators.model_ids import split_geography


class Row(NamedTuple):
    """A departure, and whose it is: by the beginnings of foundation models' ids.

    A maker's newest rules are for all of its models `besides` the older ones, so that a model nobody has
    heard of has them.
    """

    departs: Quirks
    models: tuple[str, ...]
    besides: tuple[str, ...] = ()

    def names(self, model: str) -> bool:
        return model.startswith(self.models) and not model.startswith(self.besides)


# Claude's generations, by which Anthropic changes what its models take.
CLAUDE_2 = ("anthropic.claude-instant", "anthropic.claude-v2")
CLAUDE_3 = ("anthropic.claude-3",)
CLAUDE_3_SONNETS = ("anthropic.claude-3-sonnet", "anthropic.claude-3-5-sonnet")
CLAUDE_4 = (
    "anthropic.claude-opus-4-1",
    "anthropic.claude-opus-4-2",  # 20250514
    "anthropic.claude-sonnet-4-2",
)
CLAUDE_4_5 = ("anthropic.claude-haiku-4-5", "anthropic.claude-opus-4-5", "anthropic.claude-sonnet-4-5")
CLAUDE_4_6 = ("anthropic.claude-opus-4-6", "anthropic.claude-sonnet-4-6")
CLAUDE_TO_5 = (
    "anthropic.claude-fable-5",
    "anthropic.claude-opus-4-7",
    "anthropic.claude-opus-4-8",
    "anthropic.claude-opus-5",
    "anthropic.claude-sonnet-5",
)
CLAUDE_5_5 = ("anthropic.claude-opus-5-5", "anthropic.claude-sonnet-5-5")
CLAUDE_TO_4 = (*CLAUDE_2, *CLAUDE_3, *CLAUDE_4)
CLAUDE_TO_4_6 = (*CLAUDE_TO_4, *CLAUDE_4_5, *CLAUDE_4_6)

# For what Amazon's own models alone take.
NOT_AMAZON = (
    "ai21.",
    "anthropic.",
    "cohere.",
    "deepseek.",
    "google.gemma-3",
    "meta.",
    "minimax.",
    "mistral.",
    "moonshot",
    "nvidia.",
    "openai.",
    "qwen.",
    "writer.",
    "xai.",
    "zai.",
)
NOVA_1 = ("amazon.nova-lite", "amazon.nova-micro", "amazon.nova-premier", "amazon.nova-pro")
NOVA = (*NOVA_1, "amazon.nova-2-lite")
MISTRAL_2 = (
    "mistral.mistral-7b",
    "mistral.mistral-large-24",
    "mistral.mistral-small",
    "mistral.mixtral",
    "mistral.pixtral",
)

# What a model does differently is all of the rows that name it; of two about one thing the later counts.
# AWS's table of features, which several rows go by, is that of what Converse does for whom:
# https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
ROWS = (
    # Tokens and how they are drawn
    #
    # converse.maxTokensMaximum of recorded ListFoundationModels; above it "The maximum tokens you requested
    # exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096." Of
    # Claude 3, 4.6 and later and of Nova 1 what their model cards say. Where nothing is sure, none: Bedrock
    # names its limit when asked for more, and then it is learnt (`chat.repair`).
    Row(Quirks(max_tokens=4096), (*CLAUDE_2, "anthropic.claude-3-haiku", "anthropic.claude-3-opus")),
    Row(Quirks(max_tokens=4096), ("anthropic.claude-3-sonnet", "anthropic.claude-3-5-sonnet-20240620")),
    Row(Quirks(max_tokens=8192), ("anthropic.claude-3-5-haiku", "anthropic.claude-3-5-sonnet-20241022")),
    Row(Quirks(max_tokens=32_000), ("anthropic.claude-opus-4-1", "anthropic.claude-opus-4-2")),
    Row(Quirks(max_tokens=65_536), ("anthropic.claude-sonnet-4-2",)),
    Row(Quirks(max_tokens=64_000), (*CLAUDE_4_5, "anthropic.claude-sonnet-4-6")),
    Row(Quirks(max_tokens=10_000), ("amazon.nova-lite", "amazon.nova-micro", "amazon.nova-pro")),
    Row(Quirks(max_tokens=65_535), ("amazon.nova-2-lite",)),
    Row(Quirks(max_tokens=32_768), ("mistral.voxtral", "qwen.qwen3-32b")),
    Row(Quirks(max_tokens=8192), ("writer.palmyra-x",)),
    # "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead.":
    # OpenAI's own; LiteLLM's table has it for GPT-5 and Grok on Bedrock.
    Row(Quirks(least_tokens=16), ("openai.gpt-", "xai."), besides=("openai.gpt-oss",)),
    Row(
        # "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        # reported for Claude 4.1, 4.5 and 4.6: github.com/BerriAI/litellm/issues/15070
        Quirks(top_p_beside_temperature=False),
        ("anthropic.claude-opus-4-1", *CLAUDE_4_5, *CLAUDE_4_6),
    ),
    Row(
        # "`temperature` is deprecated for this model." for any value, reported for Opus 4.7, 4.8 and 5;
        # Anthropic documents the same for its whole fifth generation.
        Quirks(temperature=False, top_p=False),
        ("anthropic.",),
        besides=CLAUDE_TO_4_6,
    ),
    Row(
        # "This model doesn't support the temperature field. Remove temperature and try again.", the same
        # for topP and stopSequences: reported for the GPT-5 and Grok models on Converse.
        Quirks(temperature=False, top_p=False, stop_sequences=False),
        ("openai.gpt-", "xai."),
        besides=("openai.gpt-oss",),
    ),
    # Where the model takes top_k, and whether it takes penalties, by AWS's pages of what models take, each
    # under https://docs.aws.amazon.com/bedrock/latest/userguide/: who is not named here takes neither.
    #
    # {"top_k": 20} was recorded as accepted by Claude Sonnet 4.5; from Opus 4.7 on it is deprecated with
    # temperature. Penalties: "Extra inputs are not permitted" (theopenco/llmgateway#1579).
    Row(Quirks(top_k=("top_k",)), CLAUDE_TO_4_6),
    # {"inferenceConfig": {"topK": 20}} was recorded as accepted by Nova 1 and Nova 2.
    Row(Quirks(top_k=("inferenceConfig", "topK")), ("amazon.nova",)),
    # model-parameters-mistral-text-completion: of newer models only chat completion is described, without it.
    Row(Quirks(top_k=("top_k",)), ("mistral.mistral-7b", "mistral.mixtral")),
    # model-parameters-cohere-command, model-parameters-cohere-command-r-plus; the penalties of both by
    # https://docs.cohere.com/v1/reference/chat: "min value of 0.0, max value of 1.0".
    Row(Quirks(top_k=("k",)), ("cohere.command",)),
    Row(Quirks(penalties=(0, 1)), ("cohere.command-r",)),
    # model-parameters-palmyra-x4, model-parameters-palmyra-x5: "-2.0 <= x <= 2.0"; model-parameters-jamba,
    # under "Repetitions". gpt-oss says "The 'frequency_penalty' parameter is not supported"
    # (brainlid/langchain#356).
    Row(Quirks(penalties=(-2, 2)), ("ai21.jamba", "writer.palmyra-x")),
    Row(
        # "This model doesn't support the stopSequences field. Remove stopSequences and try again.":
        # reported for Qwen3 Coder, GLM and Nemotron.
        Quirks(stop_sequences=False),
        ("nvidia.", "qwen.", "zai.glm"),
    ),
    # Tools
    Row(
        # "This model doesn't support the toolConfig.toolChoice.any field. Remove toolConfig.toolChoice.any
        # and try again.": reported for Llama 4 (strands-agents/harness-sdk#1241); no Meta model is on
        # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html
        Quirks(tool_choices=frozenset()),
        ("meta.llama",),
    ),
    Row(
        # That page gives a choice by name to Claude and Nova only; later Mistral models were recorded
        # with it.
        Quirks(tool_choices=frozenset({"auto", "any"})),
        ("mistral.mistral-large-24", "mistral.mistral-small", "mistral.pixtral"),
    ),
    Row(
        # Forced tools are refused by Fable 5.1 and 5.2, Opus 5.5 and Sonnet 5.5: LiteLLM's table
        # (`supports_forced_tool_use`) and @ai-sdk/anthropic's agree.
        Quirks(tool_choices=frozenset({"auto"})),
        ("anthropic.",),
        besides=(*CLAUDE_TO_4_6, *CLAUDE_TO_5),
    ),
    Row(
        Quirks(tool_choices=frozenset({"auto"})),
        ("anthropic.claude-fable-5-1", "anthropic.claude-fable-5-2", *CLAUDE_5_5),
    ),
    Row(
        # tool_choice.disable_parallel_tool_use in additionalModelRequestFields: by LiteLLM from Claude 4.5
        # on, measured for Opus 4.8 (BerriAI/litellm#34347). Claude 3.5: "#/tool_choice: extraneous key
        # [disable_parallel_tool_use] is not permitted" (anthropics/anthropic-sdk-typescript#592).
        Quirks(one_call=True),
        ("anthropic.",),
        besides=CLAUDE_TO_4,
    ),
    Row(
        # "This model doesn't support tool use.": recorded for Llama 3.2 3B; the others by AWS's
        # table of features.
        Quirks(tools=False),
        (
            "amazon.titan-text",
            "anthropic.claude-instant",
            "anthropic.claude-v2",
            "cohere.command-light",
            "cohere.command-text",
            "deepseek.r1",
            "meta.llama3-2-1b",
            "meta.llama3-2-3b",
            "meta.llama3-70b",
            "meta.llama3-8b",
            "mistral.mistral-7b",
            "mistral.mixtral",
        ),
    ),
    Row(
        # "This model doesn't support tool use in streaming mode.": reported for Llama 3.x, Llama 4 and
        # Writer's Palmyra (badlogic/pi-mono#3739, n8n-io/n8n#14206).
        Quirks(tools_in_stream=False),
        ("meta.llama", "writer.palmyra"),
    ),
    Row(
        # "tools.6.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top
        # level": reported for Claude on Bedrock (trycua/cua#3303); others take it (code-yeongyu/senpi#1947).
        Quirks(schema_unions=False),
        ("anthropic.",),
    ),
    Row(
        # "Only three fields are supported on the top-level object: type, properties and required", by AWS's
        # guide to Nova 1; $defs "result in a hard API error" (pydantic/pydantic-ai#1623).
        Quirks(plain_schemas=True, schema_unions=False),
        NOVA_1,
    ),
    Row(
        # "Invalid JSON schema: regex lookaround is not supported. Found at $.properties.to.items.pattern":
        # OpenAI's validator (tombii/better-ccflare#357); Grok and Kimi K3 on Bedrock by LiteLLM's table.
        Quirks(lookaround=False),
        ("moonshotai.", "openai.gpt-", "xai."),
        besides=("moonshotai.kimi-k2", "openai.gpt-oss"),
    ),
    Row(
        # AWS's list of models with structured output, as pydantic-ai's profiles have it; recorded as accepted
        # by Claude 4.5, measured for Sonnet 4.6 (BerriAI/litellm#33193). Others, Claude 4.7 and later among
        # them, say "tools.0.custom.strict: Extra inputs are not permitted".
        Quirks(strict_tools=True),
        (
            *CLAUDE_4_5,
            *CLAUDE_4_6,
            "google.gemma-3-12b",
            "google.gemma-3-27b",
            "minimax.",
            "mistral.",
            "moonshot",
            "nvidia.nemotron-nano",
            "qwen.",
            "zai.",
        ),
        besides=MISTRAL_2,
    ),
    # The conversation, and the format of the answer
    Row(
        # "This model doesn't support system messages. Try again without a system message or use a model
        # that supports system messages.": reported for Titan Text (danny-avila/LibreChat#6456), Mistral 7B
        # and Mixtral (567-labs/instructor#1753). Command by AWS's table of features.
        Quirks(system=False),
        (
            "amazon.titan-text",
            "cohere.command-light",
            "cohere.command-text",
            "mistral.mistral-7b",
            "mistral.mixtral",
        ),
    ),
    Row(
        # Recorded as accepted by Claude Sonnet 4.5; Qwen, GLM and Kimi by pydantic-ai's profiles. Elsewhere
        # "A conversation must start with a user message. Try again with a conversation that ..."
        Quirks(assistant_first=True),
        ("anthropic.", "moonshot", "qwen.", "zai."),
    ),
    Row(
        # Recorded as accepted by Nova 2. Elsewhere "The model that you are using requires the last turn in
        # the conversation to be a user message.", reported for Llama 3 (i-am-bee/beeai-framework#753).
        Quirks(prefill="always"),
        ("amazon.nova",),
    ),
    Row(
        # Recorded as accepted by Claude 3, but with tools "... pre-filling the `assistant` response is not
        # supported." From 4.6 on "This model does not support assistant message prefill. The conversation
        # must end with a user message." (anomalyco/opencode#29760)
        Quirks(prefill="without_tools"),
        (*CLAUDE_TO_4, *CLAUDE_4_5),
    ),
    Row(
        # "messages.2.content: Conversation blocks and tool result blocks cannot be provided in the same
        # turn.": reported for Llama 3.3 and Mistral Large (browser-use/browser-use#710); Writer by
        # pydantic-ai's profile.
        Quirks(results_alone=True),
        ("meta.llama", "mistral.", "writer."),
    ),
    Row(
        # Refused by Writer's models, by pydantic-ai's profile. Documented for Claude and Nova only, but
        # recorded as accepted by Llama 4, Mistral and Kimi too.
        Quirks(result_status=False),
        ("writer.",),
    ),
    Row(
        # "This model doesn't support the outputConfig field. Remove outputConfig and try again.": reported
        # for Nova, Llama 4 and Pixtral; the others are not on AWS's list of models with structured output:
        # https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html
        # Opus 4.7 and later: "output_config.format: Extra inputs are not permitted" (Opus 4.8, Opus 5), and
        # by pydantic-ai's and LiteLLM's tables.
        Quirks(text_format=False),
        ("ai21.", "amazon.", "anthropic.", "cohere.", "meta.", "mistral.pixtral", "writer."),
        besides=(*CLAUDE_4_5, *CLAUDE_4_6),
    ),
    # Media
    Row(
        # ListFoundationModels says that these read text alone (2026-08-22); Claude 3.5 Haiku by AWS's table
        # of features. "This model doesn't support the image content block that you
        # provided. Update the content block and try again." A sibling that is yet to come may read more.
        Quirks(images=False),
        (
            "ai21.jamba",
            "amazon.nova-micro",
            "amazon.titan-text",
            *CLAUDE_2,
            "anthropic.claude-3-5-haiku",
            "cohere.command",
            "deepseek.r1",
            "deepseek.v3",
            "meta.llama3-",
            "minimax.minimax-m2",
            "mistral.devstral-2",
            "mistral.mistral-7b",
            "mistral.mistral-large-24",
            "mistral.mistral-small-24",
            "mistral.mixtral",
            "mistral.voxtral",
            "moonshot.kimi-k2",
            "nvidia.nemotron-nano-3",
            "nvidia.nemotron-nano-9b",
            "nvidia.nemotron-super-3",
            "openai.gpt-oss",
            "qwen.qwen3-235b",
            "qwen.qwen3-32b",
            "qwen.qwen3-coder",
            "qwen.qwen3-next",
            "writer.palmyra-x",
            "zai.glm-4",
            "zai.glm-5",
        ),
        besides=("meta.llama3-2-11b", "meta.llama3-2-90b"),
    ),
    # No document chat in AWS's table of features; Qwen by pydantic-ai's profile, tried on Qwen3 VL.
    Row(Quirks(documents=False), ("amazon.nova-micro", "cohere.command-light", "qwen.")),
    # Recorded for Claude: "This model doesn't support the video content block that you provided. Update the
    # content block and try again." By the listing only Nova reads video, and Micro does not.
    Row(Quirks(video=False), (*NOT_AMAZON, "amazon.nova-micro", "amazon.titan-text")),
    # Recorded as accepted by Voxtral; by the listing no other reads speech.
    Row(Quirks(audio=False), (*NOT_AMAZON, *NOVA, "amazon.titan-text"), besides=("mistral.voxtral",)),
    # In a tool's result AWS documents images for Nova and Claude. Recorded: Claude and Llama 4 take documents
    # too, Nova neither documents nor video: "Malformed input request: #/messages/2/content/0: extraneous key
    # [toolResult] is not permitted, please reformat your input and try again."
    Row(Quirks(media_in_results=frozenset({"image", "document"})), ("anthropic.", "meta.llama")),
    # Recorded for Pixtral: documents; images are refused there, by pydantic-ai's profile.
    Row(Quirks(media_in_results=frozenset({"document"})), ("mistral.",)),
    # By the same profile, tried on Qwen3 VL and Kimi K2.5; GPT-5.6 by Bifrost and OpenClaw.
    Row(Quirks(media_in_results=frozenset()), ("moonshot", "openai.", "qwen.")),
    # Recorded for Claude: "This model doesn't support the s3Uri field. Remove s3Uri and try again." By AWS's
    # table of features only Nova has "Amazon S3 links for multimedia".
    Row(Quirks(s3=False), (*NOT_AMAZON, "amazon.titan-text")),
    # Reasoning: how to ask for it, and how it comes back. What thinks without being asked and cannot be told
    # anything (DeepSeek R1, Kimi K2 Thinking, MiniMax) has no row for asking.
    Row(
        # Recorded: {"thinking": {"type": "enabled", "budget_tokens": 1024}} for Claude 3.7 to 4.5.
        # "Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a
        # final `assistant` message must start with a thinking block ..." (RooCodeInc/Roo-Code#11238)
        Quirks(
            reasoning="thinking enabled",
            thinks_alone=True,
            thoughts_demanded=True,
            thoughts_back="signed",
            reasoning_format="anthropic-claude-v1",
        ),
        ("anthropic.claude-3-7", *CLAUDE_4, *CLAUDE_4_5),
    ),
    Row(
        # Within a budget they think before the first call only, unless this is asked for; what is adaptive
        # thinks between calls by itself. Works in Converse (langchain-ai/langchain-aws#492); "invalid beta
        # flag" from Opus 4.7 (earendil-works/pi#3290). Claude 4 and later only, by Anthropic:
        # https://docs.claude.com/en/docs/build-with-claude/extended-thinking#interleaved-thinking
        Quirks(beta_between_calls=("anthropic_beta", "interleaved-thinking-2025-05-14")),
        (*CLAUDE_4, *CLAUDE_4_5),
    ),
    Row(
        # Recorded: {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}} for Sonnet 4.6.
        # "thinking.type.enabled is not supported for this model. Use thinking.type.adaptive and
        # output_config.effort to control thinking behavior." (Opus 4.7 and later)
        Quirks(
            reasoning="thinking adaptive",
            efforts=("low", "medium", "high", "xhigh", "max"),
            thinks_alone=True,
            thinking_hidden=True,  # since Opus 4.7 the default display is "omitted"
            thoughts_back="signed",
            reasoning_format="anthropic-claude-v1",
        ),
        ("anthropic.",),
        besides=CLAUDE_TO_4_6,
    ),
    Row(
        # xhigh came with Opus 4.7 (aaif-goose/goose#9281).
        Quirks(
            reasoning="thinking adaptive",
            efforts=("low", "medium", "high", "max"),
            thinks_alone=True,
            thoughts_back="signed",
            reasoning_format="anthropic-claude-v1",
        ),
        CLAUDE_4_6,
    ),
    # max is Opus's (can1357/oh-my-pi#192, by Anthropic's page on effort).
    Row(Quirks(efforts=("low", "medium", "high")), ("anthropic.claude-sonnet-4-6",)),
    # By Anthropic's model catalogue, as the AI SDK has it: the fifth generation thinks unless told not to;
    # Fable, and what came later, always does.
    Row(Quirks(thinks="by_default"), ("anthropic.claude-opus-5", "anthropic.claude-sonnet-5")),
    Row(Quirks(thinks="always"), ("anthropic.claude-fable", *CLAUDE_5_5)),
    Row(Quirks(thinks="always"), ("anthropic.",), besides=(*CLAUDE_TO_4_6, *CLAUDE_TO_5)),
    # By the recorded listing (reasoningSupported.embedded): nobody asks them, and nobody can stop them.
    Row(
        Quirks(thinks="always"), ("deepseek.r1", "minimax.", "mistral.magistral", "moonshot.kimi-k2-thinking")
    ),
    Row(
        # Recorded: {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}} for Nova 2 Lite.
        Quirks(reasoning="reasoningConfig", efforts=("low", "medium", "high")),
        ("amazon.nova-",),
        besides=NOVA_1,
    ),
    Row(
        # Recorded: "<thinking> ... </thinking>" at the beginning of Nova 1's text, before a tool call.
        Quirks(inline_reasoning="thinking"),
        NOVA_1,
    ),
    Row(
        # Recorded: {"reasoning_effort": "high"} for gpt-oss; "none" is refused, by pydantic-ai's profile.
        # "<reasoning>...</reasoning>" in its text: by LiteLLM's handling. Handed back it leaks into the
        # answer, by the AI SDK's.
        Quirks(
            reasoning="reasoning_effort",
            efforts=("low", "medium", "high"),
            thinks="always",
            inline_reasoning="reasoning",
        ),
        ("openai.gpt-oss",),
    ),
    Row(
        # {"reasoning": {"effort": "high"}} without "minimal", by pi's and the AI SDK's providers; one opaque
        # redactedContent, the only form that is taken back, by Bifrost's live tests of GPT-5.6.
        Quirks(
            reasoning="reasoning.effort",
            efforts=("none", "low", "medium", "high", "xhigh"),
            thinks="by_default",
            thoughts_back="encrypted",
            reasoning_format="openai-responses-v1",
        ),
        ("openai.gpt-",),
        besides=("openai.gpt-oss", "openai.gpt-5.4", "openai.gpt-5.5"),
    ),
    # The same tests: Grok's blob is its own. How it is asked is not known.
    Row(Quirks(thoughts_back="encrypted", reasoning_format="xai-responses-v1"), ("xai.",)),
    Row(
        # Recorded: {"reasoning_config": "high"} for Qwen3; documented for GLM, and the same for all that the
        # recorded ListFoundationModels says reasoningSupported.embedded is false of: they think when asked.
        # https://docs.aws.amazon.com/bedrock/latest/userguide/model-card-zai-glm-5.html
        Quirks(reasoning="reasoning_config", efforts=("high",)),
        ("deepseek.v", "moonshotai.", "nvidia.nemotron-nano-3", "qwen.qwen3", "zai."),
        besides=("qwen.qwen3-235b", "qwen.qwen3-coder"),
    ),
    Row(Quirks(efforts=("low", "high")), ("qwen.qwen3-32b", "qwen.qwen3-next", "qwen.qwen3-vl")),
    Row(
        # Both lose their thread between tool calls without what they thought, and say no to a signature:
        # "This model doesn't support the reasoningContent.reasoningText.signature field." (Bifrost's tests)
        Quirks(thoughts_back="text", reasoning_format="minimax-v1"),
        ("minimax.",),
    ),
    Row(Quirks(thoughts_back="text", reasoning_format="moonshot-v1"), ("moonshot",)),
    # Prompt caching. Elsewhere 403 "You invoked an unsupported model or your request did not allow prompt
    # caching. See the documentation for more information.", quoted for Llama, DeepSeek R1, Nemotron, Qwen3.
    Row(
        # explicitPromptCaching.isSupported of recorded ListFoundationModels; points in all three were
        # recorded as accepted by Sonnet 4.5. Sonnet 3.5 only for accounts of the preview. The minimum:
        # https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html, by LiteLLM's table.
        Quirks(cache_points=frozenset({"tools", "system", "messages"}), cache_minimum=512),
        ("anthropic.",),
        besides=(*CLAUDE_2, "anthropic.claude-3-haiku", "anthropic.claude-3-opus", *CLAUDE_3_SONNETS),
    ),
    Row(Quirks(cache_minimum=1024), ("anthropic.claude-3-7", *CLAUDE_4, "anthropic.claude-sonnet-4-5")),
    Row(
        Quirks(cache_minimum=1024),
        ("anthropic.claude-sonnet-4-6", "anthropic.claude-opus-4-8", "anthropic.claude-sonnet-5"),
        besides=CLAUDE_5_5,
    ),
    Row(Quirks(cache_minimum=2048), ("anthropic.claude-3-5-haiku", "anthropic.claude-opus-4-7")),
    Row(
        Quirks(cache_minimum=4096),
        ("anthropic.claude-haiku-4-5", "anthropic.claude-opus-4-5", "anthropic.claude-opus-4-6"),
    ),
    Row(
        # "Extra inputs are not permitted" of ttl "1h" for Claude 4.1 and before (earendil-works/pi#1570);
        # recorded as accepted by Haiku 4.5.
        Quirks(cache_ttl=True),
        ("anthropic.",),
        besides=CLAUDE_TO_4,
    ),
    Row(
        # Points in system and messages were recorded as accepted by Nova 1; the pages of its models say so of
        # all. "Malformed input request: #/toolConfig/tools/18: extraneous key [cachePoint] is not permitted"
        # (NousResearch/hermes-agent#97281), "#/messages/6/content/0: extraneous key [cachePoint]" behind a
        # tool's result (earendil-works/pi#2053), and "Extended TTL prompt caching is only supported for
        # Anthropic models" (LibreChat-AI/agents#256).
        Quirks(
            cache_points=frozenset({"system", "messages"}),
            cache_minimum=1000,
            cache_after_tools=False,
        ),
        ("amazon.nova-",),
    ),
)


@lru_cache(maxsize=1024)
def quirks_for(model_id: str) -> Quirks:
    """The rows for a model or inference profile, by id or ARN, as one; without any the plain contract.

    The ARN of an application profile does not say which model is behind it: ask for that model's.

    >>> quirks_for("eu.meta.llama3-1-8b-instruct-v1:0").tool_choices
    frozenset()
    """
    name = split_geography(model_id.rpartition("/")[2])[1]
    rows = [row.departs for row in ROWS if row.names(name)]
    return replace(PLAIN, **{field: value for departs in rows for field, value in departures(departs)})
