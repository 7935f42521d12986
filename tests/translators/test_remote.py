"""Media that a request points to: found wherever they stand, each once, and replaced without a trace."""

import copy
from typing import Any

from translators.chat.remote import remote_media, with_fetched
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

A, B, C, D = (f"https://example.com/{name}?key=secret" for name in ("a.png", "b.mp4", "My%20c.pdf", "d.wav"))
DATA = "data:image/png;base64,iVBORw0KGgo="

MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": [{"type": "text", "text": A}]},
    {"role": "user", "content": f"Look at {A}"},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "Look."},
            {"type": "image_url", "image_url": {"url": A, "detail": "low"}, "cache_control": {"type": "ephemeral"}},
            {"type": "image_url", "image_url": {"url": DATA}},
            {"type": "video_url", "video_url": B},
            {"type": "input_audio", "input_audio": {"data": D, "format": "wav"}},
        ],
    },
    {"role": "assistant", "content": [{"type": "image_url", "image_url": {"url": A}}]},
    {
        "role": "tool",
        "tool_call_id": "1",
        "content": [
            {"type": "file", "file": {"file_id": C}},
            {"type": "file", "file": {"file_data": C, "filename": "mine.pdf"}},
            {"type": "file", "file": {"file_id": "file-abc"}},
        ],
    },
]  # fmt: skip


def request() -> ChatCompletionRequest:
    return conform({"model": "m", "messages": copy.deepcopy(MESSAGES)}, ChatCompletionRequest)


def test_each_is_found_once_with_the_path_where_it_stands_first() -> None:
    assert remote_media(request()) == {
        A: "messages[2].content[1].image_url.url",
        B: "messages[2].content[3].video_url",
        D: "messages[2].content[4].input_audio.data",
        C: "messages[4].content[0].file.file_id",
    }


def test_what_was_fetched_stands_in_its_place() -> None:
    asked = request()
    got: Any = with_fetched(asked, {A: "data:a", B: "data:b", C: "data:c", D: "data:d"})

    assert asked == request(), "the request itself stays as it was"
    assert remote_media(got) == {}
    assert got["messages"][2]["content"] == [
        {"type": "text", "text": "Look."},
        {"type": "image_url", "image_url": {"url": "data:a"}, "cache_control": {"type": "ephemeral"}},
        {"type": "image_url", "image_url": {"url": DATA}},
        {"type": "video_url", "video_url": "data:b"},
        {"type": "input_audio", "input_audio": {"data": "data:d", "format": "wav"}},
    ]
    assert [part["file"] for part in got["messages"][4]["content"]] == [
        {"file_data": "data:c", "filename": "My c.pdf"},
        {"file_data": "data:c", "filename": "mine.pdf"},
        {"file_id": "file-abc"},
    ]
    assert [got["messages"][at] is asked["messages"][at] for at in range(5)] == [
        True,
        True,
        False,
        False,
        False,
    ]
