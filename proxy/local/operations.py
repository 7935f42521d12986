"""Converse, ConverseStream and the control plane: answered by the script, or else by the built-in rules."""

from collections.abc import Mapping
from typing import Any

import orjson

from proxy.local import answers, control, service, thinking, wire
from proxy.local.call import ConverseOperation
from proxy.local.catalogue import Model
from proxy.local.conversation import last_user_text
from proxy.local.endpoint import Asked, Endpoint, Shared
from proxy.local.events import Event, corrupt, events, exception_frame, frame
from proxy.local.journal import Entry
from proxy.local.refusals import Refusal, serialization
from proxy.local.rule import Error, Operation, Rule
from proxy.local.validation import check


class Conversation(Endpoint):
    """Converse and ConverseStream."""

    def __init__(self, shared: Shared, operation: ConverseOperation) -> None:
        super().__init__(shared)
        self.operation: ConverseOperation = operation

    async def _answer(self, asked: Asked) -> None:
        entry = asked.entry
        model, body = self._checked(entry)
        turn = self.shared.playback.next(self.operation, entry.resource_id, last_user_text(body))
        exchange = asked.exchange(turn)
        await exchange.before_status()
        await exchange.send(self._reply(turn.rule, asked, model, body))

    def _checked(self, entry: Entry) -> tuple[Model, Mapping[str, Any]]:
        try:
            body = orjson.loads(entry.body or b"{}")
        except orjson.JSONDecodeError as error:
            raise serialization() from error
        model = check(self.operation, entry.resource_id, body)
        return model, body

    def _refused(self, refusal: Refusal, request_id: str) -> wire.Reply:
        if refusal.in_stream and self.operation == "ConverseStream":
            exception = exception_frame(refusal.type, {"message": refusal.message})
            return wire.stream([exception], request_id=request_id)
        return super()._refused(refusal, request_id)

    def _reply(self, rule: Rule, asked: Asked, model: Model, body: Mapping[str, Any]) -> wire.Reply:
        if rule.error:
            return scripted_error(rule.error, asked.entry.id)
        if rule.events is not None:
            return wire.stream(self._frames(rule, rule.events), request_id=asked.entry.id)
        response = self._response(rule, asked, model, body)
        if self.operation == "Converse":
            return wire.whole(response, request_id=asked.entry.id)
        return wire.stream(self._frames(rule, list(events(response))), request_id=asked.entry.id)

    def _response(self, rule: Rule, asked: Asked, model: Model, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The rule's answer or the built-in one, with the signatures and counts that it does not bring."""
        said = _said(rule) or thinking.answer(model, self.operation, body)
        response = thinking.signed(model, body, said)
        content = response["output"]["message"]["content"]
        usage = self.shared.cache.usage(asked.entry.resource_id, body, content)
        metrics = {"latencyMs": asked.milliseconds()}
        return {"usage": usage, "metrics": metrics, **service.beside(body), **response}

    def _frames(self, rule: Rule, events: list[Event]) -> list[bytes]:
        frames = [frame(event, self.shared.random) for event in events]
        if rule.exception:
            exception = exception_frame(rule.exception.type, rule.exception.payload)
            frames = [*frames[: rule.exception.after], exception]
        if (place := rule.corrupt_after) is not None and place < len(frames):
            frames[place] = corrupt(frames[place])
        return frames


class Control(Endpoint):
    """An operation of the control plane: a script may answer in place of the catalogue."""

    def __init__(self, shared: Shared, operation: Operation) -> None:
        super().__init__(shared)
        self.operation = operation

    async def _answer(self, asked: Asked) -> None:
        turn = self.shared.playback.next(self.operation, asked.entry.resource_id, "")
        exchange = asked.exchange(turn)
        await exchange.before_status()
        await exchange.send(self._reply(turn.rule, asked))

    def _reply(self, rule: Rule, asked: Asked) -> wire.Reply:
        if rule.error:
            return scripted_error(rule.error, asked.entry.id)
        if rule.response is not None:
            return wire.whole(rule.response, request_id=asked.entry.id)
        return wire.whole(control.OPERATIONS[self.operation](asked.request), request_id=asked.entry.id)


def scripted_error(error: Error, request_id: str) -> wire.Reply:
    body = error.body if error.body is not None else {error.key: error.message}
    return wire.error(error.status, error.type, body, request_id=request_id, headers=error.headers)


def _said(rule: Rule) -> Mapping[str, Any] | None:
    if rule.text is not None:
        return answers.text_answer(rule.text)
    if rule.response is None:
        return None
    content = rule.response.get("output", {}).get("message", {}).get("content", [])
    stop_reason = "tool_use" if any("toolUse" in block for block in content) else "end_turn"
    return {**answers.response(content, stop_reason), **rule.response}
