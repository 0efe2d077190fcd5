"""Engines for child processes, which break when their text says so. They are loaded there, by FACTORY."""

import asyncio
import json
import os
import signal
import stat
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress

from app.config import Settings
from app.engines.base import EngineFailed, EngineUnavailable
from app.engines.scripted import sine
from app.engines.worker import Worker

FACTORY = "tests.engines.process.factory:load"
RATE_HZ = 16_000
CHUNK = sine(0.1, RATE_HZ)
BEGINNING = sine(0.8, RATE_HZ)
"""What is said of a clause before it breaks."""
LARGE = sine(20.0, RATE_HZ)


def _sleep(items: list[None]) -> list[None]:
    time.sleep(60)
    return items


def _garble() -> None:
    """What a native library could do that writes to a descriptor it does not own."""
    for descriptor in range(3, 64):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.write(descriptor, b"\xff" * 64)


class OrderedTts:
    """Speaks 0.4 s of a tone for any text; for one that begins with an order of its table it carries that out."""

    rate_hz = RATE_HZ

    def __init__(self, settings: Settings) -> None:
        self.steps = 0
        self.closed_early = 0
        self._settings = settings
        self._worker: Worker[None, None] = Worker("ordered", _sleep)
        self._orders: Mapping[str, Callable[[str], AsyncGenerator[bytes, None]]] = {
            "break": self._break,
            "endless": self._endless,
            "large": self._large,
            "think": self._think,
            "closed": self._closed,
            "tell": self._tell,
        }

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        order, _, rest = text.partition(" ")
        if order in self._orders:
            async for chunk in self._orders[order](rest):
                yield chunk
            return
        for _ in range(4):
            yield CHUNK

    async def warm_up(self) -> None: ...

    async def aclose(self) -> None: ...

    async def _break(self, how: str) -> AsyncGenerator[bytes, None]:
        yield BEGINNING
        if "later" in how:
            await asyncio.sleep(0.4)
        match how.split()[0].rstrip("."):
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "freeze":
                time.sleep(60)  # noqa: ASYNC251 - the event loop itself stands still
            case "hang":
                await self._worker.submit(None)
            case "fail":
                raise EngineFailed("as told")
            case "lose":
                raise EngineUnavailable("the GPU is lost")
            case "surprise":
                raise ValueError(how)
            case "print":
                print(how, flush=True)
                print(how, file=sys.stderr, flush=True)
            case "garble":
                _garble()

    async def _endless(self, pause_s: str) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield CHUNK
                await asyncio.sleep(float(pause_s))
        finally:
            self.closed_early += 1

    async def _large(self, rest: str) -> AsyncGenerator[bytes, None]:
        yield LARGE

    async def _think(self, steps: str) -> AsyncGenerator[bytes, None]:
        """For long, but not idly."""
        for _ in range(int(steps)):
            await asyncio.sleep(0.1)
            self.steps += 1
        yield CHUNK

    async def _closed(self, count: str) -> AsyncGenerator[bytes, None]:
        """Ends when so many endless ones were closed."""
        while self.closed_early < int(count):
            await asyncio.sleep(0.005)
        yield CHUNK

    async def _tell(self, rest: str) -> AsyncGenerator[bytes, None]:
        """About the process, as an error: text has no other way out."""
        told = {"pid": os.getpid(), "argv": sys.argv, "env": [name for name in os.environ if "KVA" in name.upper()]}
        speaker, token = self._settings.tts.speaker, self._settings.twilio.auth_token.get_secret_value()
        if told:
            raise EngineFailed(json.dumps({**told, "speaker": speaker, "token": token}))
        yield CHUNK


def load(settings: Settings) -> OrderedTts:
    return OrderedTts(settings)


def load_talkative(settings: Settings) -> OrderedTts:
    print("x" * 300_000 + "\nend of \x1b[31mnoise", flush=True)
    return OrderedTts(settings)


def load_unavailable(settings: Settings) -> OrderedTts:
    raise EngineUnavailable(f"there is no voice {settings.tts.speaker}")


def load_broken(settings: Settings) -> OrderedTts:
    raise KeyError("weights")


def load_crashing(settings: Settings) -> OrderedTts:
    os._exit(7)


def load_slow(settings: Settings) -> OrderedTts:
    time.sleep(60)
    return OrderedTts(settings)
