"""The local Bedrock's admin door, as tests use it: what it shall answer, and what it received."""

from collections.abc import Mapping
from typing import Any

import httpx


class AdminDoor:
    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def script(self, *rules: Mapping[str, Any], **members: Any) -> None:
        self.http.post("/_local/script", json={"answers": rules, **members}).raise_for_status()

    def release(self, name: str) -> None:
        self.http.post(f"/_local/release/{name}").raise_for_status()

    def requests(
        self, *, wait: str | None = None, count: int = 1, timeout: float = 5
    ) -> list[dict[str, Any]]:
        """The requests since the test began, once so many of them are answering, done or aborted."""
        query: dict[str, Any] = {"wait": wait, "count": count, "timeout": timeout} if wait else {}
        shown = self.http.get("/_local/requests", params=query).raise_for_status().json()
        requests: list[dict[str, Any]] = shown["requests"]
        return requests

    def clear(self) -> None:
        self.http.delete("/_local/script").raise_for_status()
        self.http.delete("/_local/requests").raise_for_status()
