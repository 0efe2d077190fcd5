"""What a telephone line carries while nobody speaks, loud enough to reach the recogniser.

None of it may become a word.
"""

import random
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from app.engines.quiet import is_quiet
from telephony.audio import decode, encode
from telephony.events import RATE_HZ, Encoding

Samples = NDArray[np.float64]


def noise_clip(rng: random.Random) -> tuple[str, bytes]:
    """The noise's kind, and 0.5 to 8 s of it as 8 kHz int16 that went through mu-law or A-law.

    Never so quiet that the engine takes it for silence before it asks the model.
    """
    kind = rng.choice(tuple(_KINDS))
    samples = _KINDS[kind](round(rng.uniform(0.5, 8) * RATE_HZ), np.random.default_rng(rng.randrange(2**32)))
    law: Encoding = rng.choice(("mulaw", "alaw"))
    while True:
        level = 10 ** (rng.uniform(-60, -22) / 20)  # full scale is 1; voice on a line is about -20 dBFS
        pcm = (np.clip(samples * level, -1, 1) * 32767).astype("<i2").tobytes()
        coded = decode(law, encode(law, pcm))
        if not is_quiet(np.frombuffer(coded, np.int16)):
            return kind, coded


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


def _rumble(n: int, dice: np.random.Generator) -> Samples:
    """An engine: a wavering tone of 25 to 60 Hz with its harmonics, and rough noise below 250 Hz."""
    time_s = np.arange(n) / RATE_HZ
    hertz = dice.uniform(25, 60) * (1 + 0.1 * np.sin(2 * np.pi * dice.uniform(0.1, 0.5) * time_s))
    turns = np.cumsum(hertz) / RATE_HZ
    engine = np.sum([np.sin(2 * np.pi * k * turns) / k for k in range(1, 9)], axis=0)
    spectrum = np.fft.rfft(dice.standard_normal(n))
    spectrum[np.fft.rfftfreq(n, 1 / RATE_HZ) > 250] = 0
    return _to_unit(_to_unit(engine) + _to_unit(np.fft.irfft(spectrum, n)))


def _ringback(n: int, dice: np.random.Generator) -> Samples:
    """400 or 425 Hz, on and off: two short rings and a pause, or one long ring and a pause."""
    on_off_s = (0.4, 0.2, 0.4, 2.0) if dice.random() < 0.5 else (1.0, 4.0)
    ring = np.concatenate([np.full(round(s * RATE_HZ), 1.0 - i % 2) for i, s in enumerate(on_off_s)])
    tone = np.sin(2 * np.pi * dice.choice((400, 425)) * np.arange(n) / RATE_HZ)
    return _to_unit(tone * np.resize(ring, n)) + 0.02 * dice.standard_normal(n)


def _keys(n: int, dice: np.random.Generator) -> Samples:
    """Keys of a telephone: pairs of tones, 0.1 to 0.3 s each with as much between them."""
    samples = 0.02 * dice.standard_normal(n)
    at = 0
    while at < n:
        length, gap = (round(dice.uniform(0.1, 0.3) * RATE_HZ) for _ in range(2))
        time_s = np.arange(min(length, n - at)) / RATE_HZ
        for hertz in (dice.choice((697, 770, 852, 941)), dice.choice((1209, 1336, 1477))):
            samples[at : at + length] += np.sin(2 * np.pi * hertz * time_s)
        at += length + gap
    return _to_unit(samples)


def _to_unit(samples: Samples) -> Samples:
    scaled: Samples = samples / np.sqrt(np.mean(samples**2))
    return scaled


_KINDS: Mapping[str, Callable[[int, np.random.Generator], Samples]] = {
    "white noise": _white,
    "pink noise": _pink,
    "hum": _hum,
    "clicks": _clicks,
    "line noise": _line_noise,
    "rumble": _rumble,
    "ringback": _ringback,
    "keys": _keys,
}
