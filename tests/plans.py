"""What a Plan asks of Bedrock, as tests look at it."""

import json
from typing import Any

from translators.chat import Plan


def body(asked: Plan) -> bytes:
    return b"".join(asked.pieces)


def converse(asked: Plan) -> dict[str, Any]:
    """With integers of any length."""
    read: dict[str, Any] = json.loads(body(asked))
    return read
