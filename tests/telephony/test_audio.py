"""G.711 against the recommendation, resampling against one piece, frames against bytes."""

import numpy as np
import pytest
import soxr
from hypothesis import given, strategies as st

from telephony.audio import SILENCE, Framer, Resampler, decode, encode
from telephony.events import Encoding

LAWS: list[Encoding] = ["mulaw", "alaw"]
# ITU-T G.711, table 5: one period of 1 kHz at 0 dBm0.
MILLIWATT: dict[Encoding, bytes] = {
    "alaw": bytes.fromhex("34 21 21 34 B4 A1 A1 B4"),
    "mulaw": bytes.fromhex("1E 0B 0B 1E 9E 8B 8B 9E"),
}
OVERLOAD_DBM0: dict[Encoding, float] = {"alaw": 3.14, "mulaw": 3.17}


def samples(pcm: bytes) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.frombuffer(pcm, "<i2")


def expanded(encoding: Encoding, code: int) -> int:
    """G.711, tables 1a/1b and 2a/2b, scaled to 16 bits."""
    if encoding == "alaw":
        code ^= 0x55
        exponent, mantissa = code >> 4 & 7, code & 15
        magnitude = (mantissa << 4) + 8 if exponent == 0 else (mantissa << 4) + 0x108 << exponent - 1
        return magnitude if code & 0x80 else -magnitude
    code ^= 0xFF
    exponent, mantissa = code >> 4 & 7, code & 15
    magnitude = ((mantissa << 3) + 0x84 << exponent) - 0x84
    return -magnitude if code & 0x80 else magnitude


@pytest.mark.parametrize("encoding", LAWS)
def test_every_code_expands_as_the_tables_say(encoding: Encoding) -> None:
    codes = bytes(range(256))
    assert samples(decode(encoding, codes)).tolist() == [expanded(encoding, code) for code in codes]


@pytest.mark.parametrize("encoding", LAWS)
def test_every_value_comes_back_as_its_own_code(encoding: Encoding) -> None:
    codes = bytes(code for code in range(256) if (encoding, code) != ("mulaw", 0x7F))  # mu-law has two zeros
    assert encode(encoding, decode(encoding, codes)) == codes
    assert encode(encoding, b"\0\0") == SILENCE[encoding]


@pytest.mark.parametrize("encoding", LAWS)
def test_any_sample_goes_to_the_code_beside_it(encoding: Encoding) -> None:
    """At most half a step away; where steps double, half of the larger one is two thirds of the gap."""
    values = np.sort(samples(decode(encoding, bytes(range(256)))).astype(int))
    wanted = np.arange(values[0], values[-1])
    got = samples(decode(encoding, encode(encoding, wanted.astype("<i2").tobytes()))).astype(int)
    right = np.clip(np.searchsorted(values, wanted, side="right"), 1, 255)
    gap = values[right] - values[right - 1]
    counted_in = 4 if encoding == "mulaw" else 16  # 14 and 13 bits of the 16, one of them the sign
    assert np.max(np.abs(got - wanted) - gap * 2 / 3) <= counted_in


@pytest.mark.parametrize("encoding", LAWS)
def test_the_digital_milliwatt_is_a_sine_of_0_dbm0(encoding: Encoding) -> None:
    period = samples(decode(encoding, MILLIWATT[encoding])).astype(float)
    spectrum = np.abs(np.fft.rfft(period)) / 4
    assert spectrum[1] > 50 * max(spectrum[[0, 2, 3, 4]])
    overload = 32256 if encoding == "alaw" else 32636  # the last decision value, 16 bits
    assert 20 * np.log10(spectrum[1] / overload) == pytest.approx(-OVERLOAD_DBM0[encoding], abs=0.15)


def chirp(rate_hz: int, seconds: float) -> bytes:
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    return (np.sin(2 * np.pi * (200 + 1400 * at) * at) * 20000).astype("<i2").tobytes()


def in_chunks(resampler: Resampler, pcm: bytes, sizes: list[int]) -> bytes:
    out: list[bytes] = []
    start = 0
    while start < len(pcm):
        size = sizes[len(out) % len(sizes)]
        out.append(resampler.push(pcm[start : start + size]))
        start += size
    return b"".join(out) + resampler.flush()


@pytest.mark.parametrize(("from_hz", "to_hz"), [(22050, 8000), (24000, 8000), (44100, 8000), (8000, 16000)])
@pytest.mark.parametrize("sizes", [[1764], [1], [333, 7, 4001], [960, 0, 1]], ids=str)
def test_chunks_join_as_if_there_were_none(from_hz: int, to_hz: int, sizes: list[int]) -> None:
    pcm = chirp(from_hz, 0.5)
    whole = np.rint(soxr.resample(samples(pcm).astype(np.float32), from_hz, to_hz)).astype(int)
    joined = samples(in_chunks(Resampler(from_hz, to_hz), pcm, sizes)).astype(int)
    assert len(joined) == len(whole)
    assert np.max(np.abs(joined - whole)) <= 1


def test_a_seam_makes_no_click() -> None:
    """A tone resampled chunk by chunk has no energy where the tone is not."""
    tone = (np.sin(2 * np.pi * 1000 * np.arange(22050) / 22050) * 20000).astype("<i2").tobytes()
    out = samples(in_chunks(Resampler(22050, 8000), tone, [882]))[800:7200].astype(float)
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    peak = int(np.argmax(spectrum))
    beside = np.concatenate([spectrum[: peak - 4], spectrum[peak + 5 :]])
    assert 20 * np.log10(spectrum[peak] / np.max(beside)) > 80


def test_after_a_flush_the_next_stream_starts_fresh() -> None:
    resampler, first, second = Resampler(24000, 8000), chirp(24000, 0.2), chirp(24000, 0.3)[::-1]
    in_chunks(resampler, first + b"\x01", [500])
    assert in_chunks(resampler, second, [500]) == in_chunks(Resampler(24000, 8000), second, [500])


def test_what_lies_above_the_telephone_band_does_not_fold_down() -> None:
    hiss = (np.sin(2 * np.pi * 7000 * np.arange(24000) / 24000) * 20000).astype("<i2").tobytes()
    assert np.max(np.abs(samples(in_chunks(Resampler(24000, 8000), hiss, [960]))[800:-800])) < 10


def test_equal_rates_pass_through_in_whole_samples() -> None:
    resampler = Resampler(8000, 8000)
    assert [resampler.push(b"abc"), resampler.push(b"d"), resampler.push(b"e"), resampler.flush()] == [
        b"ab",
        b"cd",
        b"",
        b"",
    ]


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="rates must be positive"):
        Resampler(0, 8000)


@given(st.lists(st.binary(max_size=700), max_size=12), st.integers(1, 400))
def test_frames_are_the_bytes_in_order_and_padded_once(chunks: list[bytes], size: int) -> None:
    framer, stream = Framer(size), b"".join(chunks)
    frames = [frame for chunk in chunks for frame in framer.push(chunk)]
    assert framer.pending == len(stream) % size
    tail = framer.flush(0xFF)
    assert all(len(frame) == size for frame in [*frames, *filter(None, [tail])])
    assert b"".join(frames) + tail == stream + b"\xff" * (-len(stream) % size)
    assert (framer.pending, framer.flush(0xFF)) == (0, b"")


def test_a_frame_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one byte"):
        Framer(0)
