"""One live call: the screen to read first.

A frame that arrives is judged and handed to the core inline; the core's commands are performed in the same step.
Engines work in tasks of this call's one TaskGroup, and their results enter the core through the same door. One timer
stands for the core's deadline. Nothing here decides anything.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from app.call.core import Call
from app.call.events import (
    Answered,
    Command,
    Confirm,
    Draining,
    EndAfter,
    Event,
    Failed,
    Finish,
    Heard,
    Hearing,
    Ignore,
    Listen,
    Prompts,
    Reached,
    Reply,
    Speech,
    StopReply,
    Tick,
    Voice,
)
from app.call.policy import Policy
from app.call.turns import FRAME_S
from app.echo import EchoGuard
from app.engines.base import Ear, EngineError, Partial, SpeechToText, VoiceDetector
from app.kannada.finished import ending
from app.kannada.small_words import SmallWord, small_word
from app.kannada.spoken import for_voice
from app.reply import Pipeline, Result, StageError, Task, reply
from app.trace import CallTrace
from telephony.audio import Framer, decode
from telephony.events import (
    FRAME_SAMPLES,
    Audio,
    Clear,
    Command as LineCommand,
    Digit,
    HungUp,
    Mark,
    Play,
    Started,
    Voicemail,
)
from telephony.line import Line

log = logging.getLogger(__name__)

_PRE_ROLL_FRAMES = 150
"""The caller's last 3 s are kept: a turn's first words were said before they were noticed."""
_MOST_AHEAD_S = 6.0
"""A reply is not spoken further ahead of the caller's ear than this."""

_VOICED, _UNVOICED, _ECHO = Voice(True), Voice(False), Voice(True, echo=True)


@dataclass(frozen=True, slots=True)
class Setup:
    """What every call of a server shares."""

    stt: SpeechToText
    vad: VoiceDetector
    pipeline: Pipeline
    prompts: Prompts
    policy: Policy


class Session:
    """Runs one call from its first frame to its last."""

    def __init__(
        self,
        line: Line,
        setup: Setup,
        *,
        caller: str = "",
        closed: tuple[str, ...] = (),
        trace: CallTrace | None = None,
        record: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self._line = line
        self._setup = setup
        self._caller = caller
        self._closed = closed
        self._trace = trace
        self._record = record
        self._encoding = line.started.encoding
        self._call = Call(setup.policy, setup.prompts, marks=line.capabilities.marks)
        self._loop = asyncio.get_running_loop()
        self._started_s = self._loop.time()
        self._framer = Framer(FRAME_SAMPLES)
        self._recent: deque[bytes] = deque(maxlen=_PRE_ROLL_FRAMES)
        self._unjudged = 0
        self._ear: Ear | None = None
        self._vad = setup.vad.open(self._judged)
        self._echo = EchoGuard(self._encoding)
        self._asked = (0, 0)
        """Turn and revision of the newest reply; the greeting answers turn 0."""
        line.on_sent_first = self._sent_first
        self._timer: asyncio.TimerHandle | None = None
        self._timer_s = 0.0
        self._finishing: asyncio.Task[None] | None = None
        self._replying: asyncio.Task[None] | None = None
        self._confirmed = asyncio.Event()

    async def run(self) -> None:
        """Returns when the call is over and everything it started has stopped."""
        async with asyncio.TaskGroup() as self._tasks:
            try:
                self._handle(Answered(self._closed))
                while not isinstance(event := await self._line.receive(), HungUp):
                    if isinstance(event, Audio):
                        self._hear(event.payload)
                    elif not isinstance(event, Started):
                        self._handle(event)
                self._handle(event)
            finally:
                self._stop()

    def drain(self) -> None:
        """The server is going down: say goodbye."""
        self._handle(Draining())

    def voicemail(self) -> None:
        """An answering machine took the call, and its announcement is over."""
        self._handle(Voicemail())

    # In: audio, judgements, results, time.

    def _hear(self, payload: bytes) -> None:
        """The caller's audio, inline on the receive path."""
        if self._record:
            self._record("caller", payload)
        now = self._now()
        for g711 in self._framer.push(payload):
            frame = decode(self._encoding, g711)
            self._recent.append(frame)
            self._echo.heard(frame, now)
            if self._ear is not None:
                self._ear.feed(frame)
            self._unjudged += 1
            self._vad.feed(frame)

    def _judged(self, speech: bool) -> None:
        self._unjudged -= 1
        now = self._now()
        voice = _UNVOICED
        if speech:
            echo = self._call.may_echo(now) and self._echo.resembles(self._unjudged)
            voice = _ECHO if echo else _VOICED
        if self._trace is not None:
            self._trace.voice(now, voice)
        if commands := self._call.handle(voice, now):
            self._perform_all(commands, now)

    def _handle(self, event: Event) -> None:
        now = self._now()
        if self._trace is not None:
            self._trace.input(now, event, ours=isinstance(event, Digit) and self._call.keys_choose(now))
        self._perform_all(self._call.handle(event, now), now)

    def _sent_first(self, at: float) -> None:
        self._handle(Reached(*self._asked, "on_wire"))

    def _now(self) -> float:
        """Seconds since the call began, in whole milliseconds: what the trace can hold exactly."""
        return int((self._loop.time() - self._started_s) * 1000) / 1000

    def _tick(self) -> None:
        self._timer = None
        deadline = self._call.deadline
        if deadline is not None and self._now() >= deadline:
            self._handle(Tick())
        else:
            self._arm()

    def _arm(self) -> None:
        """One timer for the core's deadline. One that is too early only looks again."""
        deadline = self._call.deadline
        if deadline is None or (self._timer is not None and self._timer_s <= deadline):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_s = deadline
        self._timer = self._loop.call_at(self._started_s + deadline + 0.001, self._tick)

    # Out: commands.

    def _perform_all(self, commands: list[Command], now: float) -> None:
        for command in commands:
            if self._trace is not None:
                self._trace.output(now, command)
            self._perform(command, now)
        self._arm()

    def _perform(self, command: Command, now: float) -> None:
        match command:
            case Listen():
                self._listen(command)
            case Finish():
                self._finishing = self._start(self._transcribe(command), "transcribe", self._finishing)
            case Ignore():
                self._stop_listening()
                self._cancel(self._finishing)
            case Reply():
                self._asked = (command.turn, command.revision)
                self._confirmed = asyncio.Event()
                self._replying = self._start(self._reply(command, self._confirmed), "reply", self._replying)
            case Confirm():
                self._confirmed.set()
            case StopReply():
                self._cancel(self._replying)
            case EndAfter():
                pass
            case _:
                self._play(command, now)
                self._line.perform(command)

    def _play(self, command: LineCommand, now: float) -> None:
        """What will be heard of it: kept, if asked for, and known again when it comes back."""
        match command:
            case Play():
                self._echo.played(command.audio, now)
                if self._record is not None:
                    self._record("agent", command.audio)
            case Mark():
                self._echo.marked(now)
            case Clear():
                self._echo.cleared(now)
            case _:
                pass

    def _listen(self, asked: Listen) -> None:
        self._stop_listening()
        self._ear = self._setup.stt.listen(lambda partial: self._hearing(asked.turn, partial))
        frames = min(len(self._recent), round(asked.back_s / FRAME_S) + self._unjudged)
        for frame in list(self._recent)[len(self._recent) - frames :]:
            self._ear.feed(frame)

    def _hearing(self, turn: int, partial: Partial) -> None:
        text = partial.text
        self._handle(Hearing(turn, partial.stable, text, ending(text), self._says(text)))

    def _says(self, text: str) -> SmallWord:
        """Who takes up the agent's words on a line without echo means them."""
        return small_word(text, for_voice(self._call.saying) if self._echo.possible else "")

    def _stop_listening(self) -> None:
        if self._ear is not None:
            self._ear.close()
            self._ear = None

    # The work of engines. `except Exception` stands here, where a failure becomes an event, and nowhere deeper.

    async def _transcribe(self, asked: Finish) -> None:
        try:
            if self._ear is None:
                raise RuntimeError("nothing was listened to")
            text = await self._ear.finish()
        except Exception as error:
            self._failed(Failed(asked.turn, asked.revision, "stt", type(error).__name__), error)
        else:
            self._handle(Heard(asked.turn, asked.revision, text, ending(text), self._says(text)))

    async def _reply(self, asked: Reply, confirmed: asyncio.Event) -> None:
        unheard_s = 0.0

        def emit(result: Result) -> None:
            nonlocal unheard_s
            if isinstance(result, Speech):
                unheard_s += len(result.audio) / FRAME_SAMPLES * FRAME_S
            self._handle(result)

        async def room() -> None:
            if unheard_s > _MOST_AHEAD_S:
                await confirmed.wait()
            await asyncio.sleep(max(0.0, self._call.unplayed_s(self._now()) - _MOST_AHEAD_S))

        async def wait_confirmed() -> None:
            await confirmed.wait()

        task = Task(asked, self._line.started.call_id, self._caller, emit, wait_confirmed, room)
        try:
            await reply(self._setup.pipeline, task)
        except StageError as error:
            self._failed(Failed(*task.id, error.stage, type(error.__cause__).__name__), error.__cause__)
        except Exception as error:
            self._failed(Failed(*task.id, "reply", type(error).__name__), error)

    def _failed(self, failed: Failed, error: BaseException | None) -> None:
        """An EngineError's message is ours and safe to log; any other exception's may hold the caller's words."""
        what = str(error) if isinstance(error, EngineError) else failed.error
        log.error("call %s: %s failed: %s", self._line.started.call_id, failed.stage, what)
        log.debug("the failure in full", exc_info=error)
        self._handle(failed)

    # Tasks.

    def _start(
        self, work: Coroutine[Any, Any, None], name: str, previous: asyncio.Task[None] | None
    ) -> asyncio.Task[None]:
        self._cancel(previous)
        return self._tasks.create_task(work, name=f"{name}-{self._line.started.call_id}")

    def _cancel(self, task: asyncio.Task[None] | None) -> None:
        if task is not None:
            task.cancel()

    def _stop(self) -> None:
        self._line.on_sent_first = None
        self._vad.close()
        self._stop_listening()
        self._cancel(self._finishing)
        self._cancel(self._replying)
        if self._timer is not None:
            self._timer.cancel()
        if self._trace is not None:
            self._trace.flush()
