"""HostedTts: text to speech in a child process, which is started again when it breaks."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NoReturn

from app.config import Settings
from app.engines.base import EngineError, EngineFailed
from app.engines.clause import spoken_text
from app.engines.process.link import Link, started

log = logging.getLogger(__name__)

_START_S = 600.0
"""A child may take so long to load and warm up: gigabytes are read, and graphs compiled."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 30.0
"""Before the child is started again; twice as long after each one that broke soon."""
_SOON_S = 60.0
_MOST_CHARACTERS = 4000


class HostedTts:
    """`factory` is "package.module:function"; it takes Settings, of which only `tts` and `models` are the real ones.

    The child starts with `warm_up`. When it crashes, hangs or does nothing but fail, the clauses it was speaking fail
    at once, and so do new ones until it is back: a caller should hear an apology, not silence.
    """

    def __init__(self, factory: str, settings: Settings, *, start_s: float = _START_S) -> None:
        self._factory = factory
        self._settings = settings
        self._start_s = start_s
        self._rate_hz = 0
        self._owner: asyncio.Task[None] | None = None
        self._serving: asyncio.Future[Link]
        """The child that speaks; not done while one is being started. A failed first start stays in it."""
        self._closed = False

    @property
    def rate_hz(self) -> int:
        if not self._rate_hz:
            raise EngineFailed(f"{self._factory}: the rate is known after warm_up")
        return self._rate_hz

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        plain = spoken_text(text, _MOST_CHARACTERS)
        if not plain:
            return
        if self._owner is None:
            await self.warm_up()
        if not self._serving.done():
            raise EngineFailed(f"{self._factory} is being started again")
        async with aclosing(self._serving.result().speak(plain, urgent=urgent)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def warm_up(self) -> None:
        """Start the child, or wait until the one that is being started can speak."""
        if self._closed:
            raise EngineFailed(f"{self._factory} is closed")
        if self._owner is None or self._owner.done():
            self._serving = _future()
            self._owner = asyncio.create_task(self._own(), name=f"own-{self._factory}")
            self._owner.add_done_callback(self._owner_ended)
        await asyncio.shield(self._serving)

    async def aclose(self) -> None:
        self._closed = True
        if self._owner is not None:
            self._owner.cancel()
            await asyncio.wait([self._owner])

    async def _own(self) -> None:
        """One child after the other, until cancelled; or until the first cannot even be started."""
        clock = asyncio.get_running_loop().time
        pause_s = _FIRST_PAUSE_S
        while True:
            began_s = clock()
            try:
                await self._live()
            except EngineError as error:
                if not self._rate_hz:
                    self._serving.set_exception(error)
                    return
                if clock() - began_s > _SOON_S:
                    pause_s = _FIRST_PAUSE_S
                log.error("%s; it is started again in %g s", error, pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _owner_ended(self, owner: "asyncio.Task[None]") -> None:
        if not self._serving.done():
            self._serving.set_exception(EngineFailed(f"{self._factory} is closed"))

    async def _live(self) -> NoReturn:
        """One child, from its start to its end. Raises EngineError that says what ended it."""
        try:
            async with started(self._factory, self._settings) as link:
                async with asyncio.timeout(self._start_s):
                    self._rate_hz = await link.hello()
                self._serving.set_result(link)
                try:
                    await link.serve()
                finally:
                    self._serving = _future()
        except TimeoutError:
            raise EngineFailed(f"{self._factory} was not ready after {self._start_s:g} s") from None
        except OSError as error:
            raise EngineFailed(f"{self._factory}: no process can be started: {error.strerror}") from error


def _future() -> "asyncio.Future[Link]":
    """Whose exception need not be looked at: it is logged, or nobody waited."""
    future: asyncio.Future[Link] = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future
