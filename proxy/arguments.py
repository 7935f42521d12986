"""The command line of `outcrop`: its commands and their options, as --help shows them."""

import argparse
from collections.abc import Callable
from pathlib import Path

Command = Callable[[argparse.Namespace], int]


def parser(*commands: Command) -> argparse.ArgumentParser:
    """For functions named as their commands are, whose docstrings describe them."""
    top = argparse.ArgumentParser(
        prog="outcrop", description="An OpenAI-compatible HTTP proxy in front of Amazon Bedrock."
    )
    top.add_argument("--version", action=Version, nargs=0, help="show the version and exit")
    subparsers = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in commands:
        summary, options = COMMANDS[command.__name__]
        one = subparsers.add_parser(command.__name__, help=summary, description=command.__doc__)
        options(one)
        one.set_defaults(run=command)
    return top


class Version(argparse.Action):
    """Looks the version up when it is asked for: to read the package's metadata takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"outcrop {version('outcrop')}")
        parser.exit()


def serve(one: argparse.ArgumentParser) -> None:
    one.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    one.add_argument("--port", type=port, help="port to listen on (default: 8000); 0 picks a free one")
    one.add_argument(
        "--local", action="store_true", help="serve a local Bedrock in place of AWS: no account needed"
    )
    one.add_argument(
        "--script", type=Path, metavar="FILE", help="with --local: a file with the answers that it gives"
    )
    config(one)
    one.add_argument(
        "--workers", type=positive, default=1, metavar="N", help="number of server processes (default: 1)"
    )
    one.add_argument("--no-auth", action="store_true", help="let other machines in without an API key")


def models(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "text", nargs="?", default="", metavar="TEXT", help="show only models with this in their id or name"
    )
    one.add_argument(
        "--provider", action="append", metavar="NAME", help="show only this maker's models (can be repeated)"
    )
    one.add_argument("--json", action="store_true", help="print JSON, as in GET /v1/models")
    one.add_argument("--local", action="store_true", help="show the models of the local Bedrock")
    config(one)


def doctor(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--model", default="", metavar="ID", help="model to check (default: one of those listed)"
    )
    one.add_argument("--call", action="store_true", help="also ask the model for one token, which AWS bills")
    one.add_argument("--json", action="store_true", help="print JSON")
    one.add_argument("--local", action="store_true", help="check the local Bedrock")
    config(one)


def explain(one: argparse.ArgumentParser) -> None:
    one.add_argument("file", type=Path, metavar="FILE", help="a request as JSON; - reads standard input")
    config(one)


def local(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--port", type=port, default=9099, help="port to listen on (default: 9099); 0 picks a free one"
    )
    one.add_argument("--script", type=Path, metavar="FILE", help="a file with the answers that it gives")


def config(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: ./outcrop.toml, if there is one)"
    )


def port(text: str) -> int:
    if not 0 <= (number := int(text)) <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is not a port: expected 0-65535")
    return number


def positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {number}")
    return number


COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "serve": ("serve the OpenAI API in front of Bedrock", serve),
    "models": ("list the models that you can call", models),
    "doctor": ("find out what does not work, and how to fix it", doctor),
    "explain": ("show what a request becomes, without sending it", explain),
    "local": ("serve only the local Bedrock, for boto3 and other AWS SDKs", local),
}
