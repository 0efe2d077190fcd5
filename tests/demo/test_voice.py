"""A synthesised caller: the same words are the same sound, wherever they stand."""

import pytest

pytest.importorskip("espeakng_loader", reason="needs the extra [demo]")

from app.demo.playout import sample
from app.demo.voice import BACKGROUND_S, record
from app.engines.base import EngineUnavailable
from app.engines.espeak import library


def test_the_same_words_are_as_long_whatever_was_spoken_before() -> None:
    (first,) = record(["ಹೌದು ಸರಿ"]).stretches
    library().speak("ಬೇಡ", "kn+m3", 200, lambda chunk: True)
    said = record(["ಬೇಡ ಧನ್ಯವಾದ", "ಹೌದು ಸರಿ"])
    assert first[0] == BACKGROUND_S
    assert said.stretches[1][1] - said.stretches[1][0] == pytest.approx(first[1] - first[0], abs=0.0002)
    assert said == record(["ಬೇಡ ಧನ್ಯವಾದ", "ಹೌದು ಸರಿ"])
    assert sample(said.stretches[1][1]) < len(said.mulaw)


def test_nobody_speaks_in_a_voice_that_espeak_does_not_have() -> None:
    for voice in ("kn+nobody", "xx", "kn+"):
        with pytest.raises(EngineUnavailable, match="espeak-ng has no voice"):
            record(["ಸರಿ"], voice)
