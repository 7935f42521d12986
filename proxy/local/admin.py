"""The one door for tests: what the local Bedrock shall answer, what it received, what it may let go of.

GET POST DELETE /_local/script      POST /_local/release/{name}
GET DELETE /_local/requests[?wait=answering|done|aborted&count=1&timeout=5]
"""

import asyncio
from functools import partial

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy.local.endpoint import Shared
from proxy.local.journal import STATES, Journal, State
from proxy.local.playback import Playback
from proxy.local.script import Script, ScriptError, loads

MAX_WAIT = 60.0
WAITING = f"wait is one of {', '.join(STATES)}; count is a whole number; timeout is a number of seconds."


def routes(shared: Shared) -> list[Route]:
    playback, journal = shared.playback, shared.journal
    return [
        Route("/_local/script", partial(script, playback), methods=["GET", "POST", "DELETE"]),
        Route("/_local/requests", partial(requests, journal), methods=["GET", "DELETE"]),
        Route("/_local/release/{name:path}", partial(release, playback), methods=["POST"]),
    ]


async def script(playback: Playback, request: Request) -> Response:
    if request.method == "POST":
        try:
            playback.load(loads(await request.body()))
        except ScriptError as error:
            return _json({"message": str(error), "path": error.path}, 400)
    elif request.method == "DELETE":
        playback.load(Script())
    return _json(playback.script.source)


async def requests(journal: Journal, request: Request) -> Response:
    if request.method == "DELETE":
        journal.clear()
    elif wanted := request.query_params.get("wait"):
        query = request.query_params
        return await _waited(journal, wanted, query.get("count", "1"), query.get("timeout", "5"))
    return _json({"requests": journal.shown()})


async def _waited(journal: Journal, wanted: str, count: str, limit: str) -> Response:
    state, seconds = _state(wanted), _seconds(limit)
    if state is None or seconds is None or not count.isdecimal():
        return _json({"message": WAITING}, 400)
    try:
        async with asyncio.timeout(seconds):
            await journal.wait(state, int(count))
    except TimeoutError:
        return _json({"message": f"Fewer than {count} requests were {state} within {seconds:g} s."}, 408)
    return _json({"requests": journal.shown()})


async def release(playback: Playback, request: Request) -> Response:
    name = request.path_params["name"]
    if not playback.release(name):
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


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
