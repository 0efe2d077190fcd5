"""What the end of an utterance says about whether the caller is done. The cues are in tables/finished.toml.

    ನನ್ನ ಬಿಲ್ ಬಂದಿದೆಯಾ      question, finished            ನಾಳೆ ಬಂದರೆ         conditional, open
    ನಮ್ಮ ಮನೆಗೆ               dative, unfinished            ನಾಲ್ಕು ಐದು           digits, two of them

It looks at the last word, and counts digits backwards. It knows words and endings, not sentences: a form that
says two things has a row that says so.
"""

import re
from dataclasses import dataclass
from typing import Literal
from unicodedata import normalize

from app.kannada.endings import LETTER
from app.kannada.hear.vocabulary import Reading, read
from app.kannada.tables import table

Means = Literal["finished", "likely", "ambiguous", "noun", "unfinished", "open"]


@dataclass(frozen=True, slots=True)
class Ending:
    """What an utterance ends in. Nothing of it is personal, so a trace may keep it."""

    cue: str = ""
    """The row of the table; empty when nobody looked."""
    means: Means = "ambiguous"
    words: int = 0
    """Words of the whole utterance."""
    digits: int = 0
    """Digits that were said one by one, or in pairs, at its end."""


UNKNOWN = Ending()
_MARKS = ".,;:!…।-–—\"'()[]"
_JOINERS = str.maketrans("", "", "\u200c\u200d")


def _plain(text: str) -> str:
    return normalize("NFC", text).translate(_JOINERS)


def _listed(what: Literal["words", "endings"]) -> dict[str, str]:
    """Every listed word or ending and its cue; the first of two rows decides."""
    rows = reversed(_TABLE.items())
    return {_plain(form): cue for cue, row in rows for form in row.get(what, ())}


_TABLE = table("finished")
_WORDS, _ENDINGS = _listed("words"), _listed("endings")
_ANSWERS = frozenset(_TABLE["yes_no"]["words"])
_BESIDE_ANSWERS = _ANSWERS.union(_TABLE["yes_no"]["beside"])
_TAKEN_BACK = frozenset(_TABLE["correction"]["behind_numbers"])
_ALONE = ("acknowledgement", "yes_no", "greeting")
_ACKNOWLEDGEMENTS = frozenset(_TABLE["acknowledgement"]["words"])
_VOCATIVES = frozenset(_TABLE["politeness"]["words"])
_NUMBERS = frozenset(["small", "hundred", "composite", "scale", "half", "people"])
_LETTER = re.compile(f"[{LETTER}]")


def ending(text: str) -> Ending:
    """What `text`, words that a caller said, ends in."""
    asks = text.rstrip().endswith("?")
    words = [word for part in _plain(text).split() if (word := part.strip(_MARKS + "?"))]
    if not words:
        return _ending("nothing", 0)
    if asks:
        return _ending("question", len(words))
    if _VOCATIVES.issuperset(words):
        return _ending("greeting", len(words))
    polite = words[-1] in _VOCATIVES
    if polite:
        words.pop()
    found = _last(words)
    if polite and found.means in ("noun", "ambiguous") and found.cue not in _ALONE:
        return _ending("politeness", len(words), found.digits)
    return found


def _last(words: list[str]) -> Ending:
    count = len(words)
    if _ACKNOWLEDGEMENTS.issuperset(words):
        return _ending("acknowledgement", count)
    if not _ANSWERS.isdisjoint(words) and _BESIDE_ANSWERS.issuperset(words):
        return _ending("yes_no", count)
    if count > 1 and words[-1] in _TAKEN_BACK and _digits(words[:-1])[0]:
        return _ending("correction", count)
    reading = read(words[-1])
    if reading is not None and _waits(reading):
        return _ending("number_open", count)
    digits, pieces = _digits(words)
    if pieces > 1:
        return _ending("digits", count, digits)
    word = words[-1]
    if (cue := _WORDS.get(word)) is not None:
        return _ending(cue, count)
    if digits or (reading is not None and not reading.ending and reading.kind in _NUMBERS):
        return _ending("number", count, digits)
    return _ending(_by_ending(word) if _LETTER.search(word) else "other_script", count)


def _ending(cue: str, words: int, digits: int = 0) -> Ending:
    return Ending(cue, _TABLE[cue]["means"], words, digits)


def _by_ending(word: str) -> str:
    """The cue of the longest ending that `word` has."""
    for start in range(1, len(word)):
        if cue := _ENDINGS.get(word[start:]):
            return cue
    return "noun"


# Numbers.


def _waits(reading: Reading) -> bool:
    return reading.open or reading.kind in ("repeat", "point", "minus", "percent_before")


def _digits(words: list[str]) -> tuple[int, int]:
    """How many digits stand at the end, and in how many pieces they were said.

    ನಾಲ್ಕು ಐದು ಡಬಲ್ ಏಳು are four, ತೊಂಬತ್ತೆಂಟು ನಲವತ್ತೈದು and 4521 too. In one piece it may be five of anything.
    """
    count = pieces = 0
    for word in reversed(words):
        if word.isdecimal():
            count, pieces = count + len(word), pieces + len(word)
            continue
        reading = read(word)
        if reading is None or reading.ending:
            break
        if reading.kind == "repeat" and count:
            count += int(reading.value) - 1
            pieces += 1
        elif reading.kind == "small":
            count += 1 if reading.value < 10 else 2
            pieces += 1
        else:
            break
    return count, pieces
