"""A live call whose voice lives in a process of its own, which breaks in the middle of a clause."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from app.call.events import Finished
from app.config import Settings, TtsSettings
from app.demo.caller import Action, Caller, HangUp, Say
from app.demo.playout import Playout
from app.engines.base import Question
from app.engines.process.hosted import HostedTts
from app.engines.scripted import ScriptedAgent
from app.replay.trace import read
from app.replay.waterfall import rows
from tests.carrier import until
from tests.engines.process.factory import FACTORY
from tests.live import VOICE, Staff, desk


class Breaking(ScriptedAgent):
    """Its first answer is an order to the voice: break like that."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self._how = how

    async def answer(self, question: Question) -> AsyncGenerator[str | Finished, None]:
        self.questions.append(question)
        yield f"break {self._how} later." if len(self.questions) == 1 else "all is well."


class Led:
    """A caller who does what the test says next."""

    def __init__(self) -> None:
        self.next: Action | None = None

    def step(self, now: float, ear: Playout) -> Action | None:
        action, self.next = self.next, None
        return action


@pytest.mark.parametrize(("how", "why"), [("crash", "ended by itself"), ("hang", "hung and was stopped")])
async def test_a_voice_that_breaks_is_heard_as_an_apology_and_is_back_for_the_next_turn(
    how: str, why: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tts = HostedTts(FACTORY, Settings(tts=TtsSettings(hang_s=1.0)))
    staff = Staff(agent=Breaking(how), tts=tts)  # type: ignore[arg-type]
    try:
        with caplog.at_level(logging.INFO):
            async with desk(staff, tmp_path) as at:
                behaviour = Led()
                caller = Caller(at.number, behaviour)
                call = asyncio.create_task(caller.run())
                await quiet(caller, bursts=1)
                behaviour.next = Say(VOICE)
                await until(lambda: "it is started again" in caplog.text)
                await tts.warm_up()
                await quiet(caller, bursts=2)
                behaviour.next = Say(VOICE)
                await until(lambda: len(staff.agent.questions) == 2)
                await quiet(caller, bursts=3)
                behaviour.next = HangUp()
                await call
    finally:
        await tts.aclose()
    assert f"tts failed: {FACTORY} {why}" in caplog.text
    (trace,) = tmp_path.glob("*.jsonl")
    _, broken, answer = [row.agent_english for row in rows(read(trace))]
    assert broken.startswith("break "), "a part of the clause was heard"
    assert broken.endswith("— sorry, there is a small problem. please say it again.")
    assert answer == "all is well."


async def quiet(caller: Caller, bursts: int) -> None:
    """Wait until the agent has said so much and has finished."""
    await until(lambda: len(caller.ear.bursts) >= bursts and caller.now - caller.ear.ends_s > 0.2)
