"""What every engine promises, asked of scripted and real ones alike."""

import asyncio
from contextlib import aclosing

import pytest

from app.config import Settings
from app.engines import webrtc
from app.engines.base import EngineError, SpeechToText, TextToSpeech, Translator, VoiceDetector
from app.engines.scripted import ScriptedStt, ScriptedTranslator, ScriptedTts, ScriptedVad
from app.engines.silero import SileroVad
from tests.engines.speech import Judgements, caller_says, frames, noise, over_the_line

MY_NAME = "ನನ್ನ ಹೆಸರು ಗೀತಾ"


@pytest.fixture(params=["scripted", "real"])
def any_stt(request: pytest.FixtureRequest) -> SpeechToText:
    real: SpeechToText = request.getfixturevalue("stt")
    return ScriptedStt(texts=[MY_NAME] * 8) if request.param == "scripted" else real


@pytest.fixture(params=["scripted", "real"])
def any_translator(request: pytest.FixtureRequest) -> Translator:
    real: Translator = request.getfixturevalue("to_english")
    scripted = ScriptedTranslator(sentences={MY_NAME: "my name is Geetha"})
    return scripted if request.param == "scripted" else real


@pytest.fixture(params=["scripted", "real"])
def any_tts(request: pytest.FixtureRequest) -> TextToSpeech:
    real: TextToSpeech = request.getfixturevalue("tts")
    return ScriptedTts(speed=1000) if request.param == "scripted" else real


@pytest.fixture(params=["scripted", "webrtc", "silero"])
def any_vad(request: pytest.FixtureRequest) -> VoiceDetector:
    real: SileroVad = request.getfixturevalue("silero_vad")
    table: dict[str, VoiceDetector] = {"scripted": ScriptedVad(), "webrtc": webrtc.load(Settings()), "silero": real}
    return table[request.param]


async def spoken(tts: TextToSpeech, text: str) -> list[bytes]:
    async with aclosing(tts.speak(text)) as chunks:
        return [chunk async for chunk in chunks]


async def test_stt_hears_calls_at_the_same_time(any_stt: SpeechToText) -> None:
    said = caller_says(MY_NAME)
    await any_stt.warm_up()
    ears = [any_stt.listen() for _ in range(8)]
    for frame in frames(said):
        for ear in ears:
            ear.feed(frame)
    assert await asyncio.gather(*(ear.finish() for ear in ears)) == [MY_NAME] * 8
    assert await ears[0].finish() == MY_NAME


async def test_stt_hears_nothing_in_nothing(any_stt: SpeechToText) -> None:
    assert await any_stt.listen().finish() == ""


async def test_stt_survives_a_cancelled_finish(any_stt: SpeechToText) -> None:
    ear = any_stt.listen()
    ear.feed(caller_says(MY_NAME))
    task = asyncio.create_task(ear.finish())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await ear.finish() == MY_NAME


async def test_translator_keeps_calls_apart(any_translator: Translator) -> None:
    await any_translator.warm_up()
    jobs = [any_translator.translate(text, urgent=bool(text)) for text in (MY_NAME, "", MY_NAME, " \n")]
    assert await asyncio.gather(*jobs) == ["my name is Geetha", "", "my name is Geetha", ""]


async def test_translator_survives_cancellation(any_translator: Translator) -> None:
    task = asyncio.create_task(any_translator.translate(MY_NAME))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await any_translator.translate(MY_NAME) == "my name is Geetha"


async def test_translator_takes_large_input_or_refuses_it(any_translator: Translator) -> None:
    assert await any_translator.translate((MY_NAME + " ") * 60) != ""
    try:
        await any_translator.translate("ಕ" * 100_000)
    except EngineError as error:
        assert "100000 characters" in str(error)  # noqa: PT017 - refusing is allowed, not required


async def test_tts_speaks_whole_samples_in_many_chunks(any_tts: TextToSpeech) -> None:
    await any_tts.warm_up()
    first, second = await asyncio.gather(spoken(any_tts, MY_NAME), spoken(any_tts, MY_NAME))
    for chunks in (first, second):
        assert len(chunks) > 5
        assert all(len(chunk) % 2 == 0 and chunk for chunk in chunks)
        assert 0.5 < sum(map(len, chunks)) / 2 / any_tts.rate_hz < 3


async def test_tts_says_nothing_for_nothing(any_tts: TextToSpeech) -> None:
    assert await spoken(any_tts, " \n") == []


async def test_tts_stops_when_its_generator_is_closed(any_tts: TextToSpeech) -> None:
    async with aclosing(any_tts.speak(MY_NAME * 50)) as chunks:
        await anext(chunks)
    async with asyncio.timeout(1):
        assert await spoken(any_tts, MY_NAME)


async def test_vad_judges_each_frame_once_and_hears_the_voice(any_vad: VoiceDetector) -> None:
    await any_vad.warm_up()
    said = frames(caller_says(MY_NAME, before_s=1, after_s=1))
    judged = await judged_frames(any_vad, said)
    assert len(judged) == len(said)
    assert sum(judged[:45]) <= 5, "the second before the voice"
    assert sum(judged[50:-50]) > 0.6 * len(judged[50:-50])
    assert sum(judged[-30:]) == 0, "the second after the voice, past the detector's own tail"


async def test_vad_is_silent_after_close(any_vad: VoiceDetector) -> None:
    judged: list[bool] = []
    stream = any_vad.open(judged.append)
    loud = frames(over_the_line(noise(0.1, 0.2)))
    for frame in loud:
        stream.feed(frame)
    stream.close()
    before = list(judged)
    for frame in loud:
        stream.feed(frame)
    await judged_frames(any_vad, loud)  # another call is judged meanwhile
    assert judged == before


async def judged_frames(vad: VoiceDetector, said: list[bytes]) -> list[bool]:
    """Feed a call faster than real time, never more than three frames ahead of the judgements."""
    judgements = Judgements()
    stream = vad.open(judgements)
    for n, frame in enumerate(said, 1):
        stream.feed(frame)
        await judgements.reach(n - 3)
    await judgements.reach(len(said))
    stream.close()
    return judgements.frames
