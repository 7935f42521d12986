"""Content parts that are no text, as blocks that the model takes: images, documents, video, audio.

    data URL, bare base64    bytes, passed on untouched
    https URL                was fetched before, and is a data URL by now (`remote`)
    s3://bucket/key          s3Location

What a model is known not to take is refused with the part's path, except a document of text: its text is
sent instead. What nobody knows of a model is left to Bedrock to refuse.
"""

import re
from binascii import a2b_base64
from collections.abc import Iterator
from typing import Any, NamedTuple

from translators.chat.adjustments import Adjustments
from translators.chat.cuts import NO_CUTS, Cuts
from translators.chat.data_urls import Data, data_of
from translators.chat.documents import DEFAULT, DocumentNames
from translators.chat.formats import (
    TEXTS,
    Format,
    audio_format,
    file_format,
    named_format,
    sniffed,
    video_format,
)
from translators.converse import ContentBlock
from translators.converse.media import MediaSource
from translators.departures import Quirks
from translators.errors import invalid, missing, unsupported
from translators.openai import Message
from translators.openai.parts import FilePart, MediaPart

MEDIA = {"image_url", "video_url", "input_audio", "file"}
REMOTE = re.compile(r"\s*https?:", re.IGNORECASE)
# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_S3Location.html
S3 = re.compile(r"s3://[a-z0-9][.\-a-z0-9]{1,61}[a-z0-9]/.+", re.DOTALL)
OWNER = re.compile(r"\?bucketOwner=([0-9]{12})$")

UNQUOTABLE = re.compile(r'["<>\r\n]')

IMAGES = "png, jpeg, gif or webp"
FILES = "pdf, docx, xlsx, doc, xls, csv, html, md, any other text, an image or a video"


class Found(NamedTuple):
    """A medium, wherever it is."""

    format: Format
    source: MediaSource
    filename: str = ""
    data: Data | None = None
    """None where it is in S3."""


class Media:
    """The media of one request; remembers the names of its documents, for no two may be the same."""

    def __init__(self, quirks: Quirks, adjusted: Adjustments, cuts: Cuts = NO_CUTS) -> None:
        """`cuts` are of the request's JSON."""
        self._quirks = quirks
        self._adjusted = adjusted
        self._cuts = cuts
        self._names = DocumentNames(adjusted)

    def block(self, part: MediaPart, path: str) -> ContentBlock:
        """Raises BadRequestError for what cannot be sent, or is known not to be taken by the model."""
        in_s3 = link(part)[1].startswith("s3://")
        found = of_s3(part, path) if in_s3 else of_request(part, path, self._cuts)
        if "s3Location" in found.source and not self._quirks.s3:
            raise unsupported(path, "this model takes nothing from S3: send the data itself")
        kind = found.format.kind
        if kind == "document":
            return self._document(found, path)
        if not taken(kind, self._quirks):
            raise unsupported(path, f"this model takes no {NOUNS[kind]}")
        # Any: which format goes with which kind is in `formats`, not in the types.
        block: Any = {kind: {"format": found.format.name, "source": found.source}}
        checked: ContentBlock = block
        return checked

    def _document(self, found: Found, path: str) -> ContentBlock:
        if not self._quirks.documents:
            return self._text_of_document(found, path)
        name = self._names.legal(found.filename, found.format.name, f"{path}.file.filename")
        block: Any = {"document": {"name": name, "format": found.format.name, "source": found.source}}
        checked: ContentBlock = block
        return checked

    def _text_of_document(self, found: Found, path: str) -> ContentBlock:
        if found.format.name not in TEXTS or found.data is None:
            raise unsupported(path, "this model takes no documents")
        self._adjusted.note(path, "emulated", "this model takes no documents: its text is sent")
        text = a2b_base64(found.data.base64).decode("utf-8-sig", "replace")
        name = UNQUOTABLE.sub("", found.filename) or DEFAULT
        return {"text": f'<document name="{name}">\n{text}\n</document>'}


NOUNS = {"image": "images", "document": "documents", "video": "video", "audio": "audio"}


def taken(kind: str, quirks: Quirks) -> bool:
    match kind:
        case "image":
            return quirks.images
        case "video":
            return quirks.video
        case _:
            return quirks.audio


def media_parts(message: Message) -> Iterator[tuple[int, MediaPart]]:
    """Those of its content, with their places. Any: no type narrows a union by a set of tags."""
    content = message.get("content")
    if isinstance(content, list):
        for index, part in enumerate(content):
            if part["type"] in MEDIA:
                media: Any = part
                yield index, media


def link(part: MediaPart) -> tuple[str, str]:
    """Where a part says what its medium is, below the part, and what it says there."""
    match part["type"]:
        case "image_url":
            image = part["image_url"]
            return ("image_url", image) if isinstance(image, str) else ("image_url.url", image["url"])
        case "video_url":
            video = part["video_url"]
            return ("video_url", video) if isinstance(video, str) else ("video_url.url", video["url"])
        case "input_audio":
            return "input_audio.data", part["input_audio"]["data"]
        case "file":
            return file_link(part)


def file_link(part: FilePart) -> tuple[str, str]:
    """LiteLLM's users put a file's URL where its id belongs."""
    data, id = part["file"].get("file_data"), part["file"].get("file_id")
    if data is None and id is not None and "://" in id:
        return "file.file_id", id
    return "file.file_data", data or ""


def of_request(part: MediaPart, path: str, cuts: Cuts) -> Found:
    if part["type"] == "file":
        check_file(part, path)
    below, text = link(part)
    where = f"{path}.{below}"
    if REMOTE.match(text):
        raise invalid(where, "it is on another host, and has not been fetched from there")
    data = cuts.data(text) or data_of(text, where)
    match part["type"]:
        case "image_url":
            format_, wanted = sniffed(data.base64), f"a {IMAGES} image"
        case "video_url":
            format_, wanted = video_format(data), "a video"
        case "input_audio":
            format_, wanted = audio_format(data.base64, part["input_audio"]["format"]), "audio"
        case "file":
            format_, wanted = file_format(data, part["file"].get("filename") or ""), f"one of {FILES}"
    if format_ is None:
        raise invalid(where, f"this is not the base64 of {wanted}")
    return Found(format_, {"bytes": data.json}, filename(part), data)


def check_file(part: FilePart, path: str) -> None:
    if part["file"].get("file_data") is not None:
        return
    if part["file"].get("file_id") is None:
        raise missing(f"{path}.file.file_data")
    if not REMOTE.match(part["file"]["file_id"] or ""):
        raise unsupported(f"{path}.file.file_id", "no files are kept here: send file_data")


def of_s3(part: MediaPart, path: str) -> Found:
    """Nobody looks into it, so that its name has to say what it is."""
    below, uri = link(part)
    owner = OWNER.search(uri)
    uri = uri[: owner.start()] if owner else uri
    if not S3.fullmatch(uri):
        raise invalid(f"{path}.{below}", "expected s3://bucket/key, or s3://bucket/key?bucketOwner=ACCOUNT")
    name = filename(part) or uri.rpartition("/")[2]
    format_ = named_format(uri) or named_format(name)
    if format_ is None:
        raise invalid(f"{path}.{below}", f"its name does not end as one of {FILES} does")
    source: MediaSource = {"s3Location": {"uri": uri}}
    if owner:
        source["s3Location"]["bucketOwner"] = owner[1]
    return Found(format_, source, name)


def filename(part: MediaPart) -> str:
    return (part["file"].get("filename") or "") if part["type"] == "file" else ""
