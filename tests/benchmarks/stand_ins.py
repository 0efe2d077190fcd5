"""Engines that only take the time that real ones take, and count what they were asked for.

What the agent says by itself and what it answers are two constant levels, so that the bytes a caller heard tell which
of them it was.
"""

import asyncio
from array import array
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

from app.config import PromptSettings
from app.engines.base import Partial
from app.engines.scripted import Scripted, ScriptedAgent, ScriptedTranslator, ScriptedTts
from app.engines.table import Engines
from app.engines.webrtc import WebrtcVad
from telephony.audio import encode

STT_S, TRANSLATE_S, AGENT_S, TOKEN_S, TTS_S = 0.3, 0.08, 0.4, 0.05, 0.15
ANSWER_SECONDS, PROMPT_SECONDS = 0.8, 0.6
ANSWER_LEVEL, PROMPT_LEVEL = 8000, 2000
ANSWER_BYTE, PROMPT_BYTE = (encode("mulaw", array("h", [level]).tobytes()) for level in (ANSWER_LEVEL, PROMPT_LEVEL))
TOKENS = ("your ", "bill ", "is ", "ready, ", "sir.")
CLAUSE_TOKENS, CLAUSES = 4, 2
"""The first clause of so many is complete with so many tokens."""
_PROMPTS = {phrase["kannada"] for phrase in PromptSettings().model_dump().values()}


def pipeline_s(soft_end_s: float, agent_s: float) -> float:
    """From the last voice to the first audio of the answer, when everything starts at the soft end."""
    return soft_end_s + STT_S + TRANSLATE_S + agent_s + (CLAUSE_TOKENS - 1) * TOKEN_S + TRANSLATE_S + TTS_S


@dataclass
class TimedStt(Scripted):
    """Hears `text` in every turn, however often it is asked."""

    text: str = ""
    begun: int = 0

    def listen(self, partial: Callable[[Partial], None] | None = None) -> "TimedEar":
        return TimedEar(self)


class TimedEar:
    def __init__(self, engine: TimedStt) -> None:
        self._engine = engine

    def feed(self, pcm: bytes) -> None:
        """Only the clock counts."""

    async def finish(self) -> str:
        self._engine.begun += 1
        await self._engine.act()
        return self._engine.text

    def close(self) -> None:
        """Nothing is kept."""


@dataclass
class LevelTts(ScriptedTts):
    """As soon as it speaks it is twenty times faster than it plays."""

    speed: float = 20.0

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        prompt = text in _PROMPTS
        level, seconds = (PROMPT_LEVEL, PROMPT_SECONDS) if prompt else (ANSWER_LEVEL, ANSWER_SECONDS)
        if not prompt:
            self.spoken.append(text)
            await self.act()
        step = round(self.chunk_s * self.rate_hz)
        for _ in range(round(seconds / self.chunk_s)):
            yield array("h", [level] * step).tobytes()
            await asyncio.sleep(self.chunk_s / self.speed)


@dataclass
class StandIns:
    """The engines of one server. A turn's every revision is heard as `text`."""

    text: str
    agent_s: float = AGENT_S
    stt: TimedStt = field(init=False)
    agent: ScriptedAgent = field(init=False)
    tts: LevelTts = field(default_factory=lambda: LevelTts(delay_s=TTS_S))

    def __post_init__(self) -> None:
        self.stt = TimedStt(delay_s=STT_S, text=self.text)
        self.agent = ScriptedAgent(delay_s=self.agent_s, tokens=TOKENS, token_s=TOKEN_S)

    @property
    def engines(self) -> Engines:
        translators = (ScriptedTranslator(delay_s=TRANSLATE_S) for _ in range(2))
        return Engines(self.stt, next(translators), next(translators), self.tts, WebrtcVad(2), self.agent)
