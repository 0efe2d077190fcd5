"""The live calls of this process: takes new ones while it can, knows how many there are, drains when it must stop."""

import asyncio
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal, get_args

from app.call.events import PromptName
from app.config import Settings
from app.desk import Desk
from app.engines.table import Engines
from app.failure import describe
from app.kannada.finished import ending
from app.prompts import encoded, render
from app.recorder import Recorder, Recording
from app.reply import Pipeline
from app.session import Session, Setup
from app.trace import CallTrace, header
from telephony.audio import decode
from telephony.events import Encoding
from telephony.line import Line

log = logging.getLogger(__name__)

_FAREWELL_S = 15.0
"""How long callers may listen to the farewell when the server goes down."""

State = Literal["starting", "ready", "draining"]


class Switchboard:
    """Owns the sessions. `state` is what the readiness endpoint says."""

    def __init__(self, settings: Settings, recorder: Recorder | None = None) -> None:
        self._settings = settings
        self._recorder = recorder
        self._desk = Desk(settings)
        self._setups: dict[Encoding, Setup] = {}
        self._sessions: dict[Session, str] = {}
        """With the id of the call; a call may have more than one stream, one after the other."""
        self._changed = asyncio.Condition()
        self._expected: dict[str, float] = {}
        """Calls that left for a person, and until when the carrier may ask about them: on the monotonic clock."""
        self.state: State = "starting"
        self.waiting = 0
        """Sockets that have not sent their start yet."""

    @property
    def live(self) -> int:
        return len(self._sessions)

    @property
    def admits(self) -> bool:
        """A new call can be taken now."""
        return self.state == "ready" and self.live < self._settings.server.max_calls

    def session_of(self, call_id: str) -> Session | None:
        """The session of a call that is live in this process."""
        return next((session for session, id in self._sessions.items() if id == call_id), None)

    def expect_question(self, call_id: str, within_s: float) -> None:
        """The carrier will ask what comes next for a call that is not live any more, or fetch what it plays."""
        now = time.monotonic()
        self._expected = {call: until for call, until in self._expected.items() if until > now}
        self._expected[call_id] = now + within_s

    def expect_no_question(self, call_id: str) -> None:
        self._expected.pop(call_id, None)

    @property
    def questions_to_come(self) -> bool:
        """The carrier may yet ask about a call that left for a person."""
        return any(until > time.monotonic() for until in self._expected.values())

    def prompt(self, name: PromptName) -> bytes:
        """A prompt as 8 kHz int16 PCM; nothing while it is not rendered."""
        setup = self._setups.get("mulaw")
        return decode("mulaw", setup.prompts[name].audio) if setup else b""

    async def open(self, engines: Engines, desk: Desk | None = None) -> None:
        """Warm the engines and render the prompts; ready when it returns. Raises EngineError.

        `desk`: the one that the settings name; none: the settings alone.
        """
        self._desk = desk or self._desk
        ending("ಒಂದು")  # builds the vocabulary of numbers: 20 ms of the loop that live calls should not pay
        await engines.warm_up()
        untranslated = self._settings.translation.engine == "none"
        prompts = await render(self._settings.prompts, engines.tts, untranslated=untranslated)
        for encoding in get_args(Encoding):
            pipeline = Pipeline(
                engines.to_english, engines.agent, engines.to_kannada, engines.tts, encoding, self._desk.asks
            )
            self._setups[encoding] = Setup(
                engines.stt, engines.vad, pipeline, encoded(prompts, encoding), self._desk.policy
            )
        if self.state == "starting":
            self.state = "ready"
            log.info("ready for calls")

    async def run(self, line: Line, caller: str) -> None:
        """One call, until it is over. What breaks in it is logged here and harms no other call."""
        if not self._setups:
            raise RuntimeError("a call before the switchboard is open")
        call_id, encoding = line.started.call_id, line.started.encoding
        recording = self._recorder.recording(call_id, encoding) if self._recorder else None
        session = self._session(line, self._setups[encoding], caller, recording)
        self._sessions[session] = call_id
        log.info("call %s began; %d live", call_id, self.live)
        try:
            await session.run()
        except Exception as error:
            log.error("call %s broke: %s", call_id, describe(error))
            log.debug("the failure in full", exc_info=error)
        finally:
            if recording:
                recording.close()
            del self._sessions[session]
            log.info("call %s ended; %d live", call_id, self.live)
            async with self._changed:
                self._changed.notify_all()

    async def drain(self) -> None:
        """Take no more calls; let live ones end by themselves, then with a farewell. Returns when none is left, or when
        even the farewell took too long."""
        self.state = "draining"
        log.info("draining: %d live calls", self.live)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.server.drain_s):
                await self._none_left()
        for session in tuple(self._sessions):
            session.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_S):
                await self._none_left()

    async def _none_left(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: not self._sessions)

    def _session(self, line: Line, setup: Setup, caller: str, recording: Recording | None) -> Session:
        closed = self._desk.closed(datetime.now(UTC))
        if recording is None:
            return Session(line, setup, caller=caller, closed=closed)
        settings = self._settings.trace
        head = header(
            line.started.call_id,
            datetime.now(UTC).isoformat(timespec="milliseconds"),
            setup.policy,
            setup.prompts,
            marks=line.capabilities.marks,
            keep_words=settings.keep_words,
        )
        trace = CallTrace(recording.trace, head, keep_words=settings.keep_words)
        record = recording.audio if settings.audio else None
        return Session(line, setup, caller=caller, closed=closed, trace=trace, record=record)
