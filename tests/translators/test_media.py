"""Media: known by their bytes, passed on untouched, refused with the path of the field."""

import base64
from typing import Any

import pytest

from tests.samples import PNG
from translators.chat.adjustments import Adjustments
from translators.chat.media import Media
from translators.departures import PLAIN, Quirks
from translators.errors import BadRequestError
from translators.quirks import quirks_for

PATH = "messages[0].content[0]"
URL = f"{PATH}.image_url.url"

IMAGES = {
    "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 20,
    "jpeg": b"\xff\xd8\xff\xe0" + b"\x00" * 20,
    "gif": b"GIF89a" + b"\x00" * 20,
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x00" * 20,
}
# In URL-safe base64 this one has both of the characters that are another's.
ODD = b"GIF89a" + b"\xff\xef\xbe\xfb" * 8


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def url(data: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{encoded(data)}"


def block(part: Any, quirks: Quirks = PLAIN) -> Any:
    return Media(quirks, Adjustments()).block(part, PATH)


def image(source: str) -> Any:
    return {"type": "image_url", "image_url": {"url": source}}


def file(**fields: Any) -> Any:
    return {"type": "file", "file": fields}


def refusal(part: Any, quirks: Quirks = PLAIN) -> BadRequestError:
    with pytest.raises(BadRequestError) as caught:
        block(part, quirks)
    return caught.value


@pytest.mark.parametrize("format_", IMAGES)
@pytest.mark.parametrize("kind", ["image_url", "video_url", "file"])
def test_an_image_is_what_its_bytes_are_wherever_it_stands(format_: str, kind: str) -> None:
    sent = url(IMAGES[format_], "image/whatever")
    part = file(file_data=sent, filename="a.pdf") if kind == "file" else {"type": kind, kind: {"url": sent}}

    assert block(part) == {"image": {"format": format_, "source": {"bytes": encoded(IMAGES[format_])}}}


SPELLINGS = {
    "another name of the type": "data:image/jpg;base64,{}",
    "capitals": "DATA:IMAGE/PNG;BASE64,{}",
    "a parameter": "data:image/png;name=a.png;base64,{}",
    "a charset": "data:image/png;charset=utf-8;base64,{}",
    "a quoted parameter": 'data:image/png;name="a, b; c.png";base64,{}',
    "no type": "data:;base64,{}",
    "spaces around": "  data:image/png; base64,{} \n",
    "no data URL at all": "{}",
}
BASE64 = {
    "plain": lambda text: text,
    "no padding": lambda text: text.rstrip("="),
    "URL-safe": lambda text: text.replace("+", "-").replace("/", "_"),
    "URL-safe without padding": lambda text: text.replace("+", "-").replace("/", "_").rstrip("="),
    "percent-encoded": lambda text: text.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D"),
    "lines": lambda text: "\r\n".join(text[at : at + 8] for at in range(0, len(text), 8)) + "\n",
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("respell", BASE64.values(), ids=BASE64)
@pytest.mark.parametrize("size", [30, 31, 32])
def test_a_data_url_may_be_spelt_in_many_ways(spelling: str, respell: Any, size: int) -> None:
    whole = encoded(ODD[:size])

    assert block(image(spelling.format(respell(whole))))["image"]["source"]["bytes"] == whole


def test_good_base64_is_passed_on_as_it_is() -> None:
    data = encoded(IMAGES["png"] + bytes(100_000))

    assert block(image(data))["image"]["source"]["bytes"] is data


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "file:///etc/passwd",
        "ftp://example.com/a.png",
        "a.png",
        "data:image/png,raw",
        "data:image/png;base64,",
        "data:image/png;base64,====",
        "data:image/png;base64,????",
        url(b"plain text, no image"),
        url(b"<html>an error page</html>", "text/html"),
        url(b"PK\x03\x04 a program"),
        url(b"\x00\x00\x00\x18ftypheic....", "image/heic"),
        url(IMAGES["png"]) + "!",
        url(IMAGES["png"])[:40] + "é",
        url(IMAGES["png"][:27])[:-1] + "A=====A",
        url(IMAGES["png"]).rstrip("=")[:-1],
    ],
)
def test_what_is_no_image_is_refused(bad: str) -> None:
    refused = refusal(image(bad))

    assert (refused.param, refused.code) == (URL, "invalid_value")
    assert len(refused.message) < 200


@pytest.mark.parametrize("remote", ["https://example.com/a.png?key=secret", " HTTP://example.com/a.png"])
def test_what_was_not_fetched_is_refused_and_not_quoted(remote: str) -> None:
    refused = refusal(image(remote))

    assert (refused.param, refused.code) == (URL, "invalid_value")
    assert "example" not in refused.message


def test_a_file_may_be_bare_base64_or_percent_encoded_text() -> None:
    bare = block(file(file_data=encoded(b"%PDF-1.7"), filename="x.txt"))["document"]
    text = block(file(file_data="data:text/plain,Gr%C3%BC%C3%9Fe"))["document"]

    assert bare == {"name": "x txt", "format": "pdf", "source": {"bytes": encoded(b"%PDF-1.7")}}
    assert text == {"name": "document", "format": "txt", "source": {"bytes": encoded("Grüße".encode())}}


NO_FILES = [
    (file(), "file.file_data", "missing_required_parameter"),
    (file(filename="a.pdf", file_data=None), "file.file_data", "missing_required_parameter"),
    (file(file_id="file-abc"), "file.file_id", "unsupported_value"),
    (file(file_data=""), "file.file_data", "invalid_value"),
    (file(file_data="data:application/pdf;base64,"), "file.file_data", "invalid_value"),
    (file(file_data="not base64!", filename="a.txt"), "file.file_data", "invalid_value"),
    (file(file_data=encoded(bytes(range(256))), filename="a.bin"), "file.file_data", "invalid_value"),
    (file(file_data="https://example.com/a.pdf"), "file.file_data", "invalid_value"),
    (file(file_id="https://example.com/a.pdf"), "file.file_id", "invalid_value"),
    (file(file_data="s3://a-bucket/a.bin"), "file.file_data", "invalid_value"),
    (file(file_data="s3://a-bucket"), "file.file_data", "invalid_value"),
    (image("s3://UPPER/a.png"), "image_url.url", "invalid_value"),
    ({"type": "video_url", "video_url": url(b"no video")}, "video_url", "invalid_value"),
    (
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "midi"}},
        "input_audio.data",
        "invalid_value",
    ),
]


@pytest.mark.parametrize(("part", "below", "code"), NO_FILES)
def test_what_cannot_be_sent_is_refused(part: Any, below: str, code: str) -> None:
    refused = refusal(part)

    assert (refused.param, refused.code) == (f"{PATH}.{below}", code)


AUDIO = {"type": "input_audio", "input_audio": {"data": encoded(b"RIFF"), "format": "WAV"}}
VIDEO = {"type": "video_url", "video_url": {"url": url(b"\x00\x00\x00\x18ftypmp42")}}
PDF = file(file_data=encoded(b"%PDF-1.7"))
TEXT = file(file_data="data:text/csv,a%2Cb", filename='my "best".csv')
IN_S3 = image("s3://a-bucket/a.png")


@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("us.anthropic.claude-sonnet-5", AUDIO),
        ("us.anthropic.claude-sonnet-5", VIDEO),
        ("us.anthropic.claude-sonnet-5", IN_S3),
        ("us.amazon.nova-pro-v1:0", AUDIO),
        ("openai.gpt-oss-120b-1:0", image(url(IMAGES["png"]))),
        ("us.amazon.nova-micro-v1:0", PDF),
    ],
)
def test_what_a_model_is_known_not_to_take_is_refused(model: str, part: Any) -> None:
    refused = refusal(part, quirks_for(model))

    assert (refused.param, refused.code) == (PATH, "unsupported_value")


@pytest.mark.parametrize("part", [AUDIO, VIDEO, PDF, IN_S3, image(url(IMAGES["png"]))])
def test_an_unknown_model_gets_everything(part: Any) -> None:
    assert block(part, quirks_for("newcomer.model-1"))


def test_text_of_a_document_is_sent_where_the_model_takes_none() -> None:
    adjusted = Adjustments()
    said = Media(quirks_for("qwen.qwen3-32b-v1:0"), adjusted).block(TEXT, PATH)

    assert said == {"text": '<document name="my best.csv">\na,b\n</document>'}
    assert [(each.field, each.verb) for each in adjusted.made()] == [(PATH, "emulated")]


def test_a_string_may_stand_in_place_of_the_object() -> None:
    assert (
        block({"type": "image_url", "image_url": f"data:image/png;base64,{PNG}"})["image"]["format"] == "png"
    )


def test_an_account_may_own_the_bucket() -> None:
    source = block(image("s3://a-bucket/a%20b/c?d.png?bucketOwner=123456789012"))["image"]["source"]

    assert source == {"s3Location": {"uri": "s3://a-bucket/a%20b/c?d.png", "bucketOwner": "123456789012"}}
