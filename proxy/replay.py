"""A whole answer where a stream was asked for: read like one, so that nothing else has to know."""

import asyncio

from proxy.bedrock import Answer, Bedrock
from proxy.http1 import Body
from proxy.threads import heard
from translators.chat.json_text import read_answer
from translators.chat.replay import event_stream
from translators.errors import UNDESCRIBED, undescribed
from translators.models import Resolved


class Replay:
    """Stands in for a ByteStream: the first read waits for the whole answer, and brings all of it."""

    def __init__(self, bedrock: Bedrock, invoked: Resolved, body: Body) -> None:
        """Asks at once."""
        self._answering = asyncio.ensure_future(bedrock.converse(invoked.model_id, body, invoked.region))
        self._answering.add_done_callback(heard)
        self._read = False
        self.request_id = ""

    async def read(self) -> bytes:
        """Raises APIError. May be cancelled and called again, as a read of the network may."""
        if self._read:
            return b""
        await asyncio.wait((self._answering,))  # does not cancel what it waits for
        answer: Answer = self._answering.result()
        self._read = True
        self.request_id = answer.request_id
        try:
            return event_stream(read_answer(answer.body))
        except UNDESCRIBED as error:
            raise undescribed(error) from error

    def at_end(self) -> bool:
        return self._read

    def close(self) -> None:
        """Tells Bedrock to stop, unless the answer is there. Whoever reads then is cancelled too."""
        self._answering.cancel()
