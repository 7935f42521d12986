"""Images, documents and videos: what is wrong with them, in Bedrock's words."""

from base64 import b64decode, b64encode

import pytest

from tests.proxy.local.requests import (
    CLAUDE,
    CLAUDE_3,
    HI,
    JPEG,
    JSON,
    NOVA,
    NOVA_2,
    NOVA_MICRO,
    PNG,
    QWEN_VL,
    TEXT,
    Row,
    answered,
    assert_refused,
    assistant,
    body,
    by_model,
    document,
    image,
    in_s3,
    refusal,
    result,
    unsupported_block,
    user,
    video,
)

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
    return b64encode(b64decode(PNG) + pixels.to_bytes(4, "big") + b"\x00\x00\x00\x01").decode()


MEDIA: list[Row] = [
    (CLAUDE, body(user(HI, document("report.pdf"))), BAD_NAME),
    (CLAUDE, body(user(HI, document("two  spaces"))), BAD_NAME),
    (CLAUDE, body(user(HI, document("tab\there"))), BAD_NAME),
    (CLAUDE, answered(result("t1", document("отчёт"))), BAD_NAME),
    (CLAUDE, body(user(HI, document(), document())), DUPLICATE_NAMES),
    (CLAUDE, body(user(HI, document()), assistant(HI), user(HI, document(kind="txt"))), DUPLICATE_NAMES),
    (
        CLAUDE,
        body(user(document())),
        "A text block must be included when using documents. Add a text block and retry your request.",
    ),
    (
        CLAUDE,
        body(user(HI, *(document(f"report {n}") for n in range(6)))),
        "You can't include more than 5 documents in a request. "
        "Reduce the number of documents and retry your request.",
    ),
    (
        CLAUDE,
        body(user(HI, document(bytes="AAAA" * 1_500_001))),
        "The maximum document size is 4.5 MB. Reduce the size of your document and retry your request.",
    ),
    (
        CLAUDE,
        body(user(HI, document(text="uncited"))),
        "DocumentSource object at messages.0.content.1.document.source must set one of the following keys: bytes, "
        "s3Location.",
    ),
    (
        CLAUDE,
        body(user(HI), assistant(HI, image()), user(HI)),
        by_model("messages.1.content: 'image' blocks are not permitted within assistant turns."),
    ),
    (NOVA_MICRO, body(user(HI, image())), unsupported_block("image")),
    (NOVA_MICRO, body(user(HI, document())), unsupported_block("document")),
    (CLAUDE, body(user(HI, video())), unsupported_block("video")),
    (CLAUDE, answered(result("t1", in_s3("video", "mp4"))), unsupported_block("video")),
    (
        CLAUDE,
        body(user(HI, in_s3("image", "png"))),
        "This model doesn't support the s3Uri field. Remove s3Uri and try again.",
    ),
    (
        CLAUDE,
        body(user(HI, document(s3Location={"uri": "s3://a-bucket/file"}))),
        by_model("messages.0.content.1.document.source.type: Field required"),
    ),
    (
        NOVA_2,
        answered(result("t1", video())),
        by_model(
            "Malformed input request: #/messages/2/content/0: extraneous key [toolResult] is not permitted, please "
            "reformat your input and try again."
        ),
    ),
    (
        CLAUDE,
        body(user(HI, *[image()] * 101)),
        by_model("too many images and documents: 101 + 0 > 100"),
    ),
    (
        CLAUDE_3,
        body(user(HI, document(), *[image()] * 20)),
        by_model("too many images and documents: 20 + 1 > 20"),
    ),
    (
        CLAUDE,
        body(user(HI, image(wide(2001)), *[image()] * 20)),
        by_model(
            "messages.0.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed "
            "size for many-image requests: 2000 pixels"
        ),
    ),
    (
        CLAUDE,
        body(user(HI, image(data=PNG[:12] + "A" * 5_242_880))),
        by_model(
            "messages.0.content.1.image.source.base64: image exceeds 5 MB maximum: "
            "5242892 bytes > 5242880 bytes"
        ),
    ),
    (
        CLAUDE,
        body(user(HI, image(wide(8001)))),
        by_model(
            "messages.0.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed "
            "size: 8000 pixels"
        ),
    ),
    (
        CLAUDE,
        body(user(HI, image(JPEG))),
        by_model(
            "messages.0.content.1.image.source.base64: The image was specified using the image/png media type, but "
            "the image appears to be a image/jpeg image"
        ),
    ),
    (CLAUDE, body(user(HI, image(TEXT))), by_model("Could not process image")),
    (
        NOVA,
        body(user(HI, image(TEXT))),
        by_model(
            "The detected file MIME type text/plain does not match the expected type image/png. "
            "Reformat your input and try again."
        ),
    ),
    (
        QWEN_VL,
        body(user(HI, image(TEXT))),
        by_model("Failed to sanitize image: Invalid or unsupported image format"),
    ),
]


@pytest.mark.parametrize(("model", "request_body", "words"), MEDIA)
def test_each_is_refused_in_bedrocks_words(model: str, request_body: JSON, words: str) -> None:
    assert_refused(model, request_body, words)


def test_only_a_stream_carries_the_refusal_in_it() -> None:
    mislabelled = body(user(HI, image(JPEG)))

    assert refusal(NOVA, mislabelled, "ConverseStream").in_stream
    assert not refusal(NOVA, mislabelled).in_stream
    assert not refusal(CLAUDE, mislabelled, "ConverseStream").in_stream
