"""A program that serves one protocol on a free port of the loopback, and says where."""

import asyncio
from collections.abc import Callable

import uvloop

BACKLOG = 4096


def serve(protocol: Callable[[], asyncio.Protocol]) -> None:
    """Until the process is ended."""
    uvloop.run(serving(protocol))


async def serving(protocol: Callable[[], asyncio.Protocol]) -> None:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, backlog=BACKLOG)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)
    await server.serve_forever()
