"""What a chat's body says: read with a limit, checked, and with the media in it that it only names."""

from collections.abc import Mapping
from functools import partial
from secrets import token_hex
from types import MappingProxyType
from typing import NamedTuple

from starlette.requests import Request

from proxy.bodies import read_body
from proxy.disconnect import while_connected
from proxy.media import Fetcher
from proxy.stopping import Stopping
from proxy.threads import LARGE, LONG, MANY, aside
from translators.chat.cuts import Cuts, cut
from translators.chat.reading import read
from translators.chat.remote import remote_media, with_fetched
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.shapes import parse

NOTHING: Mapping[str, str] = MappingProxyType({})


class Wanted(NamedTuple):
    """A body that can be read again, should Bedrock refuse what became of it.

    Until then it is kept as it came, for what is read from it is several times as large.
    """

    json: bytes | bytearray
    """Without what was cut out."""
    cuts: Cuts
    messages: int
    """How many."""
    fetched: Mapping[str, str] = NOTHING
    """A data URL for each URL of media."""

    @property
    def much(self) -> bool:
        """Whether it takes long to plan."""
        return len(self.json) + sum(map(len, self.fetched.values())) > LARGE or self.messages > MANY

    def read(self) -> ChatCompletionRequest:
        """What it says. Raises BadRequestError where it is no JSON, or not of that shape."""
        request = said(self.json, self.cuts)
        return with_fetched(request, self.fetched) if self.fetched else request


async def wanted(
    request: Request, headers: Mapping[str, str], *, limit: int, media: Fetcher, stopping: Stopping
) -> tuple[Wanted, ChatCompletionRequest]:
    """The body, and what it says. Raises APIError. `limit` is in bytes."""
    body = await read_body(request, limit=limit, declared=int(headers.get("content-length", 0)))
    kept, chat = await checked(body)
    if remote := remote_media(chat):
        fetched = await while_connected(request.receive, media.fetch(remote), stopping)
        return kept._replace(fetched=fetched), with_fetched(chat, fetched)
    return kept, chat


async def checked(body: bytearray) -> tuple[Wanted, ChatCompletionRequest]:
    json, cuts = await aside(len(body) > LONG, cut, body, token_hex(8))
    try:
        chat = await aside(len(json) > LARGE, said, json, cuts)
    except BadRequestError:
        if cuts.held:  # then it may tell a place in what the client has not sent
            await aside(len(body) > LARGE, parse, body, ChatCompletionRequest)
        raise
    return Wanted(json, cuts, len(chat["messages"])), chat


def said(json: bytes | bytearray, cuts: Cuts) -> ChatCompletionRequest:
    return parse(json, ChatCompletionRequest, partial(read, key=cuts.key))
