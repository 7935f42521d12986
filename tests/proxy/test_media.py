"""Remote media: what is fetched, and all that is not, from a real server on the loopback."""

import asyncio
import base64
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import pytest

from proxy.media import fetching
from proxy.settings import RemoteMedia
from tests.web import Resolver, Web, page, redirect
from translators.errors import BadRequestError

T = TypeVar("T")

PATH = "messages[0].content[1].image_url.url"
BODY = bytes(range(256)) * 40
PNG = page(BODY, "Content-Type: image/png")

# Hosts that the public internet does not have, in the spellings that lead to them.
INSIDE = [
    "127.0.0.1",
    "127.0.0.2",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::]",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "[64:ff9b::a9fe:a9fe]",
]


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, 10))


async def fetch(
    web: Web, *urls: str, settings: RemoteMedia | None = None, resolver: Resolver | None = None
) -> dict[str, str]:
    """From this server's pages, or by whole URLs."""
    async with web.serving(), web.fetching(resolver)(settings or RemoteMedia(timeout=5)) as fetcher:
        wanted = {url.replace("WEB", web.url): PATH for url in urls}
        return await fetcher.fetch(wanted)


def fetched(pages: Mapping[str, bytes], *urls: str, **options: Any) -> dict[str, str]:
    return run(fetch(Web(pages), *urls, **options))


def refusal(pages: Mapping[str, bytes], *urls: str, **options: Any) -> str:
    with pytest.raises(BadRequestError) as caught:
        fetched(pages, *urls, **options)

    assert (caught.value.param, caught.value.code) == (PATH, "invalid_value")
    assert "secret" not in caught.value.message
    return caught.value.message


def test_it_comes_as_a_data_url() -> None:
    web = Web({"/a.png": PNG})

    assert list(run(fetch(web, "WEB/a.png")).values()) == [
        f"data:image/png;base64,{base64.b64encode(BODY).decode()}"
    ]


def test_a_signed_url_is_asked_for_as_it_is_spelt() -> None:
    spelt = "/a%2Fb%20c.png?X-Amz-Credential=a%2Fb&X-Amz-Signature=%2b~"
    web = Web({spelt: PNG})

    assert run(fetch(web, "WEB" + spelt))
    assert web.asked[0].startswith(f"GET {spelt} HTTP/1.1".encode())


def test_nothing_is_told_about_us() -> None:
    web = Web({"/a": redirect("/b", "Set-Cookie: a=1"), "/b": PNG})
    run(fetch(web, "WEB/a"))

    names = {line.split(b":")[0].lower() for asked in web.asked for line in asked.splitlines()[1:] if line}
    assert len(web.asked) == 2
    assert names == {b"host", b"accept", b"accept-encoding", b"user-agent", b"connection"}


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert fetched({"/a.png": PNG}, "WEB/a.png")


def test_a_request_s_media_are_fetched_side_by_side() -> None:
    """None is answered before all were asked for."""
    pages = {f"/{number}": PNG for number in range(5)}

    assert len(run(fetch(Web(pages, together=5), *(f"WEB{path}" for path in pages)))) == 5


@pytest.mark.parametrize("host", INSIDE)
def test_nothing_inside_is_fetched(host: str) -> None:
    async def refused() -> str:
        async with fetching(RemoteMedia(timeout=5)) as fetcher:
            with pytest.raises(BadRequestError) as caught:
                await fetcher.fetch({f"https://{host}/latest/?secret": PATH})
        return caught.value.message

    assert "it is not at a public address" in run(refused()) or "it leads to a URL" in run(refused())


@pytest.mark.parametrize("host", INSIDE[1:])
def test_no_redirect_leads_inside(host: str) -> None:
    for scheme in ("http", "https"):
        message = refusal({"/a": redirect(f"{scheme}://{host}/secret")}, "WEB/a")

        assert "it is not at a public address" in message or "it leads to a URL" in message


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "ftp://example.com/a",
        "https://me:secret@example.com/",
        "https://",
        "http://[",
        "//",
    ],
)
def test_no_redirect_leads_elsewhere_than_to_the_web(to: str) -> None:
    assert "cannot be fetched" in refusal({"/a": redirect(to)}, "WEB/a")


def test_a_name_that_leads_inside_the_second_time_is_not_followed_there() -> None:
    names = Resolver({"rebound.test": [["127.0.0.1"], ["127.0.0.2"]]})

    async def rebound() -> None:
        web = Web({"/b": PNG})
        async with web.serving(), web.fetching(names)(RemoteMedia(timeout=5)) as fetcher:
            web.pages["/a"] = redirect(f"http://rebound.test:{web.port}/b")
            with pytest.raises(BadRequestError, match="not at a public address"):
                await fetcher.fetch({f"http://rebound.test:{web.port}/a": PATH})
            assert len(web.asked) == 1

    run(rebound())


def test_of_a_name_with_several_addresses_only_the_public_are_tried() -> None:
    names = Resolver({"mixed.test": [["127.0.0.2", "169.254.169.254", "127.0.0.1"]]})

    async def mixed() -> dict[str, str]:
        web = Web({"/a": PNG})
        async with web.serving(), web.fetching(names)(RemoteMedia(timeout=5)) as fetcher:
            return await fetcher.fetch({f"http://mixed.test:{web.port}/a": PATH})

    assert run(mixed())


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/?secret",
        "https://example.com:8443/?secret",
        "https://93.184.216.34:22/?secret",
        "https://me:secret@example.com/",
        "https://secret@example.com/",
        "https:///secret",
        "https://[secret",
        "https://exa mple/secret",
    ],
)
def test_only_https_on_its_own_port_and_without_a_password_is_fetched(url: str) -> None:
    names = Resolver({"example.com": [["93.184.216.34"]]})

    async def refused() -> None:
        async with fetching(RemoteMedia(timeout=5), resolver=names) as fetcher:
            with pytest.raises(BadRequestError) as caught:
                await fetcher.fetch({url: PATH})
        assert (caught.value.param, caught.value.code) == (PATH, "invalid_value")
        assert "secret" not in caught.value.message

    run(refused())


ENDLESS = {"/a": redirect("/b?secret"), "/b?secret": redirect("/a")}
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nAAAAA\r\n6\r\nAAAAAA\r\n0\r\n\r\n"
SMALL = RemoteMedia(max_bytes=10, timeout=5)
WRONG: dict[str, tuple[dict[str, bytes], RemoteMedia | None, str]] = {
    "endless": (ENDLESS, None, "it redirects more than 3 times"),
    "huge": (
        {"/a": page(b"A" * 11)},
        SMALL,
        "it has too much data: 10 bytes a request (OUTCROP_MEDIA_MAX_BYTES)",
    ),
    "huge, and does not say so": ({"/a": CHUNKED}, SMALL, "it has too much data"),
    "longer than it is": ({"/a": page(b"AAA").replace(b": 3", b": 9")}, SMALL, "it broke off"),
    "slow": ({"/a": b""}, RemoteMedia(timeout=0.05), "it took longer than 0.05 s (OUTCROP_MEDIA_TIMEOUT)"),
    "vanishing": ({"/a": b"HTTP/1.1 200"}, None, "it broke off"),
    "no HTTP": ({"/a": b"220 mail.example.com secret\r\n\r\n"}, None, "it broke off"),
    "not there": ({}, None, "it was answered with status 404"),
    "compressed": ({"/a": page(b"AAA", "Content-Encoding: gzip")}, None, "it came compressed"),
}


@pytest.mark.parametrize(("pages", "settings", "words"), WRONG.values(), ids=WRONG)
def test_what_a_server_may_do_wrong(
    pages: dict[str, bytes], settings: RemoteMedia | None, words: str
) -> None:
    assert words in refusal(pages, "WEB/a", settings=settings)


def test_nobody_there() -> None:
    async def refused() -> None:
        web = Web({})
        async with web.serving():
            pass
        async with web.fetching()(RemoteMedia(timeout=5)) as fetcher:
            with pytest.raises(
                BadRequestError, match=r"127\.0\.0\.1 cannot be fetched: it could not be reached"
            ):
                await fetcher.fetch({f"{web.url}/secret": PATH})

    run(refused())


def test_who_has_no_certificate_is_not_believed() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 no TLS here\r\n")
        writer.close()

    async def refused() -> None:
        web = Web({})
        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            web.port = server.sockets[0].getsockname()[1]
            async with web.fetching()(RemoteMedia(timeout=5)) as fetcher:
                with pytest.raises(BadRequestError, match="it did not prove whose it is"):
                    await fetcher.fetch({f"https://127.0.0.1:{web.port}/a": PATH})

    run(refused())


def test_the_limits_are_a_request_s() -> None:
    pages = {"/a": page(b"A" * 6), "/b": page(b"B" * 6)}

    assert "too much data" in refusal(pages, "WEB/a", "WEB/b", settings=SMALL)
    assert len(fetched(pages, "WEB/a", "WEB/b", settings=RemoteMedia(max_bytes=12))) == 2


def test_more_than_may_be_named_are_not_asked_for() -> None:
    web = Web({"/a": PNG, "/b": PNG})

    with pytest.raises(BadRequestError, match="may name 1 remote media"):
        run(fetch(web, "WEB/a", "WEB/b", settings=RemoteMedia(max_count=1)))
    assert web.asked == []


def test_who_wants_nothing_fetched_says_so() -> None:
    assert "OUTCROP_MEDIA_REMOTE" in refusal({"/a": PNG}, "WEB/a", settings=RemoteMedia(remote=False))


def test_one_that_fails_ends_the_others() -> None:
    async def refused() -> bool:
        web = Web({"/held": b""}, together=2)
        async with web.serving(), web.fetching()(RemoteMedia(timeout=5)) as fetcher:
            with pytest.raises(BadRequestError, match="404"):
                await fetcher.fetch({f"{web.url}/held": PATH, f"{web.url}/missing": PATH})
            return await asyncio.to_thread(web.left.wait, 5)

    assert run(refused())


def test_who_no_longer_waits_is_not_fetched_for() -> None:
    async def cancelled() -> bool:
        web = Web({"/held": b""})
        async with web.serving(), web.fetching()(RemoteMedia(timeout=5)) as fetcher:
            fetching = asyncio.create_task(fetcher.fetch({f"{web.url}/held": PATH}))
            await web.came.wait()
            fetching.cancel()
            return await asyncio.to_thread(web.left.wait, 5)

    assert run(cancelled())
