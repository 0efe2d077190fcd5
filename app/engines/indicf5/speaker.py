"""One clause from text to sound, in the voice of a reference.

The mel spectrogram of reference and clause is drawn out of noise together, in as few steps as sound well. Needs torch:
import this module lazily.
"""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from app.engines.indicf5.checkpoint import Checkpoint
from app.engines.indicf5.network import MEL_BANDS, Network, Stopped
from app.engines.indicf5.reference import Reference
from app.engines.indicf5.vocoder import HOP, RATE_HZ, Vocoder, mel_of

_PRUNED: Mapping[int, tuple[int, ...]] = {
    5: (0, 2, 4, 8, 16, 32),
    6: (0, 2, 4, 6, 8, 16, 32),
    7: (0, 2, 4, 6, 8, 16, 24, 32),
    10: (0, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32),
    12: (0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32),
    16: (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32),
}
"""Which of 32 even steps few steps had best be: F5-TTS's empirically pruned step sampling. Others are spread evenly."""
_MOST_FRAMES = 4096
"""Reference and clause together, 44 s: the positions that the model was trained on."""
_LEAST_FRAMES = 40
"""A clause of one or two letters; by its share of the reference it would be too short to speak."""
_LOUDNESS = 0.1
"""The reference's root mean square, at least: a quieter one is raised, and the clause lowered again."""
_SEED = 0
_SPELLING = str.maketrans({";": ",", "“": '"', "”": '"', "‘": "'", "’": "'"})
_GLUED_LATIN = re.compile(r"(?<=[^\s:'\"A-Za-z0-9])(?=[A-Za-z0-9]{2})")
"""Latin words that follow a Kannada letter without a space; in training there was one."""


def schedule(steps: int) -> list[float]:
    """Times from 0, noise, to 1, sound: short steps first (sway sampling with coefficient -1, arXiv 2410.06885)."""
    even = np.array(_PRUNED[steps]) / 32 if steps in _PRUNED else np.linspace(0, 1, steps + 1)
    return [float(time) for time in 1 - np.cos(np.pi / 2 * even)]


class Speaker:
    """Blocks while it works, and is run by one thread. The same text always sounds the same."""

    def __init__(self, model: Checkpoint, reference: Reference, steps: int, device: str, dtype: str) -> None:
        self._times = schedule(steps)
        self._vocabulary = model.vocabulary
        self._network = Network(model.network, self._times[:-1], device, getattr(torch, dtype))
        self._vocoder = Vocoder(model.vocoder, device)
        self._device = device
        wave = torch.from_numpy(reference.wave).to(device)
        self._gain = max(1.0, _LOUDNESS / max(1e-4, float(wave.square().mean().sqrt())))
        self._reference = mel_of(wave * self._gain)
        self._text = reference.text.rstrip(" .") + ". "
        self._frames_per_byte = len(self._reference) / len(self._text.encode())

    @property
    def room_s(self) -> float:
        """The longest clause that fits behind the reference."""
        return (_MOST_FRAMES - len(self._reference)) * HOP / RATE_HZ

    def seconds(self, text: str) -> float:
        """How long `text` will take, at the reference's pace in UTF-8 bytes: what the model was trained to fit into."""
        return self._frames(text) * HOP / RATE_HZ

    def speak(self, text: str, stopped: Callable[[], bool]) -> npt.NDArray[np.int16]:
        """24 kHz. Raises Stopped soon after `stopped` says so."""
        with torch.inference_mode():
            wave = self._vocoder.wave(self._mel(text, stopped)) / self._gain
            if stopped():
                raise Stopped
            pcm: npt.NDArray[np.int16] = (wave.nan_to_num().clamp(-1, 1) * 32767).to(torch.int16).cpu().numpy()
            return pcm

    def _mel(self, text: str, stopped: Callable[[], bool]) -> Any:
        """The clause's mel spectrogram: steps along the flow that begins in noise (Euler's method)."""
        before = len(self._reference)
        frames = min(_MOST_FRAMES, before + self._frames(text))
        given = self._network.given(self._reference, self._ids(self._text + text), frames)
        noise = torch.Generator().manual_seed(_SEED)
        mel = torch.randn(frames, MEL_BANDS, generator=noise).to(self._device)
        for step, (time, then) in enumerate(pairwise(self._times)):
            mel = mel + (then - time) * self._network.flow(mel, step, given, stopped)
        return mel[before:]

    def _frames(self, text: str) -> int:
        return max(_LEAST_FRAMES, int(self._frames_per_byte * len(text.encode())))

    def _ids(self, text: str) -> Any:
        spelt = _GLUED_LATIN.sub(" ", text.translate(_SPELLING))
        return torch.tensor([self._vocabulary.get(letter, 0) for letter in spelt], device=self._device)
