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

from proxy import arguments
from proxy.settings import InvalidSetting, Settings, load, misspelt, policy

if TYPE_CHECKING:
    from proxy.local.script import Script
    from translators.errors import APIError


def main(words: Sequence[str] | None = None) -> int:
    """Runs a command, the process's own where no words are given. Returns the exit status."""
    given = parser().parse_args(words)
    try:
        status: int = given.run(given)
        sys.stdout.flush()
    except BrokenPipeError:  # `outcrop models | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except InvalidSetting as error:
        return wrong(str(error))
    except OSError as error:
        return wrong(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return status


def wrong(words: str) -> int:
    print(f"outcrop: {words}", file=sys.stderr)
    return 2


def parser() -> argparse.ArgumentParser:
    return arguments.parser(serve, models, doctor, explain, local)


def serve(given: argparse.Namespace) -> int:
    """Serve the OpenAI API in front of Amazon Bedrock: point a client's base URL here."""
    from proxy import connections, server

    if given.script and not given.local:
        raise InvalidSetting("--script says what the local Bedrock answers: it needs --local")
    settings = load(os.environ, config=given.config, host=given.host, port=given.port)
    settings = server.guarded(settings, no_auth=given.no_auth)
    for name, near in misspelt(os.environ):
        print(f"outcrop: {name} is no setting.{f' Did you mean {near}?' if near else ''}", file=sys.stderr)
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
    """List the models that your account can call in this region, by the ids that work."""
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
    if found and not models:
        print(f"outcrop: no listed model has {given.text!r} in its id or name.", file=sys.stderr)
    print(inventory.as_json(models) if given.json else inventory.as_table(models))
    return 0


def doctor(given: argparse.Namespace) -> int:
    """Check everything that a chat needs, and say how to fix what fails."""
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
    """Show the Converse request that a chat completion request becomes, and what was changed for its model.

    Nothing is sent.
    """
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
    settings = load(os.environ, config=given.config)
    try:
        request = parse(body, ChatCompletionRequest)
        invoked = resolve(request["model"], known([], facts(), region(os.environ).name), policy(settings))
        explained = plan(request, options=options(settings), invoked=invoked).explained()
    except APIError as error:
        return refused(error)
    sys.stdout.buffer.write(orjson.dumps(orjson.loads(explained), option=orjson.OPT_INDENT_2) + b"\n")
    return 0


def local(given: argparse.Namespace) -> int:
    """Serve only the local Bedrock: point boto3 or any other AWS SDK at it."""
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
