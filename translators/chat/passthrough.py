"""The request's `bedrock` object: what Converse can be asked for and OpenAI has no words for.

It is in Converse's own words. What it says is put into the request beside what OpenAI's fields became, and
wins over it. Its additionalModelRequestFields are in `additional`, its guardrailConfig in `guardrails`.
"""

from translators.converse import ConverseRequest, Tool, ToolConfig
from translators.openai.extensions import BedrockFields

NO_TOOLS: ToolConfig = {"tools": []}


def with_bedrock(converse: ConverseRequest, own: BedrockFields | None) -> ConverseRequest:
    if not own:
        return converse
    asked: ConverseRequest = {**converse}
    if paths := own.get("additionalModelResponseFieldPaths"):
        asked["additionalModelResponseFieldPaths"] = paths
    if performance := own.get("performanceConfig"):
        asked["performanceConfig"] = {"latency": performance["latency"]}
    if tier := own.get("serviceTier"):
        asked["serviceTier"] = {"type": tier["type"]}
    if variables := own.get("promptVariables"):
        asked["promptVariables"] = {name: {"text": each["text"]} for name, each in variables.items()}
    if labels := own.get("requestMetadata"):
        asked["requestMetadata"] = {**converse.get("requestMetadata", {}), **labels}
    if effort := (own.get("outputConfig") or {}).get("effort"):
        asked["outputConfig"] = {**converse.get("outputConfig", {}), "effort": effort}
    if tools := system_tools(own):
        config = converse.get("toolConfig") or NO_TOOLS
        asked["toolConfig"] = {**config, "tools": [*config["tools"], *tools]}
    return asked


def system_tools(own: BedrockFields) -> list[Tool]:
    """Those that Bedrock runs itself, such as web grounding."""
    tools = (own.get("toolConfig") or {"tools": []})["tools"]
    return [{"systemTool": {"name": each["systemTool"]["name"]}} for each in tools]
