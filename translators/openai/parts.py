"""The parts that a message's content may be made of, on OpenAI's wire and on that of its clients.

https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages
"""

from typing import Literal, NotRequired, TypedDict

from translators.openai.extensions import Marked


class TextPart(Marked):
    type: Literal["text"]
    text: str


class RefusalPart(Marked):
    type: Literal["refusal"]
    refusal: str


class MediaURL(TypedDict):
    url: str


class ImagePart(Marked):
    type: Literal["image_url"]
    image_url: MediaURL | str  # some clients leave the object out


class VideoPart(Marked):
    """Not OpenAI's: OpenRouter's, and its clients'."""

    type: Literal["video_url"]
    video_url: MediaURL | str


class Audio(TypedDict):
    data: str
    format: str


class AudioPart(Marked):
    type: Literal["input_audio"]
    input_audio: Audio


class File(TypedDict):
    file_data: NotRequired[str | None]
    file_id: NotRequired[str | None]
    filename: NotRequired[str | None]


class FilePart(Marked):
    type: Literal["file"]
    file: File


MediaPart = ImagePart | VideoPart | AudioPart | FilePart


class ThinkingPart(Marked):
    """Not OpenAI's: what some clients send back of a model's reasoning."""

    type: Literal["thinking", "redacted_thinking"]


class AudioReference(TypedDict):
    id: str
