"""What the local Bedrock was asked and what became of it: without credentials, and bounded in size."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import orjson

from proxy.local.rule import Operation

State = Literal["answering", "done", "aborted"]
"""`aborted`: the caller went away before the answer was complete."""
STATES: tuple[State, ...] = get_args(State)

MAX_ENTRIES = 200
MAX_BYTES = 64 * 1024 * 1024  # two requests with the largest media Bedrock takes, or 200 usual ones

SECRETS = {"authorization", "x-amz-security-token", "cookie"}


@dataclass(kw_only=True, slots=True)
class Entry:
    id: str
    operation: Operation
    resource_id: str
    """The model called, or the inference profile asked for; nothing where a list was."""
    headers: Mapping[str, str]
    body: bytes
    state: State = "answering"
    status: int | None = None
    answer: int | None = None

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "operation": self.operation,
            "modelId": self.resource_id,
            "headers": {name: _hidden(name, value) for name, value in self.headers.items()},
            "body": _json_or_text(self.body),
            "state": self.state,
            "status": self.status,
            "answer": self.answer,
        }


class Journal:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._bytes += len(entry.body)
        while len(self._entries) > MAX_ENTRIES or (self._bytes > MAX_BYTES and len(self._entries) > 1):
            self._bytes -= len(self._entries.popleft().body)
        self._tell()

    def close(self, entry: Entry, state: State) -> None:
        entry.state = state
        self._tell()

    def clear(self) -> None:
        self._entries.clear()
        self._bytes = 0

    def shown(self) -> list[dict[str, Any]]:
        return [entry.shown() for entry in self._entries]

    async def wait(self, state: State, count: int = 1) -> None:
        """Until so many of the requests that are listed have this state."""
        while sum(entry.state == state for entry in self._entries) < count:
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _hidden(name: str, value: str) -> str:
    """Credentials never leave; the scheme stays, for it tells SigV4 from an API key.

    >>> _hidden("authorization", "Bearer abc")
    'Bearer [hidden]'
    """
    if name not in SECRETS:
        return value
    scheme = value.partition(" ")[0] if name == "authorization" and " " in value else ""
    return f"{scheme} [hidden]".strip()


def _json_or_text(body: bytes) -> Any:
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")
