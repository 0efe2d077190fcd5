"""The voice to speak with: a short recording, and what is said in it."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from app.engines.base import EngineUnavailable

RATE_HZ = 24000
_LEAST_S, _MOST_S = 1.0, 12.0
_WANTED = "tts.reference_audio must name 3 to 5 seconds of one voice, as a WAV file with 16 bits a sample"


@dataclass(frozen=True, slots=True)
class Reference:
    wave: npt.NDArray[np.float32]
    """Mono, 24 kHz."""
    text: str


def read_reference(file: Path | None, text: str) -> Reference:
    """Raises EngineUnavailable when there is no usable recording, or nobody says what is said in it."""
    if file is None:
        raise EngineUnavailable(_WANTED)
    if not text.strip():
        raise EngineUnavailable("tts.reference_text must say, in Kannada, what is said in tts.reference_audio")
    try:
        with wave.open(str(file), "rb") as recording:
            channels, bytes_each, rate_hz, frames, _, _ = recording.getparams()
            if bytes_each != 2 or channels not in (1, 2) or not 8000 <= rate_hz <= 192000:
                raise EngineUnavailable(f"{file}: {8 * bytes_each} bits, {channels} channels, {rate_hz} Hz; {_WANTED}")
            if not _LEAST_S <= frames / rate_hz <= _MOST_S:
                raise EngineUnavailable(f"{file}: {frames / rate_hz:.1f} s; {_WANTED}")
            pcm = np.frombuffer(recording.readframes(frames), "<i2").reshape(-1, channels)
    except (OSError, EOFError, ValueError, wave.Error) as error:
        raise EngineUnavailable(f"{file} cannot be read: {error}; {_WANTED}") from error
    mono = pcm.mean(axis=1, dtype=np.float32) / 32768
    return Reference(soxr.resample(mono, rate_hz, RATE_HZ).astype(np.float32), text.strip())
