"""From the caller's words to speech: translate, ask the agent, cut clauses, translate back, speak. All of it streams.

    text -> to_english -> agent -> clauses -> to_kannada -> [queue] -> tts -> 8 kHz -> G.711
            Understood    Reached   Reached                            Speech ...      Replied

While one clause is spoken the next ones are written and translated. The queue between is short, so an interrupted reply
has wasted little.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from app.call.events import Finished, Reached, Replied, Reply, Speech, Stage, Understood
from app.clauses import ClauseCutter
from app.engines.base import Agent, Filler, Question, TextToSpeech, Translator
from app.kannada.asked import NOTHING, Asked, in_kannada
from app.kannada.spoken import for_voice
from telephony.audio import Resampler, encode
from telephony.events import RATE_HZ, Encoding

_AHEAD = 2
"""Clauses translated but not yet spoken."""

_T = TypeVar("_T")
Result = Understood | Reached | Speech | Replied


class StageError(Exception):
    """An engine failed at `stage`; the cause is the engine's own exception."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.stage = stage


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a reply is made with."""

    to_english: Translator
    agent: Agent
    to_kannada: Translator
    tts: TextToSpeech
    encoding: Encoding
    asks: Callable[[str, str], Asked] = in_kannada
    """What a clause, in Kannada and in English, wants to hear."""


@dataclass(frozen=True, slots=True)
class Task:
    """One reply to make, and how its maker talks with the call."""

    asked: Reply
    call_id: str
    caller: str
    emit: Callable[[Result], None]
    """Called with everything that comes of the reply, in order, as it is made. Ends with Replied."""
    confirmed: Callable[[], Awaitable[None]]
    """Returns when the caller has really finished."""
    room: Callable[[], Awaitable[None]]
    """Returns when the caller has little left to hear; awaited before each clause is spoken."""

    @property
    def id(self) -> tuple[int, int]:
        return self.asked.turn, self.asked.revision


@dataclass(frozen=True, slots=True)
class _Clause:
    number: int
    kannada: str
    english: str
    urgent: bool
    """The first of the reply, or of the answer after a filler: the caller waits for it in silence."""
    filler: bool = False


async def reply(pipeline: Pipeline, task: Task) -> None:
    """Make one reply. Cancelling it stops every model behind it. Raises StageError."""
    asked = task.asked
    english = asked.text if asked.keyed else await _translate(pipeline.to_english, asked.text, urgent=True)
    task.emit(Understood(*task.id, english))
    # A line without English is one whose translation failed, or was interrupted: the agent has to do without it.
    history = tuple(line for line in asked.history if line.english)
    question = Question(task.call_id, task.caller, english, history, task.confirmed)
    clauses: asyncio.Queue[_Clause | Finished] = asyncio.Queue(_AHEAD)
    broken: Exception | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_write(pipeline, task, question, clauses), name="reply-write")
            tasks.create_task(_speak(pipeline, task, clauses), name="reply-speak")
    except ExceptionGroup as group:
        broken = group.exceptions[0]
    if broken is not None:  # raised out here, so that it keeps its own cause
        raise broken


async def _write(
    pipeline: Pipeline, task: Task, question: Question, clauses: "asyncio.Queue[_Clause | Finished]"
) -> None:
    """The agent's answer, clause by clause, in both languages."""
    cutter = ClauseCutter()
    finished = Finished()
    number = 0
    begun = answered = False

    async def put(sentences: list[str]) -> None:
        nonlocal number, answered
        for english in sentences:
            first, answered = not answered, True
            number += 1
            if first:
                task.emit(Reached(*task.id, "clause"))
            kannada = await _translate(pipeline.to_kannada, english, urgent=first)
            await clauses.put(_Clause(number, kannada, english, urgent=first))

    async def fill(filler: Filler) -> None:
        nonlocal number
        number += 1
        kannada = filler.kannada or await _translate(pipeline.to_kannada, filler.english, urgent=True)
        await clauses.put(_Clause(number, kannada, filler.english, urgent=True, filler=True))

    async with aclosing(_at_stage(pipeline.agent.answer(question), "agent")) as answer:
        async for piece in answer:
            if isinstance(piece, Finished):
                finished = piece
                break
            if isinstance(piece, Filler):
                await put(cutter.flush())
                await fill(piece)
                continue
            if not begun and piece.strip():
                begun = True
                task.emit(Reached(*task.id, "agent_token"))
            await put(cutter.push(piece))
    await put(cutter.flush())
    await clauses.put(finished)


async def _speak(pipeline: Pipeline, task: Task, clauses: "asyncio.Queue[_Clause | Finished]") -> None:
    """The clauses as the call's audio."""
    while not isinstance(clause := await clauses.get(), Finished):
        await task.room()
        await _speak_clause(pipeline, task, clause)
    task.emit(Replied(*task.id, clause))


async def _speak_clause(pipeline: Pipeline, task: Task, clause: _Clause) -> None:
    """The last chunk of a clause says so, and may be empty. Only the first has the text."""
    text = clause.kannada, clause.english
    asks = pipeline.asks(clause.kannada, clause.english)

    def emit(pcm: bytes, *, last: bool) -> None:
        nonlocal text, asks
        task.emit(Speech(*task.id, clause.number, *text, encode(pipeline.encoding, pcm), last, clause.filler, asks))
        text, asks = ("", ""), NOTHING

    resampler = Resampler(pipeline.tts.rate_hz, RATE_HZ)
    if clause.kannada:
        source = pipeline.tts.speak(for_voice(clause.kannada), urgent=clause.urgent)
        async with aclosing(_at_stage(source, "tts")) as chunks:
            async for chunk in chunks:
                if pcm := resampler.push(chunk):
                    emit(pcm, last=False)
    emit(resampler.flush(), last=True)


async def _translate(translator: Translator, text: str, *, urgent: bool) -> str:
    with _stage("translation"):
        return await translator.translate(text, urgent=urgent)


@contextmanager
def _stage(stage: Stage) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise StageError(stage) from error


async def _at_stage(source: AsyncGenerator[_T, None], stage: Stage) -> AsyncGenerator[_T, None]:
    """`source`, with its errors named after the stage it belongs to."""
    async with aclosing(source):
        while True:
            with _stage(stage):
                try:
                    item = await anext(source)
                except StopAsyncIteration:
                    return
            yield item
