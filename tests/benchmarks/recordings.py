"""Read Kannada sentences by a human voice, as a telephone passes them on. The folder may lie beside the project.

The text at a time is the known text, its words laid out in proportion to the voiced time before them.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.demo.audio import read_recording
from telephony.audio import decode, encode
from telephony.events import FRAME_SAMPLES, RATE_HZ
from tests.benchmarks.endpointing import FRAME_S, Silero

FOLDER = Path(__file__).parents[3] / "shared" / "audio"
_SILENCE_S = 2.5
_LOUD_DB = 25.0
_RUN_FRAMES = 5
_SYLLABLE = re.compile("(?<!್)[ಅ-ಹೞೠೡ]")


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    pcm: NDArray[np.int16]
    words: tuple[str, ...]
    voiced: NDArray[np.bool_]
    """The reference: frames of the clean recording that both the energy and Silero call voice."""

    @property
    def end_s(self) -> float:
        return float(np.flatnonzero(self.voiced)[-1] + 1) * FRAME_S

    def text(self, until_s: float) -> str:
        """The words before `until_s`, up to the word boundary that is nearest."""
        spoken = self.voiced[: max(0, round(until_s / FRAME_S))].sum() / self.voiced.sum()
        return " ".join(self.words[: int(np.argmin(np.abs(self._ends() - spoken)))])

    def _ends(self) -> NDArray[np.float64]:
        """The part of the voiced time at the boundaries of the words; 0 before the first."""
        sizes = [0, *(max(1, len(_SYLLABLE.findall(word))) for word in self.words)]
        return np.cumsum(sizes) / sum(sizes)


def recordings() -> list[Recording]:
    """The sentences; the words spoken alone are other tests' business."""
    silero = Silero()
    texts = re.findall(r"\| (kn_sentence_\d+)\.wav \| [\d.]+ \| ([^|]+) \|", (FOLDER / "LIST.md").read_text("utf-8"))
    found = []
    for name, text in texts:
        pcm = read_recording(FOLDER / f"{name}.wav", RATE_HZ)
        found.append(Recording(name, np.frombuffer(pcm, np.int16), tuple(text.split()), _voiced(pcm, silero)))
    return found


def over_telephone(recording: Recording, snr_db: float | None) -> bytes:
    """Through mu-law, with silence behind it; white noise so far under the level of the whole utterance."""
    pcm = np.concatenate([recording.pcm.astype(np.float64), np.zeros(round(_SILENCE_S * RATE_HZ))])
    if snr_db is not None:
        begin, end = np.flatnonzero(recording.voiced)[[0, -1]] * FRAME_SAMPLES
        level = np.sqrt(np.mean(pcm[begin:end] ** 2)) / 10 ** (snr_db / 20)
        pcm += np.random.default_rng(len(pcm)).normal(0, level, len(pcm))
    return decode("mulaw", encode("mulaw", np.clip(pcm, -32768, 32767).astype(np.int16).tobytes()))


def _voiced(pcm: bytes, silero: Silero) -> NDArray[np.bool_]:
    heard = np.array(silero(pcm), bool)
    samples = np.frombuffer(pcm, np.int16)[: len(heard) * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    level_db = 20 * np.log10(np.sqrt((samples**2).mean(axis=1)) + 1e-3)
    voiced: NDArray[np.bool_] = heard & (level_db > np.percentile(level_db, 95) - _LOUD_DB)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], voiced, [False]]).astype(int)))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if end - begin < _RUN_FRAMES:
            voiced[begin:end] = False
    return voiced
