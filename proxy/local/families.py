"""What a model refuses, driven by the catalogue's traits."""

from typing import Any

from proxy.local.catalogue import Model


def check(operation: str, request: dict[str, Any], model: Model) -> None:
    """Raise the first Refusal."""
