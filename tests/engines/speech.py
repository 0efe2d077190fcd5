"""Synthetic callers for tests: espeak-ng's Kannada, as a telephone line delivers it."""

import asyncio
import audioop

import numpy as np
import soxr

from app.engines.espeak import RATE_HZ as ESPEAK_RATE_HZ, library
from app.engines.quiet import Pcm
from telephony.events import RATE_HZ

FRAME_BYTES = 320


def caller_says(text: str, voice: str = "kn+f3", *, before_s: float = 0.3, after_s: float = 0.3) -> bytes:
    """8 kHz int16 that went through mu-law, with a line's faint noise before, under and after the words."""
    chunks: list[bytes] = []

    def keep(chunk: bytes) -> bool:
        chunks.append(chunk)
        return True

    library().speak(text, voice, 150, keep)
    voiced = np.frombuffer(b"".join(chunks), np.int16).astype(np.float32) / 32768
    at_8k = soxr.resample(voiced, ESPEAK_RATE_HZ, RATE_HZ) * 0.5
    line = np.concatenate([np.zeros(round(before_s * RATE_HZ)), at_8k, np.zeros(round(after_s * RATE_HZ))])
    return over_the_line(line + noise(len(line) / RATE_HZ, 0.001))


def noise(seconds: float, level: float, seed: int = 7) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """White noise whose RMS is `level` of full scale, 8 kHz."""
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)) * level


def over_the_line(samples: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> bytes:
    pcm: Pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
    return audioop.ulaw2lin(audioop.lin2ulaw(pcm.tobytes(), 2), 2)


def frames(pcm: bytes) -> list[bytes]:
    """Whole 20 ms frames."""
    return [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]


class Judgements:
    """Collects what a voice detector emits, and lets a test wait for it."""

    def __init__(self) -> None:
        self.frames: list[bool] = []
        self._more = asyncio.Event()

    def __call__(self, speech: bool) -> None:
        self.frames.append(speech)
        self._more.set()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.frames) < count:
                self._more.clear()
                await self._more.wait()
