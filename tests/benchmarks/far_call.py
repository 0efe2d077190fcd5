"""A call whose carrier is some way off, in virtual time: the real core, and a playout that is heard, cleared and
reported as late as the network makes it.

There are two clocks. The caller's is the carrier's: audio sent at `now` is in its buffer `network_s` later. A frame of
the caller, and a mark, reach the server `network_s` after they were spoken or played. So at a Clear the caller hears
the agent for a moment longer than the server knows.
"""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from app.call.core import Call
from app.call.events import (
    Answered,
    Command,
    Event,
    Finish,
    Finished,
    Heard,
    Hearing,
    Ignore,
    Listen,
    Replied,
    Reply,
    Speech,
    StopReply,
    Tick,
    Understood,
    Voice,
)
from app.call.policy import Policy
from app.demo.playout import Playout
from app.kannada.finished import ending
from app.kannada.small_words import small_word
from telephony.events import FRAME_MS, RATE_HZ, Clear, Mark, Play, Played
from tests.call.virtual import prompts

CHUNK_S = 0.25
TTS_SPEED = 10
FIRST_AUDIO_S = 0.15
MOST_AHEAD_S = 6.0
PARTIAL_FRAMES = 20
Transcribe = Callable[[int, int], str]
"""What speech to text makes of the caller's frames from the first to before the second."""


@dataclass(frozen=True, slots=True)
class Clause:
    kannada: str
    english: str
    audio: bytes = field(repr=False)


@dataclass
class FarCall:
    """`answer` is the clauses of a reply; `transcribe` hears; frames of voice are given to `run`."""

    answer: Callable[[Reply], tuple[Clause, ...]]
    transcribe: Transcribe
    policy: Policy = field(default_factory=Policy)
    network_s: float = 0.06
    jitter_s: float = 0.0
    """Messages take up to so much longer, each by chance, and keep their order."""
    detector_s: float = 0.0
    stt_s: float = 0.1

    def __post_init__(self) -> None:
        self.call = Call(self.policy, prompts())
        self.playout = Playout()
        self.log: list[tuple[float, Command]] = []
        self.frames = 0
        """How many of the caller's were spoken; they are the caller's clock."""
        self._now_ms = 0
        self._deadline: float | None = None
        self._dice = random.Random(1)
        self._down_s = self._up_s = 0.0
        """When the newest message arrived at either end."""
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._replying: tuple[int, int] | None = None
        self._listening: Listen | None = None
        self._from = self._next_pass = 0
        self._give(Answered())

    @property
    def now(self) -> float:
        """The server's clock, seconds."""
        return self._now_ms / 1000

    @property
    def spoken_s(self) -> float:
        """The caller's clock when the last frame had been spoken."""
        return self.frames * FRAME_MS / 1000

    def run(self, voice: bool) -> None:
        """One more frame of the caller."""
        self.frames += 1
        arrives_ms = round((self.spoken_s + self.network_s + self.detector_s) * 1000)
        self._report_marks(self.now + self.network_s)
        while self._due and self._due[0][0] <= arrives_ms:
            at_ms, _, then = heapq.heappop(self._due)
            self._now_ms = max(self._now_ms, at_ms)
            then()
        self._now_ms = arrives_ms
        self._give(Voice(voice))
        self._listen_on()
        if self._deadline is not None and self._deadline <= self.now:
            self._give(Tick())

    def _later(self, after_s: float, then: Callable[[], None]) -> None:
        heapq.heappush(self._due, (round((self.now + after_s) * 1000), next(self._count), then))

    def _give(self, event: Event) -> None:
        commands = self.call.handle(event, self.now)
        for command in commands:
            self.log.append((self.now, command))
            self._perform(command)
        if commands or not isinstance(event, Voice):
            self._deadline = self.call.deadline

    def _perform(self, command: Command) -> None:
        match command:
            case Play():
                self.playout.play(command.audio, self._arrives_s())
            case Mark():
                self.playout.mark(command.name, self._arrives_s())
            case Clear():
                at_s = self._arrives_s()
                self._report_marks(at_s)
                for mark in self.playout.clear(at_s):
                    self._played(mark, at_s)
            case Listen():
                self._listening = command
                self._from = max(0, self.frames - round(command.back_s * 1000 / FRAME_MS))
                self._next_pass = self._from + PARTIAL_FRAMES + 1
            case Ignore():
                self._listening = None
            case Finish():
                self._later(self.stt_s, self._transcript(command, self._text()))
            case Reply():
                self._replying = command.turn, command.revision
                self._later(0.02, self._understood(command))
                self._later(FIRST_AUDIO_S, self._chunk(command, self.answer(command), 1, 0))
            case StopReply():
                self._replying = None
            case _:
                pass

    def _arrives_s(self) -> float:
        """When what is sent now reaches the carrier."""
        self._down_s = max(self._down_s, self.now + self._takes_s())
        return self._down_s

    def _takes_s(self) -> float:
        return self.network_s + self._dice.uniform(0, self.jitter_s)

    def _report_marks(self, until_s: float) -> None:
        """Those of audio that was played by `until_s`; no Clear can reach the carrier before."""
        while (at_s := self.playout.deadline) is not None and at_s <= until_s:
            for mark in self.playout.due(at_s):
                self._played(mark, at_s)

    def _played(self, mark: str, at_s: float) -> None:
        self._up_s = max(self._up_s, at_s + self._takes_s())
        self._later(self._up_s - self.now, lambda: self._give(Played(mark)))

    # Speech to text: what was fed when a pass began is heard when it has ended.

    def _text(self) -> str:
        return self.transcribe(self._from, self.frames)

    def _listen_on(self) -> None:
        listening = self._listening
        if listening is None or self.frames < self._next_pass:
            return
        self._next_pass = self.frames + PARTIAL_FRAMES
        if text := self._text():
            self._later(self.stt_s, lambda: self._partial(listening, text))

    def _partial(self, listening: Listen, text: str) -> None:
        if self._listening is listening:
            self._give(Hearing(listening.turn, "", text, ending(text), small_word(text, self.call.saying)))

    def _transcript(self, asked: Finish, text: str) -> Callable[[], None]:
        def give() -> None:
            says = small_word(text, self.call.saying)
            self._give(Heard(asked.turn, asked.revision, text, ending(text), says))

        return give

    # The agent.

    def _understood(self, asked: Reply) -> Callable[[], None]:
        return lambda: self._give(Understood(asked.turn, asked.revision, "english"))

    def _chunk(self, asked: Reply, clauses: tuple[Clause, ...], number: int, at: int) -> Callable[[], None]:
        """The next piece of the voice, if the reply still goes on, and then the one behind it."""

        def give() -> None:
            task = asked.turn, asked.revision
            if self._replying != task:
                return
            if number > len(clauses):
                self._give(Replied(*task, Finished()))
                return
            if not at and (ahead_s := self.call.unplayed_s(self.now) - MOST_AHEAD_S) > 0:
                self._later(max(FRAME_MS / 1000, ahead_s), self._chunk(asked, clauses, number, 0))
                return
            clause, end = clauses[number - 1], at + round(CHUNK_S * RATE_HZ)
            last = end >= len(clause.audio)
            texts = ("", "") if at else (clause.kannada, clause.english)
            self._later(CHUNK_S / TTS_SPEED, self._chunk(asked, clauses, number + last, 0 if last else end))
            self._give(Speech(*task, number, *texts, clause.audio[at:end], last))

        return give
