"""What settings and variables say that their user may not have meant; nobody is asked for it."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from proxy.configuration import environ_path
from proxy.doctor.checks import Check
from proxy.settings import Settings, misspelt

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def advice(settings: Settings, environ: Mapping[str, str]) -> list[Check]:
    """One check for each; one alone where there is nothing to say."""
    given = {name: value for name, value in environ.items() if value}
    found = [*idle_variables(given), *overridden(settings, given), *exposed(settings, given)]
    if found:
        return [Check(name="settings", state="warning", words=words, remedy=todo) for words, todo in found]
    path = environ_path(environ)
    return [Check(name="settings", state="ok", words=f"Read from {path}." if path else "No settings file.")]


Advice = tuple[str, str]
"""What there is, and what to do."""


def idle_variables(environ: Mapping[str, str]) -> Iterator[Advice]:
    for name, near in misspelt(environ):
        yield f"{name} is no setting.", f"Did you mean {near}?" if near else "Take it out."


def overridden(settings: Settings, environ: Mapping[str, str]) -> Iterator[Advice]:
    """Variables of which one makes another idle."""
    for strong, weak in (("AWS_REGION", "AWS_DEFAULT_REGION"), ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")):
        if strong in environ and weak in environ and environ[strong] != environ[weak]:
            told = f"{weak}={environ[weak]} has no effect beside {strong}={environ[strong]}."
            yield told, f"Take one of the two out{OTHERS.get(strong, '')}."
    keys = "AWS_ACCESS_KEY_ID" in environ
    if api_key := api_key_of(settings, environ):
        for idle in filter(environ.__contains__, ("AWS_ACCESS_KEY_ID", "AWS_PROFILE")):
            yield f"{idle} has no effect beside {api_key}.", "Take out the one that is not meant."
    elif keys and "AWS_PROFILE" in environ:
        yield "AWS_PROFILE has no effect beside AWS_ACCESS_KEY_ID.", "Take out the one that is not meant."
    if not environ.get("AWS_MAX_ATTEMPTS", "1").isdecimal():
        yield "AWS_MAX_ATTEMPTS is not a number and has no effect.", "Set a number, or take it out."


OTHERS = {"AWS_REGION": ": the AWS CLI obeys AWS_DEFAULT_REGION"}


def api_key_of(settings: Settings, environ: Mapping[str, str]) -> str:
    """The name of the variable or setting that holds one."""
    if settings.bedrock_api_key:
        return "OUTCROP_BEDROCK_API_KEY"
    if settings.bedrock_api_key_file:
        return "OUTCROP_BEDROCK_API_KEY_FILE"
    return "AWS_BEARER_TOKEN_BEDROCK" if "AWS_BEARER_TOKEN_BEDROCK" in environ else ""


def exposed(settings: Settings, environ: Mapping[str, str]) -> Iterator[Advice]:
    for name in sorted(environ):
        address = urlsplit(environ[name])
        if name.startswith("AWS_ENDPOINT_URL") and address.scheme == "http" and not is_here(address.hostname):
            yield f"{name} is http: prompts and session tokens travel in the clear.", "Use an https address."
    if not settings.api_keys and not is_here(settings.host):
        yield (
            f"`outcrop serve` will not listen on {settings.host} without keys.",
            "Set OUTCROP_API_KEYS, or say --no-auth.",
        )


def is_here(host: str | None) -> bool:
    return host in LOOPBACK or (host or "").startswith("127.")
