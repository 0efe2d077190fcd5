"""Does the caller's voice look like the agent's own, coming back? A loudspeaker in the room, or a hybrid on the line.

Only loudness is compared, a value every 20 ms: codecs and small loudspeakers bend the waveform, but not the rhythm.

    played   __##_###__#_##__________      the agent, on the clock of its playout
    heard    _______##_###__#_##_____      the caller's line: the same, later and weaker
                 <lag>

A lag is looked for first: over the last 1.3 s, silence included, the line must have been what was played but for a
factor and a floor, and that twice. Once the lag is known, a frame is an echo when the short past still goes up and down
with what was played, and is no louder than that explains: a caller who talks over the echo is.

Times are seconds on any clock that both sides share. Nothing here decides about the call.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telephony.audio import SILENCE, decode
from telephony.events import FRAME_SAMPLES, RATE_HZ, Encoding

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of 3.11 and 3.12; audioop-lts is the same for 3.13
    import audioop

_FRAME_S = FRAME_SAMPLES / RATE_HZ
_SLOT_SAMPLES = FRAME_SAMPLES // 2
_SLOT_S = _SLOT_SAMPLES / RATE_HZ
"""Played frames begin at every slot, so no lag is further than 5 ms from one. Lags are counted in slots."""
_MOST_LAG = 82
"""An echo that takes longer than 0.8 s is not found."""
_MOVES = 3
"""A lag may move by so much between two looks: playout is known to the frame only."""

# Frames.
_SEARCHED = 64
"""Compared to find a lag. Speech that is not an echo rarely looks like one for so long."""
_FOLLOWED = 32
"""Compared to see that a known lag still fits."""
_SOUND = 24
"""So many of the searched frames must have been played sound: that both began to speak proves little."""
_LOOK = 4
"""Asked about between two looks for the lag."""
_REMEMBERED = 128
_RECENT = 25
_MOST_LOUDER = 2
"""More of the recent frames than these are louder than an echo: somebody talks, and breathes in between."""
_QUIET = 8
"""So many of the searched frames may be quieter than the floor."""

_FOUND = 0.8
_FITS = 0.78
"""Correlations with what was played, at the least."""
_LOUDER = 10 ** (3.0 / 40)
"""3 dB, as a factor of loudness: so much louder than expected an echo may be."""
_KEPT_SLOTS = round(4.0 / _SLOT_S)
_MOST_SLOTS = _KEPT_SLOTS + round(60.0 / _SLOT_S)
"""Of what was played, and with what is yet to be played. More is forgotten."""
_CONFIRM_S = 0.32
"""Between the two times that a lag must be found."""
_CATCH_UP_S = 0.0002
"""By so much a frame the caller's clock, which lost packets put back, may run ahead of the frames."""
_BROKEN_S = 0.5
_KNOWN_S = 8.0
"""A line that has given nothing back of so much has no echo."""
"""A caller's clock so far behind starts anew."""

Floats = NDArray[np.float64]
"""Loudness here is the square root of the amplitude: noise in the pauses weighs little, and so does a loud syllable."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """What the line makes of the agent: `factor` of the played loudness, `lag` slots later, over a floor of noise."""

    lag: int
    factor: float
    floor: float


class EchoGuard:
    """Feed it all that is played and all that is heard; ask it about frames that a detector took for voice."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._loudness: Floats = np.zeros(0)
        """Of what was played and will be: of the frames that begin at each slot from `_first` on, but for the last."""
        self._first = -1
        self._last_power = 0.0
        """Of the last slot, the first half of the next frame."""
        self._rest = b""
        self._since_pause = 0
        """Samples since the carrier last had nothing to play."""
        self._heard: Floats = np.zeros(8 * _REMEMBERED)
        """Loudness of the last frames, before `_next`. When it is full the end moves to the front."""
        self._next = _REMEMBERED
        self._now_s = -1.0
        self._fit: _Fit | None = None
        self._found: _Fit | None = None
        """A lag that was found once, at `_found_s`."""
        self._found_s = 0.0
        self._asked = 0
        self._said = 0
        """Samples played in the whole call."""

    # In.

    def played(self, g711: bytes, at_s: float) -> None:
        """Audio goes to the carrier, which plays it when it has played all it was given before."""
        slot = round(at_s / _SLOT_S)
        old = max(0, slot - _KEPT_SLOTS - self._first)
        self._first += old
        self._loudness = self._loudness[old:]
        silence = max(0, slot - self._first - len(self._loudness) - 1)
        if silence:
            self._rest, self._since_pause = b"", 0
        self._since_pause += len(g711)
        self._said += len(g711)
        audio = self._rest + g711
        whole = len(audio) - len(audio) % _SLOT_SAMPLES
        self._rest = audio[whole:]
        samples = np.frombuffer(decode(self._encoding, audio[:whole]), "<i2").astype(np.float64)
        new = np.square(samples).reshape(-1, _SLOT_SAMPLES).mean(axis=1)
        powers = np.concatenate([[self._last_power], np.zeros(silence), new])
        self._last_power = float(powers[-1])
        loudness = np.sqrt(np.sqrt((powers[1:] + powers[:-1]) / 2))
        self._loudness = np.concatenate([self._loudness, loudness])[:_MOST_SLOTS]

    def marked(self, at_s: float) -> None:
        """A mark goes to the carrier: the unfinished frame before it is filled up with silence."""
        self.played(SILENCE[self._encoding] * (-self._since_pause % FRAME_SAMPLES), at_s)

    def cleared(self, at_s: float) -> None:
        """The carrier forgets what it has not played by now."""
        self._rest, self._since_pause, self._last_power = b"", 0, 0.0
        self._loudness = self._loudness[: max(0, round(at_s / _SLOT_S) - self._first - 1)]

    def heard(self, frame: bytes, at_s: float) -> None:
        """20 ms of the caller's line as PCM, which arrived at `at_s`: every frame, in order."""
        self._heard[self._next] = math.sqrt(audioop.rms(frame, 2))
        self._next += 1
        if self._next == len(self._heard):
            self._heard[:_REMEMBERED] = self._heard[-_REMEMBERED:]
            self._next = _REMEMBERED
        # The frames are a clock of their own: late ones come in a crowd, and none comes before its time.
        broken = at_s - self._now_s > _BROKEN_S
        self._now_s = at_s if broken else min(at_s, self._now_s + _FRAME_S + _CATCH_UP_S)

    # Out.

    @property
    def possible(self) -> bool:
        """There is an echo on this line, or too little was played yet to know."""
        return self._fit is not None or self._said < _KNOWN_S * RATE_HZ

    def resembles(self, ago: int = 0) -> bool:
        """Whether a frame, the one heard `ago` frames before the last, looks like an echo after those before it.

        At most 64 frames ago. Ask about voiced frames only, from the agent's first sound to 0.8 s after its last.
        """
        self._asked += 1
        if self._asked % _LOOK == 0:
            self._look(ago)
        if self._fit is None:
            return False
        likeness, (played,) = self._compare(ago, _FOLLOWED, self._fit.lag, self._fit.lag)
        if likeness[0] < _FITS:
            return False
        played = played[-_RECENT - 1 :]
        echo = self._fit.floor + self._fit.factor * np.maximum(played[1:], played[:-1])
        louder = self._window(ago, _RECENT) > echo * _LOUDER
        return not louder[-1] and int(np.count_nonzero(louder)) <= _MOST_LOUDER

    def _look(self, ago: int) -> None:
        """See where the known lag has moved to, or look for one; a new one must be found twice, some time apart."""
        if self._fit and (moved := self._best(ago, self._fit.lag - _MOVES, self._fit.lag + _MOVES)):
            self._fit = moved
        elif found := self._best(ago, 0, _MOST_LAG):
            if self._found is None or abs(found.lag - self._found.lag) > _MOVES:
                self._found, self._found_s = found, self._now_s
            elif self._now_s - self._found_s >= _CONFIRM_S:
                self._fit = found

    def _best(self, ago: int, least: int, most: int) -> _Fit | None:
        """The lag between `least` and `most` that fits best, if it fits well."""
        least, most = max(0, least), min(_MOST_LAG, most)
        likeness, shifted = self._compare(ago, _SEARCHED, least, most)
        best = int(likeness.argmax())
        played, heard = shifted[best], self._window(ago, _SEARCHED)
        if likeness[best] < _FOUND or np.count_nonzero(played > played.max() / 4) < _SOUND:
            return None
        factor = float(likeness[best] * heard.std() / played.std())
        floor = max(float(heard.mean() - factor * played.mean()), float(np.partition(heard, _QUIET)[_QUIET]))
        return _Fit(most - best, factor, floor)

    def _compare(self, ago: int, frames: int, least: int, most: int) -> tuple[Floats, Floats]:
        """How like the last `frames` are to what was played `most`, ..., `least` slots earlier, and what that was."""
        start = round((self._now_s - (ago + frames) * _FRAME_S) / _SLOT_S)
        played = self._loudness_from(start - most, most - least + 2 * frames - 1)
        step = played.itemsize
        shifted: Floats = np.ndarray((most - least + 1, frames), np.float64, played, strides=(step, 2 * step))
        heard = self._window(ago, frames)
        sums, mean = shifted.sum(axis=1), heard.sum() / frames
        power = (np.einsum("ij,ij->i", shifted, shifted) - sums * sums / frames) * (
            heard @ heard - mean * mean * frames
        )
        return (shifted @ heard - sums * mean) / np.sqrt(np.maximum(power, 1.0)), shifted

    def _window(self, ago: int, frames: int) -> Floats:
        end = self._next - ago
        return self._heard[end - frames : end]

    def _loudness_from(self, start: int, count: int) -> Floats:
        """Of the frames that were played from slot `start` on: silence, where nothing is known."""
        begin = start - self._first
        known = self._loudness[max(0, begin) : max(0, begin + count)]
        if len(known) == count:
            return known
        loudness = np.zeros(count)
        at = max(0, -begin)
        loudness[at : at + len(known)] = known
        return loudness
