"""Images as OpenAI's clients send them, as Converse's image blocks.

A data URL's base64 is passed on as it is: Bedrock's JSON carries base64 too.
"""

import binascii
import re

from translators.converse import ImageBlock, ImageFormat
from translators.errors import BadRequestError

DATA_URL = re.compile(r"data:([^,]*?);base64,", re.IGNORECASE)
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
HEAD = 16  # base64 characters: twelve bytes, enough to know every format by

MAGIC: tuple[tuple[bytes, bytes, ImageFormat], ...] = (
    # What the file begins with, and what stands at its ninth byte.
    (b"\x89PNG\r\n\x1a\n", b"", "png"),
    (b"\xff\xd8\xff", b"", "jpeg"),
    (b"GIF87a", b"", "gif"),
    (b"GIF89a", b"", "gif"),
    (b"RIFF", b"WEBP", "webp"),
)


def image_block(url: str, path: str) -> ImageBlock:
    """The image of a data URL; its format is what its first bytes are, whatever the URL says."""
    prefix = DATA_URL.match(url)
    if not prefix:
        raise invalid(path, "only base64 data URLs (data:image/png;base64,...) are supported")
    data = url[prefix.end() :]
    format_ = image_format(data)
    if format_ is None:
        raise invalid(path, "this is not the base64 of a png, jpeg, gif or webp image")
    return {"format": format_, "source": {"bytes": padded(data, path)}}


def image_format(data: str) -> ImageFormat | None:
    try:
        head = binascii.a2b_base64(data[:HEAD].encode())
    except (binascii.Error, UnicodeEncodeError):
        return None
    for start, ninth, format_ in MAGIC:
        if head.startswith(start) and head[8:].startswith(ninth):
            return format_
    return None


def padded(data: str, path: str) -> str:
    """Base64 that Bedrock accepts: every character checked, the padding that some clients omit put back."""
    bare = data.rstrip("=")
    # Deleting the alphabet leaves what does not belong; several times faster than decoding.
    if not bare.isascii() or bare.encode().translate(None, BASE64) or len(bare) % 4 == 1:
        raise invalid(path, "the data is not valid base64")
    whole = bare + "=" * (-len(bare) % 4)
    return data if data == whole else whole


def invalid(path: str, reason: str) -> BadRequestError:
    return BadRequestError(f"Invalid '{path}': {reason}.", param=path, code="invalid_value")
