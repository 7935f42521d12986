"""The container files: what a Docker engine would find wrong with them, found without one.

compose-spec.json is the Compose Specification's own schema (https://github.com/compose-spec/compose-spec,
Apache-2.0), unchanged.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from proxy.cli import parser
from proxy.settings import load

ROOT = Path(__file__).parent.parent
# Any: a YAML file has the shape that the schema test below gives it.
COMPOSE: Any = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def instruction(word: str) -> str:
    """The last such line of the Dockerfile, without its word, continued lines joined."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    found: list[str] = re.findall(rf"^{word} (.*)$", lines, flags=re.MULTILINE)
    return found[-1].strip()


def exec_form(word: str) -> list[str]:
    text = instruction(word)
    words: list[str] = json.loads(text[text.index("[") :])
    return words


def interpolated(value: str, env: Mapping[str, str]) -> str:
    """`${NAME:-default}` as Compose reads it."""
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: env.get(found[1]) or found[2], value)


def command_lines() -> dict[str, list[str]]:
    """Where it stands: what the container's `outcrop` gets."""
    services = {f"docker-compose.yml: {name}": service["command"] for name, service in SERVICES.items()}
    return {"Dockerfile": exec_form("CMD")} | services


def test_compose_file_is_what_the_compose_specification_allows() -> None:
    schema = json.loads((ROOT / "tests" / "compose-spec.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    errors = jsonschema.Draft202012Validator(schema).iter_errors(COMPOSE)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_the_schema_would_notice_a_misspelt_key() -> None:
    schema = json.loads((ROOT / "tests" / "compose-spec.json").read_text())
    wrong = COMPOSE | {"services": {"aws": SERVICES["aws"] | {"enviroment": []}}}
    assert not jsonschema.Draft202012Validator(schema).is_valid(wrong)


def test_there_is_one_profile_for_aws_and_one_for_local() -> None:
    assert {name: service["profiles"] for name, service in SERVICES.items()} == {
        "aws": ["aws"],
        "local": ["local"],
    }


def test_a_bare_docker_compose_up_starts_the_aws_profile() -> None:
    assert re.findall(r"^\w+=.*$", (ROOT / ".env").read_text(), flags=re.MULTILINE) == [
        "COMPOSE_PROFILES=aws"
    ]


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_loopback_only(name: str) -> None:
    assert SERVICES[name]["ports"] == ["127.0.0.1:8000:8000"]
    assert "network_mode" not in SERVICES[name]


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_is_root_and_nothing_can_become_it(name: str) -> None:
    service = SERVICES[name]
    assert interpolated(service["user"], {}) == "1000:1000"
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["read_only"] is True
    assert "privileged" not in service


def test_the_image_alone_is_not_root_either() -> None:
    assert instruction("USER") == "1000:1000"


def test_the_aws_service_runs_as_the_owner_of_the_mounted_credentials() -> None:
    assert interpolated(SERVICES["aws"]["user"], {"UID": "501", "GID": "20"}) == "501:20"


def test_aws_credentials_are_mounted_where_the_sdk_looks_and_refreshed_tokens_can_be_saved() -> None:
    [mount] = SERVICES["aws"]["volumes"]
    [home] = re.findall(r"HOME=(\S+)", instruction("ENV"))
    assert (mount["type"], mount["source"], mount["target"]) == ("bind", "~/.aws", f"{home}/.aws")
    assert not mount.get("read_only", False)
    assert mount["bind"] == {"create_host_path": False}


def test_any_uid_may_enter_the_home_directory() -> None:
    # Debian's useradd makes homes 0700; a uid that compose picks could not reach ~/.aws in one.
    assert "useradd" not in DOCKERFILE
    assert "install -d -m 0755 /home/outcrop /home/outcrop/.aws" in DOCKERFILE


def test_an_aws_variable_that_is_absent_outside_stays_absent_inside() -> None:
    names = [entry for entry in SERVICES["aws"]["environment"] if entry.startswith("AWS")]
    assert "AWS_BEARER_TOKEN_BEDROCK" in names
    assert [name for name in names if not re.fullmatch(r"AWS_[A-Z_]+", name)] == [], "names, without values"


def test_the_local_service_sees_nothing_of_aws() -> None:
    assert [entry for entry in SERVICES["local"]["environment"] if "AWS" in entry] == []
    assert "volumes" not in SERVICES["local"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_web_page_cannot_reach_the_proxy_under_a_name_of_its_own(name: str) -> None:
    entries = dict(entry.split("=", 1) for entry in SERVICES[name]["environment"] if "=" in entry)
    settings = load({variable: interpolated(value, {}) for variable, value in entries.items()})
    assert settings.allowed_hosts == ("localhost", "127.0.0.1", "host.docker.internal")


def test_no_auth_stands_only_where_the_port_is_on_loopback() -> None:
    assert "--no-auth" not in exec_form("CMD")
    assert all("--no-auth" in service["command"] for service in SERVICES.values())


@pytest.mark.parametrize("name", SERVICES)
def test_the_health_check_is_the_images_own(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    options = dict(re.findall(r"--(\S+)=(\S+)", instruction("HEALTHCHECK")))
    assert check["test"] == ["CMD", *exec_form("HEALTHCHECK")]
    assert {key.replace("_", "-"): str(value) for key, value in check.items() if key != "test"} == options


def test_what_is_copied_into_the_image_is_let_in_by_dockerignore_and_nothing_else() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, flags=re.MULTILINE)
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert rules[1] == "*", "everything stays out first"
    assert {name for line in copied for name in line.split()} == let_in
    assert all((ROOT / name).exists() for name in let_in)


@pytest.mark.parametrize(("where", "arguments"), command_lines().items())
def test_every_command_line_is_one_that_the_cli_takes(where: str, arguments: list[str]) -> None:
    assert exec_form("ENTRYPOINT") == ["outcrop"]
    try:
        parser().parse_args(arguments)
    except SystemExit:
        pytest.fail(f"{where} says `outcrop {' '.join(arguments)}`, which proxy/cli.py does not take.")
