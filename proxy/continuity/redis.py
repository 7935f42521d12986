"""The memory of several replicas, in Redis: sealed before it leaves, and gone when it is too old.

outcrop:<digest of a name>    where the value is, sealed for this place
outcrop:<random>              the value, once however many names it has, sealed for this place
"""

import os
from collections.abc import Iterable, Sequence

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from proxy.continuity.forgiving import PATIENCE, Outage
from proxy.continuity.sealing import Key, Unsealable

PREFIX = b"outcrop:"

# A worker's; an operation takes about a millisecond, so that more would only wait in Redis.
CONNECTIONS = 16


def connections(url: str) -> BlockingConnectionPool:
    """Connects nowhere yet. Raises ValueError for what is no URL of a Redis."""
    return BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        # Once, at once: a Redis that was restarted has closed what the pool still holds.
        retry=Retry(NoBackoff(), 1),
    )


class RedisMemory:
    """A Store: raises what redis-py raises. Entries and bytes are bounded by Redis itself (`maxmemory`)."""

    def __init__(self, url: str, keys: Sequence[Key], *, max_age: float) -> None:
        """The first key seals, all unseal: so one can be replaced while replicas come and go."""
        self._redis = Redis.from_pool(connections(url))
        self._keys = keys
        self._milliseconds = int(max_age * 1000)
        self._damage = Outage("unsealing what Redis holds")

    async def recall(self, names: Sequence[str]) -> list[bytes | None]:
        found: list[bytes | None] = [None] * len(names)
        for key in self._keys:
            missing = [index for index, value in enumerate(found) if value is None]
            values = await self._recall(key, [names[index] for index in missing])
            for index, value in zip(missing, values, strict=True):
                found[index] = value
        return found

    async def remember(self, names: Sequence[str], value: bytes) -> None:
        key = self._keys[0]
        target = PREFIX + os.urandom(16).hex().encode()
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.set(target, key.seal(value, target), px=self._milliseconds)
            for place in places(key, names):
                pipeline.set(place, key.seal(target, place), px=self._milliseconds)
            await pipeline.execute()

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def _recall(self, key: Key, names: Sequence[str]) -> list[bytes | None]:
        targets = await self._unsealed(key, places(key, names))
        distinct = list(dict.fromkeys(target for target in targets if target))
        values = dict(zip(distinct, await self._unsealed(key, distinct), strict=True))
        return [values[target] if target else None for target in targets]

    async def _unsealed(self, key: Key, places: Sequence[bytes]) -> list[bytes | None]:
        if not places:
            return []
        sealed = await self._redis.mget(places)
        return [self._opened(key, value, place) for value, place in zip(sealed, places, strict=True)]

    def _opened(self, key: Key, sealed: bytes | str | None, place: bytes) -> bytes | None:
        if not isinstance(sealed, bytes):
            return None  # not there; or text, because the URL says decode_responses
        try:
            value = key.unseal(sealed, place)
        except Unsealable:
            self._damage.failed("it was changed, or moved, since it was sealed")
            return None
        self._damage.worked()
        return value


def places(key: Key, names: Iterable[str]) -> list[bytes]:
    return [PREFIX + key.place(name).hex().encode() for name in names]
