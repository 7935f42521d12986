"""Replies on the wire: status, headers and the parts of the body, and how a script makes them arrive."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import NoReturn

import orjson
from starlette.types import Send

from proxy.local.playback import Turn

ABORT = "outcrop.abort"
"""The name in ASGI's `extensions` of what cuts the connection; only our own server has it."""

APPLICATION_JSON = "application/json"
EVENT_STREAM = "application/vnd.amazon.eventstream"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """`parts` are the frames of a stream, or the one body of anything else."""

    status: int
    headers: Mapping[str, str]
    parts: Sequence[bytes]
    streamed: bool = False


def whole(value: object, *, request_id: str) -> Reply:
    return Reply(status=200, headers=_headers(APPLICATION_JSON, request_id), parts=[orjson.dumps(value)])


def stream(frames: Sequence[bytes], *, request_id: str) -> Reply:
    return Reply(status=200, headers=_headers(EVENT_STREAM, request_id), parts=frames, streamed=True)


# Who speaks is in the namespace: the front end checks credentials and JSON, Bedrock all else.
FRONT_END = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "SerializationException",
    "UnknownOperationException",
    "UnrecognizedClientException",
}


def error(
    status: int, type_: str, body: object, *, request_id: str, headers: Mapping[str, str] | None = None
) -> Reply:
    """An error's type is in no body of Bedrock's, only in this header. A `str` body is sent as it is."""
    service = "coral.service" if type_ in FRONT_END else "bedrock"
    typed = (
        {"x-amzn-errortype": f"{type_}:http://internal.amazon.com/coral/com.amazon.{service}/"}
        if type_
        else {}
    )
    raw = body.encode() if isinstance(body, str) else orjson.dumps(body)
    all_headers = {
        **_headers(APPLICATION_JSON, request_id),
        **typed,
        **{k.lower(): v for k, v in (headers or {}).items()},
    }
    return Reply(status=status, headers=all_headers, parts=[raw])


def _headers(content_type: str, request_id: str) -> dict[str, str]:
    return {
        "date": formatdate(usegmt=True),
        "content-type": content_type,
        "x-amzn-requestid": request_id,
    }


class Exchange:
    """One answer on its way out, in the manner of the rule that was taken.

    It has to run where the caller's leaving cancels it: a dropped connection is left that way.
    """

    def __init__(self, turn: Turn, send: Send, drop: Callable[[], None]) -> None:
        self._rule, self._gate = turn.rule, turn.gate
        self._send, self._drop = send, drop

    async def before_status(self) -> None:
        await asyncio.sleep(self._rule.delay)
        if self._rule.hold_after is None:
            await self._gate.wait()
        if self._rule.drop:
            await self._dropped()

    async def send(self, reply: Reply) -> None:
        await self._start(reply)
        if reply.streamed:
            await asyncio.sleep(self._rule.first_frame_delay)
            await self._stream(reply.parts)
        else:
            await self._body(reply.parts[0])
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self, reply: Reply) -> None:
        headers = dict(reply.headers)
        if not reply.streamed:
            headers["content-length"] = str(len(reply.parts[0]))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": reply.status, "headers": raw})

    async def _body(self, body: bytes) -> None:
        """A whole answer has no events to count: dropped, half of it is sent."""
        if self._rule.drop_after is None:
            await self._write(body)
        else:
            await self._write(body[: len(body) // 2])
            await self._dropped()

    async def _stream(self, frames: Sequence[bytes]) -> None:
        rule = self._rule
        for number in range(len(frames) + 1):
            if number == rule.hold_after:
                await self._gate.wait()
            if number == rule.drop_after:
                await self._dropped()
            if number in (rule.end_after, len(frames)):
                return
            await asyncio.sleep(rule.pace if number else 0)
            await self._write(frames[number])

    async def _write(self, data: bytes) -> None:
        size = self._rule.split or max(1, len(data))
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            if self._rule.split:
                await asyncio.sleep(0)  # lets the pieces leave one by one

    async def _dropped(self) -> NoReturn:
        """Cut the connection once what was written has left, and wait for the end that brings."""
        self._drop()
        await asyncio.Event().wait()
        raise AssertionError("nothing sets this event")
