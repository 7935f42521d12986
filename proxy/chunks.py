"""One streamed answer: what each network read brings, as chunks.

network read -> Decoder -> frames -> ChatStream -> chunks
"""

from collections.abc import Awaitable, Callable, Sequence

from proxy.bedrock import ByteStream
from proxy.replay import Replay
from translators.chat import ChatStream
from translators.converse import ContentBlock
from translators.errors import APIError, stream_cut_short
from translators.eventstream import CorruptFrame, Decoder
from translators.openai import ChatCompletionChunk


class Chunks:
    """An answer being read. `ended` tells that its last chunk has been."""

    def __init__(
        self,
        upstream: ByteStream | Replay,
        chat: ChatStream,
        remember: Callable[[Sequence[ContentBlock]], Awaitable[None]],
    ) -> None:
        """`remember` is told what is to be remembered of the answer, before its end leaves."""
        self._upstream = upstream
        self._chat = chat
        self._remember = remember
        self._remembered = False
        self._ready: list[ChatCompletionChunk] = []
        self._decoder = Decoder()
        self._failure: APIError | None = None
        self.ended = False

    @property
    def request_id(self) -> str:
        """AWS's; empty where none was sent, or not yet."""
        return self._upstream.request_id

    async def read(self) -> list[ChatCompletionChunk]:
        """The chunks of the next network read that makes any; none after the last. Raises APIError.

        May be cancelled and called again: half a frame that has come by then is kept.
        """
        chunks, self._ready = self._ready, []
        while not chunks and not self.ended:
            if self._failure:
                raise self._failure
            try:
                data = await self._upstream_read()
                for frame in self._decoder.feed(data):
                    if chunk := self._chat.receive(frame):
                        chunks.append(chunk)
                if not data or self._upstream.at_end():
                    self._end()
            except (APIError, CorruptFrame) as failure:
                self._failure = self._failed(failure)  # raised once what came before it has been read
        if self._chat.stopped and not self._remembered:
            self._ready = chunks  # should this be cancelled
            await self._remember(self._chat.turn())
            self._remembered, self._ready = True, []
        return chunks

    def close(self) -> None:
        """Tells Bedrock to stop, unless the answer is at its end."""
        self._upstream.close()

    async def _upstream_read(self) -> bytes:
        """An answer that lacks only its usage is not spoilt by a connection that breaks then."""
        try:
            return await self._upstream.read()
        except APIError:
            if not self._chat.stopped:
                raise
            return b""

    def _end(self) -> None:
        if not self._chat.stopped:
            self._decoder.flush()
        self._chat.close()
        self.ended = True

    def _failed(self, failure: APIError | CorruptFrame) -> APIError:
        error = failure if isinstance(failure, APIError) else stream_cut_short(str(failure))
        error.aws_request_id = error.aws_request_id or self.request_id or None
        return error
