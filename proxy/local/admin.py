"""The one door for tests: what the local Bedrock shall answer, what it received, what it may let go of.

GET POST DELETE /_local/script      POST /_local/release/{name}
GET DELETE /_local/requests[?wait=answering|done|aborted&timeout=5]
"""

import asyncio
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy.local.endpoint import Bedrock
from proxy.local.journal import STATES, State
from proxy.local.script import Script, ScriptError, loads

MAX_WAIT = 60.0


def routes(bedrock: Bedrock) -> list[Route]:
    door = _Door(bedrock)
    return [
        Route("/_local/script", door.script, methods=["GET", "POST", "DELETE"]),
        Route("/_local/requests", door.requests, methods=["GET", "DELETE"]),
        Route("/_local/release/{name:path}", door.release, methods=["POST"]),
    ]


class _Door:
    def __init__(self, bedrock: Bedrock) -> None:
        self._playback, self._journal = bedrock.playback, bedrock.journal

    async def script(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                self._playback.load(loads(await request.body()))
            except ScriptError as error:
                return _json({"message": str(error), "path": error.path}, 400)
        elif request.method == "DELETE":
            self._playback.load(Script())
        return _json(self._playback.script.source)

    async def requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._journal.clear()
        elif wanted := request.query_params.get("wait"):
            return await self._waited(wanted, request.query_params.get("timeout", "5"))
        return _json({"requests": self._journal.shown()})

    async def _waited(self, wanted: str, limit: str) -> Response:
        state, seconds = _state(wanted), _seconds(limit)
        if state is None or seconds is None:
            return _json(
                {"message": f"wait is one of {', '.join(STATES)}; timeout is a number of seconds."}, 400
            )
        try:
            async with asyncio.timeout(seconds):
                await self._journal.wait(state)
        except TimeoutError:
            return _json({"message": f"No request was {state} within {seconds:g} s."}, 408)
        return _json({"requests": self._journal.shown()})

    async def release(self, request: Request) -> Response:
        name = request.path_params["name"]
        if not self._playback.release(name):
            return _json({"message": f"The script holds nothing under the name {name!r}."}, 404)
        return _json({"released": name})


def _state(text: str) -> State | None:
    return next((state for state in STATES if state == text), None)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return min(seconds, MAX_WAIT) if seconds >= 0 else None  # which "nan" is not


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
