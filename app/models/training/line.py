"""The telephone between a caller and the agent: band, room, noise, hum, level, G.711 and lost packets."""

import random
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from telephony.audio import decode, encode
from telephony.events import FRAME_SAMPLES, RATE_HZ, Encoding

Noise = Literal["white", "pink", "babble"]
Samples = NDArray[np.float32]

SNR_DB = (3.0, 45.0)
"""Of the lines that `draw` gives."""
_NOISY_DB = 12.0
_FFT_BLOCK = 1024
"""Lengths of Fourier transforms are multiples of it: a prime length would take ten times as long."""
_ACTIVE_DB = 30.0
"""Frames so far below the loudest belong to the pauses."""


@dataclass(frozen=True, slots=True)
class Line:
    """One call's telephone. Decibels of noise and hum are below the level of the speech, which excludes its pauses."""

    low_hz: float
    high_hz: float
    noise: Noise
    noise_in_band: bool
    """The noise comes from the caller's side and passes the band limits too."""
    snr_db: float
    level_dbfs: float
    """Of the speech. Above about -16 its peaks are clipped."""
    law: Encoding
    room_s: float = 0.0
    """How long the room answers; 0 for a handset at the mouth."""
    room_level: float = 0.0
    hum_db: float | None = None
    """Mains hum of 50 Hz so far below the speech."""
    loss: float = 0.0
    """Part of the 20 ms packets that never arrive."""
    repeats_lost: bool = False
    """A lost packet is the one before it again; otherwise silence."""


def draw(rng: random.Random) -> Line:
    """A telephone as callers have them. Below 10 dB of signal to noise there are few."""
    room = rng.random() < 0.25
    return Line(
        low_hz=rng.uniform(200, 350),
        high_hz=rng.uniform(3200, 3600),
        noise=rng.choices(("white", "pink", "babble"), (4, 5, 1))[0],
        noise_in_band=rng.random() < 0.5,
        snr_db=rng.uniform(SNR_DB[0], _NOISY_DB) if rng.random() < 0.3 else rng.uniform(_NOISY_DB, SNR_DB[1]),
        level_dbfs=rng.uniform(-14, -8) if rng.random() < 0.06 else rng.uniform(-32, -14),
        law=rng.choice(("mulaw", "alaw")),
        room_s=rng.uniform(0.05, 0.2) if room else 0.0,
        room_level=rng.uniform(0.02, 0.1) if room else 0.0,
        hum_db=rng.uniform(12, 40) if rng.random() < 0.15 else None,
        loss=rng.uniform(0, 0.03) if rng.random() < 0.2 else 0.0,
        repeats_lost=rng.random() < 0.5,
    )


def pass_on(line: Line, speech: Samples, rng: np.random.Generator) -> NDArray[np.int16]:
    """What arrives of `speech` (8 kHz, silence where nobody speaks): as many samples, at 8 kHz.

    Silence alone arrives as the noise that `line` would put under speech.
    """
    size = -(-len(speech) // _FFT_BLOCK) * _FFT_BLOCK
    band = _band(line, size)
    spectrum = np.fft.rfft(speech, size) * band
    if line.room_s:
        spectrum *= np.fft.rfft(_room(line, rng), size)
    voice = np.fft.irfft(spectrum, size)[: len(speech)]
    level = active_rms(voice)
    noise = _noise(line, voice, size, rng)
    if line.noise_in_band:
        noise = np.fft.irfft(np.fft.rfft(noise) * band, size)
    noise = noise[: len(speech)]
    mixed = noise * (10 ** (-line.snr_db / 20) / (_rms(noise) + 1e-9))
    if level > 0:
        mixed += voice / level
    if line.hum_db is not None:
        mixed += _hum(len(mixed), rng) * 10 ** (-line.hum_db / 20)
    pcm = np.clip(mixed * (32767 * 10 ** (line.level_dbfs / 20)), -32768, 32767).astype("<i2")
    coded = np.frombuffer(decode(line.law, encode(line.law, pcm.tobytes())), "<i2").astype(np.int16)
    return _lose_packets(line, coded, rng) if line.loss else coded


def active_rms(speech: NDArray[np.floating]) -> float:
    """Root mean square of the 20 ms frames that are not pauses; 0 for silence."""
    frames = speech[: len(speech) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    energy = np.mean(np.square(frames), axis=1)
    if not len(energy) or energy.max() < 1e-12:
        return 0.0
    return float(np.sqrt(energy[energy > energy.max() * 10 ** (-_ACTIVE_DB / 10)].mean()))


def _rms(samples: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0


def _band(line: Line, size: int) -> NDArray[np.floating]:
    """Butterworth slopes at both ends of the band, without phase shift."""
    hz = np.maximum(np.fft.rfftfreq(size, 1 / RATE_HZ), 1.0)
    gain: NDArray[np.floating] = 1 / np.sqrt((1 + (line.low_hz / hz) ** 8) * (1 + (hz / line.high_hz) ** 16))
    return gain


def _room(line: Line, rng: np.random.Generator) -> NDArray[np.floating]:
    """The sound itself, then echoes from everywhere that die away."""
    count = round(line.room_s * RATE_HZ)
    echo = rng.standard_normal(count) * np.exp(-5 * np.arange(count) / count) * line.room_level
    echo[0] = 1.0
    return echo


def _noise(line: Line, voice: NDArray[np.floating], size: int, rng: np.random.Generator) -> NDArray[np.floating]:
    if line.noise == "babble" and len(voice) and voice.any():
        return _babble(voice, size, rng)
    white = rng.standard_normal(size, np.float32)
    if line.noise == "white":
        return white
    spectrum = np.fft.rfft(white)
    pink: NDArray[np.floating] = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), size)
    return pink


def _babble(voice: NDArray[np.floating], size: int, rng: np.random.Generator) -> NDArray[np.floating]:
    """Many people far away: the voice backwards, over itself, from several starts."""
    backwards = np.resize(voice[::-1], size)
    crowd: NDArray[np.floating] = sum(
        (np.roll(backwards, int(rng.integers(size))) * rng.uniform(0.3, 1) for _ in range(6)), np.zeros(size)
    )
    return crowd


def _hum(count: int, rng: np.random.Generator) -> NDArray[np.floating]:
    """50 Hz and five harmonics of it, together at a root mean square of about 1."""
    turns = np.arange(count) * (2 * np.pi * 50 / RATE_HZ)
    total = np.zeros(count)
    for harmonic in range(1, 7):
        total += rng.uniform(0.2, 1) * np.sin(turns * harmonic + rng.uniform(0, 2 * np.pi))
    return total / (_rms(total) + 1e-9)


def _lose_packets(line: Line, pcm: NDArray[np.int16], rng: np.random.Generator) -> NDArray[np.int16]:
    pcm = pcm.copy()
    for start in range(FRAME_SAMPLES, len(pcm) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        if rng.random() < line.loss:
            pcm[start : start + FRAME_SAMPLES] = pcm[start - FRAME_SAMPLES : start] if line.repeats_lost else 0
    return pcm
