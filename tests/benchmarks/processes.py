"""The servers as processes of their own, each kept on a core, and what Linux says that they cost."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROC = Path("/proc")
MEGABYTE = 1024 * 1024

# What is measured has a core of its own, where there are two; all else shares the other.
CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else [0]
MEASURED, OTHERS = CORES[0], CORES[-1]


@dataclass(frozen=True)
class Server:
    """A running server."""

    pid: int
    port: int
    born: float
    """When it was started, by the monotonic clock."""

    def cpu(self) -> float:
        """Seconds that it and its children have run."""
        return sum(cpu(pid) for pid in tree(self.pid))

    def memory(self) -> float:
        """MB that it and its children hold."""
        return sum(status(pid, "VmRSS") for pid in tree(self.pid)) / MEGABYTE

    def peak_memory(self) -> float:
        """MB that each has held at most since it was started, added."""
        return sum(status(pid, "VmHWM") for pid in tree(self.pid)) / MEGABYTE

    def clients(self) -> list[int]:
        """How many clients' connections each of its processes holds."""
        inodes = accepted(self.port)
        return [len(inodes & sockets(pid)) for pid in tree(self.pid)]


@contextmanager
def running(*arguments: str, core: int, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A Python module with its arguments, once it has printed its base URL."""
    with on_core(core):
        born = time.monotonic()
        popen = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", *arguments],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(env or {})},
            stdout=subprocess.PIPE,
            text=True,
        )
    with popen:
        try:
            yield Server(popen.pid, port(popen, arguments), born)
        finally:
            popen.terminate()


def port(popen: subprocess.Popen[str], arguments: Sequence[str]) -> int:
    assert popen.stdout
    for line in popen.stdout:
        if told := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            return int(told[1])
    raise RuntimeError(f"{' '.join(arguments)} did not start")


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started in the block stays there; we come back."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def tree(root: int) -> list[int]:
    """A process and all that come from it, of those that still run."""
    parents = {int(path.name): parent(path) for path in PROC.iterdir() if path.name.isdigit()}
    found = [root]
    for pid in found:
        found += [child for child, its_parent in parents.items() if its_parent == pid]
    return found


def parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0  # it has ended


def cpu(pid: int) -> float:
    """Seconds, to the nanosecond, where /proc/PID/stat counts in hundredths."""
    return time.clock_gettime(~pid << 3 | 2)  # clock_getcpuclockid(3), which Python does not have


def status(pid: int, name: str) -> int:
    """A member of /proc/PID/status, in bytes."""
    found = re.search(rf"{name}:\s+(\d+) kB", (PROC / str(pid) / "status").read_text())
    return int(found[1]) * 1024 if found else 0


def accepted(port: int) -> set[str]:
    """The inodes of the established connections whose near end is this port."""
    rows = [line.split() for line in (PROC / "net" / "tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"}


def sockets(pid: int) -> set[str]:
    links = [os.readlink(path) for path in (PROC / str(pid) / "fd").iterdir()]
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}
