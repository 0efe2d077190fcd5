"""The ear of engines that transcribe a whole turn at once: it collects the turn and decides when to run a pass over it.

While the caller speaks, a pass runs every `stt.partials_s` and is reported as a `Partial`. The final pass goes before
other calls' partial ones, and is not run at all when nothing but silence followed the last pass. One pass of an ear is
under way at a time. A partial one that still waits gives way to a newer one, and none is begun for which the engine
has no room: finals wait for it at most.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.engines.agreement import LocalAgreement
from app.engines.base import EngineError, Partial
from app.engines.quiet import is_quiet
from app.engines.worker import Worker
from telephony.events import RATE_HZ

_SECOND = RATE_HZ * 2
"""Bytes of int16."""
_MOST_BYTES = 120 * _SECOND
"""Two minutes of a turn are kept, far more than the call core lets one last."""
_TAIL_BYTES = _SECOND // 10
"""Silence that a pass must have heard after the last word: cut off right behind it, a word is often lost."""
_PARTIALS_AHEAD_S = 0.2
"""Partial passes may wait in line for as much work as this: a final that comes then has to wait no longer."""


class Scribe:
    """The passes of all ears of one engine, on one worker. `transcribe` gets turns of 8 kHz int16 and returns texts.

    `partials_s` of 0: no partial passes. Turns longer than `longest_partial_s` get none either, since every pass goes
    over the whole turn.
    """

    def __init__(
        self,
        transcribe: Callable[[list[bytes]], list[str]],
        *,
        max_batch: int,
        partials_s: float,
        longest_partial_s: float,
    ) -> None:
        self._transcribe = transcribe
        self._worker: Worker[bytes, str] = Worker("stt", self._run, max_batch=max_batch)
        self._max_batch = max_batch
        self._turn_s = 0.0
        """What a turn has lately cost in a batch, seconds."""
        self.every_bytes = round(partials_s * RATE_HZ) * 2
        self.longest_partial_bytes = round(longest_partial_s * RATE_HZ) * 2

    def listen(self, report: Callable[[Partial], None] | None) -> "TurnEar":
        return TurnEar(self, report)

    def start(self, pcm: bytes, *, urgent: bool) -> "asyncio.Future[str]":
        return self._worker.start(pcm, urgent=urgent)

    def withdraw(self, passing: "asyncio.Future[str]") -> bool:
        return self._worker.withdraw(passing)

    @property
    def has_room(self) -> bool:
        """A partial pass would run in the very next batch, without making that a long one."""
        waiting = self._worker.waiting
        return not waiting or (waiting < self._max_batch and (waiting + 1) * self._turn_s < _PARTIALS_AHEAD_S)

    async def aclose(self) -> None:
        await self._worker.aclose()

    def _run(self, turns: list[bytes]) -> list[str]:
        """On the worker's thread."""
        begun = time.perf_counter()
        texts = self._transcribe(turns)
        self._turn_s += ((time.perf_counter() - begun) / len(turns) - self._turn_s) / 4
        return texts


@dataclass(frozen=True, slots=True)
class _Pass:
    """A transcription of the turn's first `end` bytes, under way."""

    end: int
    future: "asyncio.Future[str]"


class TurnEar:
    """One turn of one caller."""

    def __init__(self, scribe: Scribe, report: Callable[[Partial], None] | None) -> None:
        self._scribe = scribe
        self._report = report
        self._agreement = LocalAgreement()
        self._pcm = bytearray()
        self._text = ""
        self._heard = 0
        """Bytes of `_pcm` that `_text` covers."""
        self._pass: _Pass | None = None
        self._due = self._next()
        """All that is looked at for a frame."""

    def feed(self, pcm: bytes) -> None:
        self._pcm += pcm
        if len(self._pcm) > self._due:
            self._attend()

    async def finish(self) -> str:
        if self._heard and self._covers(self._heard):
            return self._text
        under_way, self._pass = self._pass, None
        if (
            under_way is not None
            and not under_way.future.cancelled()
            and not self._scribe.withdraw(under_way.future)
            and self._covers(under_way.end)
        ):  # it has begun, and will have heard everything
            self._pass = under_way
            return await under_way.future
        return await self._begin(urgent=True) if len(self._pcm) > 1 else ""

    def close(self) -> None:
        self._report = None
        if self._pass is not None:
            self._pass.future.cancel()

    def _next(self) -> int:
        """The length of `_pcm` after which there is something to do."""
        due = len(self._pcm) + self._scribe.every_bytes
        wanted = self._report is not None and self._scribe.every_bytes and due <= self._scribe.longest_partial_bytes
        return due if wanted else _MOST_BYTES

    def _attend(self) -> None:
        if (excess := len(self._pcm) - _MOST_BYTES) > 0:
            del self._pcm[: excess + excess % 2]
            self._heard, self._pass = 0, None  # what they cover is no longer what there is
        elif self._may_begin():
            with contextlib.suppress(EngineError):  # a partial pass that fails is no loss: the final one will say so
                self._begin(urgent=False)
        self._due = self._next()

    def _may_begin(self) -> bool:
        """A partial pass would tell something new, and there is room for it now. If not, a later one is as good."""
        if self._covers(self._heard):
            return False
        if self._pass is not None and not self._scribe.withdraw(self._pass.future):
            return False
        return self._scribe.has_room

    def _covers(self, end: int) -> bool:
        """A pass over the first `end` bytes has heard all that was said: only silence followed, or nothing came yet."""
        begin = max(0, end - _TAIL_BYTES)
        count = (len(self._pcm) - begin) // 2
        return not count or is_quiet(np.frombuffer(self._pcm, np.int16, count, begin))

    def _begin(self, *, urgent: bool) -> "asyncio.Future[str]":
        """Transcribe all there is. Raises EngineError, now or through the future."""
        end = len(self._pcm) // 2 * 2
        begun = _Pass(end, self._scribe.start(bytes(self._pcm[:end]), urgent=urgent))
        begun.future.add_done_callback(lambda _: self._done(begun, report=not urgent))
        self._pass = begun
        return begun.future

    def _done(self, done: _Pass, *, report: bool) -> None:
        current = self._pass is done
        if current:
            self._pass = None
        if done.future.cancelled() or done.future.exception() is not None or not current:
            return
        self._text, self._heard = done.future.result(), done.end
        if report and self._report is not None and self._text:
            self._report(self._agreement.hear(self._text))
