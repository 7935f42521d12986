"""`outcrop serve --workers 2` with one more endpoint, through which a test can use the workers' memory.

python -m tests.e2e.remembering       PUT and GET /memory/NAME; each answer names its worker in x-pid
"""

import os

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from proxy import app, server
from proxy.routes import ROUTES, services
from proxy.settings import load


async def remember(request: Request) -> Response:
    await services(request).recollections.memory.remember([request.path_params["name"]], await request.body())
    return Response(headers=pid())


async def recall(request: Request) -> Response:
    [value] = await services(request).recollections.memory.recall([request.path_params["name"]])
    return Response(value, status_code=404 if value is None else 200, headers=pid())


def pid() -> dict[str, str]:
    return {"x-pid": str(os.getpid())}


def from_environment() -> ASGIApp:
    """What the workers call."""
    ROUTES.append(Route("/memory/{name}", remember, methods=["PUT"]))
    ROUTES.append(Route("/memory/{name}", recall, methods=["GET"]))
    return app.from_environment()


def main() -> None:
    settings = load(os.environ, port=0)
    with server.listen(settings) as listener:
        server.announce(settings, listener, None)
        server.run(settings, listener, workers=2, app="tests.e2e.remembering:from_environment")


if __name__ == "__main__":
    main()
