"""What every voice detector promises."""

import pytest

from app.engines.base import VoiceDetector
from tests.engines.contract.rows import MY_NAME, Case
from tests.engines.speech import Judgements, caller_says, frames, noise, over_the_line

pytestmark = pytest.mark.asyncio(loop_scope="module")


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


async def test_it_judges_each_frame_once_and_hears_the_voice(vad: Case) -> None:
    said = frames(caller_says(MY_NAME, before_s=1, after_s=1))
    judged = await judged_frames(vad.engine, said)
    assert len(judged) == len(said)
    assert sum(judged[:45]) <= 5, "the second before the voice"
    assert sum(judged[50:-50]) > 0.6 * len(judged[50:-50])
    assert sum(judged[-30:]) == 0, "the second after the voice, past the detector's own tail"


async def test_it_is_silent_after_close(vad: Case) -> None:
    judged: list[bool] = []
    stream = vad.engine.open(judged.append)
    loud = frames(over_the_line(noise(0.1, 0.2)))
    for frame in loud:
        stream.feed(frame)
    stream.close()
    before = list(judged)
    for frame in loud:
        stream.feed(frame)
    await judged_frames(vad.engine, loud)  # another call is judged meanwhile
    assert judged == before
