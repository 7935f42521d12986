"""Media that a request names by URL, from the official client to Bedrock: fetched, refused, or given up."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from proxy.cli import main
from proxy.settings import RemoteMedia, Settings
from tests.e2e.caller import calling
from tests.e2e.door import Door
from tests.samples import MODEL, PNG
from tests.servers import outcrop as serving_outcrop
from tests.web import Web, page, web_in_a_thread

PICTURE = page(base64.b64decode(PNG), "Content-Type: image/jpeg")  # as wrong as servers are
PAGES = {
    "/a.png?key=secret": PICTURE,
    "/My%20report.v2.pdf": page(b"%PDF-1.7", "Content-Type: application/octet-stream"),
    "/login": page(b"<html>Sign in</html>", "Content-Type: text/html"),
    "/held": b"",
}


@pytest.fixture
def web() -> Iterator[Web]:
    with web_in_a_thread(Web(PAGES)) as web:
        yield web


@pytest.fixture
def url(web: Web, door: Door) -> Iterator[str]:
    """An Outcrop that may fetch from this web."""
    with serving_outcrop(fetching=web.fetching()) as url:
        yield url


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:
        yield client


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def asking(*parts: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": MODEL,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Look."}, *parts]}],
    }


def test_images_and_files_are_fetched(client: openai.OpenAI, web: Web, door: Door) -> None:
    picture = image(f"{web.url}/a.png?key=secret")
    report = {"type": "file", "file": {"file_data": f"{web.url}/My%20report.v2.pdf"}}
    client.chat.completions.create(**asking(picture, report, picture))

    sent = {"image": {"format": "png", "source": {"bytes": PNG}}}
    bytes_ = base64.b64encode(b"%PDF-1.7").decode()
    document = {"document": {"name": "My report v2", "format": "pdf", "source": {"bytes": bytes_}}}
    assert door.converse()["messages"][0]["content"] == [{"text": "Look."}, sent, document, sent]
    assert len(web.asked) == 2, "the same URL is fetched once"


@pytest.mark.parametrize("path", ["/login", "/nowhere"])
def test_what_is_no_image_is_refused_where_it_is_named(
    client: openai.OpenAI, web: Web, door: Door, path: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**asking(image(f"{web.url}{path}")))

    assert (caught.value.param, caught.value.code) == (
        "messages[0].content[1].image_url.url",
        "invalid_value",
    )
    assert door.requests() == []


def test_a_dry_run_fetches_too(url: str, web: Web, door: Door) -> None:
    dry = {"x-outcrop-dry-run": "true"}
    asked = asking(image(f"{web.url}/a.png?key=secret"))
    answer = httpx.post(f"{url}/v1/chat/completions", json=asked, headers=dry)

    assert answer.json()["converse"]["messages"][0]["content"][1]["image"]["source"] == {"bytes": PNG}
    assert door.requests() == []


def test_nothing_more_is_done_for_a_client_that_has_gone(url: str, web: Web, door: Door) -> None:
    with calling(url, asking(image(f"{web.url}/held"))):
        assert web.met.wait(5)

    assert web.left.wait(5)
    assert door.requests() == []


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "localhost"])
def test_nothing_inside_is_fetched_by_default(outcrop: str, door: Door, host: str) -> None:
    asked = asking(image(f"https://{host}/latest/meta-data?secret"))
    answer = httpx.post(f"{outcrop}/v1/chat/completions", json=asked)

    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "message": f"Invalid 'messages[0].content[1].image_url.url': the media of {host} cannot be fetched: it is"
        " not at a public address, on https's own port.",
        "type": "invalid_request_error",
        "param": "messages[0].content[1].image_url.url",
        "code": "invalid_value",
    }
    assert door.requests() == []


def test_who_wants_nothing_fetched_says_so(web: Web, door: Door) -> None:
    settings = Settings(media=RemoteMedia(remote=False))
    with serving_outcrop(settings, web.fetching()) as url:
        asked = asking(image(f"{web.url}/a.png?key=secret"))
        answer = httpx.post(f"{url}/v1/chat/completions", json=asked)

    assert answer.status_code == 400
    assert "OUTCROP_MEDIA_REMOTE" in answer.json()["error"]["message"]
    assert web.asked == []


def test_explain_fetches_nothing_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "request.json").write_text(json.dumps(asking(image("https://example.com/a.png"))))

    assert main(["explain", str(tmp_path / "request.json")]) == 1
    said = capsys.readouterr().err
    assert "400 invalid_value: Invalid 'messages[0].content[1].image_url.url'" in said
    assert "has not been fetched" in said
