"""The rules of a conversation that hold for every model, in the words Bedrock has for breaking them."""

from typing import Any

from proxy.local.catalogue import Model


def check(request: dict[str, Any], model: Model) -> None:
    """Raise the first Refusal."""
