"""Partial transcripts of the demo pack's Whisper, on a synthetic caller."""

import asyncio
import itertools

import pytest

from app.config import Settings
from app.engines import whisper
from app.engines.base import Partial
from app.engines.ear import TurnEar
from tests.engines.speech import caller_says, frames

NO_POWER = "ಚಿಕ್ಕಬಳ್ಳಾಪುರ ನಲ್ಲಿ ನಿನ್ನೆಯಿಂದ ಕರೆಂಟ್ ಇಲ್ಲ"
FRAME = bytes(320)


async def listened(stt: whisper.WhisperStt, said: bytes, partials: list[Partial]) -> TurnEar:
    """An ear that was fed frame by frame, every pass done before the next frame."""
    ear = stt.listen(partials.append)
    for frame in frames(said):
        ear.feed(frame)
        async with asyncio.timeout(10):
            while ear._pass is not None:
                await asyncio.sleep(0.001)
    return ear


@pytest.mark.parametrize("before", [0, 7, 14])
async def test_partials_grow_into_the_final_which_is_what_a_plain_pass_hears(
    stt: whisper.WhisperStt, before: int
) -> None:
    said = FRAME * before + caller_says(NO_POWER, before_s=0.1, after_s=0.3)
    partials: list[Partial] = []
    ear = await listened(stt, said, partials)
    plain = stt.listen()
    plain.feed(said)
    assert await ear.finish() == await plain.finish() == NO_POWER
    assert len(partials) >= 4
    for earlier, later in itertools.pairwise(partials):
        assert f"{later.stable} ".startswith(f"{earlier.stable} " if earlier.stable else "")
        assert later.text.startswith(later.stable)
    assert partials[-1].stable
    assert NO_POWER.startswith(partials[-1].stable)


async def test_a_final_after_a_pass_that_heard_everything_costs_no_decoding() -> None:
    stt = whisper.load(Settings())
    ear = await listened(stt, caller_says(NO_POWER, before_s=0.1, after_s=0.6), [])
    await stt.aclose()
    assert await ear.finish() == NO_POWER, "a closed engine can decode nothing"


async def test_partials_can_be_turned_off() -> None:
    stt = whisper.load(Settings.model_validate({"stt": {"partials_s": 0}}))
    partials: list[Partial] = []
    ear = await listened(stt, caller_says(NO_POWER), partials)
    assert await ear.finish() == NO_POWER
    assert partials == []
    await stt.aclose()
