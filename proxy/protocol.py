"""HTTP/1.1 as uvicorn speaks it, but for offers to upgrade and for the end of a server.

An offer to upgrade is declined by answering as if it had not been made.
Java's clients, JetBrains' and Spring's among them, offer h2c with every request. httptools takes an offer
for the end of HTTP/1.1, so that uvicorn loses the body: https://github.com/Kludex/uvicorn/issues/2722
"""

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from proxy.stopping import Stopping
from translators.errors import BadRequestError

# Seconds in which a client may read what it is told at the end.
LAST_WORDS = 1

# https://www.rfc-editor.org/rfc/rfc9110#name-upgrade
OFFER = {b"upgrade", b"http2-settings"}


class Protocol(HttpToolsProtocol):
    def shutdown(self) -> None:
        """The server stops: what is being answered gets its time, then the client an error.

        Who does not read that is hung up on, and whoever answers learns of it as of a client that leaves;
        uvicorn would cancel with a traceback.
        """
        super().shutdown()
        if not self.transport.is_closing():
            stopping = self.app_state.get("stopping", Stopping(0))
            self.loop.call_later(stopping.grace, stopping.time_is_over)
            self.loop.call_later(stopping.grace + LAST_WORDS, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        while data:
            data = self._read(data)

    def _read(self, data: bytes) -> bytes:
        """What is to be read after it: an offer's request as if it were none, and all that follows."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._declined(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse()
        return b""

    def _should_upgrade(self) -> bool:
        """uvicorn's own callbacks pass over a request that is an offer; it is read once more."""
        return True

    def _declined(self, rest: bytes) -> bytes:
        if self.parser.get_method() == b"CONNECT":  # no offer, and nothing that is served
            self._refuse()
            return b""
        head = self._head_without_offer()
        self.parser = httptools.HttpRequestParser(self)
        return head + rest

    def _head_without_offer(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        for name, value in self.headers:
            if name == b"connection":
                options = [option.strip() for option in value.split(b",")]
                value = b", ".join(option for option in options if option.lower() not in OFFER)
            if name not in OFFER:
                lines.append(b"%s: %s" % (name, value))
        return b"\r\n".join([*lines, b"", b""])

    def _refuse(self) -> None:
        """In OpenAI's shape, as every error; what is no HTTP reaches no app that would see to that."""
        error = BadRequestError("This is not a request in HTTP/1.1.", code="invalid_value")
        self.logger.warning(error.message)
        body = orjson.dumps(error.body())
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n%s" % (len(body), body)
        )
        self.transport.close()
