"""What a telephone line carries while nobody speaks. None of it may become a word."""

import random
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from telephony.audio import decode, encode
from telephony.events import RATE_HZ, Encoding

Samples = NDArray[np.float64]


def noise_clip(rng: random.Random) -> tuple[str, bytes]:
    """The noise's kind, and 0.5 to 8 s of it as 8 kHz int16 that went through mu-law or A-law."""
    kind = rng.choice(tuple(_KINDS))
    samples = _KINDS[kind](round(rng.uniform(0.5, 8) * RATE_HZ), np.random.default_rng(rng.randrange(2**32)))
    level = 10 ** (rng.uniform(-60, -22) / 20)  # full scale is 1; voice on a line is about -20 dBFS
    pcm = (np.clip(samples * level, -1, 1) * 32767).astype("<i2").tobytes()
    law: Encoding = rng.choice(("mulaw", "alaw"))
    return kind, decode(law, encode(law, pcm))


# Each with an RMS of about 1.


def _white(n: int, dice: np.random.Generator) -> Samples:
    return dice.standard_normal(n)


def _pink(n: int, dice: np.random.Generator) -> Samples:
    spectrum = np.fft.rfft(dice.standard_normal(n))
    return _to_unit(np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), n))


def _hum(n: int, dice: np.random.Generator) -> Samples:
    """Mains at 50 Hz with its harmonics, and what the line adds."""
    time_s = np.arange(n) / RATE_HZ
    parts = [dice.uniform(0.1, 1) * np.sin(2 * np.pi * 50 * k * time_s + dice.uniform(0, 6)) for k in (1, 2, 3, 5, 7)]
    return _to_unit(np.sum(parts, axis=0) + 0.05 * dice.standard_normal(n))


def _clicks(n: int, dice: np.random.Generator) -> Samples:
    """A click is 2 ms; there are a few in a second, over faint noise."""
    samples = 0.03 * dice.standard_normal(n)
    for at in dice.integers(0, n, max(1, round(n / RATE_HZ * dice.uniform(1, 6)))):
        length = min(16, n - int(at))
        samples[at : at + length] += dice.choice((-4, 4)) * np.exp(-np.arange(length) / 4)
    return samples


def _line_noise(n: int, dice: np.random.Generator) -> Samples:
    """White within the telephone band, swelling and fading."""
    spectrum = np.fft.rfft(dice.standard_normal(n))
    hertz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    swell = 1 + 0.5 * np.sin(2 * np.pi * dice.uniform(0.1, 1) * np.arange(n) / RATE_HZ)
    return _to_unit(np.fft.irfft(spectrum, n) * swell)


def _nothing(n: int, dice: np.random.Generator) -> Samples:
    return np.zeros(n)


def _to_unit(samples: Samples) -> Samples:
    scaled: Samples = samples / np.sqrt(np.mean(samples**2))
    return scaled


_KINDS: Mapping[str, Callable[[int, np.random.Generator], Samples]] = {
    "white noise": _white,
    "pink noise": _pink,
    "hum": _hum,
    "clicks": _clicks,
    "line noise": _line_noise,
    "digital zero": _nothing,
}
