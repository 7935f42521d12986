"""What is logged: our own words and the server's warnings; never a prompt, an answer or a key.

The libraries underneath write bodies and headers at level DEBUG, so they are kept at WARNING.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LOG_CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "outcrop": {"level": "INFO"},
        "uvicorn": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
        "aiobotocore": {"level": "WARNING"},
        # Their failures are said by `credentials`, once and without a traceback.
        "aiobotocore.credentials": {"level": "CRITICAL"},
        "aiobotocore.tokens": {"level": "CRITICAL"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}


@contextmanager
def silenced() -> Iterator[None]:
    """For commands that say themselves what a server would have to log."""
    root, handler = logging.getLogger(), logging.NullHandler()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
