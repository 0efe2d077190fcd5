"""Scripted engines do what their script says, on time."""

import asyncio
from contextlib import aclosing

import pytest

from app.call.events import Finished, Line
from app.engines.base import EngineError, EngineFailed, EngineOverloaded, Filler, Partial, Question
from app.engines.scripted import ScriptedAgent, ScriptedStt, ScriptedTranslator, ScriptedTts, ScriptedVad


def question(confirmed: asyncio.Event | None = None) -> Question:
    gate = confirmed or asyncio.Event()

    async def wait() -> None:
        await gate.wait()

    return Question("call", "", "how much is my bill", (Line("caller", "ನಮಸ್ಕಾರ", "hello"),), wait)


async def answer(agent: ScriptedAgent, asked: Question) -> list[str | Filler | Finished]:
    async with aclosing(agent.answer(asked)) as pieces:
        return [piece async for piece in pieces]


async def test_stt_hears_its_texts_in_order_then_nothing() -> None:
    stt = ScriptedStt(texts=["one", "two"])
    first, unused, second, third = (stt.listen() for _ in range(4))
    for ear in (first, second, third):
        ear.feed(b"\0\0")
    assert [await first.finish(), await first.finish(), await second.finish()] == ["one", "one", "two"]
    assert [await unused.finish(), await third.finish()] == ["", ""]


async def test_stt_reports_its_partials_by_the_audio_it_was_fed() -> None:
    stt = ScriptedStt(partials=[Partial("", "one"), Partial("one", "one two"), Partial("one", "one three")])
    said: list[Partial] = []
    ear, closed, deaf = stt.listen(said.append), stt.listen(said.append), stt.listen()
    for each in (ear, closed, deaf):
        each.feed(bytes(round(0.5 * 8000) * 2))
    closed.close()
    assert said == [], "never from within feed"
    await asyncio.sleep(0)
    assert said == list(stt.partials[:2])


async def test_an_error_and_a_hang_can_come_and_go() -> None:
    translator = ScriptedTranslator(sentences={"a": "b"}, error=EngineFailed("down"))
    with pytest.raises(EngineFailed, match="down"):
        await translator.translate("a")
    translator.error, translator.hangs = None, True
    task = asyncio.create_task(translator.translate("a"))
    done, _ = await asyncio.wait([task], timeout=0.02)
    assert not done
    task.cancel()
    translator.hangs = False
    assert await translator.translate("a") == "b"


async def test_tts_takes_as_long_as_its_speed_says() -> None:
    tts = ScriptedTts(seconds=1.0, chunk_s=0.1, speed=10, rate_hz=16000)
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with aclosing(tts.speak("hello")) as chunks:
        made = [chunk async for chunk in chunks]
    assert [len(chunk) for chunk in made] == [3200] * 10
    assert 0.095 < loop.time() - started < 5
    assert tts.spoken == ["hello"]


async def test_agent_streams_its_tokens_and_its_ending() -> None:
    agent = ScriptedAgent(tokens=["your ", "bill"], finished=Finished("hang_up"))
    asked = question()
    assert await answer(agent, asked) == ["your ", "bill", Finished("hang_up")]
    assert agent.questions == [asked]


async def test_agent_can_wait_until_the_turn_is_confirmed() -> None:
    confirmed = asyncio.Event()
    agent = ScriptedAgent(tokens=["done"], waits_for_confirmation=True)
    task = asyncio.create_task(answer(agent, question(confirmed)))
    done, _ = await asyncio.wait([task], timeout=0.02)
    assert not done
    confirmed.set()
    assert await task == ["done"]


@pytest.mark.parametrize("engine", [ScriptedStt(), ScriptedTranslator(), ScriptedTts(), ScriptedAgent(), ScriptedVad()])
async def test_life_of_an_engine(
    engine: ScriptedStt | ScriptedTranslator | ScriptedTts | ScriptedAgent | ScriptedVad,
) -> None:
    await engine.warm_up()
    await engine.aclose()
    await engine.aclose()
    assert (engine.warmed_up, engine.closed) == (True, True)
    engine.error = EngineOverloaded("full")
    with pytest.raises(EngineError):
        await engine.act()
