"""`kva agent say`: a WAV as the caller would hear it, or at the voice's own rate."""

import wave
from pathlib import Path

import pytest

from app.config import ConfigError
from tests.console.conftest import Invoke


@pytest.mark.parametrize(("options", "rate_hz"), [((), 8000), (("--wide",), 22050)])
def test_kannada(kva_agent: Invoke, tmp_path: Path, options: tuple[str, ...], rate_hz: int) -> None:
    result = kva_agent("say", "ನಮಸ್ಕಾರ, ನಿಮ್ಮ ಬಿಲ್ 845 ರೂಪಾಯಿ.", "--out", "bill.wav", *options)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("first sound after ")
    assert result.output.rstrip().endswith(f"{rate_hz} Hz: bill.wav")
    with wave.open(str(tmp_path / "bill.wav")) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, rate_hz)
        assert 1.5 < sound.getnframes() / rate_hz < 8
        assert max(sound.readframes(sound.getnframes())) > 0


def test_english_is_translated_first(kva_agent: Invoke, tmp_path: Path) -> None:
    result = kva_agent("say", "your pending amount is 845 rupees.")
    assert result.output.splitlines()[0] == "ನಿಮ್ಮ ಬಾಕಿ ಮೊತ್ತ ಎಂಟುನೂರ ನಲವತ್ತೈದು ರೂಪಾಯಿ."
    assert (tmp_path / "say.wav").is_file()


def test_the_voice_is_heard_also_while_the_desks_file_is_wrong(kva_agent: Invoke, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[agent]\nfile = "none.toml"\n', encoding="utf-8")
    assert kva_agent("say", "ನಮಸ್ಕಾರ.", config=settings).exit_code == 0
    result = kva_agent("say", "hello", config=settings)
    assert isinstance(result.exception, ConfigError), "its names are needed to translate"


def test_what_cannot_be_said(kva_agent: Invoke, tmp_path: Path) -> None:
    assert kva_agent("say", "?!").exit_code == 2
    result = kva_agent("say", "ಸರಿ", "--out", str(tmp_path / "none" / "x.wav"))
    assert isinstance(result.exception, ConfigError)
    assert "cannot be written" in str(result.exception)
    settings = tmp_path / "kannada.toml"
    settings.write_text('[translation]\nengine = "none"\n', encoding="utf-8")
    result = kva_agent("say", "hello", config=settings)
    assert isinstance(result.exception, ConfigError)
    assert "give the words in Kannada" in str(result.exception)
