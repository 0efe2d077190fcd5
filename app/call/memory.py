"""The conversation as both sides know it: what the caller said, and what the caller heard."""

from dataclasses import dataclass

from app.call.events import Line, Role
from app.call.ledger import Said


@dataclass(slots=True)
class _Entry:
    role: Role
    owner: int
    """The turn it belongs to; prompts have numbers of their own below zero."""
    kannada: str
    english: str


class Memory:
    """Lines in the order they became true. Clauses of one reply make one line."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(Line(entry.role, entry.kannada, entry.english) for entry in self._entries)

    @property
    def turns(self) -> tuple[tuple[int, Line], ...]:
        """The same lines, each with the turn it belongs to; a prompt has a number of its own below zero."""
        return tuple((entry.owner, Line(entry.role, entry.kannada, entry.english)) for entry in self._entries)

    def before(self, turn: int) -> tuple[Line, ...]:
        """What was true before the caller said anything in `turn`: a turn that goes on says its words anew."""
        return tuple(line for owner, line in self.turns if owner != turn)

    def caller(self, turn: int, kannada: str, english: str) -> None:
        """The caller said this. A turn that was reopened says it anew; it stays one line."""
        last = self._entries[-1] if self._entries else None
        if last and last.role == "caller" and last.owner == turn:
            last.kannada, last.english = kannada, english
        else:
            self._entries.append(_Entry("caller", turn, kannada, english))

    def understood(self, turn: int, english: str) -> None:
        """The translation of a caller's line that is already remembered."""
        for entry in reversed(self._entries):
            if entry.role == "caller" and entry.owner == turn:
                entry.english = english
                return

    def heard(self, said: list[Said]) -> None:
        """The caller heard these clauses."""
        for clause in said:
            last = self._entries[-1] if self._entries else None
            if last and last.role == "agent" and last.owner == clause.owner:
                last.kannada += " " + clause.kannada
                last.english += " " + clause.english
            else:
                self._entries.append(_Entry("agent", clause.owner, clause.kannada, clause.english))
