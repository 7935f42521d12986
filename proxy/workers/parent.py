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
        self._untried = config.workers
        """How many have yet to get ready, or to fail, for the first time."""
        self._served = False

    async def run(self) -> bool:
        self._sharing = Sharing(self._listener)
        self._stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stopping.set)
        keeping = [asyncio.ensure_future(self._keep()) for _ in range(self._config.workers)]
        watching = asyncio.ensure_future(self._watch())
        await self._stopping.wait()
        watching.cancel()
        await self._end(keeping)
        return self._untried > 0 or self._served

    async def _keep(self) -> None:
        """One worker after the other, until all shall stop."""
        process, channel = self._start()
        channel.begun.add_done_callback(self._tried)
        pause = FIRST_PAUSE
        while True:
            if await self._ended(process) > LONG:
                pause = FIRST_PAUSE
            if self._stopping.is_set():
                return
            log.warning("A worker has ended, with %s. Another starts in %g s.", process.exitcode, pause)
            if await self._stops_within(pause):
                return
            pause = min(2 * pause, LAST_PAUSE)
            process, _ = self._start()

    def _tried(self, begun: asyncio.Future[bool]) -> None:
        """Clients are let in when the first have all begun, so that the first connections are shared too."""
        if self._stopping.is_set():
            return
        self._untried -= 1
        self._served = self._served or begun.result()
        if self._untried:
            return
        if self._served:
            self._sharing.open()
        else:
            log.error("No worker could be started; above is why.")
            self._stopping.set()

    def _start(self) -> tuple[SpawnProcess, Channel]:
        ours, theirs = socket.socketpair()
        process = multiprocessing.get_context("spawn").Process(target=work, args=(self._config, theirs))
        process.start()
        channel = self._living[process] = self._sharing.channel(ours, theirs)
        return process, channel

    async def _ended(self, process: SpawnProcess) -> float:
        """How many seconds it has lived."""
        loop = asyncio.get_running_loop()
        now, ended = loop.time(), asyncio.Event()
        loop.add_reader(process.sentinel, ended.set)
        await ended.wait()
        loop.remove_reader(process.sentinel)
        process.join()
        self._sharing.ended(self._living.pop(process))
        return loop.time() - now

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
                if channel.silent > HANGS:
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
