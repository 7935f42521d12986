"""Settings: a flag beats the environment, the environment beats the file, the file beats the default.

`[section] key` in outcrop.toml is OUTCROP_SECTION_KEY in the environment, a top-level `key` is
OUTCROP_KEY. AWS's own settings (AWS_REGION, AWS_PROFILE, ...) keep their names: see `credentials`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from translators.constraints import Range
from translators.shapes import in_range


class InvalidSetting(Exception):
    """A setting that cannot be used; the message names it and where it came from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovery:
    refresh_interval: Annotated[float, Range(0, None)] = 3600
    """Seconds for which a model list is served before Bedrock is asked again; 0: always ask."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cache:
    automatic: bool = True
    """Cache long prompts that their clients have not marked, where the model can."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guardrail:
    """For requests that name none themselves."""

    identifier: str = ""
    """Its id or ARN."""
    version: str = ""
    """A number, or DRAFT."""
    trace: Literal["", "enabled", "disabled", "enabled_full"] = ""
    """Whether answers tell what it found."""

    def __post_init__(self) -> None:
        if self.identifier and not self.version:
            raise InvalidSetting("guardrail.version: is needed beside guardrail.identifier")


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteMedia:
    remote: bool = True
    """Whether images and files that a request names by https URL are fetched."""
    max_bytes: Annotated[int, Range(1, None)] = 25_000_000
    """What all remote media of one request may have together."""
    max_count: Annotated[int, Range(1, None)] = 20
    """How many remote media a request may name."""
    timeout: Annotated[float, Range(0.01, None)] = 10
    """Seconds that one may take, redirects and all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reasoning:
    field: Literal["reasoning_content", "reasoning", "none"] = "reasoning_content"
    """Where clients are told what a model thought; none hides reasoning_details too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Continuity:
    url: str = field(default="", repr=False)
    """A Redis that several replicas share; empty: what is remembered stays with this server's processes."""
    key: str = field(default="", repr=False)
    """Encrypts what is stored in Redis. Several, parted by commas: the first encrypts, all decrypt."""
    # At some 3 KB of signed reasoning a turn, the next two are reached together.
    max_entries: Annotated[int, Range(0, None)] = 20_000
    """Turns remembered; 0: none. This and `max_bytes` bound this server's memory; Redis bounds its own."""
    max_bytes: Annotated[int, Range(0, None)] = 64 * 1024 * 1024
    max_age: Annotated[float, Range(1, None)] = 24 * 3600
    """Seconds. An agent that is left in the evening goes on in the morning; nothing stays for longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    host: str = "127.0.0.1"
    port: Annotated[int, Range(0, 65535)] = 8000
    max_body_bytes: Annotated[int, Range(1, None)] = 32 * 1024 * 1024
    """Largest request body that is read."""
    strict: bool = False
    """Refuse with a 400 what would have to be changed for a model."""
    keep_alive: Annotated[float, Range(0.01, None)] = 15
    """Seconds of Bedrock's silence after which a stream's client gets a comment."""
    shutdown_grace: Annotated[float, Range(0, None)] = 10
    """Seconds that open streams get to finish in when the server stops."""
    api_keys: tuple[str, ...] = ()
    """Keys that clients may use; none: any key, or none, will do."""
    allowed_hosts: tuple[str, ...] = ()
    """Names under which browsers may reach the proxy; none: any. `serve` on a loopback address sets it."""
    bedrock_api_key: str = ""
    """A Bedrock API key, before every other credential; empty: none."""
    bedrock_api_key_file: str = ""
    """A file that holds one, read again when it changes."""
    discovery: Discovery = field(default_factory=Discovery)
    cache: Cache = field(default_factory=Cache)
    guardrail: Guardrail = field(default_factory=Guardrail)
    media: RemoteMedia = field(default_factory=RemoteMedia)
    reasoning: Reasoning = field(default_factory=Reasoning)
    continuity: Continuity = field(default_factory=Continuity)


def load(environ: Mapping[str, str], *, config: Path | None = None, **flags: Any) -> Settings:
    """The settings; a flag that is None was not given. Raises InvalidSetting."""
    values = read_file(config or environ_path(environ))
    overlay(values, from_environ(Settings, environ, "OUTCROP_"))
    overlay(values, {name: value for name, value in flags.items() if value is not None})
    settings: Settings = build(Settings, values, "")
    return settings


def environ_path(environ: Mapping[str, str]) -> Path | None:
    if path := environ.get("OUTCROP_CONFIG"):
        return Path(path)
    default = Path("outcrop.toml")
    return default if default.exists() else None


def read_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InvalidSetting(f"{path}: {error}") from error


def overlay(values: dict[str, Any], over: Mapping[str, Any]) -> None:
    for name, value in over.items():
        if not isinstance(value, dict):
            values[name] = value
        elif isinstance(table := values.setdefault(name, {}), dict):  # what is none, `build` refuses
            overlay(table, value)


def from_environ(kind: type, environ: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """What the environment sets, nested as in the file. An empty variable counts as absent."""
    values: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        variable = prefix + name.upper()
        if is_dataclass(hint) and isinstance(hint, type):
            values[name] = from_environ(hint, environ, variable + "_")
        elif text := environ.get(variable):
            values[name] = parse(hint, text, variable)
    return values


def to_environ(settings: Any, prefix: str = "OUTCROP_") -> dict[str, str]:
    """The variables from which `load` would read these settings: how they reach another process."""
    variables: dict[str, str] = {}
    for each in fields(settings):
        value = getattr(settings, each.name)
        variable = prefix + each.name.upper()
        if is_dataclass(value):
            variables |= to_environ(value, variable + "_")
        else:
            variables[variable] = ",".join(value) if isinstance(value, tuple) else str(value)
    return variables


def parse(hint: Any, text: str, variable: str) -> Any:
    if hint is str or get_origin(hint) is Literal:
        return text
    if hint is bool:
        return boolean(text, variable)
    if hint == tuple[str, ...]:
        return [each.strip() for each in text.split(",") if each.strip()]
    try:
        return hint(text)
    except ValueError:
        raise InvalidSetting(f"{variable}: expected {NAMES[hint]}, got {text!r}") from None


def boolean(text: str, variable: str) -> bool:
    if text.lower() not in BOOLEANS:
        raise InvalidSetting(f"{variable}: expected true or false, got {text!r}")
    return BOOLEANS[text.lower()]


def build(kind: type[Any], values: Mapping[str, Any], path: str) -> Any:
    hints = get_type_hints(kind, include_extras=True)
    for name in values:
        if name not in hints:
            raise InvalidSetting(f"{path}{name}: no such setting; known: {', '.join(hints)}")
    return kind(
        **{
            each.name: build_value(hints[each.name], values[each.name], path + each.name)
            for each in fields(kind)
            if each.name in values
        }
    )


def build_value(hint: Any, value: Any, path: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise InvalidSetting(f"{path}: expected a table")
        return build(hint, value, path + ".")
    if get_origin(hint) is Annotated:
        kind, range_ = get_args(hint)
        return within(build_value(kind, value, path), range_, path)
    if hint == tuple[str, ...] and isinstance(value, list | tuple):
        return names(value, path)
    if get_origin(hint) is Literal:
        return choice(value, get_args(hint), path)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        # Where strings are expected there may be keys, and they stay untold.
        got = "" if hint in (str, tuple[str, ...]) else f", got {value!r}"
        raise InvalidSetting(f"{path}: expected {NAMES[hint]}{got}")
    return value


def within(number: float, range_: Range, path: str) -> float:
    least, most = range_
    # Written so that NaN is outside.
    if (least is None or number >= least) and (most is None or number <= most):
        return number
    raise InvalidSetting(f"{path}: expected {in_range(range_)}, got {number}")


def choice(value: Any, options: tuple[str, ...], path: str) -> str:
    if value in options:
        return str(value)
    raise InvalidSetting(f"{path}: expected one of {', '.join(filter(None, options))}, got {value!r}")


def names(values: Sequence[Any], path: str) -> tuple[str, ...]:
    """Several keys or hosts. They travel between processes parted by commas, so none may hold one."""
    for value in values:
        if type(value) is not str or not value.strip() or value != value.strip() or "," in value:
            raise InvalidSetting(
                f"{path}: expected strings without commas or outer blanks, none of them empty"
            )
    return tuple(values)


BOOLEANS = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}

NAMES: dict[Any, str] = {
    bool: "true or false",
    str: "a string",
    int: "an integer",
    float: "a number",
    tuple[str, ...]: "a list of strings",
}
