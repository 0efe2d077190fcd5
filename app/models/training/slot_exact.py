"""Whether a translation keeps every fact: the sentence may be worded differently, its values may not.

Translations are compared by value, since two wordings of one sentence are both right and two amounts are not.
"""

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.kannada.numbers import cardinal
from app.models.training.grammar import Pair
from app.models.training.names import MONTHS, PEOPLE, PLACES, WAYS, WEEKDAYS

Direction = Literal["kn_en", "en_kn"]
"""What is translated into what."""

_ENGLISH_NUMBERS = frozenset(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"))
_MARKS = ".,?!;:।॥"
_GONE = ""
"""Stands where a value was, so that no other value is found across the gap."""


def slot_exact(pair: Pair, output: str, direction: Direction) -> bool:
    """Every slot value of the reference stands in `output` as whole words, once each, and no other number or name does.

    Values of one kind stand in the reference's order: "not 1 but 2" is not "not 2 but 1". Numbers and names that
    belong to the reference's wording and not to its slots must be there too. Raises ValueError for a reference that
    lacks a value of its own.
    """
    to_english = direction == "kn_en"
    target = pair.english if to_english else pair.kannada
    values = [_Value(slot.kind, slot.english if to_english else slot.kannada) for slot in pair.slots]
    wanted, got = _take_out(target.split(), values), _take_out(_words(output), values)
    if wanted is None:
        raise ValueError(f"the sentence of {pair.frame} lacks a value of its own slots: {target}")
    if got is None or got.orders != wanted.orders:
        return False
    if any(_find(got.others, each.text) is not None and _find(wanted.others, each.text) is None for each in values):
        return False
    return _facts(got.others, direction) == _facts(wanted.others, direction)


@dataclass(frozen=True, slots=True)
class _Value:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Taken:
    others: Sequence[str]
    """The words that are no value; values left a gap."""
    orders: Mapping[str, Sequence[str]]
    """Values of each kind, one after another."""


def _words(text: str) -> list[str]:
    return [word for each in text.split() if (word := each.strip(_MARKS))]


def _take_out(words: Sequence[str], values: Iterable[_Value]) -> _Taken | None:
    """Each value is taken out of `words` once, the longest first; None when one is missing."""
    left = list(words)
    found: list[tuple[int, _Value]] = []
    for value in sorted(values, key=lambda value: len(value.text.split()), reverse=True):
        at, count = _find(left, value.text), len(value.text.split())
        if at is None:
            return None
        left[at : at + count] = [_GONE] * count
        found.append((at, value))
    orders: dict[str, list[str]] = {}
    for _, value in sorted(found, key=lambda each: each[0]):
        orders.setdefault(value.kind, []).append(value.text)
    return _Taken(left, orders)


def _find(words: Sequence[str], value: str) -> int | None:
    """Where `value` stands in `words`."""
    wanted = value.split()
    places = range(len(words) - len(wanted) + 1)
    return next((at for at in places if list(words[at : at + len(wanted)]) == wanted), None)


def _facts(words: Sequence[str], direction: Direction) -> Counter[str]:
    return Counter(filter(_is_english_fact if direction == "kn_en" else _is_kannada_fact, words))


def _is_english_fact(word: str) -> bool:
    return word[:1].isupper() or word in _ENGLISH_NUMBERS or any(letter.isdigit() for letter in word)


def _is_kannada_fact(word: str) -> bool:
    if not word:
        return False
    return word in _kannada_facts() or word.startswith(_kannada_places())


@functools.cache
def _kannada_facts() -> frozenset[str]:
    """Every word of numbers, and names that stay as they are."""
    numbers = [*range(1000), *(10**power * times for power in (3, 5, 7) for times in (1, 2))]
    followed = [1001, 100_001, 10_000_001]
    words = {word for number in (*numbers, *followed) for word in cardinal(number).split()}
    names = {word for table in (MONTHS, WEEKDAYS, PEOPLE, WAYS) for kannada, english in table if english[0].isupper()
             for word in kannada.split()}  # fmt: skip
    return frozenset(words | names)


@functools.cache
def _kannada_places() -> tuple[str, ...]:
    """Places without their last vowel, which case endings replace: ಮೈಸೂರ of ಮೈಸೂರು and ಮೈಸೂರಿನಲ್ಲಿ."""
    return tuple({word.removesuffix("ು") for kannada, _ in PLACES for word in kannada.split()})
