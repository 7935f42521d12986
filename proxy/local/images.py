"""What an image's first bytes say it is, whatever its label says.

>>> one_pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
>>> media_type(one_pixel), dimensions(one_pixel)
('image/png', (1, 1))
"""

from base64 import b64decode

HEAD = 64
"""How many characters of base64 are looked at: 48 bytes, more than any of these signatures."""

MEDIA_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def media_type(base64: str) -> str:
    """The media type of valid base64; text/plain or application/octet-stream for what is no image."""
    head = b64decode(base64[:HEAD])
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return "text/plain" if head.isascii() and b"\x00" not in head else "application/octet-stream"


def dimensions(base64: str) -> tuple[int, int]:
    """Width and height of a PNG or GIF, in pixels; in other images they stand too deep, and are 0 here."""
    head = b64decode(base64[:HEAD])
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    if head.startswith((b"GIF87a", b"GIF89a")):
        return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    return 0, 0
