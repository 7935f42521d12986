"""What a file is, by its first bytes, else its media type, its name, its look."""

import io
import zipfile
from base64 import b64encode
from typing import get_args

import botocore.session
import pytest

from translators.chat.data_urls import Data
from translators.chat.formats import FORMATS, MEDIA_TYPES, SIGNED, audio_format, file_format, video_format
from translators.converse.media import AudioFormat, DocumentFormat, ImageFormat, VideoFormat


def base64(data: bytes) -> str:
    return b64encode(data).decode()


def archive(*names: str, filler: int = 0) -> bytes:
    """As office programs write them: what it holds is told at the end."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("[Content_Types].xml", "x" * filler)
        for name in names:
            opened.writestr(name, "<xml/>")
    return file.getvalue()


DOCX, XLSX, PPTX = archive("word/document.xml"), archive("xl/workbook.xml"), archive("ppt/presentation.xml")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000)
DOC, XLS = (OLE + name.encode("utf-16-le") for name in ("WordDocument", "Workbook"))
TYPE = "application/octet-stream"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

# Bytes, media type, file name -> format.
ROWS = [
    (b"%PDF-1.7", "text/plain", "a.txt", "pdf"),
    (b"\n\n%PDF-1.7", "application/pdf", "", "pdf"),
    (DOCX, TYPE, "a.zip", "docx"),
    (archive("word/document.xml", filler=200_000), WORD, "a.docx", "docx"),
    (XLSX, WORD, "a.docx", "xlsx"),
    (PPTX, TYPE, "a.pptx", None),
    (PPTX, WORD, "a.docx", None),
    (DOC, TYPE, "", "doc"),
    (XLS, "application/msword", "a.doc", "xls"),
    (OLE, "application/msword", "a.doc", None),
    # Browsers on Windows say so of every csv file.
    (b"a,b\n1,2\n", "application/vnd.ms-excel", "data.csv", "csv"),
    (b"a,b\n", "text/csv", "", "csv"),
    (b"a,b\n", "", "DATA.CSV", "csv"),
    (b"# Title", "text/markdown", "", "md"),
    (b"# Title", "text/plain", "README.markdown", "md"),
    (b"<p>Hi</p>", "text/html", "", "html"),
    (b"<p>Hi</p>", TYPE, "index.htm", "html"),
    (b"{}", "application/json", "a.json", "txt"),
    (b"print()", "text/x-python", "main.py", "txt"),
    (b"let a", "video/mp2t", "main.ts", "txt"),
    ("grün".encode(), TYPE, "", "txt"),
    (("ü" * 2000).encode(), TYPE, "", "txt"),
    (("x" + "ü" * 2000).encode(), TYPE, "", "txt"),
    ("grün".encode("utf-16"), "text/plain", "", "txt"),
    ("grün".encode("utf-16"), TYPE, "", None),
    (bytes(range(256)), TYPE, "a.exe", None),
    (b"ID3\x04", TYPE, "", "mp3"),
    (b"\x00\x00\x00\x18ftypisom", TYPE, "a.mp4", "mp4"),
    (b"\x00\x00\x00\x14ftypqt  ", "video/mp4", "", "mov"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", TYPE, "", "webm"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", TYPE, "", "mkv"),
    (b"\x00\x00\x00\x18ftypheic\x00", "image/heic", "a.heic", None),
]


@pytest.mark.parametrize(("data", "media_type", "name", "expected"), ROWS)
def test_what_a_file_is(data: bytes, media_type: str, name: str, expected: str | None) -> None:
    found = file_format(Data(media_type, base64(data)), name)

    assert (found and found.name) == expected


@pytest.mark.parametrize(
    ("data", "said", "expected"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "mp3", "wav"),
        (b"RIFF", "wav", "wav"),
        (b"\xff\xfb\x90\x00", "wav", "mp3"),
        (b"OggS\x00\x02OpusHead", "ogg", "opus"),
        (b"\x00\x00\x00\x18ftypisom", "m4a", "mp4"),
        (b"????", "x-aac", "x-aac"),
        (b"????", "midi", None),
        (b"%PDF-1.7", "wav", None),
    ],
)
def test_what_audio_is(data: bytes, said: str, expected: str | None) -> None:
    found = audio_format(base64(data), said)

    assert found is None or found.kind == "audio"
    assert (found and found.name) == expected


def test_a_video_may_be_known_by_its_media_type_alone() -> None:
    found = video_format(Data("video/3gpp", base64(b"????")))

    assert found == ("video", "three_gp")


def test_the_formats_are_those_of_aws() -> None:
    service = botocore.session.get_session().get_service_model("bedrock-runtime")
    for kind, ours in {
        "Image": ImageFormat,
        "Document": DocumentFormat,
        "Video": VideoFormat,
        "Audio": AudioFormat,
    }.items():
        assert sorted(get_args(ours)) == sorted(service.shape_for(f"{kind}Format").enum)  # type: ignore[attr-defined]


def test_every_name_leads_to_a_format() -> None:
    assert set(MEDIA_TYPES.values()) | SIGNED <= set(FORMATS)
