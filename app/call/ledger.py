"""What was sent, what was heard. A clause keeps its Kannada, its English and its audio together.

A mark proves that the clause before it was played. Within the clause being played the heard part is proportional to
time. After `clear` a carrier may return every pending mark at once, so a mark belongs to a generation; one that was
withdrawn proves nothing.

Audio that is withdrawn is kept until it is known why: `hold`, then `settle` when the caller interrupted, or `resume`
when it was nothing.
"""

from dataclasses import dataclass, field

from app.kannada.asked import NOTHING, Asked
from telephony.events import RATE_HZ

_SPOKEN_CHARACTERS_PER_S = 13.0
"""Kannada code points a second in read speech; used only for a clause that was cut before its audio was complete."""

_ASKED = 0.5
"""A question of which so much was heard was asked. Of a menu the first choice is enough."""
_ROUND_TRIP_S = 0.3
"""The way to the caller and back is no longer; what is later than that waited to be played."""

CUT = " —"
"""Ends the text of a clause that the caller interrupted."""


@dataclass(slots=True)
class Clause:
    owner: int
    """The turn that it answers; the ledger's reader joins the clauses of one owner to one line."""
    number: int
    kannada: str
    english: str
    asks: Asked = NOTHING
    aside: bool = False
    """It is no part of the answer: "one moment", "please say it again"."""
    audio: list[bytes] = field(default_factory=list, repr=False)
    samples: int = 0
    ends_s: float = 0.0
    """When the last of `samples` is expected to be played."""
    mark: str = ""
    """Set when the clause is complete."""
    known: float = 0.0
    """Samples that the caller had heard before some of them were sent again."""

    def said(self, now: float, *, played: bool = True) -> "Said | None":
        """What the caller heard of it by `now`; None when that is not a word. `played`: all its audio was."""
        part = self.heard(now)
        if part >= 1.0 or (played and self.mark):
            return Said(self.owner, self.kannada, self.english, self.asks, self)
        kannada, english = _leading_words(self.kannada, part), _leading_words(self.english, part)
        if not kannada:
            return None
        return Said(self.owner, kannada + CUT, (english + CUT).strip(), self.asked(now), self)

    def asked(self, now: float) -> Asked:
        """What the caller knows to be asked for by `now`."""
        part = self.heard(now)
        return self.asks if part >= _ASKED or (part and self.asks.kind == "menu") else NOTHING

    def heard(self, now: float) -> float:
        """The part of the clause that was played by `now`, 0 to 1."""
        total = self.samples
        if not self.mark:
            total = max(total, round(len(self.kannada) / _SPOKEN_CHARACTERS_PER_S * RATE_HZ))
        return min(1.0, self.played(now) / total) if total else 0.0

    def played(self, now: float) -> float:
        """Samples that were played by `now`."""
        return max(self.known, self.samples - max(0.0, self.ends_s - now) * RATE_HZ)


@dataclass(frozen=True, slots=True)
class Said:
    """Words that the caller heard."""

    owner: int
    kannada: str
    english: str
    asks: Asked = NOTHING
    """What the clause wants to hear, as far as it was heard."""
    clause: Clause | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Held:
    """Clauses that were withdrawn, and when."""

    clauses: list[Clause]
    at_s: float

    @property
    def left_s(self) -> float:
        """Audio in it that the caller has not heard."""
        return sum(clause.samples - clause.played(self.at_s) for clause in self.clauses) / RATE_HZ


class Ledger:
    """Clauses on their way to the caller, oldest first."""

    def __init__(self) -> None:
        self.generation = 0
        self.held: Held | None = None
        self._count = 0
        self._clauses: list[Clause] = []
        self._ends_s = 0.0
        self._round_trip_s = _ROUND_TRIP_S
        """The least that a mark was late."""

    @property
    def busy(self) -> bool:
        """Audio is being played, or believed to be."""
        return bool(self._clauses)

    @property
    def unfinished(self) -> bool:
        """More audio of the newest clause is to come."""
        return bool(self._clauses) and not self._clauses[-1].mark

    def expects(self, owner: int, number: int) -> bool:
        """The newest clause is this one, and lacks audio."""
        return self.unfinished and (self._clauses[-1].owner, self._clauses[-1].number) == (owner, number)

    @property
    def ends_s(self) -> float:
        """When all audio sent so far is expected to have been played."""
        return self._ends_s

    @property
    def underway(self) -> list[Clause]:
        """What is being played, or was when it was withdrawn."""
        return self.held.clauses if self.held else self._clauses

    def play(self, clause: Clause, audio: bytes, now: float) -> None:
        """More of a clause was sent at `now`; one that is expected already only grows."""
        if not self.expects(clause.owner, clause.number):
            self._clauses.append(clause)
        clause = self._clauses[-1]
        clause.audio.append(audio)
        clause.samples += len(audio)
        self._sent(clause, len(audio), now)

    def complete(self) -> str:
        """The newest clause has all its audio. Returns the name of the mark to send after it."""
        return self._mark(self._clauses[-1])

    def played(self, mark: str, now: float) -> list[Said]:
        """A mark came back: everything up to it was heard. A late one says that what is behind it plays later, too."""
        index = next((i for i, clause in enumerate(self._clauses) if clause.mark == mark), None)
        return [] if index is None else self._heard(index, now, self._delay_s(now - self._clauses[index].ends_s))

    def believe(self, now: float, patience_s: float) -> list[Said]:
        """Clauses whose mark is overdue by `patience_s` count as heard: the carrier lost the mark, or has none."""
        overdue = [i for i, clause in enumerate(self._clauses) if clause.mark and clause.ends_s + patience_s <= now]
        return self._heard(overdue[-1], now, 0.0) if overdue else []

    def overdue_s(self, patience_s: float) -> float | None:
        """When `believe` has something to say next."""
        complete = next((clause for clause in self._clauses if clause.mark), None)
        return complete.ends_s + patience_s if complete else None

    def hold(self, now: float) -> None:
        """The audio is withdrawn at `now`; what comes of it is not known yet."""
        if self.held is not None:
            return
        self.held = Held(self._clauses, now)
        if self._clauses:
            self._clauses = []
            self._ends_s = now
            self.generation += 1

    def settle(self) -> list[Said]:
        """What was withdrawn will not be played: what had been heard of it."""
        held, self.held = self.held, None
        if held is None:
            return []
        return [said for clause in held.clauses if (said := clause.said(held.at_s, played=False))]

    def resume(self, now: float, *, back_s: float, within_s: float) -> tuple[list[Said], list[tuple[bytes, str]]]:
        """Play what was withdrawn after all: what of it had been heard, and the rest with a mark behind each clause.

        No later than `within_s` it goes on where it was, less `back_s`; later the clause that was cut begins anew. The
        mark is empty where more audio of the clause is to come.
        """
        held, self.held = self.held, None
        if held is None:
            return [], []
        heard: list[Said] = []
        sent: list[tuple[bytes, str]] = []
        for clause in held.clauses:
            if clause.mark and clause.heard(held.at_s) >= 1.0:
                heard += [said] if (said := clause.said(held.at_s)) else []
                continue
            clause.known = clause.played(held.at_s)
            position = 0
            if now - held.at_s <= within_s:
                position = max(0, round(clause.known - back_s * RATE_HZ))
            rest = b"".join(clause.audio)[position:]
            self._clauses.append(clause)
            self._sent(clause, len(rest), now)
            sent.append((rest, self._mark(clause) if clause.mark else ""))
        return heard, sent

    def cut(self, now: float) -> list[Said]:
        """The audio is withdrawn at `now` for good: what was heard by then."""
        self.hold(now)
        return self.settle()

    def _delay_s(self, late_s: float) -> float:
        """How much of a mark's lateness the carrier spent before it played: all but the way there and back.

        That way is no loss: what is withdrawn takes it too, so audio is heard on while a `clear` travels.
        """
        self._round_trip_s = max(0.0, min(self._round_trip_s, late_s))
        return late_s - self._round_trip_s

    def _heard(self, index: int, now: float, delay_s: float) -> list[Said]:
        heard, self._clauses = self._clauses[: index + 1], self._clauses[index + 1 :]
        for clause in self._clauses:
            clause.ends_s += delay_s
        self._ends_s = self._clauses[-1].ends_s if self._clauses else now
        return [said for clause in heard if (said := clause.said(now))]

    def _sent(self, clause: Clause, samples: int, now: float) -> None:
        self._ends_s = clause.ends_s = max(self._ends_s, now) + samples / RATE_HZ

    def _mark(self, clause: Clause) -> str:
        """A name is the generation, the turn (0 for a prompt) and a running number."""
        self._count += 1
        clause.mark = f"{self.generation}.{max(0, clause.owner)}.{self._count}"
        return clause.mark


def _leading_words(text: str, part: float) -> str:
    """The whole words within the first `part` of the text."""
    limit = part * len(text)
    words, position = [], 0
    for word in text.split(" "):
        position += len(word)
        if position > limit:
            break
        words.append(word)
        position += 1
    return " ".join(words)
