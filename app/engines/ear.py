"""The ear of engines that transcribe a whole turn at once: it collects the turn and decides when to run a pass over it.

While the caller speaks, a pass runs every `stt.partials_s` and is reported as a `Partial`. The final pass goes before
other calls' partial ones, and is not run at all when nothing but silence followed the last pass. One pass of an ear is
under way at a time. A partial one that still waits gives way to a newer one, and none is begun for which the engine
has no room: finals wait for it at most.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.engines.agreement import LocalAgreement
from app.engines.base import EngineError, Partial
from app.engines.quiet import is_quiet
from app.engines.scribe import Scribe
from telephony.events import RATE_HZ

_SECOND = RATE_HZ * 2
"""Bytes of int16."""
_MOST_BYTES = 120 * _SECOND
"""Two minutes of a turn are kept, far more than the call core lets one last."""
_TAIL_BYTES = _SECOND // 10
"""Silence that a pass must have heard after the last word: cut off right behind it, a word is often lost."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """A transcription of the turn's first `end` bytes, under way."""

    end: int
    future: "asyncio.Future[str]"
    final: bool


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
        every = round(self._scribe.partials_s * RATE_HZ) * 2
        due = len(self._pcm) + every
        wanted = self._report is not None and every and due <= self._scribe.longest_partial_bytes
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
        if self._pass is not None and (self._pass.final or not self._scribe.withdraw(self._pass.future)):
            return False  # somebody waits for a final one
        return self._scribe.has_room

    def _covers(self, end: int) -> bool:
        """A pass over the first `end` bytes has heard all that was said: only silence followed, or nothing came yet."""
        begin = max(0, end - _TAIL_BYTES)
        count = (len(self._pcm) - begin) // 2
        return not count or is_quiet(np.frombuffer(self._pcm, np.int16, count, begin))

    def _begin(self, *, urgent: bool) -> "asyncio.Future[str]":
        """Transcribe all there is. Raises EngineError, now or through the future."""
        end = len(self._pcm) // 2 * 2
        begun = _Pass(end, self._scribe.start(bytes(self._pcm[:end]), urgent=urgent), urgent)
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
