"""What a model lacks and Bedrock itself therefore refuses, before the model is asked.

Which model lacks what is in the catalogue: its modalities, its limit of tokens, its traits.
"""

from collections.abc import Callable
from itertools import pairwise

from proxy.local.call import Call, PlacedBlock
from proxy.local.refusals import access_denied, validation

MODALITIES = {"image": {"IMAGE"}, "video": {"VIDEO"}, "audio": {"SPEECH", "AUDIO"}}


def check(call: Call) -> None:
    """Raise the first Refusal."""
    if not call.model.converse:
        raise validation(
            "This action doesn't support the model that you provided. "
            "Try again with a supported text or chat model."
        )
    for capability in CAPABILITIES:
        capability(call)


def system_prompt(call: Call) -> None:
    if call.system and call.model.has("system-refused"):
        raise validation(
            "This model doesn't support system messages. Try again without a system message or use a model "
            "that supports system messages."
        )


def tools(call: Call) -> None:
    if not call.tools:
        return
    if call.model.has("tools-refused"):
        raise validation("This model doesn't support tool use.")
    if call.operation == "ConverseStream" and call.model.has("tools-in-stream-refused"):
        raise validation("This model doesn't support tool use in streaming mode.")
    kind = call.tool_choice[0] if call.tool_choice else None
    if kind and call.model.has(f"tool-choice-{kind}-refused"):
        raise unsupported(f"toolConfig.toolChoice.{kind}")


def media(call: Call) -> None:
    for block in call.blocks("image", "video", "audio", results=True):
        if not MODALITIES[block.kind] & set(call.model.input_modalities):
            raise unsupported_block(block)
    for block in call.blocks("document", results=True):
        if call.model.has("documents-refused"):
            raise unsupported_block(block)


def media_in_results(call: Call) -> None:
    for block in call.blocks("image", "document", results=True):
        if block.result_position is not None and call.model.has(f"{block.kind}s-in-results-refused"):
            raise unsupported_block(block)


def s3_sources(call: Call) -> None:
    """Documents are let through here: what becomes of them is the model's own matter."""
    for block in call.blocks("image", "video", "audio", results=True):
        if block.value["source"].get("s3Location") and not call.model.has("s3-accepted"):
            raise validation("This model doesn't support the s3Uri field. Remove s3Uri and try again.")


def inference_fields(call: Call) -> None:
    for field in ("temperature", "topP", "stopSequences"):
        if call.inference.get(field) not in (None, []) and call.model.has(f"{field}-refused"):
            raise unsupported(field)
    if call.text_format and call.model.has("outputConfig-refused"):
        raise unsupported("outputConfig")


def max_tokens(call: Call) -> None:
    most = call.model.max_tokens
    if most is not None and call.inference.get("maxTokens", 0) > most:
        raise validation(
            f"The maximum tokens you requested exceeds the model limit of {most}. "
            f"Try again with a maximum tokens value that is lower than {most}."
        )


def prompt_caching(call: Call) -> None:
    points = [block.value for block in call.blocks("cachePoint")]
    points += [item["cachePoint"] for item in [*call.system, *call.tools] if item.get("cachePoint")]
    if points and not call.model.has("cache-points-accepted"):
        raise access_denied(
            "You invoked an unsupported model or your request did not allow prompt caching. "
            "See the documentation for more information."
        )
    if any(point.get("ttl") for point in points) and call.model.has("cache-ttl-refused"):
        raise validation(call.model.says["cache-ttl-refused"])


def alternation(call: Call) -> None:
    """Text of the system between the turns belongs to neither."""
    roles = [role for role in call.roles if role != "system"]
    if roles[:1] == ["assistant"] and not call.model.has("assistant-first-accepted"):
        raise validation(
            "A conversation must start with a user message. "
            "Try again with a conversation that starts with a user message."
        )
    if call.model.has("consecutive-roles-accepted"):
        return
    if any(role == following for role, following in pairwise(roles)):
        raise validation(
            "A conversation must alternate between user and assistant roles. Make sure the conversation "
            "alternates between user and assistant roles and try again."
        )


def tool_results_alone(call: Call) -> None:
    if not call.model.has("tool-results-alone"):
        return
    for number, message in enumerate(call.messages):
        kinds = {block.kind for block in message} - {"cachePoint"}
        if "toolResult" in kinds and len(kinds) > 1:
            raise validation(
                f"messages.{number}.content: Conversation blocks and tool result blocks cannot be provided "
                "in the same turn."
            )


def tool_result_status(call: Call) -> None:
    if call.model.has("tool-result-status-refused") and any(
        block.value.get("status") for block in call.blocks("toolResult")
    ):
        raise unsupported("toolResult.status")


def reasoning(call: Call) -> None:
    for block in call.blocks("reasoningContent"):
        if block.role == "user" or call.model.has("reasoning-refused"):
            # So it says of an assistant's message too.
            raise validation(
                "User messages cannot contain reasoning content. "
                "Please remove the reasoning content and try again."
            )
        text = block.value.get("reasoningText")
        if text and call.model.has("reasoning-text-refused"):
            raise validation(
                "This model doesn't support the reasoningContent.reasoningText.text field for assistant "
                "messages. Remove reasoningContent.reasoningText.text and try again."
            )
        if text and text.get("signature") is not None and call.model.has("reasoning-signature-refused"):
            raise unsupported("reasoningContent.reasoningText.signature")
        if not text and call.model.has("redacted-content-refused"):
            raise unsupported("reasoningContent.redactedContent")


def unsupported(field: str) -> Exception:
    return validation(f"This model doesn't support the {field} field. Remove {field} and try again.")


def unsupported_block(block: PlacedBlock) -> Exception:
    return validation(
        f"This model doesn't support the {block.kind} content block that you provided. "
        "Update the content block and try again."
    )


CAPABILITIES: tuple[Callable[[Call], None], ...] = (
    system_prompt,
    tools,
    media,
    media_in_results,
    s3_sources,
    inference_fields,
    max_tokens,
    alternation,
    tool_results_alone,
    tool_result_status,
    reasoning,
    prompt_caching,
)
