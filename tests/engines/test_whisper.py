"""Whisper on the demo pack: turns of any length, silence, and folders that are not models."""

import asyncio
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from app.config import Settings, SttSettings
from app.engines import whisper
from app.engines.base import EngineFailed, EngineUnavailable
from app.engines.quiet import cut_at_quiet
from app.models import demo_pack
from telephony.events import RATE_HZ
from tests.engines.speech import caller_says, noise, over_the_line

NO_POWER = "ಚಿಕ್ಕಬಳ್ಳಾಪುರ ನಲ್ಲಿ ನಿನ್ನೆಯಿಂದ ಕರೆಂಟ್ ಇಲ್ಲ"
MY_BILL = "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"
SILENCE = bytes(RATE_HZ)
"""Half a second."""


async def heard(stt: whisper.WhisperStt, pcm: bytes) -> str:
    ear = stt.listen()
    ear.feed(pcm)
    return await ear.finish()


async def test_turns_of_different_lengths_share_a_batch(stt: whisper.WhisperStt) -> None:
    said = [NO_POWER, MY_BILL, "ಹೌದು", NO_POWER]
    assert await asyncio.gather(*(heard(stt, caller_says(text)) for text in said)) == said


async def test_a_turn_longer_than_the_window_is_heard_in_pieces(stt: whisper.WhisperStt) -> None:
    text = await heard(stt, caller_says(NO_POWER) + SILENCE + caller_says(MY_BILL) + SILENCE + caller_says(NO_POWER))
    assert "ಚಿಕ್ಕಬಳ್ಳಾಪುರ" in text
    assert text.count("ಕರೆಂಟ್") == 2


@pytest.mark.parametrize("pcm", [b"", b"\x01", SILENCE, over_the_line(noise(1.0, 0.0005)), bytes(100)])
async def test_nothing_is_heard_in_silence(stt: whisper.WhisperStt, pcm: bytes) -> None:
    assert await heard(stt, pcm) == ""


async def test_a_turn_that_goes_on_is_heard_whole(stt: whisper.WhisperStt) -> None:
    ear = stt.listen()
    said = caller_says(NO_POWER)
    ear.feed(said[: len(said) // 2 // 2 * 2])
    assert await ear.finish() not in ("", NO_POWER)
    ear.feed(said[len(said) // 2 // 2 * 2 :])
    assert await ear.finish() == NO_POWER


async def test_silence_after_a_heard_turn_costs_no_decoding() -> None:
    stt = whisper.load(Settings())
    ear = stt.listen()
    ear.feed(caller_says(MY_BILL))
    assert await ear.finish() == MY_BILL
    await stt.aclose()
    ear.feed(SILENCE)
    assert await ear.finish() == MY_BILL  # a closed engine can decode nothing
    ear.feed(caller_says(MY_BILL))
    with pytest.raises(EngineFailed, match="closed"):
        await ear.finish()


async def test_an_ear_keeps_two_minutes_at_most(stt: whisper.WhisperStt) -> None:
    ear = stt.listen()
    for second in range(130):
        ear.feed(bytes([second]) + bytes(RATE_HZ * 2 - 1))
    assert len(ear._pcm) == 120 * RATE_HZ * 2
    assert ear._pcm[0] == 10
    assert await ear.finish() == ""


async def test_beam_search_works_on_a_batch() -> None:
    stt = whisper.WhisperStt(demo_pack() / "stt", SttSettings(beam=5))
    assert await asyncio.gather(*(heard(stt, caller_says(MY_BILL)) for _ in range(3))) == [MY_BILL] * 3
    await stt.aclose()


async def test_the_window_may_be_padded_to_its_full_length() -> None:
    stt = whisper.WhisperStt(demo_pack() / "stt", SttSettings(short_window=False))
    assert await asyncio.gather(*(heard(stt, caller_says(text)) for text in (MY_BILL, NO_POWER))) == [MY_BILL, NO_POWER]
    await stt.aclose()


def test_hot_words_stand_before_the_text_whole_and_as_far_as_they_fit(caplog: pytest.LogCaptureFixture) -> None:
    words = Settings.model_validate({"agent": {"hotwords": ["ಕರೆಂಟ್", "BESCOM"]}})
    stt = whisper.load(words)
    token = stt._tokenizer.tokenizer.token_to_id
    start = [token(f"<|{name}|>") for name in ("startoftranscript", "kn", "transcribe", "notimestamps")]
    assert stt._prompt[0] == token("<|startofprev|>")
    assert stt._tokenizer.decode(stt._prompt[1:-4]) == " ಕರೆಂಟ್, BESCOM"
    assert stt._prompt[-4:] == start
    many = whisper.WhisperStt(demo_pack() / "stt", SttSettings(), ["ಚಿಕ್ಕಬಳ್ಳಾಪುರ"] * 100)
    assert 200 < len(many._prompt) <= 1 + 223 + 4
    assert many._tokenizer.decode(many._prompt[1:-4]).endswith(" ಚಿಕ್ಕಬಳ್ಳಾಪುರ")
    assert many._window_samples < stt._window_samples
    assert "agent.hotwords: the recogniser has room for the first" in caplog.text


@given(st.integers(0, 100_000), st.integers(RATE_HZ, 8 * RATE_HZ), st.integers(0, 2**32 - 1))
def test_pieces_fit_and_lose_nothing(length: int, most: int, seed: int) -> None:
    pcm = np.random.default_rng(seed).integers(-9000, 9000, length, dtype=np.int16)
    pieces = cut_at_quiet(pcm, most)
    assert all(0 < len(piece) <= most for piece in pieces) or not length
    assert np.array_equal(np.concatenate(pieces), pcm)


def test_the_cut_is_in_the_pause() -> None:
    loud = np.full(RATE_HZ, 5000, np.int16)
    pcm = np.concatenate([loud, np.zeros(RATE_HZ // 4, np.int16), loud])
    first, _ = cut_at_quiet(pcm, most=RATE_HZ * 3 // 2)
    assert RATE_HZ < len(first) < RATE_HZ * 5 // 4


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"nowhere: no such folder; stt\.model must name a CTranslate2 Whisper"):
        whisper.WhisperStt(tmp_path / "nowhere", SttSettings())


def test_missing_files_are_named_and_never_downloaded(tmp_path: Path) -> None:
    shutil.copytree(demo_pack() / "stt", tmp_path / "stt")
    (tmp_path / "stt" / "tokenizer.json").unlink()
    with pytest.raises(EngineUnavailable, match=r"tokenizer\.json is missing"):
        whisper.WhisperStt(tmp_path / "stt", SttSettings())


@pytest.mark.parametrize("file", ["model.bin", "tokenizer.json", "config.json"])
def test_a_broken_file_is_not_a_model(tmp_path: Path, file: str) -> None:
    shutil.copytree(demo_pack() / "stt", tmp_path / "stt")
    (tmp_path / "stt" / file).write_bytes(b"not a model")
    with pytest.raises(EngineUnavailable, match="not a usable CTranslate2 Whisper model"):
        whisper.WhisperStt(tmp_path / "stt", SttSettings())


def test_a_translation_model_is_not_a_whisper_model(tmp_path: Path) -> None:
    shutil.copytree(demo_pack() / "kn_en", tmp_path / "mt")
    (tmp_path / "mt" / "tokenizer.json").write_bytes((demo_pack() / "stt" / "tokenizer.json").read_bytes())
    with pytest.raises(EngineUnavailable, match="not a usable"):
        whisper.WhisperStt(tmp_path / "mt", SttSettings())
