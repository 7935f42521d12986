"""The control plane's listings are read to their last page, and in the region that is asked for."""

import asyncio
import socket
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from proxy.bedrock import connect
from proxy.listings import inference_profiles
from tests.e2e.upstream import bedrock_that, read_request
from translators.models import InferenceProfile


def test_every_page_of_the_profiles_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {
        ("SYSTEM_DEFINED", None): {
            "inferenceProfileSummaries": [{"inferenceProfileId": "a"}],
            "nextToken": "t/+ =",
        },
        ("SYSTEM_DEFINED", "t/+ ="): {
            "inferenceProfileSummaries": [{"inferenceProfileId": "b"}],
            "nextToken": "last",
        },
        ("SYSTEM_DEFINED", "last"): {"inferenceProfileSummaries": [{"inferenceProfileId": "c"}]},
        ("APPLICATION", None): {
            "inferenceProfileSummaries": [{"inferenceProfileId": "d"}],
            "nextToken": None,
        },
    }
    turned: list[tuple[str, str | None]] = []

    async def ask() -> list[InferenceProfile]:
        async with connect() as bedrock:
            return await inference_profiles(bedrock)

    def turns_pages(connection: socket.socket) -> None:
        url = urlsplit(read_request(connection).split(b" ")[1].decode())
        query = dict(parse_qsl(url.query))
        turned.append((query["type"], query.get("nextToken")))
        page = orjson.dumps(listed[turned[-1]])
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % len(page) + page)

    with bedrock_that(turns_pages) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", upstream)
        profiles = asyncio.run(ask())

    assert [profile["inferenceProfileId"] for profile in profiles] == ["a", "b", "c", "d"]
    assert turned == list(listed)
