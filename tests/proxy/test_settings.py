"""A flag beats the environment, the environment beats the file, the file beats the default."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.settings import Continuity, Discovery, Guardrail, InvalidSetting, Settings, load, to_environ
from translators.models import ModelSettings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


def written(folder: Path, text: str, name: str = "settings.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_defaults() -> None:
    settings = load({})

    assert settings == Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.max_body_bytes == 33554432
    assert settings.keep_alive == 15
    assert settings.discovery.refresh_interval == 3600


def test_a_guardrail(tmp_path: Path) -> None:
    config = written(tmp_path, '[guardrail]\nidentifier = "abc"\nversion = "1"\n')

    assert load({}).guardrail == Guardrail()
    assert load({"OUTCROP_GUARDRAIL_TRACE": "enabled"}, config=config).guardrail == Guardrail(
        identifier="abc", version="1", trace="enabled"
    )


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"IDENTIFIER": "abc"}, "guardrail.version: is needed beside guardrail.identifier"),
        (
            {"IDENTIFIER": "abc", "VERSION": "1", "TRACE": "on"},
            "OUTCROP_GUARDRAIL_TRACE: expected one of enabled, disabled, enabled_full, got 'on'",
        ),
    ],
)
def test_a_guardrail_that_is_none(variables: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        load({f"OUTCROP_GUARDRAIL_{name}": value for name, value in variables.items()})

    assert str(caught.value) == words


FILE = "port = 1\n[discovery]\nrefresh_interval = 1.5\n"
PRECEDENCE = {
    "default": (None, {}, {}, 8000),
    "file": (FILE, {}, {}, 1),
    "environment": (FILE, {"OUTCROP_PORT": "2"}, {}, 2),
    "flag": (FILE, {"OUTCROP_PORT": "2"}, {"port": 3}, 3),
    "a flag that was not given": (FILE, {"OUTCROP_PORT": "2"}, {"port": None}, 2),
    "an empty variable": (FILE, {"OUTCROP_PORT": ""}, {}, 1),
    "zero is a port": (FILE, {"OUTCROP_PORT": "2"}, {"port": 0}, 0),
}


@pytest.mark.parametrize(("file", "environ", "flags", "port"), PRECEDENCE.values(), ids=PRECEDENCE.keys())
def test_what_beats_what(
    tmp_path: Path, file: str | None, environ: dict[str, str], flags: dict[str, Any], port: int
) -> None:
    config = written(tmp_path, file) if file else None

    assert load(environ, config=config, **flags).port == port


def test_a_table_is_a_prefix_in_the_environment(tmp_path: Path) -> None:
    config = written(tmp_path, FILE)

    assert load({}, config=config).discovery.refresh_interval == 1.5
    environ = {"OUTCROP_DISCOVERY_REFRESH_INTERVAL": "0.25"}
    assert load(environ, config=config) == Settings(port=1, discovery=Discovery(refresh_interval=0.25))


def test_the_file_is_named_or_lies_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = written(tmp_path, "port = 1")
    monkeypatch.chdir(tmp_path)
    assert load({}).port == 8000

    written(tmp_path, "port = 2", "outcrop.toml")
    assert load({}).port == 2
    assert load({"OUTCROP_CONFIG": str(named)}).port == 1
    assert load({"OUTCROP_CONFIG": "nowhere"}, config=named).port == 1


def test_lists() -> None:
    assert load({"OUTCROP_API_KEYS": "a, b ,,c"}).api_keys == ("a", "b", "c")
    assert load({"OUTCROP_API_KEYS": " , "}).api_keys == ()


def test_whole_numbers_where_fractions_are_allowed(tmp_path: Path) -> None:
    config = written(tmp_path, "[discovery]\nrefresh_interval = 60")
    assert load({}, config=config).discovery.refresh_interval == 60.0


TABLES = """
cross_region = "geography"

[aliases]
fast = "maker.model"
"a/b" = "arn:aws:bedrock:us-east-1:123456789012:imported-model/abc"

[models."maker.model-v1:0"]
name = "Mine"
context_window = 1000
reasoning = false
input_modalities = ["text", "image"]

[discovery]
enabled = false
region = "us-east-1, eu-west-1"
provider_filter = [" Anthropic", "", "amazon", "AMAZON"]
include = ["legacy"]
"""
ALIASES = {"fast": "maker.model", "a/b": "arn:aws:bedrock:us-east-1:123456789012:imported-model/abc"}
SAID = ModelSettings(name="Mine", context_window=1000, reasoning=False, input_modalities=("text", "image"))


def test_tables_with_names_of_the_users(tmp_path: Path) -> None:
    settings = load({}, config=written(tmp_path, TABLES))

    assert settings.cross_region == "geography"
    assert settings.aliases == ALIASES
    assert settings.models == {"maker.model-v1:0": SAID}
    assert settings.discovery == Discovery(
        enabled=False,
        region=("us-east-1", "eu-west-1"),
        provider_filter=frozenset({"anthropic", "amazon"}),
        include=frozenset({"legacy"}),
    )
    assert load(to_environ(settings)) == settings


def test_a_table_in_the_environment_is_a_json_object(tmp_path: Path) -> None:
    environ = {
        "OUTCROP_ALIASES": '{"fast": "maker.other", "slow": "maker.third"}',
        "OUTCROP_MODELS": '{"maker.model-v1:0": {"context_window": 2000}}',
        "OUTCROP_DISCOVERY_REGION": "sa-east-1",
        "OUTCROP_DISCOVERY_PROVIDER_FILTER": " Cohere ,",
        "OUTCROP_DISCOVERY_ENABLED": "yes",
        "OUTCROP_CROSS_REGION": "none",
    }
    settings = load(environ, config=written(tmp_path, TABLES))

    assert settings.aliases == {**ALIASES, "fast": "maker.other", "slow": "maker.third"}
    assert settings.models == {"maker.model-v1:0": replace(SAID, context_window=2000)}
    assert settings.discovery.region == ("sa-east-1",)
    assert settings.discovery.provider_filter == {"cohere"}
    assert settings.discovery.enabled is True
    assert settings.cross_region == "none"


WRONG_TABLES = {
    "OUTCROP_ALIASES": ("[]", "OUTCROP_ALIASES: expected a JSON object"),
    "OUTCROP_MODELS": (
        '{"x": {"size": 1}}',
        "OUTCROP_MODELS.x.size: no such setting; known: name, base_model",
    ),
    "OUTCROP_DISCOVERY_ENABLED": (
        "perhaps",
        "OUTCROP_DISCOVERY_ENABLED: expected true or false, got 'perhaps'",
    ),
    "OUTCROP_DISCOVERY_INCLUDE": (
        "legacy,all",
        "OUTCROP_DISCOVERY_INCLUDE: expected some of legacy, imported,",
    ),
    "OUTCROP_CROSS_REGION": (
        "some",
        "OUTCROP_CROSS_REGION: expected one of any, geography, global, none, got 'some'",
    ),
}


@pytest.mark.parametrize(("name", "text", "said"), [(name, *rest) for name, rest in WRONG_TABLES.items()])
def test_what_is_wrong_about_models_is_named(name: str, text: str, said: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        load({name: text})

    assert str(caught.value).startswith(said)


WRONG_FILES = {
    "aliases = 'x'": "aliases: expected a table",
    "[aliases]\nx = 1": "aliases.x: expected a string",
    "[models]\nx = 1": "models.x: expected a table",
    "[models.x]\ncontext_window = -1": "models.x.context_window: expected at least 0, got -1",
    "[discovery]\nprovider_filter = [1]": "discovery.provider_filter: expected strings",
    "[discovery]\nenabled = 1": "discovery.enabled: expected true or false, got 1",
    "prot = 1": "prot: no such setting; did you mean port?",
    "[discovery]\nrefresh = 1": "discovery.refresh: no such setting; did you mean refresh_interval?",
    "port = '1'": "port: expected an integer, got '1'",
    "port = true": "port: expected an integer, got True",
    "port = 1.5": "port: expected an integer, got 1.5",
    "host = 1": "host: expected a string",
    "api_keys = 'a'": "api_keys: expected a list of strings",
    "discovery = 1": "discovery: expected a table",
    "[discovery]\ninclude = ['all']": "discovery.include: expected some of legacy, imported,",
    "[discovery]\nrefresh_interval = 'x'": "discovery.refresh_interval: expected a number, got 'x'",
    "port =": "settings.toml: ",
}
# Where strings are expected they may be keys.
UNTOLD = {
    "api_keys = 'hunter2'": "api_keys: expected a list of strings",
    "api_keys = ['hunter2,hunter3']": "api_keys: expected strings without commas",
    "[continuity]\nkey = ['hunter2']": "continuity.key: expected a string",
    "[continuity]\nurl = {redis = 'hunter2'}": "continuity.url: expected a string",
}


@pytest.mark.parametrize(("text", "said"), UNTOLD.items())
def test_what_could_be_a_key_is_not_repeated(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        load({}, config=written(tmp_path, text))

    assert str(caught.value).startswith(said)
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(("text", "said"), WRONG_FILES.items())
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        load({}, config=written(tmp_path, text))

    assert said in str(caught.value)


def test_the_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "port = 'x'")

    with pytest.raises(InvalidSetting) as caught:
        load({}, config=path)

    assert str(caught.value) == f"port: expected an integer, got 'x' (settings file: {path})"


def test_what_is_wrong_in_a_file_is_named_whatever_the_environment_adds(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"^discovery: expected a table"):
        load({"OUTCROP_DISCOVERY_REFRESH_INTERVAL": "5"}, config=written(tmp_path, "discovery = 1"))


WRONG_VARIABLES = {
    "OUTCROP_PORT": "x",
    "OUTCROP_MAX_BODY_BYTES": "1e6",
    "OUTCROP_DISCOVERY_REFRESH_INTERVAL": "hourly",
    "OUTCROP_CROSS_REGION": "us",
    "OUTCROP_KEEP_ALIVE": "0",
}


@pytest.mark.parametrize(("name", "text"), WRONG_VARIABLES.items())
def test_what_is_wrong_in_the_environment_is_named(name: str, text: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^{name}: expected .*, got '?{text}"):
        load({name: text})


words = st.text(st.characters(codec="utf-8", exclude_characters=",\0")).map(str.strip).filter(bool)


@given(
    host=words,
    port=st.integers(0, 65535),
    max_body_bytes=st.integers(1),
    api_keys=st.lists(words).map(tuple),
    allowed_hosts=st.lists(words).map(tuple),
    discovery=st.builds(
        Discovery,
        refresh_interval=st.floats(0, allow_infinity=False),
        enabled=st.none() | st.booleans(),
        region=st.lists(words).map(tuple),
        provider_filter=st.frozensets(words.map(str.lower).map(str.strip).filter(bool)),
    ),
    aliases=st.dictionaries(words, words),
    models=st.dictionaries(words, st.builds(ModelSettings, name=words, reasoning=st.none() | st.booleans())),
    continuity=st.builds(
        Continuity,
        url=words,
        key=words,
        max_entries=st.integers(0),
        max_age=st.floats(1, allow_infinity=False),
    ),
)
def test_settings_survive_the_way_to_another_process(**given_settings: Any) -> None:
    settings = Settings(**given_settings)

    assert load(to_environ(settings)) == settings


@pytest.mark.parametrize("keys", ['[""]', '["a,b"]', '[" x "]', '["  "]', "[1]", "[true]"])
def test_a_key_that_could_not_be_told_to_a_worker_is_refused(tmp_path: Path, keys: str) -> None:
    """An empty key would be read as none, and open the proxy."""
    with pytest.raises(InvalidSetting, match=r"^api_keys: "):
        load({}, config=written(tmp_path, f"api_keys = {keys}"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = 65536", "port: expected between 0 and 65535, got 65536"),
        ("max_body_bytes = 0", "max_body_bytes: expected at least 1, got 0"),
        ("[continuity]\nmax_age = 0", "continuity.max_age: expected at least 1, got 0"),
        ("[continuity]\nmax_bytes = -1", "continuity.max_bytes: expected at least 0, got -1"),
        ("[discovery]\nrefresh_interval = -1", "discovery.refresh_interval: expected at least 0, got -1"),
        ("[discovery]\nrefresh_interval = nan", "discovery.refresh_interval: expected at least 0, got nan"),
    ],
)
def test_a_number_has_its_range(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        load({}, config=written(tmp_path, text))

    assert str(caught.value).startswith(said)
