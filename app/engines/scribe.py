"""The worker of engines that transcribe a whole turn at once: turns of all calls in micro-batches, finals first.

A turn is cut into windows of what the model hears at once, and quiet ones are left out: nobody spoke in them.
"""

import asyncio
import time
from collections.abc import Callable

import numpy as np

from app.engines.quiet import Pcm, cut_at_quiet, is_quiet
from app.engines.worker import Worker
from telephony.events import RATE_HZ

_PARTIALS_AHEAD_S = 0.2
"""Partial passes may wait in line for as much work as this: a final that comes then has to wait no longer."""


class Scribe:
    """`hear` gets up to `max_batch` windows of 8 kHz int16, each of at most `window_samples`, and returns their texts.

    `partials_s`: seconds from one partial pass of a turn to the next, at least; 0: there are none.
    """

    def __init__(
        self, hear: Callable[[list[Pcm]], list[str]], *, max_batch: int, window_samples: int, partials_s: float
    ) -> None:
        self._hear = hear
        self._max_batch = max_batch
        self._window_samples = window_samples
        self._worker: Worker[bytes, str] = Worker("stt", self._transcribe, max_batch=max_batch)
        self._turn_s = 0.0
        """What a turn has lately cost in a batch, seconds."""
        self.partials_s = partials_s
        self.longest_partial_bytes = window_samples * 2
        """A longer turn gets no partial passes, since every pass goes over the whole turn."""

    def start(self, pcm: bytes, *, urgent: bool) -> "asyncio.Future[str]":
        """Transcribe a turn of any length. Raises EngineError, now or through the future."""
        return self._worker.start(pcm, urgent=urgent)

    def withdraw(self, passing: "asyncio.Future[str]") -> bool:
        """As the worker does: False when it has begun."""
        return self._worker.withdraw(passing)

    @property
    def has_room(self) -> bool:
        """A partial pass would run in the very next batch, without making that a long one.

        An engine that takes longer for a pass than from one to the next has no room at all: finals would wait for them.
        """
        waiting = self._worker.waiting
        most_s = _PARTIALS_AHEAD_S if waiting else self.partials_s
        return waiting < self._max_batch and (waiting + 1) * self._turn_s < most_s

    async def warm_up(self, longest_s: float) -> None:
        """A short turn and one of `longest_s`, of noise."""
        noise = np.random.default_rng(0).integers(-999, 999, round(longest_s * RATE_HZ), dtype=np.int16)
        await self.start(noise[:RATE_HZ].tobytes(), urgent=True)
        await self.start(noise.tobytes(), urgent=True)
        self._turn_s = 0.0  # cold, on noise: no turn will cost as much

    async def aclose(self) -> None:
        await self._worker.aclose()

    # Everything below runs on the worker's thread.

    def _transcribe(self, turns: list[bytes]) -> list[str]:
        begun = time.perf_counter()
        windows: list[tuple[int, Pcm]] = []
        for turn, pcm in enumerate(turns):
            pieces = cut_at_quiet(np.frombuffer(pcm, np.int16), self._window_samples)
            windows += [(turn, piece) for piece in pieces if not is_quiet(piece)]
        texts: list[list[str]] = [[] for _ in turns]
        for at in range(0, len(windows), self._max_batch):
            batch = windows[at : at + self._max_batch]
            for (turn, _), text in zip(batch, self._hear([pcm for _, pcm in batch]), strict=True):
                texts[turn].append(text)
        self._turn_s += ((time.perf_counter() - begun) / len(turns) - self._turn_s) / 4
        return [" ".join(filter(None, parts)) for parts in texts]
