"""A caller of the demo desk, end to end through the real engines: voice, mu-law, text, English, Kannada, voice.

Facts are asserted, not sentences: what was paid, which number, which district.
"""

import asyncio
from contextlib import aclosing

import pytest

from app.engines.espeak import EspeakTts
from app.engines.translation import Ctranslate2Translator
from app.engines.whisper import WhisperStt
from tests.engines.speech import caller_says

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
        ["ಒಂದು ಸಾವಿರದ ನಾನೂರ ಎಪ್ಪತ್ತೆರಡು ರೂಪಾಯಿ", "ಜನವರಿ ಐದು"],
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
