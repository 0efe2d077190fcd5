"""What every voice promises."""

import asyncio
from contextlib import aclosing, suppress

import pytest

from app.engines.base import EngineError, TextToSpeech
from app.engines.process.child import CountsSteps
from tests.carrier import until
from tests.engines.contract.rows import MY_NAME, Case

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = (MY_NAME + ", ") * 12
VERY_LONG = (MY_NAME + ", ") * 220
"""As long as a text may be: saying it all is work for much longer than 100 ms."""
FOREIGN = ["the bill is 500 rupees", "मेरा नाम", "👍🏽", "<speak>&amp;[[x]]</speak>", "a\ud83d\x00\x1bb", "1", "."]


async def spoken(tts: TextToSpeech, text: str) -> list[bytes]:
    async with aclosing(tts.speak(text)) as chunks:
        return [chunk async for chunk in chunks]


async def first_chunk_s(tts: TextToSpeech, text: str) -> float:
    """Seconds until the first chunk; no more than that is made."""
    clock = asyncio.get_running_loop().time
    began_s = clock()
    async with aclosing(tts.speak(text, urgent=True)) as chunks:
        assert await anext(chunks)
        return clock() - began_s


async def test_it_speaks_whole_samples_chunk_by_chunk(tts: Case) -> None:
    voice: TextToSpeech = tts.engine
    for chunks in await asyncio.gather(*(spoken(voice, MY_NAME) for _ in range(2))):
        assert len(chunks) > 3
        assert all(len(chunk) % 2 == 0 and chunk for chunk in chunks)
        assert 0.3 < sum(map(len, chunks)) / 2 / voice.rate_hz < (3 if tts.trained else 30)


async def test_it_says_nothing_for_nothing(tts: Case) -> None:
    assert await spoken(tts.engine, "") == []
    assert await spoken(tts.engine, " \n") == []


async def test_it_stops_within_100_ms_of_closing(tts: Case) -> None:
    """What goes on unheard would keep the next clause waiting. The best of three counts: the machine is shared."""
    alone_s, after_s = [], []
    for _ in range(3):
        alone_s.append(await first_chunk_s(tts.engine, MY_NAME))
        await begin_and_close(tts.engine, VERY_LONG if tts.quick else LONG)
        after_s.append(await first_chunk_s(tts.engine, MY_NAME))
    assert min(after_s) < min(alone_s) * 1.5 + 0.1


async def begin_and_close(tts: TextToSpeech, text: str) -> None:
    """Close a clause in the middle: at its first chunk, or at its first step where that comes sooner."""
    steps = tts.steps if isinstance(tts, CountsSteps) else 0
    chunks = tts.speak(text)
    first = asyncio.ensure_future(anext(chunks))
    await until(lambda: first.done() or (isinstance(tts, CountsSteps) and tts.steps > steps + 1))
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    await chunks.aclose()


async def test_closing_before_the_first_chunk_harms_nobody(tts: Case) -> None:
    other = asyncio.create_task(spoken(tts.engine, MY_NAME))
    for _ in range(5):
        chunks = tts.engine.speak(LONG)
        first = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0)
        first.cancel()
        with suppress(asyncio.CancelledError):
            await first
        await chunks.aclose()
    assert await other


@pytest.mark.parametrize("text", FOREIGN)
async def test_what_is_not_kannada_is_spoken_somehow_or_refused(tts: Case, text: str) -> None:
    async with asyncio.timeout(20):
        with suppress(EngineError):
            async with aclosing(tts.engine.speak(text)) as chunks:
                assert len(await anext(chunks, b"")) % 2 == 0
        assert await first_chunk_s(tts.engine, MY_NAME)


async def test_a_huge_text_is_refused_or_begun(tts: Case) -> None:
    async with asyncio.timeout(20):
        with suppress(EngineError):
            assert await first_chunk_s(tts.engine, "ಕ" * 100_000)
        assert await first_chunk_s(tts.engine, MY_NAME)
