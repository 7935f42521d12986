"""A memory for what clients drop and Bedrock wants back: opaque values under names, bounded, and aged out.

Nobody's request depends on it: what it does not find is a miss, and what it cannot keep is not kept.

    one process          LocalMemory                                      (memory.py)
    several workers      SharedMemory -- Unix socket -- a LocalMemory      (worker.py, wire.py, parent.py)
    several replicas     RedisMemory, which seals what it stores           (redis.py, sealing.py)

What can fail is in Forgiving's hands (forgiving.py).
"""

import importlib.util
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from proxy.continuity.forgiving import Forgiving
from proxy.continuity.memory import LocalMemory, Memory
from proxy.continuity.worker import SharedMemory
from proxy.settings import Continuity, InvalidSetting

__all__ = ["LocalMemory", "Memory", "check", "local", "opened"]

# Shorter ones can be guessed, whatever is derived from them: 16 random hex digits are 64 bits.
SHORTEST_KEY = 16


@asynccontextmanager
async def opened(settings: Continuity, parent_socket: str = "") -> AsyncGenerator[Memory, None]:
    """The memory that a worker uses; `parent_socket` is where its parent has one. Raises InvalidSetting."""
    check(settings)
    if settings.url:
        from proxy.continuity.redis import RedisMemory
        from proxy.continuity.sealing import Key

        replicas = RedisMemory(settings.url, list(map(Key, keys(settings))), max_age=settings.max_age)
        memory = Forgiving(replicas, "Redis")
    elif parent_socket:
        memory = Forgiving(SharedMemory(parent_socket), "the parent process")
    else:
        yield local(settings)
        return
    try:
        yield memory
    finally:
        await memory.aclose()


def local(settings: Continuity) -> LocalMemory:
    return LocalMemory(
        max_entries=settings.max_entries, max_bytes=settings.max_bytes, max_age=settings.max_age
    )


def check(settings: Continuity) -> None:
    """Raises InvalidSetting, which repeats nothing: the URL may hold a password."""
    if not settings.url:
        return
    if not (found := keys(settings)) or min(map(len, found)) < SHORTEST_KEY:
        raise InvalidSetting(
            "continuity.url needs continuity.key (OUTCROP_CONTINUITY_KEY), which encrypts what is stored"
            f" there: at least {SHORTEST_KEY} characters, the same for all replicas (openssl rand -hex 32)"
        )
    if not (importlib.util.find_spec("redis") and importlib.util.find_spec("cryptography")):
        raise InvalidSetting("continuity.url needs more than is installed: pip install 'outcrop[redis]'")
    from proxy.continuity.redis import connections

    try:
        connections(settings.url)
    except ValueError:
        raise InvalidSetting(
            "continuity.url: expected redis://[[user]:password@]host[:port][/db], rediss://... or unix:///path,"
            " with other characters than letters and digits in the password written as %XX"
        ) from None


def keys(settings: Continuity) -> list[str]:
    """The first encrypts, all decrypt."""
    return [each.strip() for each in settings.key.split(",") if each.strip()]
