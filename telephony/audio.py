"""Telephone audio: G.711, resampling without seams, and cutting into frames.

PCM is mono int16 little-endian everywhere.
"""

import warnings
from collections.abc import Mapping

import numpy as np
import soxr

from telephony.events import Encoding

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of 3.11 and 3.12; audioop-lts is the same for 3.13
    import audioop

SILENCE: Mapping[Encoding, bytes] = {"mulaw": b"\xff", "alaw": b"\xd5"}
"""The byte that is silence: the smallest positive value of each law (ITU-T G.711, tables 1a and 2a)."""

_DECODERS = {"mulaw": audioop.ulaw2lin, "alaw": audioop.alaw2lin}
_ENCODERS = {"mulaw": audioop.lin2ulaw, "alaw": audioop.lin2alaw}


def decode(encoding: Encoding, g711: bytes) -> bytes:
    """PCM of `g711`: two bytes for every one."""
    return _DECODERS[encoding](g711, 2)


def encode(encoding: Encoding, pcm: bytes) -> bytes:
    """G.711 of whole samples of PCM: one byte for every two."""
    return _ENCODERS[encoding](pcm, 2)


class Resampler:
    """Converts a stream of PCM from one rate to another as if it came in one piece: chunks join without a click.

    Chunks may have any length, odd ones too. The filter looks ahead, so output lags: the first comes after about 100 ms
    of input. `flush` ends the stream and gives the rest; after it the resampler is ready for the next stream.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        if from_hz <= 0 or to_hz <= 0:
            raise ValueError(f"rates must be positive, not {from_hz} and {to_hz}")
        self._stream = None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32")
        self._half_sample = b""

    def push(self, pcm: bytes) -> bytes:
        if self._half_sample:
            pcm = self._half_sample + pcm
        whole = len(pcm) & ~1
        self._half_sample = pcm[whole:]
        if self._stream is None:
            return pcm[:whole]
        return _resample(self._stream, pcm[:whole])

    def flush(self) -> bytes:
        self._half_sample = b""
        if self._stream is None:
            return b""
        rest = _resample(self._stream, b"", last=True)
        self._stream.clear()
        return rest


def _resample(stream: soxr.ResampleStream, pcm: bytes, *, last: bool = False) -> bytes:
    """In float: soxr dithers int16 with a random seed, and the same speech should be the same bytes every time."""
    out = stream.resample_chunk(np.frombuffer(pcm, "<i2").astype(np.float32), last=last)
    pcm = np.clip(np.rint(out), -32768, 32767).astype("<i2").tobytes()
    return pcm


class Framer:
    """Cuts a stream of bytes into frames of equal size, carrying what is left over to the next push."""

    def __init__(self, frame_bytes: int) -> None:
        if frame_bytes <= 0:
            raise ValueError(f"a frame has at least one byte, not {frame_bytes}")
        self._frame_bytes = frame_bytes
        self._rest = b""

    @property
    def pending(self) -> int:
        """Bytes of the unfinished frame."""
        return len(self._rest)

    def push(self, chunk: bytes) -> list[bytes]:
        size = self._frame_bytes
        if self._rest:
            chunk = self._rest + chunk
        elif len(chunk) == size:
            return [chunk]
        whole = len(chunk) - len(chunk) % size
        self._rest = chunk[whole:]
        return [chunk[start : start + size] for start in range(0, whole, size)]

    def flush(self, pad: int) -> bytes:
        """The unfinished frame filled up with the byte `pad`; empty when there is none."""
        rest, self._rest = self._rest, b""
        return rest.ljust(self._frame_bytes, bytes([pad])) if rest else b""
