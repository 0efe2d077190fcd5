"""One caller speaks over one long reply: what the caller heard of it, against what the call remembers.

Every sample of the reply is different from its neighbours, so the bytes at the caller's ear tell which part of the
reply they are.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.call.events import Reply
from app.call.ledger import CUT
from app.demo.playout import SILENCE
from telephony.events import RATE_HZ, Clear
from tests.benchmarks.endpointing import FRAME_S
from tests.benchmarks.far_call import Clause, FarCall
from tests.benchmarks.interrupters import Hear, Overlap

QUESTION, QUESTION_FRAMES = "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", 50
GREETING_FRAMES = 75
CHARACTERS_PER_S = 13.0
STILL_S = 2.5
"""The agent has said all when it has been silent for so long."""
LONGEST_S = 60.0
_SEEN = 24
"""Samples that are enough to find a place in the reply."""
SAYS = (
    "ನಿಮ್ಮ ಈ ತಿಂಗಳ ಬಿಲ್ ಒಂದು ಸಾವಿರದ ಇನ್ನೂರ ಐವತ್ತು ರೂಪಾಯಿ.",
    "ಕಳೆದ ತಿಂಗಳಿಗಿಂತ ನೂರ ಐವತ್ತು ರೂಪಾಯಿ ಹೆಚ್ಚಾಗಿದೆ.",
    "ಪಾವತಿಸಲು ಕೊನೆಯ ದಿನ ಡಿಸೆಂಬರ್ ಹದಿನೈದು.",
    "ನೀವು ಆನ್‌ಲೈನ್ ಅಥವಾ ಹತ್ತಿರದ ಕಚೇರಿಯಲ್ಲಿ ಪಾವತಿಸಬಹುದು.",
    "ತಡವಾದರೆ ಶೇಕಡಾ ಎರಡು ದಂಡ ಸೇರುತ್ತದೆ.",
    "ರಸೀದಿ ನಿಮ್ಮ ಫೋನ್‌ಗೆ ಸಂದೇಶವಾಗಿ ಬರುತ್ತದೆ.",
    "ಮೀಟರ್ ಓದುವವರು ಮುಂದಿನ ತಿಂಗಳ ಐದನೇ ತಾರೀಖು ಬರುತ್ತಾರೆ.",
    "ಆಗ ಮನೆಯಲ್ಲಿ ಯಾರಾದರೂ ಇರಲಿ.",
)


def clauses(texts: tuple[str, ...], seed: int) -> tuple[Clause, ...]:
    dice = np.random.default_rng(seed)
    loud = SILENCE[0]  # the largest byte, and no sample of the reply
    return tuple(
        Clause(text, text, dice.integers(0, loud, round(len(text) / CHARACTERS_PER_S * RATE_HZ), np.uint8).tobytes())
        for text in texts
    )


LONG_REPLY, SHORT_REPLY = clauses(SAYS, 1), clauses(("ಸರಿ ಸರ್.",), 2)
LONG_REPLY_S = sum(len(clause.audio) for clause in LONG_REPLY) / RATE_HZ


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of the reply that was heard without a break: at which sample of the call, which samples of it."""

    at: int
    first: int
    length: int


@dataclass(frozen=True)
class Heard:
    """What the caller heard. `repeated`: the last of it was said once more, as an answer of its own."""

    track: bytes
    repeated: bool = False

    @cached_property
    def runs(self) -> list[Run]:
        runs = list(_runs(self.track, b"".join(clause.audio for clause in LONG_REPLY)))
        return runs[:-1] if self.repeated else runs

    @property
    def gaps_s(self) -> list[float]:
        """Silences within the reply."""
        pairs = zip(self.runs, self.runs[1:], strict=False)
        return [(after.at - before.at - before.length) / RATE_HZ for before, after in pairs]

    def parts(self) -> list[float]:
        """How much was heard of each clause, 0 to 1."""
        until = max((run.first + run.length for run in self.runs), default=0)
        parts, begin = [], 0
        for clause in LONG_REPLY:
            parts.append(min(1.0, max(0.0, (until - begin) / len(clause.audio))))
            begin += len(clause.audio)
        return parts

    def whole(self) -> int:
        return sum(part >= 1.0 for part in self.parts())

    def words(self) -> int:
        """Whole words, in proportion to the samples of their clause."""
        count = 0
        for clause, part in zip(LONG_REPLY, self.parts(), strict=True):
            ends = np.cumsum([len(word) + 1 for word in clause.kannada.split()]) - 1
            count += int(np.sum(ends <= part * len(clause.kannada) + 1e-9))
        return count


def _runs(track: bytes, reply: bytes) -> Iterator[Run]:
    heard, said = np.frombuffer(track, np.uint8), np.frombuffer(reply, np.uint8)
    at = 0
    while at + _SEEN < len(track):
        if track[at] == SILENCE[0]:
            loud = np.flatnonzero(heard[at:] != SILENCE[0])
            if not len(loud):
                return
            at += int(loud[0])
        first = reply.find(track[at : at + _SEEN])
        if first < 0:
            at += _SEEN
            continue
        while first and at and track[at - 1] == reply[first - 1]:
            at, first = at - 1, first - 1
        length = min(len(heard) - at, len(said) - first)
        same = heard[at : at + length] == said[first : first + length]
        length = length if same.all() else int(np.argmin(same))
        yield Run(at, first, length)
        at += length


@dataclass(frozen=True, slots=True)
class Outcome:
    text: str
    moment_s: float
    """Of the reply, when the caller began to speak."""
    clear_s: float | None
    """From the first voiced sound, as it arrives, to the first Clear."""
    clear_sound_s: float | None
    """From the first sound of any kind."""
    gaps_s: tuple[float, ...]
    finished: bool
    """The agent said all of its reply."""
    whole: tuple[int, int]
    """Clauses that the history has in full, and that were heard in full."""
    words: tuple[int, int]
    faithful: bool
    """The history's words are the reply's first ones, each once."""


def outcome(
    said: Overlap, speech: tuple[bool, ...], hear: Hear, moment_s: float, *, detector_s: float, jitter_s: float
) -> Outcome:
    """`speech` is a detector's judgement of the caller's frames."""
    call, begin = speak_over(said, speech, hear, moment_s, detector_s=detector_s, jitter_s=jitter_s)
    began_s = begin * FRAME_S + call.network_s
    cleared = [at for at, command in call.log if isinstance(command, Clear) and at > began_s + said.sound_s]
    clear_s = cleared[0] - began_s if cleared else None
    lines = [line.kannada for turn, line in call.call.turns if turn == 1 and line.role == "agent"]
    repeated = any(clause in line.kannada for turn, line in call.call.turns if turn > 1 for clause in SAYS)
    heard = Heard(call.playout.heard(call.spoken_s), repeated)
    remembered, words = " ".join(lines), " ".join(lines).replace(CUT, "").split()
    return Outcome(
        said.text,
        moment_s,
        None if clear_s is None else clear_s - said.voice_s,
        None if clear_s is None else clear_s - said.sound_s,
        tuple(heard.gaps_s),
        heard.whole() == len(LONG_REPLY),
        (sum(clause.kannada in remembered for clause in LONG_REPLY), heard.whole()),
        (len(words), heard.words()),
        words == " ".join(SAYS).split()[: len(words)],
    )


def speak_over(
    said: Overlap, speech: tuple[bool, ...], hear: Hear, moment_s: float, *, detector_s: float, jitter_s: float
) -> tuple[FarCall, int]:
    """The call, and the frame at which the caller's audio began."""
    begin = 0

    def transcribe(first: int, last: int) -> str:
        return hear(first - begin, last - begin) if begin else QUESTION

    def answer(asked: Reply) -> tuple[Clause, ...]:
        return LONG_REPLY if asked.turn == 1 else SHORT_REPLY

    call = FarCall(answer, transcribe, detector_s=detector_s, jitter_s=jitter_s)
    for frame in range(GREETING_FRAMES + QUESTION_FRAMES):
        call.run(frame >= GREETING_FRAMES)
    while len(call.playout.bursts) < 2:
        call.run(False)
    began_s = call.playout.began_s or 0.0
    begin = round((began_s + moment_s - said.sound_s) / FRAME_S)
    still = 0
    while still < STILL_S / FRAME_S and call.spoken_s < LONGEST_S:
        frame = call.frames - begin
        call.run(0 <= frame < len(speech) and speech[frame])
        still = 0 if call.call.speaking or frame < len(speech) else still + 1
    return call, begin


def moments(count: int) -> list[float]:
    """When callers begin to speak, in seconds of the reply."""
    dice = random.Random(count)
    return [dice.uniform(0.0, LONG_REPLY_S - 2.0) for _ in range(count)]
