"""When does the caller begin, pause, go on, insist and finish? Endpointing on the call's sample clock.

The clock is the caller's own audio, one judged frame every 20 ms: a stalled network neither ends a turn nor starts one.

    voice   ____########__####____####################___________________________
    state   quiet |speaking           |paused|speaking |paused        |quiet
    edge          BEGAN               PAUSED RESUMED   PAUSED         ENDED
                                      <soft_end_s>                <--end_s-->

<end_s> is what the caller's words make of it, once they are known: `end_after`.

The detector's judgement flickers. Voice is therefore counted with leaky credit, and a single voiced frame inside a
pause does not break it.
"""

import math
from enum import Enum, auto

from app.call.policy import TurnPolicy

FRAME_S = 0.02
_UNBROKEN = 2
"""Voiced frames in a row that break a pause."""


class Edge(Enum):
    BEGAN = auto()
    PAUSED = auto()
    RESUMED = auto()
    INSISTED = auto()
    """The turn holds so much voice that it is more than a word of assent."""
    ENDED = auto()


class _State(Enum):
    QUIET = auto()
    SPEAKING = auto()
    PAUSED = auto()
    WEARY = auto()
    """The turn was ended while the voice went on, a radio perhaps: nothing begins before it pauses."""


def frames(seconds: float) -> int:
    """How many whole frames cover `seconds`; at least one."""
    return max(1, round(seconds / FRAME_S))


class Endpointing:
    """The caller's side of turn-taking. Feed it every frame; it answers with an edge when one is passed."""

    def __init__(self, policy: TurnPolicy) -> None:
        self._start = frames(policy.start_voice_s)
        self._soft_end = frames(policy.soft_end_s)
        self._neutral_end = self._end = frames(policy.end_s)
        self._longest = frames(policy.longest_s)
        self._insists = frames(policy.interrupts_s)
        self._insisted = False
        self._state = _State.QUIET
        self._credit = self._run = self._since_voice_began = self._silence = self._length = self._broken = 0
        self.voiced = 0
        """Frames of voice in the turn so far."""

    def hear(self, speech: bool, needed_frames: int) -> Edge | None:
        """One frame. `needed_frames` of voice begin a turn; the caller's core asks more while the agent speaks."""
        self._run = self._run + 1 if speech else 0
        if self._state is _State.QUIET:
            return self._hear_quiet(speech, needed_frames)
        self._length += 1
        self.voiced += speech
        self._silence += 1
        if self._run >= _UNBROKEN:
            if self._silence > self._run:
                self._broken = self._silence - self._run
            self._silence = 0
        if self._state is _State.WEARY:
            if self._silence >= self._soft_end:
                self.reset()
            return None
        if self._length >= self._longest:
            self._state = _State.WEARY
            return Edge.ENDED
        if self._state is _State.SPEAKING:
            if self._silence >= self._soft_end:
                self._state = _State.PAUSED
                self._end = self._neutral_end
                return Edge.PAUSED
            if self.voiced >= self._insists and not self._insisted:
                self._insisted = True
                return Edge.INSISTED
        elif self._run >= self._start:
            self._state = _State.SPEAKING
            return Edge.RESUMED
        elif self._silence >= self._end:
            self.reset()
            return Edge.ENDED
        return None

    def _hear_quiet(self, speech: bool, needed_frames: int) -> Edge | None:
        self._silence += 1
        if not speech and not self._credit:
            return None
        self._credit += 1 if speech else -1
        self._since_voice_began = self._since_voice_began + 1 if self._credit else 0
        if not speech or self._credit < needed_frames:  # what is needed may have become less since the voice was over
            return None
        self._state = _State.SPEAKING
        self._broken = self._silence - self._since_voice_began
        self.voiced, self._length, self._silence = self._credit, self._since_voice_began, 0
        self._credit = 0
        self._insisted = False
        return Edge.BEGAN

    def end_after(self, seconds: float) -> None:
        """In a pause: the silence that ends the turn, counted from the last voice. The next pause begins anew."""
        self._end = math.ceil(round(seconds / FRAME_S, 6))

    @property
    def paused(self) -> bool:
        return self._state is _State.PAUSED

    @property
    def pause_s(self) -> float:
        """At RESUMED and BEGAN: the silence that the voice has broken."""
        return self._broken * FRAME_S

    @property
    def back_s(self) -> float:
        """At BEGAN: how long ago the first voice of this turn was."""
        return self._since_voice_began * FRAME_S

    @property
    def quiet(self) -> bool:
        """No turn is open."""
        return self._state in {_State.QUIET, _State.WEARY}

    def reset(self) -> None:
        """Forget the open turn: it is over, or was answered by other means, such as keys."""
        self._state = _State.QUIET
        self._credit = self._run = self._since_voice_began = 0
