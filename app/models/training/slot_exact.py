"""Whether a translation keeps every fact: the sentence may be worded differently, its values may not.

Translations are compared by value, since two wordings of one sentence are both right and two amounts are not.
"""

import functools
from collections import Counter
from collections.abc import Iterable, Sequence
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

    Numbers and names that belong to the reference's wording and not to its slots must be there too.
    """
    target, values = (
        (pair.english, [slot.english for slot in pair.slots])
        if direction == "kn_en"
        else (pair.kannada, [slot.kannada for slot in pair.slots])
    )
    wanted, got = _without(target.split(), values), _without(_words(output), values)
    if wanted is None:
        raise ValueError(f"the sentence of {pair.frame} lacks a value of its own slots: {target}")
    if got is None or any(_find(got, value) is not None and _find(wanted, value) is None for value in values):
        return False
    return _facts(got, direction) == _facts(wanted, direction)


def _words(text: str) -> list[str]:
    return [word for each in text.split() if (word := each.strip(_MARKS))]


def _without(words: Sequence[str], values: Iterable[str]) -> list[str] | None:
    """`words` with each value taken out once, the longest first; None when one is missing."""
    left = list(words)
    for value in sorted(values, key=lambda value: len(value.split()), reverse=True):
        at = _find(left, value)
        if at is None:
            return None
        left[at : at + len(value.split())] = [_GONE]
    return left


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
