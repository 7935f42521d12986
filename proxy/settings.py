"""Settings: a flag beats the environment, the environment beats the file, the file beats the default.

`[section] key` in outcrop.toml is OUTCROP_SECTION_KEY in the environment, a top-level `key` is
OUTCROP_KEY. AWS's own settings (AWS_REGION, AWS_PROFILE, ...) keep their names: see `credentials`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from proxy.configuration import (
    LONE,
    InvalidSetting,
    build,
    environ_path,
    from_environ,
    overlay,
    read_file,
    to_environ,
)
from translators.constraints import Range
from translators.models import CrossRegion, Include, ModelSettings, Policy

__all__ = ["Discovery", "Guardrail", "InvalidSetting", "Settings", "load", "to_environ"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovery:
    """How the models of the account are found, and which are listed."""

    refresh_interval: Annotated[float, Range(0, None)] = 3600
    """Seconds for which a model list is served before Bedrock is asked again; 0: always ask."""
    enabled: bool | None = None
    """Whether Bedrock is asked at all; None: once there are credentials to ask with."""
    region: Annotated[tuple[str, ...], LONE] = ()
    """The regions whose models are offered, the preferred first; none: the one that Bedrock is called in."""
    provider_filter: frozenset[str] = frozenset()
    """The makers whose models are listed; none: all."""
    include: frozenset[Include] = frozenset()
    """What is listed besides."""
    default_context_window: Annotated[int, Range(1, None)] = 32_000
    """Listed where a model's own is not known; so is the next."""
    default_max_tokens: Annotated[int, Range(1, None)] = 4096


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
    cross_region: CrossRegion = "any"
    """Through which profiles a model is invoked that was named without one and needs one."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Names for models that clients may use, and what they stand for."""
    models: Mapping[str, ModelSettings] = field(default_factory=dict)
    """What is to be said of models, by id or ARN."""
    discovery: Discovery = field(default_factory=Discovery)
    cache: Cache = field(default_factory=Cache)
    guardrail: Guardrail = field(default_factory=Guardrail)
    media: RemoteMedia = field(default_factory=RemoteMedia)
    reasoning: Reasoning = field(default_factory=Reasoning)
    continuity: Continuity = field(default_factory=Continuity)


def load(environ: Mapping[str, str], *, config: Path | None = None, **flags: Any) -> Settings:
    """The settings; a flag that is None was not given. Raises InvalidSetting."""
    path = config or environ_path(environ)
    values = read_file(path)
    overlay(values, from_environ(Settings, environ, "OUTCROP_"))
    overlay(values, {name: value for name, value in flags.items() if value is not None})
    try:
        settings: Settings = build(Settings, values, "")
    except InvalidSetting as error:
        raise InvalidSetting(f"{error} (settings file: {path})" if path else str(error)) from None
    return settings


def misspelt(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Variables named as settings are that are none, each with the setting that comes near, or "".

    They are told and not refused: Kubernetes sets such ones where a service is called outcrop.
    """
    known = ["OUTCROP_CONFIG", *to_environ(Settings())]
    strangers = sorted(name for name in environ if name.startswith("OUTCROP_") and name not in known)
    return [(name, next(iter(get_close_matches(name, known, 1, cutoff=0.8)), "")) for name in strangers]


def policy(settings: Settings) -> Policy:
    """What the settings decide about models."""
    discovery = settings.discovery
    return Policy(
        aliases=settings.aliases,
        models=settings.models,
        cross_region=settings.cross_region,
        provider_filter=discovery.provider_filter,
        include=discovery.include,
        default_context_window=discovery.default_context_window,
        default_max_tokens=discovery.default_max_tokens,
    )
