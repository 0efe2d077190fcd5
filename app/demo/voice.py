"""A caller who is nobody: espeak-ng speaks, through the band, the level and the noise of a telephone line.

The same words in the same voice are the same sound, whatever was spoken before.
"""

import audioop
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.engines.base import EngineUnavailable
from app.engines.need import need_module
from app.models.training import voices
from telephony.events import RATE_HZ

VOICE = "kn+f3"
WORDS_PER_MINUTE = 165
LEVEL_DBFS = -22.0
NOISE_DB = 24.0
"""The line's noise lies so far under the voice."""
BAND_HZ = (300, 3400)
SEED = 1956
BACKGROUND_S = 1.0
PAUSE_S = 0.6
_PITCH = _PITCH_RANGE = 50
"""espeak-ng's own."""

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recording:
    mulaw: bytes
    """BACKGROUND_S of the line's noise, then each utterance with a pause behind it; 8 kHz."""
    stretches: tuple[tuple[float, float], ...]
    """Where each utterance lies in it, in seconds, to a tenth of a millisecond."""


def record(utterances: Sequence[str], voice: str = VOICE, words_per_minute: int = WORDS_PER_MINUTE) -> Recording:
    """What a telephone passes on of `utterances`. Raises EngineUnavailable without espeak-ng or such a voice."""
    _check(voice)
    parts = [np.zeros(round(BACKGROUND_S * RATE_HZ))]
    stretches = []
    for text in utterances:
        start = sum(map(len, parts))
        parts += [_speak(text, voice, words_per_minute), np.zeros(round(PAUSE_S * RATE_HZ))]
        stretches.append((round(start / RATE_HZ, 4), round((start + len(parts[-2])) / RATE_HZ, 4)))
    said = np.concatenate(parts)
    noise = _in_band(np.random.default_rng(SEED).standard_normal(len(said)))
    mixed = (said + noise / _rms(noise) * 10 ** (-NOISE_DB / 20)) * 10 ** (LEVEL_DBFS / 20)
    pcm = (np.clip(mixed, -1, 1) * 32767).astype("<i2").tobytes()
    return Recording(audioop.lin2ulaw(pcm, 2), tuple(stretches))


def _speak(text: str, voice: str, words_per_minute: int) -> Samples:
    """8 kHz, limited to the band, at one loudness, without the noise and without silence around it."""
    voices.start_afresh()  # the voice trembles at random, from where the last utterance left it
    speaker = voices.Speaker(voice, words_per_minute, _PITCH, _PITCH_RANGE, word_gap=0, tremble=SEED)
    spoken = voices.speak(text, speaker).samples
    if not len(spoken):
        raise EngineUnavailable("espeak-ng finds nothing to say in it")
    said = _in_band(spoken.astype(np.float64))
    loud = np.flatnonzero(np.abs(said) > np.abs(said).max() / 100)
    said = said[loud[0] : loud[-1] + 1]
    return said / _rms(said)


def _in_band(samples: Samples) -> Samples:
    """Butterworth slopes at both ends of the telephone band, applied without phase shift."""
    hz = np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE_HZ), 1.0)
    low, high = BAND_HZ
    gain = 1 / np.sqrt((1 + (low / hz) ** 8) * (1 + (hz / high) ** 16))
    return np.fft.irfft(np.fft.rfft(samples) * gain, len(samples))


def _rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2)))


@functools.cache
def _check(voice: str) -> None:
    """espeak-ng itself takes a variant that it does not have for none."""
    data = Path(need_module("espeakng_loader", extra="demo").get_data_path())
    language, plus, variant = voice.partition("+")
    known = not plus or (variant and (data / "voices" / "!v" / variant).is_file())
    if not known or not any(data.glob(f"lang/**/{language}")):
        raise EngineUnavailable(f"espeak-ng has no voice {voice!r}; voice may be kn, kn+f2, kn+m3, ...")
