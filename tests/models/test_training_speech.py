"""The recogniser's training material: synthetic callers and the line that they call over."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("espeakng_loader")
pytest.importorskip("faster_whisper")

from app.engines.quiet import is_quiet
from app.models.training import hearing, line, voices
from app.models.training.hearing import Heard
from app.models.training.line import Line
from app.models.training.voices import Speaker
from telephony.events import RATE_HZ, Encoding

TEXT = "ನನ್ನ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು"
SPEAKER = Speaker("kn+f3", 160, 50, 50, 0, 7)
CLEAN = Line(300, 3400, "white", False, 40.0, -22.0, "mulaw")


@pytest.fixture(scope="module")
def items() -> Sequence[Heard]:
    voices.start_afresh()
    return [hearing.item(1, index) for index in range(60)]


def tone() -> NDArray[np.float32]:
    """A second of silence, a second of 1 kHz."""
    time_s = np.arange(RATE_HZ) / RATE_HZ
    return np.concatenate([np.zeros(RATE_HZ), np.sin(2 * np.pi * 1000 * time_s)]).astype(np.float32)


def dbfs(pcm: NDArray[np.int16]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(pcm.astype(np.float64)))) / 32768))


@pytest.mark.parametrize("law", ["mulaw", "alaw"])
@pytest.mark.parametrize("noise", ["white", "pink"])
@pytest.mark.parametrize("snr_db", [5.0, 10.0, 25.0])
def test_line_has_the_signal_and_the_noise_that_it_says(law: Encoding, noise: line.Noise, snr_db: float) -> None:
    telephone = replace(CLEAN, law=law, noise=noise, snr_db=snr_db)
    heard = line.pass_on(telephone, tone(), np.random.default_rng(1))
    assert dbfs(heard[: RATE_HZ * 9 // 10]) == pytest.approx(-22 - snr_db, abs=1.5)
    speech_and_noise = 10 * np.log10(1 + 10 ** (-snr_db / 10))
    assert dbfs(heard[RATE_HZ * 11 // 10 :]) == pytest.approx(-22 + speech_and_noise, abs=1)


def test_every_line_keeps_the_length() -> None:
    rng = random.Random(3)
    for count in (1, 159, 3001, 8000):
        for _ in range(20):
            heard = line.pass_on(line.draw(rng), tone()[-count:], np.random.default_rng(count))
            assert heard.shape == (count,)
            assert heard.dtype == np.int16


def test_lost_packets_are_silent_or_repeat() -> None:
    for repeats in (True, False):
        telephone = replace(CLEAN, loss=1.0, repeats_lost=repeats)
        packets = line.pass_on(telephone, tone()[RATE_HZ:], np.random.default_rng(1)).reshape(-1, 160)
        assert (packets[1:] == (packets[0] if repeats else 0)).all()


def test_word_and_phoneme_times_never_fall_and_lie_within_the_speech() -> None:
    for voice in (*voices.HELD_OUT_VOICES, "kn", "kn+klatt", "kn+Andy"):
        speech = voices.speak(TEXT, replace(SPEAKER, voice=voice))
        assert len(speech.words) == len(TEXT.split())
        assert speech.words[0] < 0.1
        assert all(0.05 < later - earlier < 2 for earlier, later in pairwise([*speech.words, speech.seconds]))
        assert all(earlier[0] <= later[0] for earlier, later in pairwise(speech.phonemes))
        assert speech.phonemes[-1][0] <= speech.seconds + 0.001


def test_held_out_voices_are_not_trained() -> None:
    assert not set(voices.HELD_OUT_VOICES) & set(voices.TRAINING_VOICES)
    low, high = voices.TRAINING_RATES
    assert not any(low <= rate <= high for rate in voices.HELD_OUT_RATES)


def test_speech_is_the_same_again_and_the_agents_voice_is_left_alone() -> None:
    from app.engines import espeak

    chunks: list[bytes] = []

    def put(chunk: bytes) -> bool:
        chunks.append(chunk)
        return True

    espeak.library().speak(TEXT, "kn", 160, put)
    before = len(chunks)
    voices.start_afresh()
    first = voices.speak(TEXT, SPEAKER)
    voices.speak("ಹೌದು", replace(SPEAKER, voice="kn+m2"))
    voices.start_afresh()
    again = voices.speak(TEXT, SPEAKER)
    assert np.array_equal(first.samples, again.samples)
    espeak.library().speak(TEXT, "kn", 160, put)
    assert len(chunks) == 2 * before


def test_items_depend_on_seed_and_number_alone(items: Sequence[Heard]) -> None:
    voices.start_afresh()
    for index, item in enumerate(items):
        again = hearing.item(1, index)
        assert again.text == item.text
        assert np.array_equal(again.pcm, item.pcm)
    assert hearing.item(2, 0).text != items[0].text or len(hearing.item(2, 0).pcm) != len(items[0].pcm)


def test_items_fit_the_window_and_noise_has_no_words(items: Sequence[Heard]) -> None:
    for item in items:
        assert 0 < len(item.pcm) <= hearing.MOST_S * RATE_HZ
        assert item.somebody or not item.text
        if item.text:
            assert not is_quiet(item.pcm)
    assert any(not item.somebody for item in items)


def test_a_caller_cut_off_within_a_word_said_the_words_before_it() -> None:
    rng = random.Random(5)
    said = TEXT.split()
    for number in range(30):
        take = hearing.Take.of([TEXT], SPEAKER, rng)
        heard = hearing.cut_off(take, np.zeros(len(take.samples), np.int16), said, rng)
        words = heard.text.split()
        assert words == said[: len(words)]
        assert len(words) < len(said)
        start, end = take.words[len(words)]
        assert max(start, 0) <= len(heard.pcm) / RATE_HZ <= max(end, 0.2), number


def test_features_are_those_of_the_engine_and_labels_follow_the_sounds() -> None:
    heard = hearing.one(TEXT, SPEAKER, CLEAN, random.Random(1))
    mel = hearing.log_mel(heard.pcm)
    assert mel.shape == (80, len(heard.pcm) // 80)
    found = hearing.labels(heard.sounds, mel.shape[1] // 2)
    assert found[0] == 0
    assert found[-1] == 0
    assert len(set(found.tolist())) > 10
    assert hearing.PHONEMES[int(found[found > 0][0]) - 1] == "n"
