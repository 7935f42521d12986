"""Bedrock's operations: a request is recorded, checked, and answered by the script or the built-in rules."""

import asyncio
import re
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from random import Random
from typing import Any, Literal
from uuid import uuid4

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy.local import answers, wire
from proxy.local.conversation import last_user_text
from proxy.local.events import Event, corrupt, events, exception_frame, frame
from proxy.local.journal import Entry, Journal
from proxy.local.playback import Playback, Turn
from proxy.local.refusals import Refusal, serialization
from proxy.local.script import Error, Operation, Rule, Script
from proxy.local.tokens import PromptCache
from proxy.local.validation import check


class Bedrock:
    """What all operations share: the script being played, what was received, the prompt cache."""

    def __init__(self, script: Script) -> None:
        self.playback = Playback(script)
        self.journal = Journal()
        self.cache = PromptCache()
        self.random = Random()  # noqa: S311 - for padding


class Call:
    """One request being answered, and what the journal shall say of it."""

    def __init__(self, request: Request, entry: Entry, send: Send) -> None:
        self.request, self.entry, self._send = request, entry, send
        self.started = time.monotonic()

    def exchange(self, turn: Turn) -> wire.Exchange:
        self.entry.answer = turn.number
        return wire.Exchange(turn, self.send, self._drop)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.entry.status = message["status"]
            self.entry.id = dict(message["headers"])[b"x-amzn-requestid"].decode()
        await self._send(message)

    def milliseconds(self) -> int:
        return int((time.monotonic() - self.started) * 1000)

    def _drop(self) -> None:
        self.entry.dropped = True
        self.request.scope["extensions"][wire.ABORT]()


class Endpoint:
    """One operation as an ASGI app. A caller who leaves stops the answer, wherever it is waiting."""

    operation: Operation

    def __init__(self, bedrock: Bedrock) -> None:
        self.bedrock = bedrock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        with suppress(ClientDisconnect):
            call = self._call(request, await request.body(), send)
            await self._run(call)

    def _call(self, request: Request, body: bytes, send: Send) -> Call:
        entry = Entry(
            id=str(uuid4()),
            operation=self.operation,
            model_id=next(iter(request.path_params.values()), ""),
            headers=dict(request.headers),
            body=body,
        )
        return Call(request, entry, send)

    async def _run(self, call: Call) -> None:
        self.bedrock.journal.add(call.entry)
        left = True
        try:
            left = await unless_gone(call.request.receive, self._answered(call))
        finally:
            self.bedrock.journal.close(call.entry, "aborted" if left and not call.entry.dropped else "done")

    async def _answered(self, call: Call) -> None:
        try:
            authorize(call.entry.headers)
            await self._answer(call)
        except Refusal as refusal:
            await call.exchange(self.bedrock.playback.built_in()).send(self._refused(refusal, call.entry.id))

    async def _answer(self, call: Call) -> None:
        raise NotImplementedError

    def _refused(self, refusal: Refusal, request_id: str) -> wire.Reply:
        body = {refusal.key: refusal.message}
        return wire.error(refusal.status, refusal.type, body, request_id=request_id)


class Conversation(Endpoint):
    """Converse and ConverseStream."""

    def __init__(self, bedrock: Bedrock, operation: Literal["Converse", "ConverseStream"]) -> None:
        super().__init__(bedrock)
        self.operation: Literal["Converse", "ConverseStream"] = operation

    async def _answer(self, call: Call) -> None:
        entry = call.entry
        body = self._checked(entry)
        turn = self.bedrock.playback.next(self.operation, entry.model_id, last_user_text(body))
        exchange = call.exchange(turn)
        await exchange.before_status()
        await exchange.send(self._reply(turn.rule, call, body))

    def _checked(self, entry: Entry) -> Mapping[str, Any]:
        try:
            body = orjson.loads(entry.body or b"{}")
        except orjson.JSONDecodeError as error:
            raise serialization() from error
        check(self.operation, entry.model_id, body)
        checked: Mapping[str, Any] = body
        return checked

    def _refused(self, refusal: Refusal, request_id: str) -> wire.Reply:
        if refusal.in_stream and self.operation == "ConverseStream":
            exception = exception_frame(refusal.type, {"message": refusal.message})
            return wire.stream([exception], request_id=request_id)
        return super()._refused(refusal, request_id)

    def _reply(self, rule: Rule, call: Call, body: Mapping[str, Any]) -> wire.Reply:
        if rule.error:
            return scripted_error(rule.error, call.entry.id)
        if rule.events is not None:
            return wire.stream(self._frames(rule, rule.events), request_id=call.entry.id)
        response = self._response(rule, call, body)
        if self.operation == "Converse":
            return wire.whole(response, request_id=call.entry.id)
        return wire.stream(self._frames(rule, list(events(response))), request_id=call.entry.id)

    def _response(self, rule: Rule, call: Call, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The rule's answer or the built-in one, with the counts that it does not bring itself."""
        response = _said(rule) or answers.answer(body)
        content = response["output"]["message"]["content"]
        usage = self.bedrock.cache.usage(call.entry.model_id, body, content)
        return {"usage": usage, "metrics": {"latencyMs": call.milliseconds()}, **response}

    def _frames(self, rule: Rule, events: list[Event]) -> list[bytes]:
        frames = [frame(event, self.bedrock.random) for event in events]
        if rule.exception:
            exception = exception_frame(rule.exception.type, rule.exception.payload)
            frames = [*frames[: rule.exception.after], exception]
        if (place := rule.corrupt_after) is not None and place < len(frames):
            frames[place] = corrupt(frames[place])
        return frames


class Control(Endpoint):
    """An operation of the control plane: a script may answer in place of the catalogue."""

    def __init__(self, bedrock: Bedrock, operation: Operation, catalogue: ASGIApp) -> None:
        super().__init__(bedrock)
        self.operation = operation
        self._catalogue = catalogue

    async def _answer(self, call: Call) -> None:
        turn = self.bedrock.playback.next(self.operation, call.entry.model_id, "")
        exchange = call.exchange(turn)
        await exchange.before_status()
        if turn.rule.error:
            await exchange.send(scripted_error(turn.rule.error, call.entry.id))
        elif turn.rule.response is not None:
            await exchange.send(wire.whole(turn.rule.response, request_id=call.entry.id))
        else:
            await self._catalogue(call.request.scope, call.request.receive, call.send)


SIGV4 = re.compile(r"AWS4-HMAC-SHA256 .*Credential=[^,\s]+.*")
BEARER = re.compile(r"Bearer\s+\S+")


def authorize(headers: Mapping[str, str]) -> None:
    """Credentials have to be there and to look like credentials; they are not verified."""
    given = headers.get("authorization", "")
    if not given:
        raise Refusal(
            status=403, type="MissingAuthenticationTokenException", message="Missing Authentication Token"
        )
    if given.startswith("Bearer"):
        if not BEARER.fullmatch(given):  # no error type: botocore then names the error '403'
            message = "Authentication failed: Please make sure your API Key is valid."
            raise Refusal(status=403, type="", message=message, key="Message")
    elif not SIGV4.fullmatch(given):
        message = "Authorization header requires 'Credential' parameter."
        raise Refusal(status=403, type="IncompleteSignatureException", message=message)


def scripted_error(error: Error, request_id: str) -> wire.Reply:
    body = error.body if error.body is not None else {error.key: error.message}
    return wire.error(error.status, error.type, body, request_id=request_id, headers=error.headers)


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, None]) -> bool:
    """Do the work, but stop it when the caller goes away. True if he did."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
        return not working.done()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _said(rule: Rule) -> Mapping[str, Any] | None:
    if rule.text is not None:
        return answers.text_answer(rule.text)
    if rule.response is None:
        return None
    content = rule.response.get("output", {}).get("message", {}).get("content", [])
    stop_reason = "tool_use" if any("toolUse" in block for block in content) else "end_turn"
    return {**answers.response(content, stop_reason), **rule.response}
