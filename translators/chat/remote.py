"""Media that a request only points to: found for the shell to fetch, and put in their place.

Nothing here looks at what was fetched; that it is what its place wants is seen with all other data.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from translators.chat.media import REMOTE, link, media_parts
from translators.openai import ChatCompletionRequest, Message
from translators.openai.parts import MediaPart


def remote_media(request: ChatCompletionRequest) -> dict[str, str]:
    """Each URL, and the path of the field where it stands first."""
    found: dict[str, str] = {}
    for number, message in enumerate(request["messages"]):
        if isinstance(message.get("content"), str):
            continue  # of most messages no more is asked, for this stands on every request's way
        for index, part in media_parts(message):
            below, url = link(part)
            if REMOTE.match(url):
                found.setdefault(url, f"messages[{number}].content[{index}].{below}")
    return found


def with_fetched(request: ChatCompletionRequest, fetched: Mapping[str, str]) -> ChatCompletionRequest:
    """The request with data URLs in the place of the URLs that they were fetched from."""
    messages: list[Any] = [replaced(message, fetched) for message in request["messages"]]
    return {**request, "messages": messages}


def replaced(message: Message, fetched: Mapping[str, str]) -> Any:
    """Any: a message as it was, its kind included."""
    places = {index: part for index, part in media_parts(message) if link(part)[1] in fetched}
    if not places:
        return message
    content: list[Any] = list(message.get("content") or [])
    for index, part in places.items():
        content[index] = at_hand(part, fetched[link(part)[1]])
    return {**message, "content": content}


def at_hand(part: MediaPart, data_url: str) -> Any:
    match part["type"]:
        case "file":
            path = urlsplit(link(part)[1]).path
            name = part["file"].get("filename") or unquote(path.rpartition("/")[2])
            return {**part, "file": {"file_data": data_url, "filename": name}}
        case "input_audio":
            return {**part, "input_audio": {**part["input_audio"], "data": data_url}}
        case kind:
            below, _ = link(part)
            return {**part, kind: {"url": data_url} if below.endswith(".url") else data_url}
