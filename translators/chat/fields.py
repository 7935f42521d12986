"""Request fields that Bedrock has no place for: which are refused, and which are ignored.

A neutral value, OpenAI's own default, is always accepted. What only hints or labels is accepted and
ignored, as are keys that nobody knows.
"""

from collections.abc import Mapping
from typing import Any

from translators.errors import unsupported_parameter

# Losing one of these would change what the answer means. Field -> its neutral values.
REFUSED: dict[str, tuple[Any, ...]] = {
    "audio": (),
    "logit_bias": ({},),
    "logprobs": (False,),
    "modalities": (["text"], []),
    "moderation": (),
    "top_logprobs": (0,),
    "web_search_options": (),
}

# Hints and labels: they say how to serve, or whom, not what to answer.
IGNORED = {
    "prediction",
    "prompt_cache_key",
    "safety_identifier",
    "seed",
    "store",
    "user",
    "verbosity",
}


def check_fields(request: Mapping[str, Any]) -> None:
    """Raises BadRequestError for the first field that cannot be honoured."""
    for field in present(request, REFUSED):
        raise unsupported_parameter(field)


def present(request: Mapping[str, Any], fields: Mapping[str, tuple[Any, ...]]) -> list[str]:
    """The fields with a value that is neither null nor neutral."""
    return [
        field
        for field, neutral in fields.items()
        if (value := request.get(field)) is not None and value not in neutral
    ]
