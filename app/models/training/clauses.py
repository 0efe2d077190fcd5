"""Clauses put together from time, place, person, thing and verb, so that words are met in many company.

Frames alone teach a model whole sentences; a new sentence of the same words then comes out as an old one.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.models.training.grammar import Fill, Language, Pair, Slot


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a clause in both languages; either may be empty."""

    kannada: str = ""
    english: str = ""
    slots: tuple[Slot, ...] = ()
    skeleton: str = ""
    """Of the side that is translated from."""


NOTHING = Part()
Words = tuple[str, str]


class Hand:
    """Draws parts for one side: `fill` gives the slots' values, `source` says which language is translated from."""

    def __init__(self, rng: random.Random, fill: Fill, source: Language) -> None:
        self.rng = rng
        self._fill = fill
        self._source = source

    def slot(self, kind: str, kannada: str = "{}", english: str = "{}", form: str = "") -> Part:
        """A value of `kind`; the templates say what stands around it."""
        slot = self._fill(kind, form, self.rng)
        template = kannada if self._source == "kannada" else english
        hole = template.replace("{}", "{" + kind + "}")
        return Part(kannada.replace("{}", slot.kannada), english.replace("{}", slot.english), (slot,), hole)

    def word(self, words: Words) -> Part:
        """The same words every time, Kannada and English."""
        return Part(*words, (), words[0] if self._source == "kannada" else words[1])

    def one(self, table: Sequence[Words]) -> Part:
        """One row of a table."""
        return self.word(self.rng.choice(table))

    def pick(self, *makers: Callable[[], Part]) -> Part:
        """What one of the makers makes."""
        return self.rng.choice(makers)()

    def clause(self, kannada: Sequence[Part], english: Sequence[Part], name: str) -> Pair:
        """The parts in each language's order; those of the source order make the skeleton."""
        source = kannada if self._source == "kannada" else english
        return Pair(
            " ".join(part.kannada for part in kannada if part.kannada),
            " ".join(part.english for part in english if part.english),
            name,
            tuple(slot for part in english for slot in part.slots),
            " ".join(part.skeleton for part in source if part.skeleton),
        )
