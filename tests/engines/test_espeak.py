"""espeak-ng in process: voices, rates, aborting, and text that must not command it."""

import asyncio
from contextlib import aclosing

import pytest

from app.config import Settings
from app.engines import espeak
from app.engines.base import EngineFailed, EngineUnavailable
from app.engines.need import need_module

BILL = "ನಿಮ್ಮ ಬಿಲ್ ಒಂದು ಸಾವಿರದ ನಾನೂರ ಎಪ್ಪತ್ತೆರಡು ರೂಪಾಯಿ"


async def seconds(tts: espeak.EspeakTts, text: str) -> float:
    async with aclosing(tts.speak(text)) as chunks:
        return sum([len(chunk) async for chunk in chunks]) / 2 / tts.rate_hz


async def test_a_sentence_has_its_length_and_short_chunks(tts: espeak.EspeakTts) -> None:
    async with aclosing(tts.speak(BILL)) as chunks:
        made = [chunk async for chunk in chunks]
    assert 3 < sum(map(len, made)) / 2 / tts.rate_hz < 4.5
    assert max(map(len, made)) / 2 / tts.rate_hz < 0.08
    assert len(set(b"".join(made))) > 200, "there is sound in it"


async def test_engines_of_different_voices_do_not_mix(tts: espeak.EspeakTts) -> None:
    settings = Settings()
    quick = espeak.load(settings.model_copy(update={"tts": settings.tts.model_copy(update={"words_per_minute": 300})}))
    lengths = await asyncio.gather(*(seconds(engine, BILL) for engine in (tts, quick) * 4))
    assert all(quick_s < 0.7 * slow_s for slow_s, quick_s in zip(lengths[::2], lengths[1::2], strict=True))
    await quick.aclose()


async def test_closing_aborts_inside_espeak_and_leaves_no_trace(tts: espeak.EspeakTts) -> None:
    usual = await seconds(tts, BILL)
    for _ in range(3):
        async with aclosing(tts.speak(BILL * 10)) as chunks:
            await anext(chunks)
    assert await seconds(tts, BILL) == pytest.approx(usual, abs=0.05)


async def test_a_clause_that_waits_can_be_cancelled(tts: espeak.EspeakTts) -> None:
    tasks = [asyncio.create_task(seconds(tts, BILL * 5)) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[1:]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(outcomes[0], float)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes[1:])


@pytest.mark.parametrize("text", ["\x01250s" + BILL, BILL + "\x00" + BILL, "<voice name='en'>" + BILL, BILL + "\ud800"])
async def test_no_text_commands_espeak(tts: espeak.EspeakTts, text: str) -> None:
    usual = await seconds(tts, BILL)
    assert await seconds(tts, text) > usual - 0.1
    assert await seconds(tts, BILL) == pytest.approx(usual, abs=0.05)


async def test_a_text_without_end_is_refused(tts: espeak.EspeakTts) -> None:
    with pytest.raises(EngineFailed, match="no clause of a phone call"):
        await seconds(tts, "ಕ" * 5000)


@pytest.mark.parametrize("voice", ["kn+nobody", "kn+../f2", "xx", ""])
def test_a_voice_that_is_not_there_is_named(voice: str) -> None:
    with pytest.raises(EngineUnavailable, match=r"no voice .*; tts\.voice may be"):
        espeak.EspeakTts(voice, 150)


def test_a_missing_package_says_how_to_get_it() -> None:
    with pytest.raises(EngineUnavailable, match=r"pip install 'kannada-voice-agent\[espeak\]'"):
        need_module("espeakng_loader_that_is_not_there", extra="espeak")
