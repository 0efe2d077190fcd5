"""Written Kannada to what the voice should say: digits, symbols and Latin script become Kannada words.

At each place where something begins that cannot be read as it stands, the rules are tried in order, and the first that
matches says it. Text without such places comes back as it is, so it is safe to call this twice.

What is meant is told by form and by neighbours: 4521 is a cardinal, but behind ಒಟಿಪಿ it is said digit by digit
(app/kannada/tables/cues.toml). Dates have the day first, as in India. 2-3 is a range, 15-1 a date, 1/2 a half.
"""

import re

from app.kannada.endings import LETTER
from app.kannada.say import dates, digits, latin, money, plain, times, units
from app.kannada.say.abbreviations import without_abbreviations
from app.kannada.say.rule import Rule

_OF_A_DIGIT: tuple[Rule, ...] = (
    *latin.RULES,
    *money.BEHIND,
    *dates.RULES,
    *times.RULES,
    *digits.RULES,
    *units.RULES,
    *plain.RULES,
)
_OF_A_LETTER: tuple[Rule, ...] = (*money.BEFORE, *digits.LETTERED, *latin.RULES, *latin.WORDS)
_OF_A_SYMBOL: tuple[Rule, ...] = (
    *plain.HYPHENS,
    *money.BEFORE,
    *digits.PLUS,
    *money.BEHIND,
    *units.RULES,
    *plain.RULES,
)

_DIGITS = str.maketrans("೦೧೨೩೪೫೬೭೮೯", "0123456789")
_OTHER = r"0-9A-Za-zÀ-ÖØ-öø-ɏ½¼¾₹$€£%°@&+#=*\\_~^<>|•©®™§/−-"
_UNREADABLE = re.compile(f"[.೦-೯{_OTHER}]")
"""Searched first: most of what is said has nothing of it. The dot may be one of an abbreviation."""
_PLACE = re.compile(rf"[{_OTHER}]|ರೂಪಾಯಿ(?=\s?\d)")
_KANNADA = re.compile(f"[{LETTER}]")


_LATIN = re.compile("[A-Za-z]")


def for_voice(text: str) -> str:
    """What a Kannada voice is given of a sentence: `spoken` of it, or an English one as it is.

    Letter by letter nobody would understand that, and some voices know English.
    """
    return text if _LATIN.search(text) and not _KANNADA.search(text) else spoken(text)


def spoken(text: str) -> str:
    """`text`, a Kannada sentence, with everything in it that is not Kannada words said in Kannada words.

    A pause within a number is a comma. `spoken(spoken(text)) == spoken(text)`.
    """
    if _UNREADABLE.search(text) is None:
        return text
    text = without_abbreviations(text.translate(_DIGITS))
    said: list[str] = []
    at = 0
    while (place := _PLACE.search(text, at)) is not None:
        _add(said, text[at : place.start()])
        words, at = _say(text, place.start())
        _add(said, words)
    _add(said, text[at:])
    return "".join(said)


def _say(text: str, start: int) -> tuple[str, int]:
    """The words of what begins at `start`, and where it ends."""
    first = text[start]
    for rule in _OF_A_DIGIT if first.isdecimal() else _OF_A_LETTER if first.isalpha() else _OF_A_SYMBOL:
        if (match := rule.pattern.match(text, start)) and (words := rule.say(match)) is not None:
            return words, match.end()
    raise AssertionError("the last rule of each list takes any character")


def _add(said: list[str], words: str) -> None:
    """Words that would run into each other are kept apart."""
    if not words:
        return
    if said and _KANNADA.match(said[-1][-1]) and _KANNADA.match(words[0]):
        words = " " + words
    said.append(words)
