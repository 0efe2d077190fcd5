"""What was sent, what was heard. A clause keeps its Kannada, its English and its audio together.

A mark proves that the clause before it was played. Within the clause being played the heard part is proportional to
time. After `clear` a carrier may return every pending mark at once, so a mark belongs to a generation; one that was
withdrawn proves nothing.
"""

from dataclasses import dataclass

from app.kannada.asked import NOTHING, Asked
from telephony.events import RATE_HZ

_SPOKEN_CHARACTERS_PER_S = 13.0
"""Kannada code points a second in read speech; used only for a clause that was cut before its audio was complete."""

CUT = " —"
"""Ends the text of a clause that the caller interrupted."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words that the caller heard."""

    owner: int
    kannada: str
    english: str
    asks: Asked = NOTHING
    """What the clause wants to hear, though it may have been cut before its end."""


@dataclass(slots=True)
class Clause:
    owner: int
    """The turn that it answers; the ledger's reader joins the clauses of one owner to one line."""
    number: int
    kannada: str
    english: str
    samples: int = 0
    ends_s: float = 0.0
    """When the last of `samples` is expected to be played."""
    asks: Asked = NOTHING
    mark: str = ""
    """Set when the clause is complete."""

    def said(self, now: float, *, played: bool = True) -> Said | None:
        """What the caller heard of it by `now`; None when that is not a word. `played`: all its audio was."""
        part = self.heard(now)
        if part >= 1.0 or (played and self.mark):
            return Said(self.owner, self.kannada, self.english, self.asks)
        kannada, english = _leading_words(self.kannada, part), _leading_words(self.english, part)
        return Said(self.owner, kannada + CUT, (english + CUT).strip(), self.asks) if kannada else None

    def heard(self, now: float) -> float:
        """The part of the clause that was played by `now`, 0 to 1."""
        total = self.samples
        if not self.mark:
            total = max(total, round(len(self.kannada) / _SPOKEN_CHARACTERS_PER_S * RATE_HZ))
        played = self.samples - max(0.0, self.ends_s - now) * RATE_HZ
        return min(1.0, max(0.0, played / total)) if total else 0.0


class Ledger:
    """Clauses on their way to the caller, oldest first."""

    def __init__(self) -> None:
        self.generation = 0
        self._count = 0
        self._clauses: list[Clause] = []
        self._ends_s = 0.0

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

    def play(
        self, owner: int, number: int, kannada: str, english: str, samples: int, now: float, asks: Asked = NOTHING
    ) -> None:
        """`samples` more of a clause were sent at `now`."""
        if not self.expects(owner, number):
            self._clauses.append(Clause(owner, number, kannada, english, asks=asks))
        self._ends_s = max(self._ends_s, now) + samples / RATE_HZ
        clause = self._clauses[-1]
        clause.samples += samples
        clause.ends_s = self._ends_s

    def complete(self) -> str:
        """The newest clause has all its audio. Returns the name of the mark to send after it.

        A name is the generation, the turn (0 for a prompt) and a running number.
        """
        self._count += 1
        clause = self._clauses[-1]
        clause.mark = f"{self.generation}.{max(0, clause.owner)}.{self._count}"
        return clause.mark

    def played(self, mark: str, now: float) -> list[Said]:
        """A mark came back: everything up to it was heard. The clauses behind it start now."""
        index = next((i for i, clause in enumerate(self._clauses) if clause.mark == mark), None)
        if index is None:
            return []
        shift = now - self._clauses[index].ends_s
        heard, self._clauses = self._clauses[: index + 1], self._clauses[index + 1 :]
        for clause in self._clauses:
            clause.ends_s += shift
        self._ends_s = self._clauses[-1].ends_s if self._clauses else now
        return [said for clause in heard if (said := clause.said(now))]

    def believe(self, now: float, patience_s: float) -> list[Said]:
        """Clauses whose mark is overdue by `patience_s` count as heard: the carrier lost the mark, or has none."""
        overdue = [clause.mark for clause in self._clauses if clause.mark and clause.ends_s + patience_s <= now]
        return self.played(overdue[-1], now) if overdue else []

    def overdue_s(self, patience_s: float) -> float | None:
        """When `believe` has something to say next."""
        complete = next((clause for clause in self._clauses if clause.mark), None)
        return complete.ends_s + patience_s if complete else None

    def cut(self, now: float) -> list[Said]:
        """The audio is withdrawn at `now`: what was heard by then, and a new generation of marks."""
        if not self._clauses:
            return []
        cut = [said for clause in self._clauses if (said := clause.said(now, played=False))]
        self._clauses.clear()
        self._ends_s = now
        self.generation += 1
        return cut


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
