"""A client of bare bytes, for what the SDKs hide: each write as it comes, and the moment it leaves."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson


@contextmanager
def calling(url: str, body: dict[str, Any]) -> Iterator[socket.socket]:
    """A client that has sent its chat request, and hangs up at the end of the block."""
    content = orjson.dumps(body)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(content)}\r\n\r\n"
    where = httpx.URL(url)
    with socket.create_connection((where.host, where.port or 80), timeout=5) as connection:
        connection.sendall(head.encode() + content)
        yield connection
