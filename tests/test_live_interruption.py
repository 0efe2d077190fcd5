"""Over real sockets: an agent that hears itself does not interrupt itself, a "hm" silences it for a moment only."""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.call.events import Finished, Line, Voice
from app.call.ledger import CUT
from app.demo.caller import Action, Behaviour, Caller, Say
from app.demo.playout import Playout
from app.demo.script import Director, Script
from app.engines.base import Filler, Question
from app.engines.scripted import ScriptedAgent, ScriptedStt, ScriptedTts
from app.replay.trace import read, replay
from app.replay.waterfall import rows
from telephony.audio import decode
from telephony.events import FRAME_SAMPLES, RATE_HZ
from tests.echo_line import Samples, g711
from tests.live import VOICE, BriefTts, Staff, ask, desk
from tests.test_echo import talk

QUESTION, HM, INTERRUPTION = "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "ಹೂಂ", "ಹೊಸ ಮೀಟರ್ ಬೇಕು"
CLAUSES = (
    "ನಿಮ್ಮ ಬಿಲ್ ನಾಲ್ಕು ನೂರು ರೂಪಾಯಿ. ",
    "ಅದನ್ನು ಸೋಮವಾರದೊಳಗೆ ಕಟ್ಟಬೇಕು. ",
    "ಮನೆಯಿಂದಲೇ ಮೊಬೈಲ್ ಮೂಲಕ ಕಟ್ಟಬಹುದು. ",
    "ರಸೀದಿ ನಿಮ್ಮ ಫೋನಿಗೆ ಬರುತ್ತದೆ.",
)
WHOLE = "".join(CLAUSES)
LAG_S, GAIN = 0.15, 0.5
LEAST_ECHO_FRAMES = 50
LEARNT_S = 4.0
"""The guard wants to see 1.3 s of speech twice, and the agent is silenced in between."""


@dataclass
class TalkingTts(ScriptedTts):
    """Every clause has the rhythm of speech, and another one."""

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        self.spoken.append(text)
        yield talk(len(self.spoken), self.seconds).astype("<i2").tobytes()


@dataclass
class DeskAgent(ScriptedAgent):
    """At length the first time, briefly afterwards."""

    async def answer(self, question: Question) -> AsyncGenerator[str | Filler | Finished, None]:
        self.tokens = CLAUSES if question.text == QUESTION else ("ಸರಿ.",)
        async for token in super().answer(question):
            yield token


@dataclass
class Loudspeaker:
    """A telephone whose microphone hears its loudspeaker, a little later and weaker."""

    caller: Behaviour
    frames: int = 0
    saying: bytes = b""

    def step(self, now: float, ear: Playout) -> Action | None:
        self.frames += 1
        action = self.caller.step(now, ear)
        if isinstance(action, Say):
            self.saying = action.audio
        elif action is not None:
            return action
        voice, self.saying = self.saying[:FRAME_SAMPLES], self.saying[FRAME_SAMPLES:]
        line = GAIN * played(ear, self.frames * FRAME_SAMPLES - round(LAG_S * RATE_HZ))
        line[: len(voice)] += samples(voice)
        return Say(g711(line))


def played(ear: Playout, start: int) -> Samples:
    """One frame of what comes out of the earpiece, from sample `start` on."""
    frame = np.zeros(FRAME_SAMPLES)
    for segment in reversed(ear.segments):
        if segment.end <= start:
            break
        first, last = max(segment.start, start), min(segment.end, start + FRAME_SAMPLES)
        if first < last:
            frame[first - start : last - start] = samples(segment.audio[first - segment.start : last - segment.start])
    return frame


def samples(mulaw: bytes) -> Samples:
    return np.frombuffer(decode("mulaw", mulaw), "<i2").astype(np.float64)


async def test_an_agent_that_hears_itself_goes_on_speaking(tmp_path: Path) -> None:
    director = Director(Script("test", "", (ask(after_agent_s=0.6),), VOICE, patience_s=0.5))

    def texts() -> Iterator[str]:
        """Of an echo nothing is understood."""
        while not director.spoken:
            yield ""
        yield QUESTION

    staff = Staff(agent=DeskAgent(), tts=TalkingTts(seconds=2.5), stt=ScriptedStt(texts=texts()))
    async with desk(staff, tmp_path) as at:
        await Caller(at.number, Loudspeaker(director)).run()
    (path,) = tmp_path.glob("*.jsonl")
    trace = read(path)
    (answer,) = [row for row in rows(trace) if row.caller_kannada == QUESTION]
    assert answer.first_on_wire_s is not None
    learnt_s = answer.first_on_wire_s + LEARNT_S
    assert answer.agent_kannada == WHOLE
    assert [row["t"] for row in trace.outputs if row["out"] == "Clear" and row["t"] > learnt_s] == []
    echoes = [now for now, event in trace.inputs if isinstance(event, Voice) and event.echo and now > learnt_s]
    assert len(echoes) > LEAST_ECHO_FRAMES, "else there was nothing that could have interrupted it"
    assert replay(trace).difference == ""


async def test_a_hm_makes_the_agent_go_on_and_an_interruption_is_answered(tmp_path: Path) -> None:
    staff = Staff(agent=DeskAgent(), tts=BriefTts(seconds=2.0), stt=ScriptedStt(texts=[QUESTION, HM, INTERRUPTION]))
    async with desk(staff, tmp_path) as at:
        await at.call(ask(), ask(barge_in_s=2.5), ask(barge_in_s=1.0), patience_s=0.5)
    (path,) = tmp_path.glob("*.jsonl")
    trace = read(path)
    _, answer, hm, _ = rows(trace)
    assert [false.kannada for false in answer.false_interruptions] == [HM]
    assert hm.ignored
    assert answer.agent_kannada.startswith(CLAUSES[0])
    assert answer.agent_kannada.endswith(CUT)
    asked, interrupted = staff.agent.questions
    assert (asked.text, interrupted.text) == (QUESTION, INTERRUPTION)
    assert interrupted.history[-1] == Line("agent", answer.agent_kannada, answer.agent_english)
    assert replay(trace).difference == ""
