"""Images, documents and videos: what is wrong with them, in Bedrock's words."""

from base64 import b64decode, b64encode

import pytest

from tests.proxy.local import requests as r
from tests.samples import PNG

BAD_NAME = (
    "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, "
    "and square brackets. The name can't contain more than one consecutive whitespace character. Check that the "
    "file name conforms to these restrictions and retry your request."
)
DUPLICATE_NAMES = (
    "Messages can't contain duplicate document names. Rename the document and retry your request."
)


def wide(pixels: int) -> str:
    """A PNG of so many pixels by one, as far as its first bytes go."""
    return b64encode(b64decode(PNG)[:16] + pixels.to_bytes(4, "big") + b"\x00\x00\x00\x01").decode()


MEDIA: list[r.Row] = [
    (r.CLAUDE, r.body(r.user(r.HI, r.document("report.pdf"))), BAD_NAME),
    (r.CLAUDE, r.body(r.user(r.HI, r.document("two  spaces"))), BAD_NAME),
    (r.CLAUDE, r.body(r.user(r.HI, r.document("tab\there"))), BAD_NAME),
    (r.CLAUDE, r.answered(r.result("t1", r.document("отчёт"))), BAD_NAME),
    (r.CLAUDE, r.body(r.user(r.HI, r.document(), r.document())), DUPLICATE_NAMES),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.document()), r.assistant(r.HI), r.user(r.HI, r.document(kind="txt"))),
        DUPLICATE_NAMES,
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.document())),
        "A text block must be included when using documents. Add a text block and retry your request.",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, *(r.document(f"report {n}") for n in range(6)))),
        "You can't include more than 5 documents in a request. "
        "Reduce the number of documents and retry your request.",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.document(bytes="AAAA" * 1_500_001))),
        "The maximum document size is 4.5 MB. Reduce the size of your document and retry your request.",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.document(text="uncited"))),
        "DocumentSource object at messages.0.content.1.document.source must set one of the following keys: bytes, "
        "s3Location.",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI), r.assistant(r.HI, r.image()), r.user(r.HI)),
        r.by_model("messages.1.content: 'image' blocks are not permitted within assistant turns."),
    ),
    (r.NOVA_MICRO, r.body(r.user(r.HI, r.image())), r.unsupported_block("image")),
    (r.NOVA_MICRO, r.body(r.user(r.HI, r.document())), r.unsupported_block("document")),
    (r.CLAUDE, r.body(r.user(r.HI, r.video())), r.unsupported_block("video")),
    (r.CLAUDE, r.answered(r.result("t1", r.in_s3("video", "mp4"))), r.unsupported_block("video")),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.in_s3("image", "png"))),
        "This model doesn't support the s3Uri field. Remove s3Uri and try again.",
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.document(s3Location={"uri": "s3://a-bucket/file"}))),
        r.by_model("messages.0.content.1.document.source.type: Field required"),
    ),
    (
        r.NOVA_2,
        r.answered(r.result("t1", r.video())),
        r.by_model(
            "Malformed input request: #/messages/2/content/0: extraneous key [toolResult] is not permitted, please "
            "reformat your input and try again."
        ),
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, *[r.image()] * 101)),
        r.by_model("too many images and documents: 101 + 0 > 100"),
    ),
    (
        r.CLAUDE_3,
        r.body(r.user(r.HI, r.document(), *[r.image()] * 20)),
        r.by_model("too many images and documents: 20 + 1 > 20"),
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.image(wide(2001)), *[r.image()] * 20)),
        r.by_model(
            "messages.0.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed "
            "size for many-image requests: 2000 pixels"
        ),
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.image(data=PNG[:12] + "A" * 5_242_880))),
        r.by_model(
            "messages.0.content.1.image.source.base64: image exceeds 5 MB maximum: "
            "5242892 bytes > 5242880 bytes"
        ),
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.image(wide(8001)))),
        r.by_model(
            "messages.0.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed "
            "size: 8000 pixels"
        ),
    ),
    (
        r.CLAUDE,
        r.body(r.user(r.HI, r.image(r.JPEG))),
        r.by_model(
            "messages.0.content.1.image.source.base64: The image was specified using the image/png media type, but "
            "the image appears to be a image/jpeg image"
        ),
    ),
    (r.CLAUDE, r.body(r.user(r.HI, r.image(r.TEXT))), r.by_model("Could not process image")),
    (
        r.NOVA,
        r.body(r.user(r.HI, r.image(r.TEXT))),
        r.by_model(
            "The detected file MIME type text/plain does not match the expected type image/png. "
            "Reformat your input and try again."
        ),
    ),
    (
        r.QWEN_VL,
        r.body(r.user(r.HI, r.image(r.TEXT))),
        r.by_model("Failed to sanitize image: Invalid or unsupported image format"),
    ),
]


@pytest.mark.parametrize(("model", "request_body", "words"), MEDIA)
def test_each_is_refused_in_bedrocks_words(model: str, request_body: r.JSON, words: str) -> None:
    r.assert_refused(model, request_body, words)


def test_only_a_stream_carries_the_refusal_in_it() -> None:
    mislabelled = r.body(r.user(r.HI, r.image(r.JPEG)))

    assert r.refusal(r.NOVA, mislabelled, "ConverseStream").in_stream
    assert not r.refusal(r.NOVA, mislabelled).in_stream
    assert not r.refusal(r.CLAUDE, mislabelled, "ConverseStream").in_stream
