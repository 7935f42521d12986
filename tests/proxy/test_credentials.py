"""Who calls Bedrock: absent, wrong or new credentials are a state that each request looks at again."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.api_key import ApiKey
from proxy.credentials import AHEAD, Credentials, Held, State
from proxy.region import region
from proxy.settings import Discovery, Settings
from tests.aws import Aws, container
from tests.door import AdminDoor
from tests.servers import outcrop
from translators.errors import APIError

ASK: dict[str, Any] = {
    "model": "anthropic.claude-3-haiku-20240307-v1:0",
    "messages": [{"role": "user", "content": "Hello"}],
}


@pytest.fixture
def http(environ: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    settings = Settings(discovery=Discovery(enabled=True, refresh_interval=0))
    with outcrop(settings) as url, httpx.Client(base_url=url, timeout=20) as http:
        yield http


def chat(http: httpx.Client) -> httpx.Response:
    return http.post("/v1/chat/completions", json=ASK)


def authorization(bedrock: str) -> str:
    """Of the last request that arrived; the local Bedrock hides all but the scheme."""
    requests = httpx.get(f"{bedrock}/_local/requests").json()["requests"]
    scheme: str = requests[-1]["headers"]["authorization"]
    return scheme


def assert_refused(answer: httpx.Response, code: str, words: str) -> None:
    error = answer.json()["error"]
    assert answer.status_code == 503
    assert (error["type"], error["code"]) == ("server_error", code)
    assert words in error["message"]
    assert answer.headers["x-should-retry"] == "false"


def test_no_credentials_at_all(http: httpx.Client, bedrock: str) -> None:
    assert_refused(chat(http), "aws_credentials_missing", "outcrop serve --local")
    assert_refused(http.get("/v1/models"), "aws_credentials_missing", "AWS_PROFILE")
    assert http.get("/livez").status_code == 200
    assert httpx.get(f"{bedrock}/_local/requests").json()["requests"] == []


def test_credentials_that_appear_in_the_environment(http: httpx.Client, environ: pytest.MonkeyPatch) -> None:
    assert chat(http).status_code == 503

    environ.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    environ.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    assert chat(http).status_code == 200
    assert http.get("/v1/models").status_code == 200


def test_credentials_that_appear_in_the_shared_file(http: httpx.Client, tmp_path: Path) -> None:
    assert chat(http).status_code == 503

    keys = "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
    (tmp_path / "credentials").write_text(keys)

    assert chat(http).status_code == 200


def test_a_profile_that_does_not_exist(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environ.setenv("AWS_PROFILE", "nonexistent")
    with outcrop() as url, httpx.Client(base_url=url) as http:
        refused = chat(http)
        alive = http.get("/livez")
        keys = "[nonexistent]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
        (tmp_path / "credentials").write_text(keys)
        found = chat(http)

    assert refused.status_code == 503
    assert "nonexistent" in refused.json()["error"]["message"]
    assert alive.status_code == 200
    assert found.status_code == 200


def test_a_credential_process_that_fails_and_recovers(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\ncredential_process = false\n")
    with outcrop() as url, httpx.Client(base_url=url) as http:
        refused = chat(http)
        keys = '{"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "secret"}'
        (tmp_path / "keys.json").write_text(keys)
        (tmp_path / "config").write_text(f"[default]\ncredential_process = cat {tmp_path / 'keys.json'}\n")
        found = chat(http)

    assert_refused(refused, "aws_credentials_expired", "no restart is needed")
    assert found.status_code == 200


def test_keys_sign(http: httpx.Client, bedrock: str, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    environ.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    assert chat(http).status_code == 200
    assert authorization(bedrock) == "AWS4-HMAC-SHA256 [hidden]"


def test_a_bedrock_api_key_is_sent_and_beats_the_rest(
    http: httpx.Client, bedrock: str, environ: pytest.MonkeyPatch
) -> None:
    environ.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key")
    assert chat(http).status_code == 200
    assert authorization(bedrock) == "Bearer [hidden]"

    environ.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    environ.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert chat(http).status_code == 200
    assert authorization(bedrock) == "Bearer [hidden]"


EMPTY = [
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
]


def test_empty_variables_are_absent_ones(bedrock: str, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    environ.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    for name in EMPTY:
        environ.setenv(name, "")

    with outcrop() as url, httpx.Client(base_url=url) as http:
        assert chat(http).status_code == 200
    assert authorization(bedrock) == "AWS4-HMAC-SHA256 [hidden]"


# When they are looked for


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def in_a_container(aws: Aws, environ: pytest.MonkeyPatch) -> Aws:
    for name, value in container(aws).items():
        environ.setenv(name, value)
    return aws


def credentials(clock: Clock) -> Credentials:
    return Credentials(region({}), ApiKey(Settings()), clock=clock)


async def access_key(credentials: Credentials) -> str:
    caller = await credentials.caller()
    assert isinstance(caller, Held)
    return caller.found.keys.access_key


async def until(done: Callable[[], bool]) -> None:
    """What happens in a thread or at a server has no event here to wait for."""
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def test_a_hundred_at_once_look_once(in_a_container: Aws, clock: Clock) -> None:
    async def ask() -> list[str]:
        who = credentials(clock)
        first = await asyncio.gather(*(access_key(who) for _ in range(100)))
        clock.now += 3601  # those are dead now
        in_a_container.lifetime = 7200
        second = await asyncio.gather(*(access_key(who) for _ in range(100)))
        who.close()
        return first + second

    assert asyncio.run(ask()) == ["ASIA1"] * 100 + ["ASIA2"] * 100
    assert in_a_container.asked == ["container"] * 2


def test_nobody_waits_while_those_that_are_held_are_good(in_a_container: Aws, clock: Clock) -> None:
    async def ask() -> list[str]:
        who = credentials(clock)
        keys = [await access_key(who)]
        in_a_container.open.clear()  # whoever waits for others waits for long
        clock.now += 3600 - AHEAD + 1
        async with asyncio.timeout(5):
            keys += [await access_key(who) for _ in range(100)]
        in_a_container.open.set()
        await until(lambda: who.held is not None and who.held.found.keys.access_key == "ASIA2")
        who.close()
        return keys

    assert asyncio.run(ask()) == ["ASIA1"] * 101
    assert in_a_container.asked == ["container"] * 2


def test_they_are_renewed_although_nobody_asks(in_a_container: Aws) -> None:
    in_a_container.lifetime = 3  # half of it is when others are looked for; whole seconds are told

    async def ask() -> None:
        who = Credentials(region({}), ApiKey(Settings()))
        await who.caller()
        await until(lambda: len(in_a_container.asked) == 2)
        who.close()

    asyncio.run(ask())

    assert in_a_container.asked == ["container"] * 2


def test_a_service_that_fails_for_a_while_harms_nobody(
    in_a_container: Aws, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask() -> tuple[State, State]:
        who = credentials(clock)
        key = await access_key(who)
        in_a_container.lifetime = -1
        clock.now += 3600 - AHEAD + 1
        await who.caller()
        await until(lambda: any(each.name == "outcrop" for each in caplog.records))
        kept = await who.state(patience=5)
        assert await access_key(who) == key
        clock.now += AHEAD
        dead = await who.state(patience=5)
        who.close()
        return kept, dead

    with caplog.at_level(logging.INFO, "outcrop"):
        kept, dead = asyncio.run(ask())

    assert kept.error is None
    assert kept.warning is not None
    assert dead.error is not None
    assert dead.error.code == "aws_credentials_expired"
    assert len([each for each in caplog.records if each.name == "outcrop"]) == 1  # not with every request


def test_a_login_counts_although_a_look_that_began_before_it_finds_nothing(
    in_a_container: Aws, clock: Clock, environ: pytest.MonkeyPatch
) -> None:
    in_a_container.lifetime = -1
    in_a_container.open.clear()

    async def ask() -> tuple[str | BaseException, str | BaseException]:
        who = credentials(clock)
        before = asyncio.create_task(access_key(who))
        await until(lambda: in_a_container.asked != [])
        environ.setenv("AWS_ACCESS_KEY_ID", "AKIDLATER")
        environ.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        after = asyncio.create_task(access_key(who))
        await asyncio.sleep(0)  # it waits for the look of the other
        in_a_container.open.set()
        return await asyncio.gather(before, after, return_exceptions=True)

    before, after = asyncio.run(ask())

    assert isinstance(before, APIError)
    assert after == "AKIDLATER"


# When Bedrock refuses them


def test_keys_that_bedrock_calls_expired_are_renewed_within_the_request(
    in_a_container: Aws, door: AdminDoor
) -> None:
    """A role's session can be revoked long before it expires."""
    with outcrop() as url, httpx.Client(base_url=url) as http:
        assert chat(http).status_code == 200
        door.script(refused={"ASIA1": "expired"})
        assert chat(http).status_code == 200

    assert in_a_container.asked == ["container"] * 2
    assert [request["status"] for request in door.requests()] == [200, 403, 200]


def test_keys_written_anew_are_used_by_the_next_request(
    http: httpx.Client, door: AdminDoor, tmp_path: Path
) -> None:
    write_keys(tmp_path, "AKIDOLD")
    assert chat(http).status_code == 200

    write_keys(tmp_path, "AKIDNEWER")
    door.script(refused={"AKIDOLD": "invalid"})

    assert chat(http).status_code == 200
    assert len(door.requests()) == 2


def write_keys(tmp_path: Path, access_key: str) -> None:
    keys = f"[default]\naws_access_key_id = {access_key}\naws_secret_access_key = secret\n"
    (tmp_path / "credentials").write_text(keys)


REFUSALS = {
    "expired": (
        "aws_credentials_expired",
        "Write new keys to the shared credentials file; no restart is needed.",
    ),
    "invalid": ("aws_credentials_invalid", "Check the shared credentials file, profile default"),
    "clock": ("aws_credentials_invalid", "Set the clock of the proxy's machine"),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", REFUSALS)
def test_a_refusal_says_what_to_do_and_ends_with_other_keys(
    http: httpx.Client, door: AdminDoor, tmp_path: Path, how: str, stream: bool
) -> None:
    write_keys(tmp_path, "AKIDOLD")
    door.script(refused={"AKIDOLD": how})

    assert_refused(http.post("/v1/chat/completions", json=ASK | {"stream": stream}), *REFUSALS[how])
    write_keys(tmp_path, "AKIDNEWER")
    assert chat(http).status_code == 200


# Bedrock API keys


def test_an_api_key_of_the_settings_beats_the_rest(
    environ: pytest.MonkeyPatch, bedrock: str, door: AdminDoor
) -> None:
    environ.setenv("AWS_BEARER_TOKEN_BEDROCK", "old")
    door.script(refused={"old": "invalid"})

    with outcrop(Settings(bedrock_api_key="new")) as url, httpx.Client(base_url=url) as http:
        assert chat(http).status_code == 200
    assert authorization(bedrock) == "Bearer [hidden]"


def test_an_api_key_in_a_file_is_read_again(
    environ: pytest.MonkeyPatch, door: AdminDoor, tmp_path: Path
) -> None:
    file = tmp_path / "api-key"
    door.script(refused={"old": "expired", "wrong": "invalid"})

    with outcrop(Settings(bedrock_api_key_file=str(file))) as url, httpx.Client(base_url=url) as http:
        assert_refused(chat(http), "aws_credentials_missing", str(file))
        file.write_text("")
        assert_refused(chat(http), "aws_credentials_missing", "it is empty")
        file.write_text("old\n")
        assert_refused(chat(http), "aws_credentials_expired", "Write a new Bedrock API key to that file")
        file.write_text("wrong\n")
        assert_refused(chat(http), "aws_credentials_invalid", "Check OUTCROP_BEDROCK_API_KEY_FILE")
        file.write_text("another\n")
        assert chat(http).status_code == 200


def test_nothing_shows_a_secret(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    environ.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")

    async def shown() -> str:
        return repr(await Credentials(region({}), ApiKey(Settings())).state(patience=5))

    assert "wJalrXUtnFEMI" not in asyncio.run(shown())
