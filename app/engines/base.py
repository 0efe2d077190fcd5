"""What an engine is: a few Protocols of one or two methods. Every engine, fake or real, is used through these alone.

Audio is mono int16 little-endian PCM throughout. An engine never blocks the event loop: native code runs on a `Worker`
(app/engines/worker.py), which releases the loop and orders jobs by priority.

Closing a generator stops the work behind it: consumers wrap every stream in `contextlib.aclosing`, and an engine must
stop its model within about 100 ms of that.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from app.call.events import Finished, Line


class EngineError(Exception):
    """An engine failed: EngineError
    ├── EngineUnavailable   a package, model or key is missing; the message says how to get it
    ├── EngineOverloaded    its queue is full; try again, or take fewer calls
    └── EngineFailed        the model or the remote service broke while working
    """


class EngineUnavailable(EngineError): ...


class EngineOverloaded(EngineError): ...


class EngineFailed(EngineError): ...


class Engine(Protocol):
    """What all engines share besides their work."""

    async def warm_up(self) -> None:
        """Run real shapes through the model, so that the first caller pays for nothing. Raises EngineError."""
        ...

    async def aclose(self) -> None:
        """Give back threads, memory and connections. Safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class Partial:
    """What was heard of a turn that still goes on."""

    stable: str
    """Its beginning, as far as it is settled. Within a turn it only grows; the final text may still differ."""
    text: str
    """All that was heard so far. It begins with `stable`."""


class Ear(Protocol):
    """Speech to text listening to one turn of one caller."""

    def feed(self, pcm: bytes) -> None:
        """More of the caller: 8 kHz int16, any length. Never blocks."""
        ...

    async def finish(self) -> str:
        """The Kannada text of everything fed so far; empty when nothing was said.

        May be awaited again after more audio: a turn that looked finished can go on. Raises EngineError.
        """
        ...

    def close(self) -> None:
        """Nobody listens any more: waiting work is dropped and no partial follows. Safe to call twice."""
        ...


class SpeechToText(Engine, Protocol):
    def listen(self, partial: Callable[[Partial], None] | None = None) -> Ear:
        """A new turn. `partial` is called on the event loop while the caller speaks, as often as the engine likes, and
        never from within `feed`."""
        ...


class Translator(Engine, Protocol):
    async def translate(self, text: str, *, urgent: bool = False) -> str:
        """One sentence or clause. `urgent` goes before other waiting work (a caller is waiting in silence for it)."""
        ...


class TextToSpeech(Engine, Protocol):
    @property
    def rate_hz(self) -> int: ...

    def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        """Audio of one clause, chunk by chunk as it is made: int16 at `rate_hz`, whole samples."""
        ...


class VoiceStream(Protocol):
    """Voice detection on one call."""

    def feed(self, frame: bytes) -> None:
        """One 20 ms frame: 320 bytes of 8 kHz int16. Its judgement is emitted now or a few ms later, in order."""
        ...

    def close(self) -> None:
        """No judgement is emitted after this."""
        ...


class VoiceDetector(Engine, Protocol):
    def open(self, emit: Callable[[bool], None]) -> VoiceStream:
        """A detector for one call; `emit(is_speech)` is called on the event loop, once a frame."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """What an agent is asked: the caller's last words and everything heard before them."""

    call_id: str
    caller: str
    """The caller's number in E.164, or empty when it is withheld."""
    text: str
    """What the caller just said, in English. It is not in `history`."""
    history: tuple[Line, ...]
    confirmed: Callable[[], Awaitable[None]]
    """Await it before anything that others can notice: the caller may still be speaking, and the reply be dropped.

    The caller may go on even after that, as long as nothing was heard, and the same turn is asked about anew. So
    effects must be idempotent for one call and one place in its history.
    """


@dataclass(frozen=True, slots=True)
class Filler:
    """A sentence said while the agent looks something up. It is spoken at once, and is not the answer."""

    english: str
    kannada: str = ""
    """Empty: it has to be translated."""


class Agent(Engine, Protocol):
    def answer(self, question: Question) -> AsyncGenerator[str | Filler | Finished, None]:
        """English text, piece by piece as it is written; at most one `Finished`, last, when the call should not go on.

        Stateless: all it may know is in `question`, because only what was heard counts.
        """
        ...
