"""inferenceConfig: how many tokens, how they are drawn, and where the answer stops.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html
"""

from translators.chat.adjustments import Adjustments
from translators.converse import InferenceConfig
from translators.departures import Quirks
from translators.openai import ChatCompletionRequest


def inference_config(
    request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments
) -> InferenceConfig:
    config = sampling(request, quirks, adjusted)
    if (max_tokens := request.get("max_completion_tokens") or request.get("max_tokens")) is not None:
        config["maxTokens"] = limited(max_tokens, quirks, adjusted)
    if stop := stop_sequences(request, quirks, adjusted):
        config["stopSequences"] = stop
    return config


def limited(max_tokens: int, quirks: Quirks, adjusted: Adjustments) -> int:
    if quirks.max_tokens is not None and max_tokens > quirks.max_tokens:
        adjusted.note("max_tokens", "clamped", f"this model's limit is {quirks.max_tokens}")
        return quirks.max_tokens
    if max_tokens < quirks.least_tokens:
        adjusted.note("max_tokens", "clamped", f"the least that this model takes is {quirks.least_tokens}")
        return quirks.least_tokens
    return max_tokens


def sampling(request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments) -> InferenceConfig:
    """Where only one of the two may be sent, temperature wins: it is the one that users set."""
    config: InferenceConfig = {}
    if (temperature := request.get("temperature")) is not None:
        if quirks.temperature:
            config["temperature"] = clamped(temperature, adjusted)
        elif temperature != 1:  # OpenAI's default
            adjusted.note("temperature", "dropped", "this model takes none")
    top_p = request.get("top_p")
    if top_p is not None and top_p != 1:  # 1 is OpenAI's default and changes nothing
        if not quirks.top_p:
            adjusted.note("top_p", "dropped", "this model takes none")
        elif config and not quirks.top_p_beside_temperature:
            adjusted.note("top_p", "dropped", "this model does not take it beside temperature")
        else:
            config["topP"] = top_p
    return config


def clamped(temperature: float, adjusted: Adjustments) -> float:
    if temperature > 1:
        adjusted.note("temperature", "clamped", "Bedrock's maximum is 1")
    return min(temperature, 1)


def stop_sequences(request: ChatCompletionRequest, quirks: Quirks, adjusted: Adjustments) -> list[str]:
    stop = request.get("stop") or []
    sequences = [stop] if isinstance(stop, str) else stop
    kept = [sequence for sequence in sequences if sequence.strip()]
    if len(kept) < len([sequence for sequence in sequences if sequence]):
        adjusted.note("stop", "dropped", "Bedrock refuses sequences of white space")
    if kept and not quirks.stop_sequences:
        adjusted.note("stop", "dropped", "this model takes none")
        return []
    return kept
