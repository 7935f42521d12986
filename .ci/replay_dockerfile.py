"""The Dockerfile's steps without an engine: its lines in a scratch directory, then its command.

What this shows: the files that are copied suffice to build the wheel, the environment that is copied runs,
the command answers, and the health check agrees. What it cannot show: the base image, the user, the layers.

    replay_dockerfile.py SCRATCH       a directory that exists and is empty
"""

# ruff: noqa: S101, S603, S607 - a check asserts; what it runs is the project's own

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from string import Template

from chat import chat, free_port, serving

ROOT = Path(__file__).parent.parent
PATHS = re.compile(r"(?<![\w.])/(?=(?:src|dist|opt|home)\b)")  # the image's own, which live in scratch here


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """[("FROM", "python:3.13-slim AS build"), ...]: comments gone, continued lines joined."""
    lines = "\n".join(line for line in dockerfile.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", "", lines)
    return [(word, rest) for line in joined.splitlines() if line for word, rest in [line.split(None, 1)]]


class Replay:
    """The state that one instruction leaves for the next: environment, directory, command."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.env = dict(os.environ)
        self.workdir = scratch
        self.command: dict[str, list[str]] = {}

    def step(self, word: str, rest: str) -> None:
        print(f"-- {word} {rest}", flush=True)
        here = PATHS.sub(f"{self.scratch}/", rest)
        match word:
            case "WORKDIR":
                self.workdir = Path(here)
                self.workdir.mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(*here.split())
            case "RUN":
                subprocess.run(["sh", "-euc", here], cwd=self.workdir, env=self.env, check=True)
            case "ENV":
                for name, value in re.findall(r"(\w+)=(\S+)", here):
                    self.env[name] = Template(value).substitute(self.env)
            case "ENTRYPOINT" | "CMD":
                self.command[word] = json.loads(here)
            case "HEALTHCHECK":
                self.command[word] = json.loads(here[here.index("[") :])
            case "FROM" | "USER" | "EXPOSE":
                print("   (not replayed)")
            case _:
                raise SystemExit(f"{word} has no replay: say in this file what it means here.")

    def _copy(self, *words: str) -> None:
        if words[0].startswith("--from="):  # the stages share one scratch directory, so it is there already
            assert words[1] == words[2], "a path that changes between the stages"
            assert Path(words[1]).is_dir(), words
            return
        *sources, target = words
        for name in sources:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
                shutil.copytree(source, self.workdir / target, ignore=ignored)
            else:
                shutil.copy(source, self.workdir / target)


def main(scratch: Path) -> None:
    """Replay the build; then the image's command with the local Bedrock, a chat, and the health check."""
    replay = Replay(scratch)
    _provide_python(replay)
    for word, rest in instructions((ROOT / "Dockerfile").read_text()):
        replay.step(word, rest)
    port = free_port()
    entrypoint, arguments, check = (
        [part.replace("8000", str(port)) for part in replay.command[word]]
        for word in ("ENTRYPOINT", "CMD", "HEALTHCHECK")
    )
    # The compose file's `local` command: the image's own, with what a machine without AWS needs.
    with serving([*entrypoint, *arguments, "--local", "--no-auth"], port, replay.env) as base:
        chat(base)
        subprocess.run(check, env=replay.env, check=True)
    assert subprocess.run(check, env=replay.env, check=False, stderr=subprocess.DEVNULL).returncode != 0
    print("The Dockerfile's steps work. The image itself was not built.")


def _provide_python(replay: Replay) -> None:
    """The base image's `python` and `pip`: a virtual environment that goes first in PATH."""
    base = replay.scratch / "base-image"
    subprocess.run([sys.executable, "-m", "venv", base], check=True)
    replay.env["PATH"] = f"{base / 'bin'}:{replay.env['PATH']}"


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
