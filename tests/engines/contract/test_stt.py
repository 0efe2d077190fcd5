"""What every recogniser promises."""

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest

from app.engines.base import EngineError, Partial, SpeechToText
from telephony.events import RATE_HZ
from tests.engines.contract.rows import MY_NAME, Case
from tests.engines.speech import caller_says, frames, noise, over_the_line

pytestmark = pytest.mark.asyncio(loop_scope="module")

BACKLOG = 64


async def heard(stt: SpeechToText, pcm: bytes) -> str:
    ear = stt.listen()
    ear.feed(pcm)
    return await ear.finish()


async def test_it_hears_calls_at_the_same_time(stt: Case) -> None:
    ears = [stt.engine.listen() for _ in range(8)]
    for frame in frames(caller_says(MY_NAME)):
        for ear in ears:
            ear.feed(frame)
    texts = await asyncio.gather(*(ear.finish() for ear in ears))
    assert [type(text) for text in texts] == [str] * 8
    assert not stt.trained or texts == [MY_NAME] * 8
    assert await ears[0].finish() == texts[0]


async def test_it_hears_nothing_in_nothing(stt: Case) -> None:
    assert await stt.engine.listen().finish() == ""


async def test_a_cancelled_finish_can_be_asked_for_again(stt: Case) -> None:
    ear = stt.engine.listen()
    ear.feed(caller_says(MY_NAME))
    task = asyncio.create_task(ear.finish())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    text = await ear.finish()
    assert text == MY_NAME if stt.trained else isinstance(text, str)


async def test_turns_that_nobody_waits_for_any_more_are_not_transcribed(stt: Case) -> None:
    """Those that have begun may end; the rest would keep the next caller waiting. Once in three is enough."""
    clock = asyncio.get_running_loop().time
    turn, name = over_the_line(noise(1.5, 0.2)), caller_says(MY_NAME)
    began_s = clock()
    await asyncio.gather(*(heard(stt.engine, turn) for _ in range(BACKLOG)))
    all_s = clock() - began_s
    after_s = []
    for _ in range(3):
        tasks = [asyncio.create_task(heard(stt.engine, turn)) for _ in range(BACKLOG)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        began_s = clock()
        assert isinstance(await heard(stt.engine, name), str)
        after_s.append(clock() - began_s)
    assert min(after_s) < max(0.1, 0.6 * all_s)


async def test_partials_settle_from_their_beginning(stt: Case) -> None:
    partials: list[Partial] = []
    ear = stt.engine.listen(partials.append)
    for frame in frames(caller_says(MY_NAME)):
        ear.feed(frame)
        await asyncio.sleep(0)
    assert isinstance(await ear.finish(), str)
    ear.close()
    ear.close()
    count = len(partials)
    ear.feed(over_the_line(noise(3.0, 0.2)))
    assert isinstance(await heard(stt.engine, caller_says(MY_NAME)), str)
    assert len(partials) == count, "none after close"
    assert all(partial.text.startswith(partial.stable) for partial in partials)
    assert all(later.stable.startswith(sooner.stable) for sooner, later in pairwise(partials))


async def test_another_language_is_written_somehow_or_refused(stt: Case) -> None:
    for voice, text in (("en+f3", "what is the amount of my bill"), ("hi+m3", "मेरा बिल कितना है")):
        async with asyncio.timeout(20):
            with suppress(EngineError):
                assert len(await heard(stt.engine, caller_says(text, voice))) < 500
    text = await heard(stt.engine, caller_says(MY_NAME))
    assert text == MY_NAME if stt.trained else isinstance(text, str)


@pytest.mark.parametrize("pcm", [b"\x01", b"\x00\x80" * 37, b"\xff\x7f" * RATE_HZ], ids=["half", "short", "clipped"])
async def test_odd_audio_is_no_failure(stt: Case, pcm: bytes) -> None:
    assert isinstance(await heard(stt.engine, pcm), str)


async def test_a_turn_of_minutes_is_heard_or_refused(stt: Case) -> None:
    async with asyncio.timeout(30):
        ear = stt.engine.listen()
        for second in range(180):
            ear.feed(over_the_line(noise(1.0, 0.1, seed=second % 3)))
        with suppress(EngineError):
            assert isinstance(await ear.finish(), str)
        assert isinstance(await heard(stt.engine, caller_says(MY_NAME)), str)
