"""What is measured and what it is measured against: Outcrop, the pass-through, and the fake Bedrock behind both."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from tests.benchmarks import bodies
from tests.benchmarks.answers import Wanted
from tests.benchmarks.load import Ask, post
from tests.benchmarks.processes import MEASURED, OTHERS, Server, running


@dataclass(frozen=True)
class Target:
    """A server, and where chats are asked of it.

    All of them are sent the same body: neither the pass-through nor the fake Bedrock reads it.
    """

    server: Server
    path: str
    stream_path: str

    def ask(self, wanted: Wanted, *, stream: bool = False, **content: int) -> Ask:
        body = bodies.chat(wanted, stream=stream, **content)
        return Ask(post(self.stream_path if stream else self.path, body), wanted)


CHATS = "/v1/chat/completions"
CONVERSE = f"/model/{quote(bodies.MODEL, safe='')}/converse"


@dataclass(frozen=True)
class Rig:
    bedrock: Server
    control: Server
    """The local Bedrock, for the list of models."""

    def direct(self) -> Target:
        return Target(self.bedrock, CONVERSE, f"{CONVERSE}-stream")

    @contextmanager
    def passthrough(self) -> Iterator[Target]:
        with running("tests.benchmarks.passthrough", str(self.bedrock.port), core=MEASURED) as server:
            yield Target(server, CONVERSE, f"{CONVERSE}-stream")

    @contextmanager
    def outcrop(self, workers: int = 1) -> Iterator[Target]:
        arguments = ("serve", "--port", "0", "--workers", str(workers))
        with running("proxy", *arguments, core=MEASURED, env=self.environment()) as server:
            yield Target(server, CHATS, CHATS)

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": "benchmark",
            "AWS_SECRET_ACCESS_KEY": "benchmark",
            "AWS_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_BEDROCK": f"http://127.0.0.1:{self.control.port}",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"http://127.0.0.1:{self.bedrock.port}",
        }


@contextmanager
def rig() -> Iterator[Rig]:
    with (
        running("tests.benchmarks.fake_bedrock", core=OTHERS) as bedrock,
        running("proxy", "local", "--port", "0", core=OTHERS) as control,
    ):
        yield Rig(bedrock, control)
