"""A call on a virtual clock: the real core, the demo's model of the carrier's playout, scripted caller and engines.

Time passes only in `run`, in 20 ms frames; ticks, marks and engine results fall where a real call would have them.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, get_args

from app.call.core import Call
from app.call.events import (
    Answered,
    Command,
    Event,
    Finish,
    Finished,
    Heard,
    Prompt,
    PromptName,
    Replied,
    Reply,
    Speech,
    Tick,
    Understood,
    Voice,
)
from app.call.policy import Policy
from app.demo.playout import Playout
from app.kannada.asked import NOTHING, Asked
from app.kannada.finished import UNKNOWN, ending
from app.kannada.small_words import SmallWord
from telephony.events import Clear, Hangup, HungUp, Mark, Play, Played

FRAME_MS = 20
SMALL_WORDS: dict[str, SmallWord] = {
    "ಹೂಂ": "backchannel",
    "ಹೌದು": "backchannel",
    "ನಿಲ್ಲಿ": "stop",
    "ಒಂದು ನಿಮಿಷ": "wait",
    "ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ": "repeat",
}
NAMES: tuple[PromptName, ...] = get_args(PromptName)


def prompts(seconds: float = 1.0) -> dict[PromptName, Prompt]:
    return {name: Prompt(f"kn {name}", f"en {name}", bytes(round(8000 * seconds))) for name in NAMES}


@dataclass
class VirtualCall:
    """`hear` is what STT makes of a turn; `answer` the clauses of a reply, in seconds of audio, and its end.

    `words`: what was heard says what it ends in, so that the silence that ends a turn depends on it. `asks` is what
    the replies want to hear.
    """

    policy: Policy = field(default_factory=Policy)
    hear: Callable[[Finish], str | None] = lambda _: "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"
    answer: Callable[[Reply], tuple[list[float], Finished] | None] = lambda _: ([1.0, 2.0], Finished())
    stt_s: float = 0.1
    first_audio_s: float = 0.15
    marks: bool = True
    media: bool = True
    words: bool = False
    asks: Asked = NOTHING
    says: dict[str, SmallWord] = field(default_factory=lambda: dict(SMALL_WORDS))

    def __post_init__(self) -> None:
        self.call = Call(self.policy, prompts(), marks=self.marks)
        self.playout = Playout()
        self.tags: dict[int, tuple[int, int, int]] = {}
        """What every sample of a clause is, and whose: turn, revision, number."""
        self.whole: dict[int, int] = {}
        """Samples of that clause."""
        self.now_ms = 0
        self.inputs: list[tuple[float, Event]] = []
        self.log: list[tuple[float, Command]] = []
        self._due: list[tuple[int, int, Event]] = []
        self._count = itertools.count()
        self._stopped: set[tuple[int, int]] = set()
        self.give(Answered())

    @property
    def now(self) -> float:
        return self.now_ms / 1000

    def give(self, event: Event) -> None:
        self.inputs.append((self.now, event))
        for command in self.call.handle(event, self.now):
            self.log.append((self.now, command))
            self._perform(command)

    def later(self, after_s: float, event: Event) -> None:
        heapq.heappush(self._due, (self.now_ms + round(after_s * 1000), next(self._count), event))

    def run(self, seconds: float, *, voice: bool = False, echo: bool = False) -> None:
        """Let time pass with the caller speaking or silent; the voice may be the agent's own."""
        for _ in range(round(seconds * 1000 / FRAME_MS)):
            if self.call.over:
                return
            self.now_ms += FRAME_MS
            if self.media:
                self.give(Voice(voice or echo, echo))
            for mark in self.playout.due(self.now) if self.marks else ():
                self.give(Played(mark))
            while self._due and self._due[0][0] <= self.now_ms:
                self.give(heapq.heappop(self._due)[2])
            if (deadline := self.call.deadline) is not None and deadline <= self.now:
                self.give(Tick())

    def say(self, seconds: float = 1.0, pause_s: float = 1.0) -> None:
        """The caller speaks, and is silent afterwards."""
        self.run(seconds, voice=True)
        self.run(pause_s)

    def commands(self, *kinds: type) -> list[Command]:
        return [command for _, command in self.log if isinstance(command, kinds)]

    def at(self, kind: type, index: int = 0) -> float:
        """When the command of that kind was given."""
        return [now for now, command in self.log if isinstance(command, kind)][index]

    def _perform(self, command: Command) -> None:
        match command:
            case Play():
                self.playout.play(command.audio, self.now)
            case Mark():
                self.playout.mark(command.name, self.now)
            case Clear():
                for mark in self.playout.clear(self.now):
                    self.later(0.02, Played(mark))
            case Finish():
                if (text := self.hear(command)) is not None:
                    ends = ending(text) if self.words else UNKNOWN
                    self.later(self.stt_s, Heard(command.turn, command.revision, text, ends, self.says.get(text, "")))
            case Reply():
                self._reply(command)
            case Hangup():
                self.later(0.02, HungUp("closed"))
            case _:
                pass

    def _reply(self, asked: Reply) -> None:
        answered = self.answer(asked)
        if answered is None:
            return
        clauses, finished = answered
        turn, revision = asked.turn, asked.revision
        self.later(0.02, Understood(turn, revision, "english of " + asked.text))
        at_s = self.first_audio_s
        for number, seconds in enumerate(clauses, 1):
            tag = len(self.tags) % 250 + 1
            self.tags[tag] = (turn, revision, number)
            half = bytes([tag]) * round(seconds * 4000)
            self.whole[tag] = 2 * len(half)
            for last in (False, True):
                text = f"ಪದ ಒಂದು ಎರಡು ಮೂರು {number}", f"word one two three {number}"
                self.later(at_s, Speech(turn, revision, number, *text, half, last, asks=self.asks))
                at_s += 0.05
        self.later(at_s, Replied(turn, revision, finished))


def after_greeting(**options: Any) -> VirtualCall:
    """A call whose greeting has been heard; the caller may speak."""
    call = VirtualCall(**options)
    call.run(1.5)
    assert not call.call.speaking
    return call
