"""Recordings in and out: any file PyAV can read becomes 8 kHz mono; a call becomes a stereo WAV."""

import audioop
import struct
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from telephony.events import RATE_HZ

LONGEST_S = 1800


def read_recording(path: Path, rate_hz: int) -> bytes:
    """Mono int16 at `rate_hz`, channels averaged. Raises OSError or ValueError, which say what is wrong."""
    try:
        import av
    except ImportError as error:
        raise ValueError("reading recordings needs PyAV: pip install 'kannada-voice-agent[demo]'") from error
    if not path.is_file():
        raise FileNotFoundError("there is no such file")
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise ValueError("there is no audio in it")
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="fltp")
            blocks: list[NDArray[np.float32]] = []
            for frame in container.decode(stream):
                blocks += [np.mean(block.to_ndarray(), axis=0, dtype=np.float32) for block in resampler.resample(frame)]
                if frame.time is not None and frame.time > LONGEST_S:
                    raise ValueError(f"longer than {LONGEST_S // 60} minutes")
            source_hz = stream.rate
    except av.error.FFmpegError as error:
        raise ValueError(f"not a recording that can be read: {error.strerror}") from error
    if not blocks:
        raise ValueError("there is no audio in it")
    samples = soxr.resample(np.concatenate(blocks), source_hz, rate_hz)
    pcm: bytes = np.clip(samples * 32768, -32768, 32767).astype("<i2").tobytes()
    return pcm


def write_call(path: Path, left: bytes, right: bytes) -> None:
    """Both sides of a call as a stereo WAV, 16 bit, 8 kHz, from mu-law tracks of one length."""
    both = np.stack([np.frombuffer(audioop.ulaw2lin(side, 2), "<i2") for side in (left, right)], axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(both.tobytes())


def mulaw_wav(mulaw: bytes, channels: int = 1) -> bytes:
    """A WAV file of 8 kHz mu-law (format 7), which the standard library cannot write. Players know it."""
    form = struct.pack("<4sIHHIIHHH", b"fmt ", 18, 7, channels, RATE_HZ, RATE_HZ * channels, channels, 8, 0)
    fact = struct.pack("<4sII", b"fact", 4, len(mulaw) // channels)
    body = b"WAVE" + form + fact + struct.pack("<4sI", b"data", len(mulaw)) + mulaw + b"\0" * (len(mulaw) % 2)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def stereo_mulaw(left: bytes, right: bytes) -> bytes:
    """Both sides of a call as a WAV half the size of `write_call`'s."""
    both = np.stack([np.frombuffer(left, np.uint8), np.frombuffer(right, np.uint8)], axis=1)
    return mulaw_wav(both.tobytes(), channels=2)


def peaks(mulaw: bytes, columns: int) -> list[float]:
    """The loudest sample of each of `columns` equal stretches, 0 to 1: a waveform to draw."""
    samples = np.abs(np.frombuffer(audioop.ulaw2lin(mulaw, 2), "<i2").astype(np.float32)) / 32768
    edges = np.linspace(0, len(samples), columns + 1).astype(int)
    return [float(np.max(samples[a:b], initial=0.0)) for a, b in pairwise(edges)]
