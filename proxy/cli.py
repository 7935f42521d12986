"""The outcrop command.

What a command needs is imported when it runs, so that --help answers at once.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.settings import InvalidSetting, Settings, load, policy

if TYPE_CHECKING:
    from proxy.local.script import Script
    from translators.errors import APIError


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    try:
        status: int = given.run(given)
        sys.stdout.flush()
    except BrokenPipeError:  # `outcrop models | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (InvalidSetting, OSError) as error:
        print(f"outcrop: {error}", file=sys.stderr)
        return 2
    return status


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="outcrop", description="An OpenAI-compatible HTTP proxy in front of Amazon Bedrock."
    )
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    one = commands.add_parser("serve", help="serve the OpenAI API", description=serve.__doc__)
    one.add_argument("--host", help="address to listen on (127.0.0.1)")
    one.add_argument("--port", type=port, help="port to listen on (8000); 0 takes a free one")
    one.add_argument(
        "--local", action="store_true", help="answer from the local Bedrock: no AWS account, scripted answers"
    )
    one.add_argument("--script", type=Path, metavar="FILE", help="with --local: the answers it gives")
    one.add_argument("--config", type=Path, metavar="FILE", help="settings file (outcrop.toml)")
    one.add_argument("--workers", type=positive, default=1, metavar="N", help="processes that serve (1)")
    one.add_argument(
        "--no-auth", action="store_true", help="serve other machines without asking for API keys"
    )
    one.set_defaults(run=serve)

    one = commands.add_parser("models", help="what your account can call", description=models.__doc__)
    models_options(one)
    one.set_defaults(run=models)

    one = commands.add_parser("doctor", help="what does not work, and why", description=doctor.__doc__)
    doctor_options(one)
    one.set_defaults(run=doctor)

    one = commands.add_parser("explain", help="what a request becomes", description=explain.__doc__)
    one.add_argument("file", type=Path, metavar="FILE", help="a chat completion request; - is stdin")
    one.set_defaults(run=explain)

    one = commands.add_parser("local", help="only the local Bedrock", description=local.__doc__)
    one.add_argument("--port", type=port, default=9099, help="port to listen on (9099); 0 takes a free one")
    one.add_argument("--script", type=Path, metavar="FILE", help="the answers it gives")
    one.set_defaults(run=local)
    return top


def models_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("text", nargs="?", default="", metavar="TEXT", help="only those with it in id or name")
    one.add_argument("--provider", action="append", metavar="NAME", help="only this maker's; may come again")
    one.add_argument("--json", action="store_true", help="as GET /v1/models tells them")
    one.add_argument("--local", action="store_true", help="those of the local Bedrock")
    one.add_argument("--config", type=Path, metavar="FILE", help="settings file (outcrop.toml)")


def doctor_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--model", default="", metavar="ID", help="the model to try (one that is listed)")
    one.add_argument("--call", action="store_true", help="ask it for a token, which AWS bills")
    one.add_argument("--json", action="store_true", help="for programs")
    one.add_argument("--local", action="store_true", help="examine the local Bedrock")
    one.add_argument("--config", type=Path, metavar="FILE", help="settings file (outcrop.toml)")


def port(text: str) -> int:
    if not 0 <= (number := int(text)) <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is not a port: expected 0-65535")
    return number


def positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {number}")
    return number


def serve(given: argparse.Namespace) -> int:
    """Serve the OpenAI API in front of Amazon Bedrock: point a client's base URL here."""
    from proxy import connections, server

    if given.script and not given.local:
        raise InvalidSetting("--script says what the local Bedrock answers: it needs --local")
    settings = load(os.environ, config=given.config, host=given.host, port=given.port)
    settings = server.guarded(settings, no_auth=given.no_auth)
    with ExitStack() as stack:
        listener = stack.enter_context(server.listen(settings))
        behind = None
        if given.local:
            from proxy.local import catalogue, serving

            settings = without_key(settings)
            url = stack.enter_context(serving.serving(script(given.script)))
            os.environ.update(server.local_environ(os.environ, url))
            behind = server.Local(url, catalogue.example())
        connections.authorities(os.environ)  # what a worker could only fail over
        server.announce(settings, listener, behind)
        server.run(settings, listener, workers=given.workers)
    return 0


def models(given: argparse.Namespace) -> int:
    """List the models that your account can call, here and now, under the ids that work."""
    import asyncio
    from dataclasses import replace

    from proxy import inventory, logs
    from translators.errors import APIError

    settings = settings_of(given)
    if given.provider:
        makers = frozenset(maker.strip().lower() for maker in given.provider)
        settings = replace(settings, discovery=replace(settings.discovery, provider_filter=makers))
    try:
        with local_bedrock(given.local), logs.silenced():
            found, missing = asyncio.run(inventory.inventory(settings))
    except APIError as error:
        return refused(error)
    for action in missing:
        print(f"outcrop: {action} is not permitted: what it lists is left out.", file=sys.stderr)
    models = inventory.matching(found, given.text)
    print(inventory.as_json(models) if given.json else inventory.as_table(models))
    return 0


def doctor(given: argparse.Namespace) -> int:
    """Check all that a chat needs: credentials, region, network, clock, permissions, a model."""
    import asyncio

    from proxy import logs
    from proxy.doctor import Examination, as_json, conclusion, line, works

    examination = Examination(settings_of(given), model=given.model, call=given.call)

    async def examine() -> None:
        async for check in examination.run():
            if not given.json:
                print(line(check), flush=True)

    with local_bedrock(given.local), logs.silenced():
        asyncio.run(examine())
    checks, policy = examination.checks, examination.missing()
    print(as_json(checks, policy) if given.json else conclusion(checks, policy))
    return 0 if works(checks) else 1


def settings_of(given: argparse.Namespace) -> Settings:
    settings = load(os.environ, config=given.config)
    return without_key(settings) if given.local else settings


def without_key(settings: Settings) -> Settings:
    """The local Bedrock is no place for a key of AWS's."""
    return replace(settings, bedrock_api_key="", bedrock_api_key_file="")


@contextmanager
def local_bedrock(wanted: bool) -> Iterator[None]:
    """Where it is wanted, the environment leads to one for as long as the block lasts."""
    with ExitStack() as stack:
        if wanted:
            from proxy import server
            from proxy.local import serving

            os.environ.update(server.local_environ(os.environ, stack.enter_context(serving.serving())))
        yield


def refused(error: "APIError") -> int:
    print(f"outcrop: {error.status} {error.code}: {error.message}", file=sys.stderr)
    return 1


def explain(given: argparse.Namespace) -> int:
    """Show what a chat completion request becomes: Bedrock's, and each change made for its model."""
    import orjson

    from proxy.facts import facts
    from proxy.options import options
    from proxy.region import region
    from translators.chat import plan
    from translators.errors import APIError
    from translators.models import known, resolve
    from translators.openai import ChatCompletionRequest
    from translators.shapes import parse

    body = sys.stdin.buffer.read() if str(given.file) == "-" else given.file.read_bytes()
    settings = load(os.environ)
    try:
        request = parse(body, ChatCompletionRequest)
        invoked = resolve(request["model"], known([], facts(), region(os.environ).name), policy(settings))
        explained = plan(request, options=options(settings), invoked=invoked).explained()
    except APIError as error:
        return refused(error)
    sys.stdout.buffer.write(orjson.dumps(orjson.loads(explained), option=orjson.OPT_INDENT_2) + b"\n")
    return 0


def local(given: argparse.Namespace) -> int:
    """Serve only the local Bedrock: boto3 and every AWS SDK can be pointed at it."""
    from proxy.local import serving

    serving.run(port=given.port, script=script(given.script), ready=announce_local)
    return 0


def announce_local(url: str) -> None:
    print(
        f"The local Bedrock listens on {url}\n\n"
        f"  export AWS_ENDPOINT_URL_BEDROCK_RUNTIME={url} AWS_ENDPOINT_URL_BEDROCK={url}\n"
        f"  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=us-east-1\n",
        flush=True,
    )


def script(path: Path | None) -> "Script | None":
    from proxy.local.script import ScriptError, load

    try:
        return load(path) if path else None
    except ScriptError as error:
        raise InvalidSetting(f"{path}: {error}") from error
