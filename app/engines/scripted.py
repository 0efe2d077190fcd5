"""Engines that follow a script: for tests of what is built on engines, and for benchmarks of everything but models.

Each implements its Protocol fully. `delay_s` is spent on the loop's clock. Setting `error` makes the next uses raise
it, setting `hangs` makes them wait for ever; both may be changed at any time.
"""

import asyncio
import audioop
import functools
import math
from array import array
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.call.events import Finished
from app.engines.base import EngineError, Filler, Partial, Question


@dataclass(kw_only=True)
class Scripted:
    """What all scripted engines share."""

    delay_s: float = 0.0
    error: EngineError | None = None
    hangs: bool = False
    warmed_up: bool = False
    closed: bool = False

    async def warm_up(self) -> None:
        self.warmed_up = True

    async def aclose(self) -> None:
        self.closed = True

    async def act(self) -> None:
        """Spend the delay, hang or raise, as told."""
        if self.hangs:
            await asyncio.Event().wait()
        await asyncio.sleep(self.delay_s)
        if self.error is not None:
            raise self.error


@dataclass
class ScriptedStt(Scripted):
    """Hears `texts`, one a turn; when they run out, nothing was said. In every turn `partials` are reported, one for
    each `partial_s` of audio while they last.
    """

    texts: Iterable[str] = ()
    partials: Sequence[Partial] = ()
    partial_s: float = 0.2

    def __post_init__(self) -> None:
        self._texts = iter(self.texts)

    def listen(self, partial: Callable[[Partial], None] | None = None) -> "ScriptedEar":
        return ScriptedEar(self, self._texts, partial)


class ScriptedEar:
    """One turn. The text is drawn at the first `finish`, so a turn that is never finished uses none up."""

    def __init__(
        self, engine: ScriptedStt, texts: Iterable[str], report: Callable[[Partial], None] | None = None
    ) -> None:
        self._engine = engine
        self._texts = iter(texts)
        self._text: str | None = None
        self._report = report
        self._partials = iter(engine.partials)
        self._step = round(engine.partial_s * 8000) * 2
        self._due = self._step
        self.pcm = bytearray()

    def feed(self, pcm: bytes) -> None:
        self.pcm += pcm
        while self._report is not None and len(self.pcm) >= self._due:
            self._due += self._step
            if (partial := next(self._partials, None)) is not None:
                asyncio.get_running_loop().call_soon(self._tell, partial)

    async def finish(self) -> str:
        if not self.pcm:
            return ""
        await self._engine.act()
        if self._text is None:
            self._text = next(self._texts, "")
        return self._text

    def close(self) -> None:
        self._report = None

    def _tell(self, partial: Partial) -> None:
        if self._report is not None:
            self._report(partial)


@dataclass
class ScriptedTranslator(Scripted):
    """Looks sentences up in `sentences`; any other comes back as it is."""

    sentences: Mapping[str, str] = field(default_factory=dict)

    async def translate(self, text: str, *, urgent: bool = False) -> str:
        if not text.strip():
            return ""
        await self.act()
        return self.sentences.get(text, text)


@dataclass
class ScriptedTts(Scripted):
    """Speaks a 440 Hz tone of `seconds` for any text, in chunks, `speed` times faster than it plays."""

    seconds: float = 1.0
    chunk_s: float = 0.04
    speed: float = 10.0
    rate_hz: int = 8000
    spoken: list[str] = field(default_factory=list)

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        if not text.strip():
            return
        await self.act()
        self.spoken.append(text)
        tone = sine(self.seconds, self.rate_hz)
        step = max(1, round(self.chunk_s * self.rate_hz)) * 2
        started = asyncio.get_running_loop().time()
        for at in range(0, len(tone), step):
            yield tone[at : at + step]
            due = started + (at + step) / 2 / self.rate_hz / self.speed
            await asyncio.sleep(due - asyncio.get_running_loop().time())


@dataclass
class ScriptedAgent(Scripted):
    """Answers every question with `tokens`, each `token_s` after the one before, and ends with `finished`, if any."""

    tokens: Iterable[str | Filler] = ("all ", "is ", "well.")
    token_s: float = 0.0
    finished: Finished | None = None
    waits_for_confirmation: bool = False
    questions: list[Question] = field(default_factory=list)

    async def answer(self, question: Question) -> AsyncGenerator[str | Filler | Finished, None]:
        self.questions.append(question)
        await self.act()
        if self.waits_for_confirmation:
            await question.confirmed()
        for token in self.tokens:
            yield token
            await asyncio.sleep(self.token_s)
        if self.finished is not None:
            yield self.finished


@dataclass
class ScriptedVad(Scripted):
    """Hears voice in every frame whose RMS is at least `rms`, at once."""

    rms: int = 500

    def open(self, emit: Callable[[bool], None]) -> "ScriptedVoiceStream":
        return ScriptedVoiceStream(self.rms, emit)


class ScriptedVoiceStream:
    def __init__(self, rms: int, emit: Callable[[bool], None]) -> None:
        self._rms = rms
        self._emit: Callable[[bool], None] | None = emit

    def feed(self, frame: bytes) -> None:
        if self._emit is not None:
            self._emit(audioop.rms(frame, 2) >= self._rms)

    def close(self) -> None:
        self._emit = None


@functools.cache
def sine(seconds: float, rate_hz: int, frequency_hz: float = 440.0, amplitude: int = 8000) -> bytes:
    """A tone, int16."""
    step = 2 * math.pi * frequency_hz / rate_hz
    return array("h", (round(amplitude * math.sin(step * n)) for n in range(round(seconds * rate_hz)))).tobytes()
