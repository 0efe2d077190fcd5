"""Live calls for tests: the real server on loopback, scripted engines, the demo's caller at the far end of Twilio."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.call.policy import Patience, TurnPolicy
from app.config import CallSettings, PromptSettings, ServerSettings, Settings, TraceSettings
from app.demo.caller import Caller, Ended, Number
from app.demo.script import Director, Script
from app.demo.sheet import Cue
from app.engines.scripted import ScriptedAgent, ScriptedStt, ScriptedTranslator, ScriptedTts, ScriptedVad, sine
from app.engines.table import Engines
from app.server import Running, running
from telephony.audio import encode

QUICK = CallSettings(
    turn=TurnPolicy(soft_end_s=0.1, end_s=0.3, words=False),
    patience=Patience(no_input_s=5.0, no_reply_s=0.8, no_media_s=1.0, mark_s=0.5),
)
"""The same decisions as in production, a few times sooner."""

VOICE = encode("mulaw", sine(0.5, 8000))
"""Half a second of what the scripted detector takes for voice."""


def words(number: int) -> str:
    return f"ವಾಕ್ಯ {number}"


@dataclass
class BriefTts(ScriptedTts):
    """A fifth of a second for what the agent says by itself, `seconds` for what it answers."""

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        if text in _PROMPTS:
            yield sine(0.2, self.rate_hz)
            return
        async with aclosing(super().speak(text, urgent=urgent)) as chunks:
            async for chunk in chunks:
                yield chunk


_PROMPTS = {phrase["kannada"] for phrase in PromptSettings().model_dump().values()}


@dataclass
class Staff:
    """The scripted engines of one server, to be told what to do while it runs."""

    stt: ScriptedStt = field(default_factory=lambda: ScriptedStt(texts=(words(n) for n in range(1, 1000))))
    to_english: ScriptedTranslator = field(default_factory=ScriptedTranslator)
    to_kannada: ScriptedTranslator = field(default_factory=ScriptedTranslator)
    tts: ScriptedTts = field(default_factory=lambda: BriefTts(seconds=0.4))
    vad: ScriptedVad = field(default_factory=ScriptedVad)
    agent: ScriptedAgent = field(default_factory=ScriptedAgent)

    @property
    def engines(self) -> Engines:
        return Engines(self.stt, self.to_english, self.to_kannada, self.tts, self.vad, self.agent)


@dataclass
class Desk:
    """A running server and its staff."""

    server: Running
    staff: Staff

    @property
    def number(self) -> Number:
        return Number(f"http://127.0.0.1:{self.server.port}/twilio/voice")

    async def call(self, *cues: Cue, patience_s: float = 5.0) -> tuple[Caller, Ended]:
        caller = self.caller(*cues, patience_s=patience_s)
        return caller, await caller.run()

    def caller(self, *cues: Cue, patience_s: float = 5.0) -> Caller:
        return Caller(self.number, Director(Script("test", "", tuple(cues), VOICE, patience_s=patience_s)))


@asynccontextmanager
async def desk(
    staff: Staff | None = None,
    traces: Path | None = None,
    call: CallSettings = QUICK,
    server: ServerSettings | None = None,
) -> AsyncIterator[Desk]:
    settings = Settings(
        server=server or ServerSettings(port=0),
        call=call,
        trace=TraceSettings(directory=traces, audio=traces is not None, keep_words=True),
    )
    staff = staff or Staff()
    async with running(settings, staff.engines) as server_running:
        yield Desk(server_running, staff)


def ask(**moment: float) -> Cue:
    """Half a second of voice, by default 0.2 s after the agent has finished."""
    return Cue(start_s=0, end_s=0.5, **(moment or {"after_agent_s": 0.2}))


def agent_says(*tokens: str, seconds: float = 0.4) -> Staff:
    return Staff(agent=ScriptedAgent(tokens=tokens), tts=BriefTts(seconds=seconds))
