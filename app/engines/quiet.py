"""Where a turn is quiet: what need not be transcribed, and where a long turn may be cut."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from telephony.events import FRAME_SAMPLES, RATE_HZ

Pcm = npt.NDArray[np.int16]
"""8 kHz mono."""

QUIET_RMS = 58
"""A 20 ms frame below this, -55 dBFS, holds no voice: a phone line's own noise is about there."""


def is_quiet(pcm: Pcm) -> bool:
    """No 20 ms frame of `pcm` is loud enough to be voice."""
    whole = pcm[: len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float32)
    return not len(whole) or bool(np.max(np.mean(whole * whole, axis=1)) < QUIET_RMS**2)


def cut_at_quiet(pcm: Pcm, most: int) -> Sequence[Pcm]:
    """`pcm` in pieces of at most `most` samples, each cut at the quietest 100 ms of its last two fifths."""
    pieces = []
    while len(pcm) > most:
        first, width = most * 3 // 5, RATE_HZ // 10
        energy = np.cumsum(np.square(pcm[first:most].astype(np.float64)))
        cut = first + int(np.argmin(energy[width:] - energy[:-width])) + width // 2
        pieces.append(pcm[:cut])
        pcm = pcm[cut:]
    return [*pieces, pcm]
