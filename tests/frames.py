"""Events of Bedrock in its own frames, as the JSON `{"contentBlockDelta": {...}}` tells them."""

from typing import Any

import orjson

from translators.eventstream import Decoder, Frame, encode


def framed(event: dict[str, Any]) -> bytes:
    """One event, or exception, as it stands on the wire."""
    [(name, body)] = event.items()
    kind = "exception" if name.endswith("Exception") else "event"
    headers = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    return encode(headers, orjson.dumps(body))


def frame(event: dict[str, Any]) -> Frame:
    """The same, decoded."""
    return Decoder().feed(framed(event))[0]
