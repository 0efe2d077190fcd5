"""Callers over real sockets who know when their last voice was, and when they heard what of the answer."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.call.policy import Patience, TurnPolicy
from app.config import CallSettings, ServerSettings, Settings, TraceSettings
from app.demo.caller import Caller, Number
from app.demo.playout import sample
from app.demo.run import EMBEDDED_CALL
from app.demo.script import Director, Script, load_script
from app.demo.sheet import Cue
from app.replay.trace import read
from app.replay.waterfall import rows
from app.server import running
from telephony.audio import decode
from telephony.events import RATE_HZ
from tests.benchmarks.stand_ins import AGENT_S, ANSWER_BYTE, PROMPT_BYTE, StandIns

CALLS, TURNS = 20, 2
WORDS = TurnPolicy()
SPEECH = load_script(EMBEDDED_CALL)
VOICE_DB, STEP = 20.0, RATE_HZ // 100
"""What is further below the level of its sentence is no voice; the noise of the line is."""


@dataclass(frozen=True, slots=True)
class Way:
    """What the callers say, as speech to text hears it, and how turns end."""

    name: str
    text: str
    turn: TurnPolicy = WORDS
    agent_s: float = AGENT_S
    filler_s: float = 0.0
    pause_s: float = 0.0
    """Callers pause twice in a turn, for so long."""


@dataclass(frozen=True, slots=True)
class Turn:
    """From the last voice at the caller's mouth to what came to the caller's ear, in seconds."""

    answer_s: float
    filler_s: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    way: Way
    turns: tuple[Turn, ...]
    hold_s: tuple[float, ...]
    """The silence after which each turn was confirmed, as the server's traces have it."""
    begun: int
    """Transcriptions."""
    asked: int
    """Replies that were begun."""
    spoken: int
    """Clauses that the voice began."""


async def talk(way: Way, folder: Path) -> Outcome:
    """Several calls at once, each of a few turns."""
    staff = StandIns(way.text, way.agent_s)
    settings = Settings(
        server=ServerSettings(port=0),
        call=CallSettings(turn=way.turn, patience=Patience(filler_s=way.filler_s)),
        trace=TraceSettings(directory=folder),
    )
    async with running(settings, staff.engines) as server, asyncio.TaskGroup() as tasks:
        number = Number(f"http://127.0.0.1:{server.port}/twilio/voice")
        calls = []
        for seed in range(CALLS):
            director = Director(_script(way, random.Random(seed)))
            caller = Caller(number, director, background=SPEECH.background)
            calls.append((caller, director))
            tasks.create_task(caller.run(), name=f"call {seed}")
            await asyncio.sleep(0.13)
    return Outcome(
        way,
        tuple(turn for caller, director in calls for turn in _turns(caller, director)),
        tuple(_holds_s(folder / f"{caller.call_id}.jsonl" for caller, _ in calls)),
        staff.stt.begun,
        len(staff.agent.questions),
        len(staff.tts.spoken),
    )


def _script(way: Way, chance: random.Random) -> Script:
    audio, cues = bytearray(), []
    for _ in range(TURNS):
        parts = [chance.choice(SENTENCES) for _ in range(3 if way.pause_s else 1)]
        said = _background(way.pause_s).join(parts)
        start_s = len(audio) / RATE_HZ
        audio += said
        moment_s = chance.uniform(0.9, 1.4)
        cues.append(Cue(start_s=start_s, end_s=start_s + len(said) / RATE_HZ, after_agent_s=moment_s))
    return Script("voice to voice", "", tuple(cues), bytes(audio), patience_s=3.0)


def _to_last_voice(mulaw: bytes) -> bytes:
    pcm = np.frombuffer(decode("mulaw", mulaw), "<i2").astype(np.float64)
    parts = np.sqrt(np.mean(np.square(pcm[: len(pcm) // STEP * STEP].reshape(-1, STEP)), axis=1))
    level = np.sqrt(np.mean(np.square(pcm))) * 10 ** (-VOICE_DB / 20)
    return mulaw[: (int(np.flatnonzero(parts >= level)[-1]) + 1) * STEP]


SENTENCES = [_to_last_voice(SPEECH.utterance(cue)) for cue in SPEECH.cues if cue.end_s - cue.start_s > 1.0]


def _background(seconds: float) -> bytes:
    return (SPEECH.background * 2)[: sample(seconds)]


def _turns(caller: Caller, director: Director) -> Iterable[Turn]:
    heard = caller.heard()
    for said in director.spoken:
        answer_s, filler_s = (_first_s(heard, byte, said.end_s) for byte in (ANSWER_BYTE, PROMPT_BYTE))
        if answer_s is not None:
            yield Turn(answer_s, filler_s if filler_s is not None and filler_s < answer_s else None)


def _first_s(heard: bytes, byte: bytes, since_s: float) -> float | None:
    at = heard.find(byte, sample(since_s))
    return None if at < 0 else at / RATE_HZ - since_s


def _holds_s(traces: Iterable[Path]) -> Iterable[float]:
    for trace in traces:
        for row in rows(read(trace)):
            if row.confirmed_end_s is not None and row.end_of_speech_s is not None:
                yield row.confirmed_end_s - row.end_of_speech_s
