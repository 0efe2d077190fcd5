"""The engine as the call sees it: streams of int16, side by side, closed in the middle, and what happens on errors."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("safetensors")

import torch

from app.config import Settings
from app.engines.base import EngineFailed, EngineOverloaded, EngineUnavailable
from app.engines.parler.engine import ParlerTts
from app.engines.parler.tts import load

TEXT = "ನಿಮ್ಮ ಬಿಲ್ ಮೂರು ಸಾವಿರ"
SECONDS = 0.6
"""The tiny net does not end by itself: every clause has the most frames."""
FRAMES = 52


def settings(folder: Path, **changes: Any) -> Settings:
    tts = {"engine": "parler", "model": folder, "most_seconds": SECONDS, "slots": 4}
    return Settings.model_validate({"tts": tts | changes})


@pytest.fixture
async def tts(tiny: Path) -> AsyncIterator[ParlerTts]:
    engine = load(settings(tiny))
    yield engine
    await engine.aclose()


async def spoken(tts: ParlerTts, text: str, **options: Any) -> list[bytes]:
    async with aclosing(tts.speak(text, **options)) as chunks:
        return [chunk async for chunk in chunks]


async def idle(tts: ParlerTts) -> None:
    async with asyncio.timeout(30):
        while not tts._batch.idle:
            await asyncio.sleep(0.001)


async def test_it_speaks_whole_samples_in_growing_chunks(tts: ParlerTts) -> None:
    await tts.warm_up()
    assert tts.rate_hz == 44100
    chunks = await spoken(tts, TEXT)
    assert [len(chunk) // 1024 for chunk in chunks][:1] == [8]
    assert sum(map(len, chunks)) == FRAMES * 512 * 2
    assert len(set(b"".join(chunks))) > 50, "it is no silence"


async def test_clauses_side_by_side_sound_as_they_do_alone(tts: ParlerTts) -> None:
    texts = [TEXT, "ಒಂದು", "ಹೌದು, ಆಯಿತು.", "ಎರಡು", "OTP 4512", TEXT]
    together = await asyncio.gather(*(spoken(tts, text, urgent=n == 3) for n, text in enumerate(texts)))
    assert b"".join(together[0]) == b"".join(together[5])
    alone = b"".join(await spoken(tts, "ಎರಡು"))
    loudest = max(abs(a - b) for a, b in zip(samples(together[3]), samples([alone]), strict=True))
    assert loudest <= 1, "only the codec's last bit may depend on the batch"
    assert len({b"".join(chunks) for chunks in together}) == 5


def samples(chunks: list[bytes]) -> "memoryview[int]":
    return memoryview(b"".join(chunks)).cast("h")


async def test_another_speaker_sounds_otherwise(tts: ParlerTts) -> None:
    assert await spoken(tts, TEXT, speaker="Anu") != await spoken(tts, TEXT)


async def test_it_says_nothing_for_nothing_and_refuses_what_is_no_clause(tts: ParlerTts) -> None:
    assert await spoken(tts, " \n") == []
    with pytest.raises(EngineFailed, match="5000 characters"):
        await spoken(tts, "ಕ" * 5000)
    with pytest.raises(EngineFailed, match="tokens is no clause") as refused:
        await spoken(tts, "ಕ" * 999)
    assert "ಕ" not in str(refused.value)
    assert await spoken(tts, TEXT)


async def test_closing_the_generator_stops_the_model(tiny: Path) -> None:
    tts = load(settings(tiny, most_seconds=20))
    await tts.warm_up()
    stream = tts.speak(TEXT)
    await anext(stream)
    ticks, cpu_s = tts.steps, time.process_time()
    await stream.aclose()
    await idle(tts)
    assert tts.steps - ticks <= 3, "the tick under way, and the one that frees the slot"
    assert time.process_time() - cpu_s < 0.1
    await tts.aclose()


async def test_a_reader_that_waits_for_the_first_chunk_can_be_cancelled(tts: ParlerTts) -> None:
    await tts.warm_up()
    task = asyncio.create_task(spoken(tts, TEXT))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await idle(tts)
    assert await spoken(tts, TEXT)


async def test_a_failing_tick_fails_its_clauses_and_no_later_one(tts: ParlerTts) -> None:
    await tts.warm_up()
    heads = tts._batch.decoder._weights.heads
    shape = heads.shape
    heads.resize_(1, 1)
    with pytest.raises(EngineFailed, match="tts failed: RuntimeError"):
        await spoken(tts, TEXT)
    heads.resize_(shape)
    assert sum(map(len, await spoken(tts, TEXT))) == FRAMES * 512 * 2


async def test_a_model_that_cannot_run_at_all_says_so(tts: ParlerTts) -> None:
    tts._batch.decoder._weights.heads.resize_(1, 1)
    with pytest.raises(EngineUnavailable, match="start the process again"):
        await tts.warm_up()
    with pytest.raises(EngineUnavailable, match="start the process again"):
        await spoken(tts, TEXT)


async def test_too_many_clauses_are_refused(tts: ParlerTts) -> None:
    jobs = [asyncio.create_task(spoken(tts, TEXT)) for _ in range(400)]
    await asyncio.sleep(0)
    done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
    with pytest.raises(EngineOverloaded):
        await done.pop()
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    await idle(tts)


async def test_closing_ends_the_clauses_and_the_thread(tts: ParlerTts) -> None:
    await tts.warm_up()
    task = asyncio.create_task(spoken(tts, TEXT))
    await asyncio.sleep(0)
    await tts.aclose()
    with pytest.raises(EngineFailed, match="closed"):
        await task
    assert not tts._thread.is_alive()
    await tts.aclose()
    with pytest.raises(EngineFailed, match="closed"):
        await spoken(tts, TEXT)


async def test_the_description_in_the_settings_must_fit(tiny: Path) -> None:
    tts = load(settings(tiny, description="{speaker} " * 40))
    with pytest.raises(EngineFailed, match=r"shorten tts.description"):
        await tts.warm_up()
    await tts.aclose()


def test_what_cannot_be_loaded_says_what_to_set(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"tts.model must name"):
        load(Settings())
    with pytest.raises(EngineUnavailable, match=r"no such folder; tts.model"):
        load(settings(tmp_path / "nowhere"))
    copy = tmp_path / "copy"
    shutil.copytree(tiny, copy)
    (copy / "tokenizer.json").unlink()
    with pytest.raises(EngineUnavailable, match=r"tokenizer.json is missing"):
        load(settings(copy))
    if not torch.cuda.is_available():
        with pytest.raises(EngineUnavailable, match="torch sees no GPU"):
            load(settings(tiny, device="cuda"))
