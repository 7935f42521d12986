"""Which memory a worker gets, and what is refused at the start in place of failing later."""

import pathlib
import sys

import pytest

from proxy import continuity
from proxy.continuity import LocalMemory, opened, parent
from proxy.continuity.forgiving import Forgiving
from proxy.settings import Continuity, InvalidSetting
from tests.redis_server import RedisServer

pytestmark = pytest.mark.anyio

SECRET = "correct horse battery"


async def test_one_process_remembers_by_itself_within_its_bounds() -> None:
    async with opened(Continuity(max_entries=1)) as memory:
        assert isinstance(memory, LocalMemory)
        await memory.remember(["a"], b"x")
        await memory.remember(["b"], b"y")
        assert await memory.recall(["a", "b"]) == [None, b"y"]


async def test_workers_use_the_memory_of_their_parent() -> None:
    settings = Continuity()
    with parent.serving(continuity.local(settings)) as path:
        async with opened(settings, path) as one, opened(settings, path) as other:
            await one.remember(["a"], b"x")
            assert await other.recall(["a"]) == [b"x"]


async def test_a_parent_that_is_not_there_is_no_error(folder: pathlib.Path) -> None:
    async with opened(Continuity(), str(folder / "memory")) as memory:
        await memory.remember(["a"], b"x")
        assert await memory.recall(["a"]) == [None]


async def test_replicas_use_redis_whatever_their_parent_has(redis_server: RedisServer) -> None:
    settings = Continuity(url=redis_server.url, key=f"{SECRET}, an older key of 1999")
    async with opened(settings, "nowhere") as memory:
        assert isinstance(memory, Forgiving)
        await memory.remember(["a"], b"x")
        assert await memory.recall(["a"]) == [b"x"]
    assert len(redis_server.everything()) == 2


UNUSABLE = {
    "no key": (Continuity(url="redis://:hunter2@127.0.0.1"), "OUTCROP_CONTINUITY_KEY"),
    "only a comma": (Continuity(url="redis://:hunter2@127.0.0.1", key=" , "), "OUTCROP_CONTINUITY_KEY"),
    "a short key": (Continuity(url="redis://:hunter2@127.0.0.1", key="hunter2"), "at least 16 characters"),
    "a short key among others": (
        Continuity(url="redis://x", key=f"{SECRET},hunter2"),
        "at least 16 characters",
    ),
    "another scheme": (Continuity(url="http://:hunter2@127.0.0.1", key=SECRET), "expected redis://"),
    "no URL": (Continuity(url="hunter2", key=SECRET), "expected redis://"),
    "a password that needs %XX": (Continuity(url="redis://:hunter2/x@y", key=SECRET), "expected redis://"),
    "no such option": (Continuity(url="redis://x?socket_timeout=hunter2", key=SECRET), "expected redis://"),
}


@pytest.mark.parametrize(("settings", "said"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_what_cannot_be_used_is_told_and_not_repeated(settings: Continuity, said: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        continuity.check(settings)

    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("missing", ["redis", "cryptography"])
def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(InvalidSetting, match=r"pip install 'outcrop\[redis\]'"):
        continuity.check(Continuity(url="redis://127.0.0.1", key=SECRET))


def test_without_a_url_a_key_is_not_needed_nor_looked_at() -> None:
    continuity.check(Continuity(key="short"))
    assert "short" not in repr(Continuity(key="short", url="redis://"))
