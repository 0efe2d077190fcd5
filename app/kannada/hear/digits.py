"""Numbers said digit by digit or in pairs: ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು, ನೈನ್ ಎಯ್ಟ್ ಡಬಲ್ ಫೋರ್, ತೊಂಬತ್ತೆಂಟು ನಲವತ್ತೈದು."""

import re
from dataclasses import dataclass

from app.kannada.hear.cardinals import small
from app.kannada.hear.tokens import Tokens, follows, kind
from app.kannada.tables import table

_CUES = tuple(table("cues")["digits"])
_COUNTED = tuple(table("cues")["counted"])
_GUESSED = (*_COUNTED, *table("cues")["guessed"])
_NUMERAL = re.compile("[0-9]+")
_MOST = 32
"""Digits; a longer run is cut there."""


@dataclass(frozen=True, slots=True)
class Run:
    digits: str
    next: int
    ending: str
    pieces: int
    """How many words or pairs of words it was said in."""
    surely: bool
    """It was said with ಡಬಲ್ or ಟ್ರಿಪಲ್, or begins with a zero."""


def counted(tokens: Tokens, at: int) -> bool:
    """The word at `at` is something that is measured: a rupee, an hour, a kilometre."""
    return at < len(tokens) and tokens[at].tight and tokens[at].text.startswith(_COUNTED)


def guessed(tokens: Tokens, at: int) -> bool:
    """The word at `at` is something of which one says "two or three"."""
    return at < len(tokens) and tokens[at].tight and tokens[at].text.startswith(_GUESSED)


def cued(tokens: Tokens, at: int) -> bool:
    """The word before `at` announces digits: ಸಂಖ್ಯೆ, ಒಟಿಪಿ."""
    return at > 0 and tokens[at - 1].text.startswith(_CUES)


def run(tokens: Tokens, at: int) -> Run | None:
    """Digits that begin at `at`. A pause between groups of two and more does not end them: ಒಂಬತ್ತು ಎಂಟು, ನಾಲ್ಕು ಐದು."""
    first = _unbroken(tokens, at)
    while first and not first.ending and first.pieces > 1 and first.next < len(tokens):
        if tokens[first.next].gap.strip() != ",":
            break
        more = _unbroken(tokens, first.next)
        if more is None or more.pieces < 2:
            break
        digits = first.digits + more.digits
        first = Run(digits[:_MOST], more.next, more.ending, first.pieces + more.pieces, first.surely or more.surely)
    return first


def _unbroken(tokens: Tokens, at: int) -> Run | None:
    digits, here, ending, pieces, said, repeated = "", at, "", 0, False, False
    while here < len(tokens) and not ending and len(digits) < _MOST and (here == at or tokens[here].tight):
        repeat = follows(tokens, here, "repeat") if here > at else tokens[here].reading
        if repeat and repeat.kind == "repeat":
            one = small(tokens, here + 1)
            if one is None or one.value > 9 or not tokens[here + 1].tight:
                break
            digits += str(one.value) * int(repeat.value)
            repeated = said = True
        else:
            one = small(tokens, here)
            if one is None or follows(tokens, one.next, "scale", "hundred"):
                break
            said = said or kind(tokens, here) == "small"
            digits += str(one.value) if kind(tokens, here) == "small" else _NUMERAL.findall(tokens[here].text)[0]
        here, ending, pieces = one.next, one.ending, pieces + 1
    if not said:
        return None
    return Run(digits, here, ending, pieces, repeated or digits[0] == "0")
