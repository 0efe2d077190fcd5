"""Voice detection by Silero: one model for all calls, run as one batch every 16 ms on a worker thread.

webrtcvad stands before it: where that has heard nothing for 300 ms, a frame is silence and the model is not asked. It
is also what judges when the model does not keep up. Each frame's judgement is that of the newest 32 ms window that had
ended with the frame, so judgements come at once or about a tick later, in order.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import webrtcvad

from app.config import Settings, VadSettings
from app.engines.base import EngineError
from app.engines.silero_network import MOST_CALLS, NEW, SPAN, Floats, SileroNetwork, no_state
from app.engines.worker import Worker
from telephony.events import RATE_HZ

TICK_S = 0.016
_GATE_FRAMES = 15
"""Frames without voice, by webrtcvad, after which the model rests."""
_MOST_FRAMES = 8
"""Frames that may wait for the model; then webrtcvad decides them, 160 ms late."""
_HYSTERESIS = 0.15
"""Silero's own rule: voice goes on until its probability is so far under the threshold."""


@dataclass(slots=True, eq=False)
class _Memory:
    """What is known of a call since it last fell silent. A late answer to an older window changes an old memory."""

    state: Floats = field(default_factory=no_state)
    speech: bool = False


@dataclass(slots=True, eq=False)
class _Window:
    """32 ms of one call, and what was judged of it."""

    span: bytes
    memory: _Memory
    speech: bool | None = None

    def judge(self, probability: float, threshold: float) -> None:
        self.memory.speech = probability >= threshold - (_HYSTERESIS if self.memory.speech else 0)
        if self.speech is None:
            self.speech = self.memory.speech


_Asked = list[tuple["SileroVoiceStream", _Window]]
_Answers = tuple[Floats, list[Floats]]


class SileroVad:
    def __init__(self, settings: VadSettings) -> None:
        self._network = SileroNetwork()
        self._settings = settings
        self._worker: Worker[tuple[list[bytes], list[Floats]], _Answers] = Worker("vad", self._run, max_waiting=2)
        self._due: list[SileroVoiceStream] = []
        """Calls with a window to judge at the next tick."""

    def open(self, emit: Callable[[bool], None]) -> "SileroVoiceStream":
        return SileroVoiceStream(self, self._settings, emit)

    async def warm_up(self) -> None:
        for calls in (1, MOST_CALLS):
            await self._worker.submit(([bytes(SPAN * 2)] * calls, [no_state()] * calls))

    async def aclose(self) -> None:
        await self._worker.aclose()

    def ask(self, stream: "SileroVoiceStream") -> None:
        """Judge the next window of `stream` at the coming tick."""
        if not self._due:
            asyncio.get_running_loop().call_later(TICK_S, self._tick)
        self._due.append(stream)

    def _tick(self) -> None:
        due, self._due = self._due, []
        asked = [(stream, window) for stream in due if (window := stream.next_window()) is not None]
        if not asked:
            return
        try:
            windows = [window for _, window in asked]
            job = self._worker.start(([each.span for each in windows], [each.memory.state for each in windows]))
        except EngineError:
            _give_up(asked)
        else:
            job.add_done_callback(partial(_answered, asked))

    def _run(self, batches: list[tuple[list[bytes], list[Floats]]]) -> list[_Answers]:
        return [self._network.run(spans, states) for spans, states in batches]


def _answered(asked: _Asked, job: "asyncio.Future[_Answers]") -> None:
    if job.cancelled() or job.exception() is not None:
        _give_up(asked)
        return
    for (stream, window), probability, state in zip(asked, *job.result(), strict=True):
        window.memory.state = state
        stream.judged(window, float(probability))


def _give_up(asked: _Asked) -> None:
    for stream, _ in asked:
        stream.unjudged()


class SileroVoiceStream:
    """One call. Everything here runs on the event loop."""

    def __init__(self, detector: SileroVad, settings: VadSettings, emit: Callable[[bool], None]) -> None:
        vad: Any = webrtcvad  # it has no types
        self._webrtc: Callable[[bytes, int], bool] = vad.Vad(settings.aggressiveness).is_speech
        self._detector = detector
        self._threshold = settings.threshold
        self._emit: Callable[[bool], None] | None = emit
        self._frames: deque[tuple[_Window, bool]] = deque()
        """Frames not judged yet: the window that decides, and what webrtcvad says."""
        self._windows: deque[_Window] = deque()
        """Windows the model has not been asked about."""
        self._asking = False
        self._silent = _GATE_FRAMES
        self._pcm = bytearray()
        self._memory = _Memory()
        self._rest()

    def feed(self, frame: bytes) -> None:
        if self._emit is None:
            return
        voice = self._webrtc(frame, RATE_HZ)
        self._silent = 0 if voice else self._silent + 1
        if self._silent == _GATE_FRAMES:
            self._rest()
        if self._silent < _GATE_FRAMES:
            self._listen(frame)
        self._frames.append((self._newest, voice))
        if len(self._frames) > _MOST_FRAMES:
            self._fall_back()
        self._judge()

    def close(self) -> None:
        self._emit = None
        self._frames.clear()
        self._windows.clear()

    def next_window(self) -> _Window | None:
        """The window the model is to be asked about now; None when it was settled otherwise."""
        self._asking = bool(self._windows)
        return self._windows.popleft() if self._windows else None

    def judged(self, window: _Window, probability: float) -> None:
        window.judge(probability, self._threshold)
        self._asking = bool(self._windows)
        if self._asking:
            self._detector.ask(self)
        self._judge()

    def unjudged(self) -> None:
        """The model failed."""
        self._asking = False
        self._fall_back()
        self._judge()

    def _listen(self, frame: bytes) -> None:
        self._pcm += frame
        if len(self._pcm) >= SPAN * 2:
            self._newest = _Window(bytes(self._pcm[: SPAN * 2]), self._memory)
            del self._pcm[: NEW * 2]
            self._windows.append(self._newest)
            if not self._asking:
                self._asking = True
                self._detector.ask(self)

    def _rest(self) -> None:
        """Silence: forget what the model knows of this call, as at its start."""
        for window in self._windows:
            window.speech = False
        self._windows.clear()
        self._pcm = bytearray((SPAN - NEW) * 2)
        self._memory = _Memory()
        self._newest = _Window(b"", self._memory, speech=False)

    def _fall_back(self) -> None:
        """Let webrtcvad judge what waits for the model, which did not answer, or not in time."""
        for window, voice in self._frames:
            if window.speech is None:
                window.speech = voice
        self._windows.clear()

    def _judge(self) -> None:
        while self._frames and (speech := self._frames[0][0].speech) is not None:
            self._frames.popleft()
            if self._emit is not None:
                self._emit(speech)


def load(settings: Settings) -> SileroVad:
    return SileroVad(settings.vad)
