"""A web server of bare bytes on the loopback, from which media are fetched; and who may fetch there."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from socket import AF_INET, AddressFamily

from aiohttp.abc import AbstractResolver, ResolveResult

from proxy.media import Fetching, fetching, public_https


def page(body: bytes, *head: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *head, "", ""]).encode() + body


def redirect(to: str, *head: str) -> bytes:
    return page(b"", f"Location: {to}", *head, status="302 Found")


class Web:
    """Serves these pages by their path. One that is empty is never answered."""

    def __init__(self, pages: Mapping[str, bytes], together: int = 1) -> None:
        """`together`: how many requests must have come before any is answered."""
        self.pages = dict(pages)
        self.asked: list[bytes] = []
        self.met = threading.Event()
        """A request has come."""
        self.left = threading.Event()
        """A client has gone without an answer."""
        self.port = 0
        self._together = together
        self.came = asyncio.Event()
        """So many have come."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._answer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head)
        self.met.set()
        if len(self.asked) >= self._together:
            self.came.set()
        await self.came.wait()
        answer = self.pages.get(head.split()[1].decode(), page(b"", status="404 Not Found"))
        if not answer:
            await reader.read()  # until the client leaves
            self.left.set()
        writer.write(answer)

    def allowed(self, address: str, port: int) -> bool:
        """Nothing of this machine but this very server."""
        return (address, port) == ("127.0.0.1", self.port) or public_https(address, port)

    def fetching(self, resolver: AbstractResolver | None = None) -> Fetching:
        return partial(fetching, allowed=self.allowed, schemes=("http", "https"), resolver=resolver)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Web"]:
        """Until the last client has left."""
        answering: set[asyncio.Task[None]] = set()

        def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            answering.add(asyncio.ensure_future(self.answer(reader, writer)))

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
        await asyncio.gather(*answering)


@contextmanager
def web_in_a_thread(web: Web) -> Iterator[Web]:
    """For tests that are not in a loop themselves."""
    loop = asyncio.new_event_loop()
    started, over = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with web.serving():
            started.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert started.wait(5)
    try:
        yield web
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(5)
        loop.close()


class Resolver(AbstractResolver):
    """Gives each name its addresses, one after the other, the last for ever."""

    def __init__(self, names: Mapping[str, list[list[str]]]) -> None:
        self._names = {name: list(answers) for name, answers in names.items()}

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        if host not in self._names:
            raise OSError("no such name")
        answers = self._names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=AF_INET, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        pass
