"""The parent of the workers: starts them, replaces those that die, and ends when they have ended.

starting --ready--> serving --dies--> pausing --> starting
    | all have died, and none was ever ready: that is the end
"""

import asyncio
import logging
import multiprocessing
import signal
import socket
from collections.abc import Collection
from multiprocessing.context import SpawnProcess

import uvicorn

from proxy.workers.channel import Channel
from proxy.workers.sharing import Sharing
from proxy.workers.worker import work

log = logging.getLogger("outcrop")

# Seconds before a worker that died is replaced: doubled, up to the last, when none of them lives long.
FIRST_PAUSE, LAST_PAUSE = 0.1, 30.0
LONG = 60.0
# Seconds; a worker that does not answer for so long hangs.
HANGS = 30.0
# Seconds that workers have to end, after those that uvicorn gives to what they serve.
TIDYING = 5


def serve(config: uvicorn.Config, listener: socket.socket) -> bool:
    """Until SIGINT or SIGTERM; False, at once, where no worker can be started."""
    return asyncio.run(Parent(config, listener).run())


class Parent:
    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        self._config = config
        self._listener = listener
        self._living: dict[SpawnProcess, Channel] = {}
        self._failed = False

    async def run(self) -> bool:
        loop = asyncio.get_running_loop()
        self._sharing = Sharing(self._listener)
        self._stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)
        begun = [loop.create_future() for _ in range(self._config.workers)]
        keeping = [asyncio.ensure_future(self._keep(first)) for first in begun]
        others = [asyncio.ensure_future(self._let_in(begun)), asyncio.ensure_future(self._watch())]
        await self._stopping.wait()
        for other in others:
            other.cancel()
        await self._end(keeping)
        return not self._failed

    async def _let_in(self, begun: Collection[asyncio.Future[bool]]) -> None:
        """Clients: when the first workers have all begun, so that the first connections are shared too."""
        _, late = await asyncio.wait(begun, timeout=HANGS)
        if late or any(first.result() for first in begun):
            self._sharing.open()
            return
        log.error("No worker could be started; above is why.")
        self._failed = True
        self._stopping.set()

    async def _keep(self, begun: asyncio.Future[bool]) -> None:
        """One worker after the other, until all shall stop; `begun` gets whether the first was ever ready."""
        pause = FIRST_PAUSE
        while True:
            lived, how = await self._life(begun)
            if not begun.done():
                begun.set_result(False)
            if self._stopping.is_set():
                return
            pause = FIRST_PAUSE if lived > LONG else pause
            log.warning("A worker has ended, with %s. Another starts in %g s.", how, pause)
            if await self._stops_within(pause):
                return
            pause = min(2 * pause, LAST_PAUSE)

    async def _life(self, begun: asyncio.Future[bool]) -> tuple[float, object]:
        """Of one worker: how many seconds it took, and how it ended."""
        loop = asyncio.get_running_loop()
        now, ended = loop.time(), asyncio.Event()
        try:
            process = self._start(begun)
        except OSError as error:
            return 0, error
        loop.add_reader(process.sentinel, ended.set)
        await ended.wait()
        loop.remove_reader(process.sentinel)
        process.join()
        self._sharing.ended(self._living.pop(process))
        return loop.time() - now, process.exitcode

    def _start(self, begun: asyncio.Future[bool]) -> SpawnProcess:
        ours, theirs = socket.socketpair()
        process = multiprocessing.get_context("spawn").Process(target=work, args=(self._config, theirs))
        try:
            process.start()
        except OSError:
            ours.close()
            theirs.close()
            raise
        self._living[process] = self._sharing.channel(ours, theirs, begun)
        return process

    async def _stops_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._stopping.wait()
        except TimeoutError:
            return False

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._sharing.look()
            for process, channel in self._living.items():
                if channel.unanswered > HANGS:
                    log.error("A worker has not answered for %g s, and is killed.", HANGS)
                    process.kill()

    async def _end(self, keeping: Collection[asyncio.Future[None]]) -> None:
        self._sharing.close()
        for process in self._living:
            process.terminate()
        _, late = await asyncio.wait(keeping, timeout=(self._config.timeout_graceful_shutdown or 0) + TIDYING)
        if late:
            log.error("%d workers did not end, and are killed.", len(late))
            for process in self._living:
                process.kill()
            await asyncio.wait(late)
