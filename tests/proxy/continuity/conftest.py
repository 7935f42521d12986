"""Async tests run on asyncio, and there are two keys for all of them: deriving one takes long on purpose."""

import pytest

from proxy.continuity.sealing import Key


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def key() -> Key:
    return Key("correct horse battery")


@pytest.fixture(scope="session")
def other() -> Key:
    return Key("staple correct horse")
