"""What `outcrop serve` does around the app: a listening socket, and the processes that serve it.

Workers are new processes, so settings reach them as environment variables: the app always reads
them there, whether there is one worker or many.
"""

import os
import signal
import socket
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import FrameType
from typing import NamedTuple

import uvicorn
from uvicorn.supervisors import Multiprocess

from proxy import continuity
from proxy.continuity import parent
from proxy.logs import LOG_CONFIG
from proxy.protocol import Protocol
from proxy.settings import Continuity, InvalidSetting, Settings, to_environ

CHAT = '{"model": "MODEL", "stream": true, "messages": [{"role": "user", "content": "Hello"}]}'

APP = "proxy.app:from_environment"

LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Seconds; longer than clients and load balancers keep an idle connection, so that none finds it just closed.
IDLE = 120
# Bytes that the system holds for a client that does not read; its own limit is megabytes for each connection.
# https://docs.kernel.org/networking/ip-sysctl.html (tcp_notsent_lowat)
MOST_UNSENT = 128 * 1024


class Local(NamedTuple):
    """The local Bedrock that the proxy stands in front of."""

    url: str
    model: str
    """One that it has, to try."""


def guarded(settings: Settings, *, no_auth: bool) -> Settings:
    """Settings that are safe to serve with. Raises InvalidSetting where they are not."""
    continuity.check(settings.continuity)
    if settings.api_keys:
        return settings
    if settings.host in LOOPBACK or settings.host.startswith("127."):
        return replace(settings, allowed_hosts=settings.allowed_hosts or (*LOOPBACK, settings.host))
    if no_auth:
        return settings
    raise InvalidSetting(
        f"{settings.host} can be reached from other machines. Set keys with OUTCROP_API_KEYS, or say"
        " --no-auth if whoever reaches it may use your AWS account."
    )


def listen(settings: Settings) -> socket.socket:
    """The socket is listening when this returns: nobody who reads its address comes too early."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        # asyncio's and socket's own words repeat the address; gaierror's number is none of errno's.
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise InvalidSetting(
            f"cannot listen on {settings.host}:{settings.port} ({why}); choose another --host or --port"
        ) from error
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # clients' sockets have what this one has
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MOST_UNSENT)
    return listener


def local_environ(environ: MutableMapping[str, str], url: str) -> dict[str, str]:
    """Takes the user's AWS variables out and gives those that lead to the local Bedrock."""
    for name in [name for name in environ if name.startswith("AWS_")]:
        del environ[name]
    return {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_BEDROCK": url,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url,
        "AWS_ENDPOINT_URL_STS": url,
        # The user's profiles have no say either.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        # Nor has the proxy through which they reach the internet.
        "no_proxy": "127.0.0.1",
    }


def announce(settings: Settings, listener: socket.socket, local: Local | None) -> None:
    """Says where clients find the proxy, and how to try it."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104  (not an address that a client can use)
        host = "127.0.0.1"
    base = f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"
    behind = f"the local Bedrock on {local.url} (no AWS account)" if local else "Amazon Bedrock"
    key = ' \\\n    -H "Authorization: Bearer $KEY"' if settings.api_keys else ""
    body = CHAT.replace("MODEL", local.model if local else "MODEL")
    print(
        f"Outcrop serves {behind}.\n\n"
        f"  base URL  {base}\n"
        f"  models    curl {base}/models{key}\n"
        f"  chat      curl {base}/chat/completions -H 'Content-Type: application/json'{key} \\\n"
        f"    -d '{body}'\n",
        flush=True,
    )


@contextmanager
def shared_memory(settings: Continuity, *, workers: int) -> Iterator[None]:
    """What several workers remember is their parent's, unless it is in Redis. Raises InvalidSetting."""
    os.environ.pop(parent.SOCKET, None)  # of an outcrop that started this one
    with ExitStack() as stack:
        # asyncio has no Unix sockets on Windows: there each worker remembers for itself.
        if workers > 1 and not settings.url and sys.platform != "win32":
            try:
                path = stack.enter_context(parent.serving(continuity.local(settings)))
            except OSError as error:
                raise InvalidSetting(
                    f"workers share a memory through a socket in a temporary directory, and there can be none"
                    f" ({error}): set TMPDIR to a short path that can be written, or OUTCROP_CONTINUITY_URL"
                ) from error
            os.environ[parent.SOCKET] = path
            stack.callback(os.environ.pop, parent.SOCKET)
        yield


def run(settings: Settings, listener: socket.socket, *, workers: int, app: str = APP) -> None:
    """Serves until SIGINT or SIGTERM, which end the process with status 0; `app` makes what is served."""
    # uvicorn sends itself the signal once more when all is closed; by default that would kill.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    # The settings are complete: a worker must not find another file where it looks for one.
    os.environ.update(to_environ(settings), OUTCROP_CONFIG=os.devnull)
    config = uvicorn.Config(
        app,
        factory=True,
        workers=workers,
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=LOG_CONFIG,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who a client is, and by which scheme it came, makes no difference
        timeout_keep_alive=IDLE,
        # Longer than the streams get, so that theirs is the end that is seen.
        timeout_graceful_shutdown=int(settings.shutdown_grace) + 5,
    )
    with shared_memory(settings.continuity, workers=workers):
        if not served(config, listener):
            sys.exit(1)


def served(config: uvicorn.Config, listener: socket.socket) -> bool:
    """False where nothing could be served: then it is logged why."""
    if config.workers == 1:
        server = uvicorn.Server(config)
        server.run(sockets=[listener])
        return server.started
    if sys.platform == "win32":  # where no process can give another a connection
        Multiprocess(config, sockets=[listener]).run()
        return True
    from proxy.workers import parent as workers

    return workers.serve(config, listener)


def stop(number: int, frame: FrameType | None) -> None:
    sys.exit(0)
