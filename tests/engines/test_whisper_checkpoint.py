"""Random Whispers of the published layouts, converted by CTranslate2's own converter and loaded by the engine."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from app.config import SttSettings
from app.engines.base import EngineUnavailable
from app.engines.whisper import WhisperStt
from app.engines.whisper.guards import cut_loops
from app.engines.whisper.tokens import foreign_tokens, prompt_of, tokenizer_of
from tests.checkpoints import whisper as checkpoint
from tests.engines.speech import noise, over_the_line

YES, NO = " ಹೌದು", " ಇಲ್ಲ"
HINDI, TAMIL = " मेरा", " வணக்கம்"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Checkpoints of a size and words, each made once."""
    folders: dict[tuple[str, ...], Path] = {}

    def make(size: str, *says: str) -> Path:
        if (size, *says) not in folders:
            at = tmp_path_factory.mktemp("whisper")
            folders[size, *says] = checkpoint.convert(checkpoint.write(at / "hf", size, says=says), at / "ct2")
        return folders[size, *says]

    return make


async def heard(folder: Path, seconds: float = 2.0, **settings: Any) -> str:
    stt = WhisperStt(folder, SttSettings(**settings))
    ear = stt.listen()
    ear.feed(over_the_line(noise(seconds, 0.1)))
    text = await ear.finish()
    await stt.aclose()
    return text


@pytest.mark.parametrize(("size", "transcribe"), [("micro", 50359), ("micro-v3", 50360)])
def test_token_ids_are_those_of_the_models_generation(made: Any, size: str, transcribe: int) -> None:
    stt = WhisperStt(made(size, YES), SttSettings())
    assert stt._prompt == [50258, 50306, transcribe, transcribe + 4]
    assert stt._tokenizer.eot == 50257


@pytest.mark.parametrize("size", ["micro", "micro-v3"])
@pytest.mark.parametrize("short_window", [True, False])
async def test_a_loop_of_a_real_layout_is_cut(made: Any, size: str, short_window: bool) -> None:
    assert await heard(made(size, YES), short_window=short_window) == "ಹೌದು"


@pytest.mark.parametrize(("short_window", "frames"), [(True, 200), (False, 3000)])
def test_the_encoder_gets_the_turn_or_thirty_seconds(made: Any, short_window: bool, frames: int) -> None:
    stt = WhisperStt(made("micro", YES), SttSettings(short_window=short_window))
    features = stt._log_mel(np.frombuffer(over_the_line(noise(1.8, 0.1)), np.int16))
    assert stt._batch([features, features]).shape == (2, 80, frames)


@pytest.mark.parametrize("hotwords", [0, 40])
@pytest.mark.parametrize("seconds", [1, 3])
async def test_there_is_room_for_fast_kannada(
    made: Any, monkeypatch: pytest.MonkeyPatch, hotwords: int, seconds: int
) -> None:
    """CTranslate2 writes half of its `max_length` at most: told too little, it cuts the end of a turn off."""
    stt = WhisperStt(made("micro", YES), SttSettings(), ["ಚಿಕ್ಕಬಳ್ಳಾಪುರ"] * hotwords)
    written: list[int] = []
    decode = stt._tokenizer.decode

    def counted(tokens: list[int]) -> Any:
        written.append(len(tokens))
        return decode(tokens)

    monkeypatch.setattr(stt._tokenizer, "decode", counted)
    ear = stt.listen()
    ear.feed(over_the_line(noise(seconds, 0.1)))
    assert await ear.finish() == "ಹೌದು"
    assert written[0] - (16 + 50 * seconds) in (0, 1)
    await stt.aclose()


async def test_what_random_weights_write_fits_the_time(made: Any) -> None:
    text = await heard(made("micro"))
    assert cut_loops(text) == text
    assert len(text) <= 10 + 2 * 30


async def test_another_script_is_decoded_again_without_its_tokens(made: Any) -> None:
    assert await heard(made("micro", HINDI, TAMIL, NO)) == "ಇಲ್ಲ"


async def test_a_model_that_knows_no_kannada_heard_nothing(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made("micro", HINDI, NO)
    stt = WhisperStt(folder, SttSettings())
    monkeypatch.setattr(stt, "_foreign", [])
    ear = stt.listen()
    ear.feed(over_the_line(noise(2.0, 0.1)))
    assert await ear.finish() == ""
    await stt.aclose()


async def test_turns_of_many_windows_share_batches(made: Any) -> None:
    """Room for the text's tokens limits a window to about 8 s."""
    text = await heard(made("micro", YES), seconds=40.0, max_batch=2)
    assert set(text.split()) == {"ಹೌದು"}
    assert 40 / 8.6 <= len(text.split()) <= 40 / (8.5 * 3 / 5)


def test_hot_words_stand_before_the_text_as_far_as_they_fit(made: Any, caplog: pytest.LogCaptureFixture) -> None:
    stt = WhisperStt(made("micro", YES), SttSettings(), hotwords=["ಹೌದು", "BESCOM"])
    start = stt._prompt[-4:]
    assert stt._prompt[0] == 50361
    assert stt._tokenizer.decode(stt._prompt[1:-4]) == " ಹೌದು, BESCOM"
    assert start[0] == 50258
    assert stt._window_samples < WhisperStt(made("micro", YES), SttSettings())._window_samples
    caplog.set_level(logging.WARNING)
    many = WhisperStt(made("micro", YES), SttSettings(), hotwords=["ಚಿಕ್ಕಬಳ್ಳಾಪುರ"] * 40)
    assert 180 < len(many._prompt) <= 1 + 223 + 4
    assert "room for the first" in caplog.text
    assert "ಚಿಕ್ಕಬಳ್ಳಾಪುರ" not in caplog.text


async def test_hot_words_do_not_hinder_hearing(made: Any) -> None:
    stt = WhisperStt(made("micro", NO), SttSettings(), hotwords=["ಚಿಕ್ಕಬಳ್ಳಾಪುರ"] * 40)
    ear = stt.listen()
    ear.feed(over_the_line(noise(12.0, 0.1)))
    assert set((await ear.finish()).split()) == {"ಇಲ್ಲ"}
    await stt.aclose()


def test_foreign_tokens_are_those_of_other_scripts(made: Any) -> None:
    tokenizer = WhisperStt(made("micro", HINDI, TAMIL, NO), SttSettings())._tokenizer
    foreign = {tokenizer.tokenizer.id_to_token(token) for token in foreign_tokens(tokenizer)}
    assert {checkpoint._as_bytes(HINDI), checkpoint._as_bytes(TAMIL)} <= foreign
    assert checkpoint._as_bytes(NO) not in foreign
    assert not any(word.startswith(("<|", "Ġz")) for word in foreign)


def test_a_tokenizer_without_kannada_is_refused(made: Any, tmp_path: Path) -> None:
    folder = made("micro", YES)
    for file in folder.iterdir():
        content = file.read_bytes()
        (tmp_path / file.name).write_bytes(
            content.replace(b"<|kn|>", b"<|xx|>") if file.name == "tokenizer.json" else content
        )
    with pytest.raises(EngineUnavailable, match="knows Kannada"):
        WhisperStt(tmp_path, SttSettings())


def test_another_models_features_are_refused(made: Any, tmp_path: Path) -> None:
    for file in made("micro-v3", YES).iterdir():
        if file.name != "preprocessor_config.json":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(EngineUnavailable, match=r"preprocessor_config\.json is missing .* 128 mel bands"):
        WhisperStt(tmp_path, SttSettings())


def test_the_prompt_needs_a_multilingual_tokenizer() -> None:
    class Bare:
        def token_to_id(self, token: str) -> int | None:
            return None if token == "<|kn|>" else 1

    with pytest.raises(ValueError, match="multilingual"):
        prompt_of(tokenizer_of(Bare()), [])
