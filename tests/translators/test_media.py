"""Images: known by their bytes, passed on untouched, refused with the path of the field."""

import base64

import pytest

from translators.chat.media import image_block
from translators.errors import BadRequestError

FORMATS = {
    "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 20,
    "jpeg": b"\xff\xd8\xff\xe0" + b"\x00" * 20,
    "gif": b"GIF89a" + b"\x00" * 20,
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x00" * 20,
}


def url(data: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


@pytest.mark.parametrize("format_", FORMATS)
def test_the_format_is_what_the_bytes_are(format_: str) -> None:
    block = image_block(url(FORMATS[format_], "image/whatever"), "p")

    assert block["format"] == format_
    assert base64.b64decode(block["source"]["bytes"]) == FORMATS[format_]


@pytest.mark.parametrize(
    "prefix", ["data:image/jpg;base64,", "DATA:IMAGE/PNG;BASE64,", "data:image/png;name=a;base64,"]
)
def test_a_data_url_may_be_spelt_in_many_ways(prefix: str) -> None:
    data = base64.b64encode(FORMATS["png"]).decode()

    assert image_block(prefix + data, "p")["source"]["bytes"] == data


@pytest.mark.parametrize("size", [28, 29, 30])
def test_missing_padding_is_put_back(size: int) -> None:
    data = (FORMATS["png"] + b"\x00" * 8)[:size]
    whole = base64.b64encode(data).decode()

    assert image_block("data:image/png;base64," + whole.rstrip("="), "p")["source"]["bytes"] == whole


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "https://example.com/a.png",
        "file:///etc/passwd",
        "data:image/png,raw",
        "data:image/png;base64,",
        "data:image/png;base64,????",
        "data:image/png;base64," + base64.b64encode(b"plain text, no image").decode(),
        "data:image/png;base64," + base64.b64encode(b"%PDF-1.7 ...........").decode(),
        url(FORMATS["png"]) + "!",
        url(FORMATS["png"])[:40] + "\n" + url(FORMATS["png"])[40:],
        url(FORMATS["png"])[:40] + "é",
        url(FORMATS["png"][:27])[:-1] + "A=====A",
    ],
)
def test_what_is_no_image_is_refused(bad: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        image_block(bad, "messages[0].content[0].image_url.url")

    assert caught.value.param == "messages[0].content[0].image_url.url"
    assert caught.value.code == "invalid_value"
