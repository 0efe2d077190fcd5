"""What the carrier does with the audio we send it: buffer it, play it at 8 kHz, report marks, forget it on `clear`.

Pure: `now` is a parameter, seconds on the call's clock, and never goes back. All arithmetic is in samples, so what the
caller heard is exact. Nothing happens between calls: when audio arrives, the moment it will be played is known.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from telephony.events import RATE_HZ

SILENCE = b"\xff"
"""One sample of mu-law silence."""
LONGEST_BUFFER_S = 600
"""Twilio discards audio beyond ten minutes (warning 31931)."""
BURST_GAP_S = 0.5
"""A longer silence ends a burst of the agent's speech; a shorter one is a stutter inside it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Audio on the call's clock: `start` is a sample number."""

    start: int
    audio: bytes

    @property
    def end(self) -> int:
        return self.start + len(self.audio)


@dataclass(slots=True)
class Burst:
    """One stretch of the agent's speech, in samples. In its `gaps`, `starved` samples long, audio came too late."""

    start: int
    end: int
    starved: int = 0
    gaps: int = 0


class Playout:
    def __init__(self, *, keep: bool = True) -> None:
        """`keep=False` remembers when audio was played but not the audio itself."""
        self._keep = keep
        self._segments: list[Segment] = []
        self._end = 0
        """The sample at which everything received so far will have been played."""
        self._marks: deque[tuple[int, str]] = deque()
        self._cleared = True
        self.bursts: list[Burst] = []
        self.discarded = 0
        self.received = 0

    def play(self, audio: bytes, now: float) -> None:
        """Append mu-law `audio` to the buffer."""
        start = max(self._end, sample(now))
        room = sample(now) + LONGEST_BUFFER_S * RATE_HZ - start
        self.discarded += max(0, len(audio) - room)
        audio = audio[:room]
        if not audio:
            return
        gap = start - self._end
        if self._cleared or gap > BURST_GAP_S * RATE_HZ:
            self.bursts.append(Burst(start, start))
            self._cleared = False
        elif gap:
            self.bursts[-1].starved += gap
            self.bursts[-1].gaps += 1
        self._end = self.bursts[-1].end = start + len(audio)
        self.received += len(audio)
        if self._keep:
            self._segments.append(Segment(start, audio))

    def mark(self, name: str, now: float) -> None:
        """Report `name` when the audio before it has been played; `due` gives it at once if there is none."""
        self._marks.append((max(self._end, sample(now)), name))

    def clear(self, now: float) -> list[str]:
        """Forget what has not been played. Returns every pending mark: Twilio sends them all back."""
        at = sample(now)
        if at < self._end:
            while self._segments and self._segments[-1].start >= at:
                self._segments.pop()
            if self._segments and self._segments[-1].end > at:
                last = self._segments[-1]
                self._segments[-1] = Segment(last.start, last.audio[: at - last.start])
            self._end = self.bursts[-1].end = at
            if self.bursts[-1].start == at:
                self.bursts.pop()
        self._cleared = True
        names = [name for _, name in self._marks]
        self._marks.clear()
        return names

    def due(self, now: float) -> list[str]:
        """The marks whose audio has been played by `now`; each is returned once."""
        at = sample(now)
        names = []
        while self._marks and self._marks[0][0] <= at:
            names.append(self._marks.popleft()[1])
        return names

    @property
    def deadline(self) -> float | None:
        """When the next mark falls due."""
        return self._marks[0][0] / RATE_HZ if self._marks else None

    def speaking(self, now: float) -> bool:
        return sample(now) < self._end

    @property
    def began_s(self) -> float | None:
        """When the latest burst began; None before the first."""
        return self.bursts[-1].start / RATE_HZ if self.bursts else None

    @property
    def ends_s(self) -> float:
        """When the buffer ran dry, or will."""
        return self._end / RATE_HZ

    @property
    def segments(self) -> Sequence[Segment]:
        """What was played, or will be: each piece as it was sent, as far as it was not cleared."""
        return self._segments

    def heard(self, until_s: float) -> bytes:
        """What the caller heard from the start of the call: mu-law, silence where nothing was played."""
        return on_clock(self._segments, SILENCE * sample(until_s))


def sample(seconds: float) -> int:
    return round(seconds * RATE_HZ)


def on_clock(segments: list[Segment], ground: bytes) -> bytes:
    """`segments` laid over `ground`, which gives the length."""
    track = bytearray(ground)
    for segment in segments:
        audio = segment.audio[: max(0, len(ground) - segment.start)]
        track[segment.start : segment.start + len(audio)] = audio
    return bytes(track)
