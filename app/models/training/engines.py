"""The engines of one pack, the very ones that answer calls, and all of a set through them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from app.config import SttSettings, TranslationSettings
from app.engines.translation import Ctranslate2Translator
from app.engines.whisper import WhisperStt

In = TypeVar("In")
_AT_ONCE = 64
"""An engine refuses work when 256 jobs wait already."""


@dataclass(frozen=True, slots=True)
class Engines:
    """As the settings have them by default (int8, one thread, speech greedily, translation by beams of 2), but for one:
    jobs are done one by one, as for a single caller. In a batch a short turn is padded, and its text may depend on its
    neighbours.
    """

    stt: WhisperStt
    batching_stt: WhisperStt
    """As the settings have it by default: turns that wait are done together."""
    to_english: Ctranslate2Translator
    to_kannada: Ctranslate2Translator

    async def hear(self, clips: Sequence[bytes]) -> list[str]:
        """A transcript for each clip of 8 kHz int16."""
        return await _each(partial(_hear_one, self.stt), clips)

    async def hear_in_batches(self, clips: Sequence[bytes]) -> list[str]:
        """The same as the engine does it for many calls. Which turns share a batch is a matter of time."""
        return await _each(partial(_hear_one, self.batching_stt), clips)

    async def translate(self, texts: Sequence[str], *, to_english: bool) -> list[str]:
        """Sentences without the mark that the engine puts at the end."""
        engine = self.to_english if to_english else self.to_kannada
        return [text.rstrip(".?!") for text in await _each(engine.translate, texts)]


@asynccontextmanager
async def engines_of(pack: Path) -> AsyncIterator[Engines]:
    """Loads the pack in the folder `pack`. Raises EngineUnavailable when there is none."""
    settings = TranslationSettings(max_batch=1)
    engines = Engines(
        WhisperStt(pack / "stt", SttSettings(max_batch=1)),
        WhisperStt(pack / "stt", SttSettings()),
        Ctranslate2Translator(pack / "kn_en", settings, "translation.to_english"),
        Ctranslate2Translator(pack / "en_kn", settings, "translation.to_kannada"),
    )
    each = (engines.stt, engines.batching_stt, engines.to_english, engines.to_kannada)
    try:
        for engine in each:
            await engine.warm_up()
        yield engines
    finally:
        for engine in each:
            await engine.aclose()


async def _hear_one(stt: WhisperStt, pcm: bytes) -> str:
    ear = stt.listen()
    ear.feed(pcm)
    return await ear.finish()


async def _each(work: Callable[[In], Coroutine[Any, Any, str]], items: Sequence[In]) -> list[str]:
    done: list[str] = []
    for at in range(0, len(items), _AT_ONCE):
        done += await asyncio.gather(*(work(item) for item in items[at : at + _AT_ONCE]))
    return done
