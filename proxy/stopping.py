"""The end of a server: what is under way gets its time, and is cancelled when that is over."""

import asyncio
from typing import Any


class Stopping:
    def __init__(self, grace: float) -> None:
        self.grace = grace
        """Seconds that what is under way gets."""
        self.over = False
        self._working: set[asyncio.Task[Any]] = set()

    def begin(self, working: asyncio.Task[Any]) -> None:
        """It will be cancelled once, unless it ends in time."""
        self._working.add(working)
        if self.over:
            working.cancel()

    def end(self, working: asyncio.Task[Any]) -> None:
        self._working.discard(working)

    def time_is_over(self) -> None:
        if not self.over:
            self.over = True
            for working in self._working:
                working.cancel()
