"""An operation as an ASGI app: recorded, authorized, answered, and stopped when the caller goes away."""

import time
from contextlib import suppress
from random import Random
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from proxy.disconnect import while_connected
from proxy.local import wire
from proxy.local.authorization import authorize
from proxy.local.journal import Entry, Journal, State
from proxy.local.playback import Playback, Turn
from proxy.local.refusals import Refusal
from proxy.local.rule import Operation
from proxy.local.script import Script
from proxy.local.tokens import PromptCache


class Shared:
    """What all operations share: the script being played, what was received, the prompt cache."""

    def __init__(self, script: Script) -> None:
        self.playback = Playback(script)
        self.journal = Journal()
        self.cache = PromptCache()
        self.random = Random()  # noqa: S311 - for padding


class Asked:
    """One request being answered, and what the journal shall say of it."""

    def __init__(self, request: Request, entry: Entry, send: Send) -> None:
        self.request, self.entry, self._send = request, entry, send
        self.started = time.monotonic()
        self._ended = self._dropped = False

    def exchange(self, turn: Turn) -> wire.Exchange:
        self.entry.answer = turn.number
        return wire.Exchange(turn, self.send, self._drop)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.entry.status = message["status"]
            # A script's error may bring its own.
            self.entry.id = dict(message["headers"])[b"x-amzn-requestid"].decode()
        self._ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        await self._send(message)

    def state(self, *, left: bool) -> State:
        """Whoever leaves after the end, or because the script hung up, did not abort anything."""
        return "aborted" if left and not self._ended and not self._dropped else "done"

    def milliseconds(self) -> int:
        return int((time.monotonic() - self.started) * 1000)

    def _drop(self) -> None:
        self._dropped = True
        self.request.scope["extensions"][wire.ABORT]()


class Endpoint:
    """One operation as an ASGI app. A caller who leaves stops the answer, wherever it is waiting."""

    operation: Operation

    def __init__(self, shared: Shared) -> None:
        self.shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        with suppress(ClientDisconnect):
            asked = self._asked(request, await request.body(), send)
            await self._run(asked)

    def _asked(self, request: Request, body: bytes, send: Send) -> Asked:
        entry = Entry(
            id=str(uuid4()),
            operation=self.operation,
            resource_id=request.path_params.get("resource_id", ""),
            headers=dict(request.headers),
            body=body,
        )
        return Asked(request, entry, send)

    async def _run(self, asked: Asked) -> None:
        self.shared.journal.add(asked.entry)
        left = True
        try:
            await while_connected(asked.request.receive, self._answered(asked))
            left = False
        finally:
            self.shared.journal.close(asked.entry, asked.state(left=left))

    async def _answered(self, asked: Asked) -> None:
        try:
            entry = asked.entry
            authorize(entry.headers, self.shared.playback.script, self.operation, entry.resource_id)
            await self._answer(asked)
        except Refusal as refusal:
            reply = self._refused(refusal, asked.entry.id)
            await asked.exchange(self.shared.playback.built_in()).send(reply)

    async def _answer(self, asked: Asked) -> None:
        raise NotImplementedError

    def _refused(self, refusal: Refusal, request_id: str) -> wire.Reply:
        body = {refusal.key: refusal.message}
        return wire.error(refusal.status, refusal.type, body, request_id=request_id)
