"""What tests share: the stories, an environment without AWS, and the two servers.

Each folder of tests/stories is one conversation, end to end:

    1_request.json      what the client sent
    2_converse.json     what Bedrock was asked
    3_response.json     what Bedrock answered             3_events.jsonl   the same, streamed
    4_completion.json   what the client got               4_chunks.jsonl   the same, streamed

A story may lack 3 and 4, or one form of them: then it is about the request, or that form. Run
`pytest --rewrite` to rewrite 2 and 4 from what the code does now, then read the diff.
"""

import os
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import hypothesis
import orjson
import pytest
from botocore.loaders import JSONFileLoader

from proxy.local.serving import serving as serving_bedrock
from proxy.settings import Discovery, Settings
from tests.redis_server import RedisServer
from tests.servers import outcrop as serving_outcrop

STORIES = Path(__file__).parent / "stories"

# No test is timed: a machine may be busy.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="rewrite the expected files of the stories")


@dataclass
class Story:
    folder: Path
    rewrite: bool = False

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def read(self, name: str) -> Any:
        data = (self.folder / name).read_bytes()
        return (
            [orjson.loads(line) for line in data.splitlines()] if name.endswith("l") else orjson.loads(data)
        )

    def expect(self, name: str, actual: Any) -> None:
        if self.rewrite:
            lines = b"".join(orjson.dumps(line) + b"\n" for line in actual) if name.endswith("l") else None
            whole = orjson.dumps(actual, option=orjson.OPT_INDENT_2) + b"\n"
            (self.folder / name).write_bytes(whole if lines is None else lines)
        assert actual == self.read(name)


def stories() -> list[Path]:
    return sorted(path.parent for path in STORIES.rglob("1_request.json"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with a `story` runs for every story that has the files it is marked to need."""
    if "story" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("needs")
    needed = marker.args if marker else ()
    told = [Story(folder, metafunc.config.getoption("--rewrite")) for folder in stories()]
    metafunc.parametrize(
        "story",
        [story for story in told if all(map(story.has, needed))],
        ids=lambda story: story.folder.name,
    )


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """Files that never change are read once and not for each server and client: a third of the suite's time."""
    described = cache(JSONFileLoader().load_file)  # AWS's services, as botocore knows them
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        patch.setattr(JSONFileLoader, "load_file", lambda loader, path: described(path))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_aws() -> Iterator[None]:
    """An environment in which no test can find, or reach, anybody's AWS account."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("AWS_", "OUTCROP_", "OPENAI_")) or name.lower().endswith("_proxy"):
                patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def bedrock(no_aws: None) -> Iterator[str]:
    """The base URL of a local Bedrock; the environment leads there."""
    with serving_bedrock() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_BEDROCK", url)
        patch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
        yield url


@pytest.fixture
def folder() -> Iterator[Path]:
    """For sockets: pytest's own directories may have longer names than a socket can."""
    with TemporaryDirectory(prefix="t-") as path:
        yield Path(path)


@pytest.fixture(scope="session")
def running_redis() -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        pytest.skip("needs redis-server (Debian: apt-get install redis-server)")
    with TemporaryDirectory(prefix="t-") as path, RedisServer(Path(path)) as server:
        yield server


@pytest.fixture
def redis_server(running_redis: RedisServer) -> RedisServer:
    """Empty, and as it is by default."""
    running_redis.say("CONFIG", "SET", "maxmemory", "0")
    running_redis.say("FLUSHALL")
    return running_redis


@pytest.fixture(scope="session")
def outcrop(bedrock: str) -> Iterator[str]:
    """The base URL of an Outcrop in front of the local Bedrock, /v1 left out; it knows all models."""
    with serving_outcrop(Settings(discovery=Discovery(enabled=True))) as url:
        assert httpx.get(f"{url}/v1/models").status_code == 200
        yield url
