"""The outcrop command as a process of its own, in an environment of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

# The least that a process needs; nothing of the tests' own AWS settings.
BARE = {
    "PATH": os.environ.get("PATH", ""),
    "PYTHONPATH": str(ROOT),
    "HOME": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Process:
    """A running outcrop; `said` is what it printed on standard output until it served."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        self.popen = popen
        assert popen.stdout
        self.said = ""
        for line in popen.stdout:
            self.said += line
            if self.said.endswith("\n\n") and self.said.count("\n\n") > 1:
                break

    @property
    def base_url(self) -> str:
        return self._told(r"base URL +(http://\S+)")

    @property
    def local_url(self) -> str:
        """The local Bedrock's, where it is served too."""
        return self._told(r"local Bedrock on (http://\S+)")

    def _told(self, pattern: str) -> str:
        found = re.search(pattern, self.said)
        assert found, self.said
        return found[1]

    def stop(self, number: int = signal.SIGTERM) -> None:
        self.popen.send_signal(number)

    def ended(self) -> tuple[int, str]:
        """The exit status and standard error; fails where the process does not end."""
        _, errors = self.popen.communicate(timeout=8)
        return self.popen.returncode, errors


@contextmanager
def running(
    *arguments: str, env: Mapping[str, str], cwd: Path | None = None, program: str = "proxy"
) -> Iterator[Process]:
    popen = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", program, *arguments],
        env={**BARE, **env},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with popen:
        try:
            yield Process(popen)
        finally:
            popen.kill()


def shell(command: str, cwd: Path | None = None) -> str:
    """What a user who pastes these lines sees."""
    return subprocess.run(  # noqa: S602
        command, shell=True, cwd=cwd, check=True, capture_output=True, text=True, timeout=20
    ).stdout
