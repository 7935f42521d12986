"""What the model behind Bedrock says no to about tools: in their schemas, and beside toolConfig."""

from proxy.local.call import Call
from proxy.local.refusals import from_model, validation


def no_strict_tools(call: Call) -> None:
    for number, item in enumerate(call.tools):
        if (item.get("toolSpec") or {}).get("strict") is not None:
            raise from_model(f"tools.{number}.custom.strict: Extra inputs are not permitted")


def parallel_calls_are_not_disabled(call: Call) -> None:
    if "disable_parallel_tool_use" in added_choice(call):
        raise from_model(
            "Malformed input request: #/tool_choice: extraneous key [disable_parallel_tool_use] is not "
            "permitted, please reformat your input and try again."
        )


def tool_choice_is_said_once(call: Call) -> None:
    """What Converse has a field for is said there, and the rest goes with it."""
    added = added_choice(call)
    if added and call.tool_choice and "type" in added:
        raise validation(
            f"The additional field tool_choice/type conflicts with the existing field "
            f"toolConfig.toolChoice.{call.tool_choice[0]}. Remove tool_choice/type and try again."
        )
    if added and not call.tool_choice and "type" not in added:
        raise from_model("missing field `type`")


def added_choice(call: Call) -> dict[str, object]:
    choice = call.additional.get("tool_choice")
    return choice if isinstance(choice, dict) else {}
