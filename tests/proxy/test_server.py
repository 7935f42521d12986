"""Several workers get a memory to share; one worker, and workers that have a Redis, need none."""

import os
import pathlib
import stat

import pytest

from proxy.continuity.parent import SOCKET
from proxy.server import shared_memory
from proxy.settings import Continuity, InvalidSetting


@pytest.mark.parametrize(
    ("workers", "url", "shared"),
    [(1, "", False), (2, "", True), (1, "redis://x", False), (2, "redis://x", False)],
)
def test_who_gets_a_socket(monkeypatch: pytest.MonkeyPatch, workers: int, url: str, shared: bool) -> None:
    monkeypatch.setenv(SOCKET, "of another server")

    with shared_memory(Continuity(url=url), workers=workers):
        path = os.environ.get(SOCKET)
        assert (path is not None) is shared
        assert path is None or stat.S_ISSOCK(os.stat(path).st_mode)
    assert SOCKET not in os.environ


def test_where_there_can_be_no_socket(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SOCKET, raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))

    with pytest.raises(InvalidSetting, match="TMPDIR"), shared_memory(Continuity(), workers=2):
        pytest.fail("serves")
