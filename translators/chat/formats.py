"""What a file is, in Bedrock's words: by its first bytes, else by its media type, its name, its look.

The bytes are believed before any label, because Bedrock and its models compare them with the format.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
"""

import re
from binascii import a2b_base64
from typing import Any, Literal, NamedTuple, get_args

from translators.chat.data_urls import Data
from translators.converse.media import AudioFormat, DocumentFormat, ImageFormat, VideoFormat

Kind = Literal["image", "document", "video", "audio"]
Base64 = str | memoryview

HEAD = 1400  # base64 characters: what the first thousand bytes are is enough to know a file by
TAIL = 64 * 1024  # of a zip archive, whose list of contents is at its end


class Format(NamedTuple):
    kind: Kind
    name: str
    """As Bedrock spells it: one of the kind's own Literal."""


class Signature(NamedTuple):
    """What a file begins with (`at` this byte), and what else stands in its first bytes."""

    starts: bytes
    format: Format
    at: int = 0
    holds: bytes = b""


# The first that fits decides. https://en.wikipedia.org/wiki/List_of_file_signatures
SIGNATURES = (
    Signature(b"\x89PNG\r\n\x1a\n", Format("image", "png")),
    Signature(b"\xff\xd8\xff", Format("image", "jpeg")),
    Signature(b"GIF87a", Format("image", "gif")),
    Signature(b"GIF89a", Format("image", "gif")),
    Signature(b"WEBP", Format("image", "webp"), at=8),
    Signature(b"%PDF-", Format("document", "pdf")),
    Signature(b"WAVE", Format("audio", "wav"), at=8),
    Signature(b"ID3", Format("audio", "mp3")),
    *(Signature(start, Format("audio", "mp3")) for start in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    *(Signature(start, Format("audio", "aac")) for start in (b"\xff\xf1", b"\xff\xf9")),
    Signature(b"fLaC", Format("audio", "flac")),
    Signature(b"OggS", Format("audio", "opus"), holds=b"OpusHead"),
    Signature(b"OggS", Format("audio", "ogg")),
    Signature(b"ftypM4A", Format("audio", "m4a"), at=4),
    Signature(b"ftypqt", Format("video", "mov"), at=4),
    Signature(b"ftyp3g", Format("video", "three_gp"), at=4),
    # Not every "ftyp" is a video: HEIC and AVIF images begin so too.
    *(
        Signature(b"ftyp" + brand, Format("video", "mp4"), at=4)
        for brand in (b"avc1", b"dash", b"iso", b"mp4", b"mmp4", b"M4V", b"MSNV")
    ),
    Signature(b"\x1aE\xdf\xa3", Format("video", "webm"), holds=b"webm"),
    Signature(b"\x1aE\xdf\xa3", Format("video", "mkv")),
    Signature(b"FLV\x01", Format("video", "flv")),
    Signature(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Format("video", "wmv")),
    Signature(b"\x00\x00\x01\xba", Format("video", "mpeg")),
    Signature(b"\x00\x00\x01\xb3", Format("video", "mpeg")),
)

# Containers of several formats, and by what is in them: which.
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CONTENTS = {
    ZIP: ((b"word/", "docx"), (b"xl/", "xlsx")),
    OLE: (("WordDocument".encode("utf-16-le"), "doc"), ("Workbook".encode("utf-16-le"), "xls")),
}

# Names are believed of what has no signature, or may begin with something else.
MEDIA_TYPES = {
    "application/csv": "csv",
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "application/xhtml+xml": "html",
    "text/csv": "csv",
    "text/html": "html",
    "text/markdown": "md",
    "text/x-markdown": "md",
    "video/3gpp": "three_gp",
    "video/mp4": "mp4",
    "video/mpeg": "mpeg",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-flv": "flv",
    "video/x-matroska": "mkv",
    "video/x-ms-wmv": "wmv",
}
EXTENSIONS = {"3gp": "three_gp", "htm": "html", "jpg": "jpeg", "markdown": "md"}
SIGNED = {"png", "jpeg", "gif", "webp", "doc", "docx", "xls", "xlsx"}
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
TEXTS: set[str] = {"csv", "html", "md", "txt"}

# A name in two kinds (mp4, mkv, ...) is the last's; as audio only input_audio says it. Any: a Literal.
KINDS: tuple[tuple[Kind, Any], ...] = (
    ("audio", AudioFormat),
    ("video", VideoFormat),
    ("document", DocumentFormat),
    ("image", ImageFormat),
)
FORMATS = {name: Format(kind, name) for kind, names in KINDS for name in get_args(names)}


def sniffed(base64: Base64) -> Format | None:
    """By the bytes alone: images, PDF, office documents, video, audio."""
    head = decoded(base64[:HEAD])
    for signature in SIGNATURES:
        if head.startswith(signature.starts, signature.at) and signature.holds in head:
            return signature.format
    for container, contents in CONTENTS.items():
        if head.startswith(container):
            # Where OLE lists its contents is anybody's guess; but few send these old formats.
            body = decoded(base64[-TAIL:] if container == ZIP else base64)
            return next((FORMATS[name] for mark, name in contents if mark in body), None)
    return None


def file_format(data: Data, filename: str) -> Format | None:
    """Of a file that may be any; text that has no format of its own in Bedrock is txt."""
    if found := sniffed(data.base64):
        return found
    for name in (MEDIA_TYPES.get(data.media_type, ""), extension(filename)):
        if name in FORMATS and name not in SIGNED:
            return FORMATS[name]
    is_text = data.media_type.startswith("text/") or looks_like_text(data.base64)
    return FORMATS["txt"] if is_text else None


def video_format(data: Data) -> Format | None:
    return sniffed(data.base64) or FORMATS.get(MEDIA_TYPES.get(data.media_type, ""))


def audio_format(base64: Base64, said: str) -> Format | None:
    """What the client says where the bytes say nothing else; mp4, mkv and webm may be either kind."""
    found = sniffed(base64)
    name = found.name if found else said.lower()
    return Format("audio", name) if name in get_args(AudioFormat) else None


def named_format(name: str) -> Format | None:
    """Of what nobody looks into."""
    return FORMATS.get(extension(name))


def extension(filename: str) -> str:
    """In Bedrock's spelling, where it has one."""
    last = filename.rpartition(".")[2].lower() if "." in filename else ""
    return EXTENSIONS.get(last, last)


def decoded(base64: Base64) -> bytes:
    """Of checked base64, from its beginning or to its end, in fours."""
    return a2b_base64(base64)


def looks_like_text(base64: Base64) -> bool:
    head = decoded(base64[:HEAD])
    text = head.decode("utf-8", "ignore")
    # Where the piece ends it may have cut a character in two.
    return len(text.encode()) > len(head) - 4 and not CONTROL.search(text)
