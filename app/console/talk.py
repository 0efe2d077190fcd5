"""A conversation as a call would have it, without audio: the same pipeline, and all that is said is heard."""

import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from app.call.events import Finished, Line, Reached, Replied, Reply, Speech, Understood
from app.call.policy import Choice
from app.desk import Desk
from app.engines.base import Agent, Translator
from app.kannada.asked import NOTHING, Asked
from app.reply import Pipeline, Result, Task, reply
from telephony.events import RATE_HZ

_CALL_ID = "kva-agent-chat"
_TYPED = frozenset(["digits", "value"])
"""What may have been asked for that keys are no choice from the menu, as in a call."""


class Mute:
    """Implements app.engines.base.TextToSpeech: says nothing, at once."""

    rate_hz = RATE_HZ

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        yield b""

    async def warm_up(self) -> None:
        """There is nothing to warm."""

    async def aclose(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What the caller was answered, and when, in seconds after the caller's words; None where that never came."""

    finished: Finished
    asked: Asked
    translated_s: float | None
    token_s: float | None
    clause_s: float | None
    """The first one, in Kannada, ready to be spoken."""
    all_s: float


class Talk:
    def __init__(self, desk: Desk, to_english: Translator, agent: Agent, to_kannada: Translator) -> None:
        greeting = desk.settings.prompts.greeting
        untranslated = desk.settings.translation.engine == "none"
        self._menu = desk.menu
        self._pipeline = Pipeline(to_english, agent, to_kannada, Mute(), "mulaw", desk.asks)
        self._asked = desk.asks(greeting.kannada, greeting.english)
        opened = Line("agent", greeting.kannada, greeting.kannada if untranslated else greeting.english)
        self._history: list[tuple[Line, ...]] = [(opened,)]
        """Before each turn."""

    @property
    def history(self) -> tuple[Line, ...]:
        return self._history[-1]

    def choice(self, keys: str) -> Choice | None:
        """What `keys` stand for in the menu, unless digits or a value were asked for."""
        if self._asked.kind in _TYPED:
            return None
        return next((choice for choice in self._menu if choice.key == keys), None)

    async def turn(self, text: str, show: Callable[[Result], None], *, understood: bool) -> Turn:
        """The caller says `text`; `show` gets all that comes of it, as it comes.

        `understood`: the text is English, or keys, and is not translated. Raises app.reply.StageError.
        """
        clock, lines = _Clock(), [Line("caller", text, text)]
        last, ended = NOTHING, Finished()

        def emit(result: Result) -> None:
            nonlocal last, ended
            clock.note(result)
            match result:
                case Understood():
                    lines[0] = Line("caller", text, result.english)
                case Speech(kannada=kannada, english=english) if kannada or english:
                    lines.append(Line("agent", kannada, english))
                    last = result.asks
                case Replied():
                    ended = result.finished
            show(result)

        asked = Reply(len(self._history), 1, text, self.history, understood)
        await reply(self._pipeline, Task(asked, _CALL_ID, "", emit, _at_once, _at_once))
        self._history.append((*self.history, *lines))
        self._asked = last
        return Turn(ended, last, clock.translated_s, clock.token_s, clock.clause_s, clock.seconds())

    def back(self) -> bool:
        """The last turn was never said. False when there is none."""
        if len(self._history) == 1:
            return False
        self._history.pop()
        self._asked = NOTHING
        return True


class _Clock:
    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.translated_s: float | None = None
        self.token_s: float | None = None
        self.clause_s: float | None = None

    def seconds(self) -> float:
        return time.perf_counter() - self._began

    def note(self, result: Result) -> None:
        match result:
            case Understood():
                self.translated_s = self.seconds()
            case Reached(milestone="agent_token"):
                self.token_s = self.seconds()
            case Speech(filler=False) if self.clause_s is None:
                self.clause_s = self.seconds()


async def _at_once() -> None:
    """Nobody goes on speaking, and everything is heard."""
