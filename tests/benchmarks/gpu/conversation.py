"""Voice to voice at so many calls at once: real engines, app/reply.py, and an agent that follows a script.

From the last sound of the caller to the first of the answer, without the silence by which the end of a turn is known.
Callers speak in real time and are transcribed meanwhile, and speak again when they have heard 2 s of the answer. The
agent writes a token every 5 ms, so 20 to 40 ms of each wait are its own.
"""

import asyncio
import random
import statistics
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from app.call.events import Reply, Speech
from app.config import Settings
from app.engines import whisper
from app.engines.indictrans2 import engine as indictrans2
from app.engines.parler import hosted as parler
from app.engines.scripted import ScriptedAgent, ScriptedVad
from app.engines.seq2seq import Search
from app.engines.table import Engines
from app.engines.whisper import engine as whisper_engine
from app.reply import Pipeline, Result, Task, reply
from telephony.events import RATE_HZ
from tests.benchmarks.gpu.device import Device
from tests.benchmarks.gpu.models import Models, settings
from tests.benchmarks.gpu.report import Row
from tests.benchmarks.gpu.sizes import Plan
from tests.engines.speech import noise, over_the_line

SECTION = "voice to voice"
ASKED = "ನನ್ನ ಈ ತಿಂಗಳ ವಿದ್ಯುತ್ ಬಿಲ್ ಎಷ್ಟು ಬಂದಿದೆ ಎಂದು ಹೇಳಿ"
ANSWER = (
    "Your ",
    "bill ",
    "is ",
    "here, ",
    "please ",
    "pay ",
    "it. ",
    "You ",
    "can ",
    "pay ",
    "at ",
    "the ",
    "office.",
)
CLAUSE_S = 3.0
_PIECE_S = 0.1
_AHEAD_S = 1.0
_PLAYED_S = 2.0
"""Of each answer, before the caller speaks again."""


@contextmanager
def texts_of_real_length() -> Iterator[None]:
    """Random models never end, so their limits are set to what real texts take: 25 tokens heard of 3 s, 1.3 a token."""
    search, per_s, least = indictrans2._SEARCH, whisper_engine._TOKENS_PER_S, whisper_engine._TOKENS_AT_LEAST
    indictrans2._SEARCH = Search(spare=2, growth=1.3)
    whisper_engine._TOKENS_PER_S, whisper_engine._TOKENS_AT_LEAST = 7, 4
    try:
        yield
    finally:
        indictrans2._SEARCH = search
        whisper_engine._TOKENS_PER_S, whisper_engine._TOKENS_AT_LEAST = per_s, least


@asynccontextmanager
async def loaded(chosen: Settings) -> AsyncIterator[Engines]:
    """The voice runs in a process of its own, as on a server; the others on threads."""
    engines = Engines(
        stt=whisper.load(chosen),
        to_english=indictrans2.load_to_english(chosen),
        to_kannada=indictrans2.load_to_kannada(chosen),
        tts=parler.load(chosen),
        vad=ScriptedVad(),
        agent=ScriptedAgent(tokens=ANSWER, token_s=0.005),
    )
    try:
        await engines.warm_up()
        yield engines
    finally:
        await engines.aclose()


@dataclass(slots=True)
class Waits:
    """Milliseconds, one of each for a turn."""

    heard: list[float] = field(default_factory=list)
    """Until there is a text."""
    voice: list[float] = field(default_factory=list)
    """Until there is a sound."""
    stalls: int = 0
    """Chunks of a clause that came after all before them would have been played out."""


@dataclass(slots=True)
class Answer:
    """What is heard of one answer, and when."""

    first_s: float = 0.0
    heard_s: float = 0.0
    clause: int = 0
    stalls: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def emit(self, result: Result) -> None:
        if not isinstance(result, Speech) or not result.audio:
            return
        now = _now()
        if not self.begun.is_set():
            self.begun.set()
            self.first_s = now
        elif self.left_s < 0 and result.clause == self.clause:
            self.stalls += 1
        self.clause = result.clause
        self.heard_s = max(self.heard_s, now - self.first_s) + len(result.audio) / RATE_HZ

    @property
    def left_s(self) -> float:
        return self.first_s + self.heard_s - _now()

    async def room(self) -> None:
        if self.begun.is_set():
            await asyncio.sleep(self.left_s - _AHEAD_S)

    async def confirmed(self) -> None:
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()


async def call(engines: Engines, number: int, plan: Plan, waits: Waits) -> None:
    chance = random.Random(number)
    pipeline = Pipeline(engines.to_english, engines.agent, engines.to_kannada, engines.tts, "mulaw")
    said = over_the_line(noise(plan.turn_s, 0.2, number))
    piece = round(_PIECE_S * RATE_HZ) * 2
    await asyncio.sleep(chance.uniform(0, plan.turn_s))
    for turn in range(plan.turns):
        ear = engines.stt.listen(lambda partial: None)
        for at in range(0, len(said), piece):
            ear.feed(said[at : at + piece])
            await asyncio.sleep(_PIECE_S)
        ended_s = _now()
        await ear.finish()
        waits.heard.append((_now() - ended_s) * 1000)
        ear.close()
        answer = Answer()
        asked = Reply(turn, 0, ASKED, ())
        await reply(pipeline, Task(asked, f"call-{number}", "", answer.emit, answer.confirmed, answer.room))
        waits.voice.append((answer.first_s - ended_s) * 1000)
        waits.stalls += answer.stalls
        await asyncio.sleep(min(_PLAYED_S * plan.turn_s / 3, max(0.0, answer.left_s)))


async def measured(plan: Plan, models: Models) -> list[tuple[int, Waits]]:
    chosen = settings(plan, models, slots=max(plan.slots), most_s=min(CLAUSE_S, plan.clause_s))
    found = []
    async with loaded(chosen) as engines:
        await call(engines, 0, plan, Waits())  # the first call finds everything cold
        for calls in plan.calls:
            waits = Waits()
            async with asyncio.TaskGroup() as tasks:
                for number in range(calls):
                    tasks.create_task(call(engines, number, plan, waits), name=f"call {number}")
            found.append((calls, waits))
    return found


def rows(device: Device, plan: Plan, models: Models) -> Iterator[Row]:
    with texts_of_real_length():
        found = asyncio.run(measured(plan, models))
    for calls, waits in found:
        yield Row(SECTION, f"{calls} calls: heard, median", statistics.median(waits.heard), "ms")
        yield Row(SECTION, f"{calls} calls: median", statistics.median(waits.voice), "ms")
        yield Row(SECTION, f"{calls} calls: 95th percentile", _p95(waits.voice), "ms")
        yield Row(SECTION, f"{calls} calls: stalls", waits.stalls, "stalls", most=0)
    yield Row(SECTION, "memory of the device in use", device.used_mb(), "MB")


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.95 * len(values)))]
