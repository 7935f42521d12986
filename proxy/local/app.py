"""The local Bedrock as an ASGI app: Bedrock's paths, and what AWS says to all others.

POST /model/{modelId}/converse, /converse-stream      GET /health      /_local/... (admin.py)
GET  /foundation-models, /inference-profiles, /inference-profiles/{id}, and an account's own models
GET  /foundation-model-availability/{id}              POST / (identity.py: STS)
"""

from collections.abc import Mapping
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from proxy.local import admin, wire
from proxy.local.endpoint import Shared
from proxy.local.identity import CallerIdentity
from proxy.local.operations import Control, Conversation
from proxy.local.rule import Operation
from proxy.local.script import Script

# An id may be an ARN, whose slash arrives encoded and is decoded by the server.
MODEL = "/model/{resource_id:path}"
PROFILE = "/inference-profiles/{resource_id:path}"
AVAILABILITY = "/foundation-model-availability/{resource_id:path}"

OWN: Mapping[str, Operation] = {
    "/imported-models": "ListImportedModels",
    "/model-customization/custom-model-deployments": "ListCustomModelDeployments",
    "/provisioned-model-throughputs": "ListProvisionedModelThroughputs",
    "/prompt-routers": "ListPromptRouters",
}


def create_app(script: Script | None = None) -> Starlette:
    shared = Shared(script or Script())
    app = Starlette(
        routes=[
            Route(f"{MODEL}/converse", Conversation(shared, "Converse"), methods=["POST"]),
            Route(f"{MODEL}/converse-stream", Conversation(shared, "ConverseStream"), methods=["POST"]),
            Route("/foundation-models", Control(shared, "ListFoundationModels"), methods=["GET"]),
            Route("/inference-profiles", Control(shared, "ListInferenceProfiles"), methods=["GET"]),
            Route(PROFILE, Control(shared, "GetInferenceProfile"), methods=["GET"]),
            Route(AVAILABILITY, Control(shared, "GetFoundationModelAvailability"), methods=["GET"]),
            *(Route(path, Control(shared, operation), methods=["GET"]) for path, operation in OWN.items()),
            *admin.routes(shared),
            Route("/", CallerIdentity(shared), methods=["POST"]),
            Route("/health", _health),
        ],
        exception_handlers={404: _unknown_operation, 405: _unknown_operation, 500: _internal_error},
    )
    app.router.redirect_slashes = False
    return app


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _unknown_operation(_: Request, __: Exception) -> Response:
    """Coral's own answer to a path or method it does not have."""
    body = {"Output": {"__type": "com.amazon.coral.service#UnknownOperationException"}, "Version": "1.0"}
    return _response(wire.error(404, "UnknownOperationException", body, request_id=str(uuid4())))


async def _internal_error(_: Request, __: Exception) -> Response:
    """A bug of ours; the server logs its traceback."""
    body = {"message": "The local Bedrock failed to process the request."}
    return _response(wire.error(500, "InternalServerException", body, request_id=str(uuid4())))


def _response(reply: wire.Reply) -> Response:
    return Response(reply.parts[0], reply.status, dict(reply.headers))
