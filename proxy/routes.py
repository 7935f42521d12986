"""The endpoints. Each reads as its request's journey."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from secrets import token_hex

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from proxy.bedrock import Answer, Bedrock, ByteStream
from proxy.bodies import json_response
from proxy.catalogue import Catalogue
from proxy.choices import Choices, request_ids, together
from proxy.chunks import Chunks
from proxy.disconnect import while_connected
from proxy.garbage import let_go
from proxy.lessons import Lessons
from proxy.media import Fetcher
from proxy.options import options
from proxy.profiles import Profiles
from proxy.readiness import readiness
from proxy.recollections import Recollections
from proxy.replay import Replay
from proxy.settings import Settings
from proxy.sse import EventStream, EventStreamResponse
from proxy.stopping import Stopping
from proxy.threads import aside
from proxy.wanted import Wanted, wanted
from translators.chat import ChatStream, Plan, chat_completion, plan
from translators.chat.adjustments import header, refuse
from translators.chat.choices import one_completion
from translators.chat.json_text import read_answer
from translators.converse import ConverseResponse
from translators.errors import UNDESCRIBED, APIError, NotFoundError, undescribed
from translators.openai import ChatCompletion

CHATS = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Services:
    """What the endpoints work with; made once a worker, by the app's lifespan, for all requests."""

    settings: Settings
    bedrock: Bedrock
    catalogue: Catalogue
    profiles: Profiles
    lessons: Lessons
    media: Fetcher
    recollections: Recollections
    stopping: Stopping


def services(request: Request) -> Services:
    found: Services = request.scope["state"]["services"]
    return found


async def chat_completions(request: Request) -> ASGIApp:
    here, headers = services(request), plain(request)
    asked, body = await planned(request, here, headers)
    if here.settings.strict:
        refuse(asked.adjusted)
    if headers.get("x-outcrop-dry-run", "").lower() == "true":
        return Response(asked.explained(), headers=chat_headers(asked), media_type="application/json")
    return await while_connected(request.receive, answered(here, asked, body), here.stopping)


def plain(request: Request) -> dict[str, str]:
    """Its headers by names in lower case; of one that comes twice the last. Each is decoded once."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}


async def planned(request: Request, services: Services, headers: Mapping[str, str]) -> tuple[Plan, Wanted]:
    """And its body, should another plan be needed. What the body says lives no longer than this."""
    limit = services.settings.max_body_bytes
    body, said = await wanted(request, headers, limit=limit, media=services.media, stopping=services.stopping)
    invoked = services.catalogue.resolve(said["model"])
    base_model = invoked.base_model or await services.profiles.base_model(invoked.model_id)
    quirks = services.lessons.quirks(invoked.model_id, base_model)
    recollection = await services.recollections.recall(said, quirks, headers, body.much)
    chosen = options(services.settings, headers, recollection)
    return await aside(body.much, plan, said, quirks, chosen, invoked, body.cuts), body


async def answered(services: Services, asked: Plan, body: Wanted) -> ASGIApp:
    """Asks once more without what the model refused, if that can be left out; never a third time."""
    answer = streamed if asked.stream else whole
    try:
        return await answer(services, asked)
    except APIError as refusal:
        # Strict users get each refusal in Bedrock's own words, so there is nothing to learn from it.
        again = None if services.settings.strict else await services.lessons.learn(refusal, asked, body)
        if again is None:
            refusal.model_id = asked.model_id
            raise services.catalogue.suggesting(refusal, asked.way_back.model) from refusal.__cause__
        let_go(refusal)
    try:
        return await answer(services, again)
    except APIError as refusal:
        await services.lessons.learn(refusal, again, body)  # for the next request
        refusal.model_id = asked.model_id
        raise


async def whole(services: Services, asked: Plan) -> Response:
    model_id, _, region = asked.invoked
    answers = await together(
        [services.bedrock.converse(model_id, asked.pieces, region) for _ in range(asked.n)]
    )
    id, created = completion_id(), int(time.time())
    completions = [await completed(services, answer, asked, id, created) for answer in answers]
    headers = chat_headers(asked, request_ids(answer.request_id for answer in answers))
    return json_response(one_completion(completions), headers=headers)


async def completed(services: Services, answer: Answer, asked: Plan, id: str, created: int) -> ChatCompletion:
    try:
        response: ConverseResponse = read_answer(answer.body)
        completion = chat_completion(response, asked.way_back, id=id, created=created)
        await services.recollections.remember(
            asked.way_back.occasion, response["output"]["message"]["content"]
        )
        return completion
    except UNDESCRIBED as surprise:
        error = undescribed(surprise)
        error.aws_request_id = answer.request_id or None
        raise error from surprise
    except APIError as error:
        error.aws_request_id = answer.request_id or None
        raise


async def streamed(services: Services, asked: Plan) -> ASGIApp:
    upstreams = await opened(services.bedrock, asked)
    id, created = completion_id(), int(time.time())
    answers = [
        Chunks(
            upstream,
            ChatStream(asked.way_back, id=id, created=created, index=index),
            partial(services.recollections.remember, asked.way_back.occasion),
        )
        for index, upstream in enumerate(upstreams)
    ]
    answer = answers[0] if len(answers) == 1 else Choices(answers)
    events = EventStream(answer)
    await events.start(patience=services.settings.keep_alive)
    return EventStreamResponse(
        events,
        chat_headers(asked, answer.request_id),
        keep_alive=services.settings.keep_alive,
        stopping=services.stopping,
    )


async def opened(bedrock: Bedrock, asked: Plan) -> Sequence[ByteStream | Replay]:
    """A stream for each choice, once Bedrock has sent the status of all."""
    if not asked.streams:
        return [Replay(bedrock, asked.invoked, asked.pieces) for _ in range(asked.n)]
    model_id, _, region = asked.invoked
    asking = [bedrock.converse_stream(model_id, asked.pieces, region) for _ in range(asked.n)]
    return await together(asking, undo=ByteStream.close)


def completion_id() -> str:
    return f"chatcmpl-{token_hex(16)}"


def chat_headers(asked: Plan, aws_request_id: str = "") -> dict[str, str]:
    headers = {"x-outcrop-model": asked.model_id}
    if aws_request_id:
        headers["x-amzn-requestid"] = aws_request_id
    if asked.adjusted:
        headers["x-outcrop-adjusted"] = header(asked.adjusted)
    return headers


async def list_models(request: Request) -> Response:
    return json_response(await services(request).catalogue.models())


async def retrieve_model(request: Request) -> Response:
    """By its id, or by any name that a chat may use for it."""
    name = request.path_params["model"]
    catalogue = services(request).catalogue
    listed = {model["id"]: model for model in (await catalogue.models())["data"]}
    if model := listed.get(name) or catalogue.model(name):
        return json_response(model)
    missing = NotFoundError(
        f"The model '{name}' is not listed. GET /v1/models lists what this account can call.",
        param="model",
        code="model_not_found",
    )
    raise catalogue.suggesting(missing, name)


async def livez(request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    told = await readiness(services(request).bedrock, services(request).catalogue.state)
    status = 200 if told["ready"] else 503
    shown = {"ready": told["ready"]} if getattr(request.state, "stranger", False) else told
    return json_response(shown, status, {"cache-control": "no-store"})


ROUTES = [
    Route(CHATS, chat_completions, methods=["POST"]),
    Route("/v1/models", list_models, methods=["GET"]),
    # The SDKs send an id's slash as %2F and its colon as it is; the path is decoded here.
    Route("/v1/models/{model:path}", retrieve_model, methods=["GET"]),
    Route("/livez", livez, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
]
