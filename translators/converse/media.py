"""Images, documents, video and audio on Converse's wire; blobs are base64 text, as in the JSON.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
"""

from typing import Literal, NotRequired, TypedDict

ImageFormat = Literal["png", "jpeg", "gif", "webp"]
DocumentFormat = Literal["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"]
VideoFormat = Literal["mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"]
# fmt: off
AudioFormat = Literal[
    "mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac", "m4a", "mpeg", "mpga", "pcm",
    "webm",
]
# fmt: on


class S3Location(TypedDict):
    uri: str
    bucketOwner: NotRequired[str]


class MediaSource(TypedDict, total=False):
    """Exactly one of them."""

    bytes: str
    s3Location: S3Location


class ImageBlock(TypedDict):
    format: ImageFormat
    source: MediaSource


class DocumentBlock(TypedDict):
    name: str
    format: DocumentFormat
    source: MediaSource


class VideoBlock(TypedDict):
    format: VideoFormat
    source: MediaSource


class AudioBlock(TypedDict):
    format: AudioFormat
    source: MediaSource
