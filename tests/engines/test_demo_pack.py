"""A caller of the demo desk, end to end through the real engines: voice, mu-law, text, English, Kannada, voice.

Facts are asserted, not sentences: what was paid, which number, which district.
"""

import asyncio
from contextlib import aclosing

import numpy as np
import pytest
import soxr
from faster_whisper import WhisperModel

from app.engines.espeak import EspeakTts
from app.engines.translation import Ctranslate2Translator
from app.engines.whisper import WhisperStt
from app.models import demo_pack
from telephony.events import RATE_HZ
from tests.engines.speech import caller_says, noise, over_the_line

TURNS = [
    (
        "ನನ್ನ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು",
        ["customer number", "4521"],
        "your customer number is 4521 is that right?",
        ["ಗ್ರಾಹಕ ಸಂಖ್ಯೆ", "ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು"],
    ),
    (
        "ನಾನು ಫೋನ್ ಪೇ ಮೂಲಕ ಒಂದು ಸಾವಿರದ ನಾನೂರ ಎಪ್ಪತ್ತೆರಡು ರೂಪಾಯಿ ಕಟ್ಟಿದೆ",
        ["paid", "1472 rupees", "PhonePe"],
        "We have received 1,472 rupees on January 5.",
        ["ಒಂದು ಸಾವಿರದ ನಾನೂರ ಎಪ್ಪತ್ತೆರಡು ರೂಪಾಯಿ", "ಜನವರಿ ಐದರಂದು"],
    ),
    (
        "ಚಿಕ್ಕಬಳ್ಳಾಪುರ ನಲ್ಲಿ ನಿನ್ನೆಯಿಂದ ಕರೆಂಟ್ ಇಲ್ಲ",
        ["no power", "Chikkaballapura", "since yesterday"],
        "the power in Chikkaballapura will come back at 6 in the evening.",
        ["ಚಿಕ್ಕಬಳ್ಳಾಪುರ", "ಸಂಜೆ ಆರು ಗಂಟೆಗೆ"],
    ),
    (
        "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು",
        ["how much", "bill"],
        "your bill is 856 rupees. the last day to pay is May 15.",
        ["ಎಂಟುನೂರ ಐವತ್ತಾರು ರೂಪಾಯಿ", "ಮೇ ಹದಿನೈದು"],
    ),
    (
        "ನಾನು ಅಧಿಕಾರಿಯ ಜೊತೆ ಮಾತನಾಡಬೇಕು",
        ["talk to an officer"],
        "please wait i am connecting you to an officer",
        ["ದಯವಿಟ್ಟು ನಿರೀಕ್ಷಿಸಿ", "ಅಧಿಕಾರಿಗೆ"],
    ),
]


@pytest.mark.parametrize("voice", ["kn+f3", "kn+m5"])
@pytest.mark.parametrize(("said", "facts", "reply", "reply_facts"), TURNS)
async def test_a_turn_keeps_its_facts(
    stt: WhisperStt,
    to_english: Ctranslate2Translator,
    to_kannada: Ctranslate2Translator,
    tts: EspeakTts,
    voice: str,
    said: str,
    facts: list[str],
    reply: str,
    reply_facts: list[str],
) -> None:
    ear = stt.listen()
    ear.feed(caller_says(said, voice))
    english = await to_english.translate(await ear.finish(), urgent=True)
    assert [fact for fact in facts if fact not in english] == []
    kannada = await to_kannada.translate(reply, urgent=True)
    assert [fact for fact in reply_facts if fact not in kannada] == []
    async with aclosing(tts.speak(kannada, urgent=True)) as chunks:
        audio = b"".join([chunk async for chunk in chunks])
    assert 1 < len(audio) / 2 / tts.rate_hz < 10


async def test_many_calls_at_once_keep_their_facts(stt: WhisperStt, to_english: Ctranslate2Translator) -> None:
    async def call(said: str) -> str:
        ear = stt.listen()
        ear.feed(caller_says(said))
        return await to_english.translate(await ear.finish())

    turns = TURNS * 4
    answers = await asyncio.gather(*(call(said) for said, *_ in turns))
    wrong = [english for english, (_, facts, *_) in zip(answers, turns, strict=True) if facts[-1] not in english]
    assert wrong == []


async def hear(stt: WhisperStt, pcm: bytes) -> str:
    ear = stt.listen()
    ear.feed(pcm)
    return await ear.finish()


@pytest.mark.parametrize("level", [0.003, 0.03, 0.15])
async def test_noise_is_nobody(stt: WhisperStt, level: float) -> None:
    noises = [over_the_line(noise(seconds, level, seed)) for seed, seconds in enumerate((0.6, 1.5, 3.0, 7.5))]
    assert [await hear(stt, pcm) for pcm in noises] == [""] * 4


async def test_two_utterances_in_one_window_keep_their_words(stt: WhisperStt) -> None:
    first, second = "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "ನನ್ನ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು"
    pause = over_the_line(noise(0.5, 0.001))
    assert await hear(stt, caller_says(first) + pause + caller_says(second)) == f"{first} {second}"


async def test_a_growing_window_does_not_take_back_its_words(stt: WhisperStt) -> None:
    said = "ನನ್ನ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು"
    pcm = caller_says(said)
    partials = [(await hear(stt, pcm[:end])).split()[:-1] for end in range(9600, len(pcm), 4800)]
    assert [words for words in partials if words != said.split()[: len(words)]] == []
    assert len(partials[-1]) >= 5


def test_faster_whisper_itself_reads_the_model() -> None:
    """Its own pipeline, with its windows padded to 30 s."""
    said = "ಚಿಕ್ಕಬಳ್ಳಾಪುರ ನಲ್ಲಿ ನಿನ್ನೆಯಿಂದ ಕರೆಂಟ್ ಇಲ್ಲ"
    model = WhisperModel(str(demo_pack() / "stt"), device="cpu", compute_type="int8", cpu_threads=1)
    assert model.model.is_multilingual
    pcm = np.frombuffer(caller_says(said), np.int16).astype(np.float32) / 32768
    audio = soxr.resample(pcm, RATE_HZ, 16_000)
    segments, info = model.transcribe(audio, language="kn", beam_size=1, without_timestamps=True)
    assert info.language == "kn"
    assert "".join(segment.text for segment in segments).strip() == said
