"""A caller who takes a number back: ನಾಲ್ಕು ಐದು ಎರಡು, ಅಲ್ಲ, ನಾಲ್ಕು ಐದು ಒಂದು."""

import re
from collections.abc import Sequence
from dataclasses import replace

from app.kannada.tables import table
from app.kannada.values import Number

_CUES = table("cues")
_MARK = frozenset(_CUES["corrections"])
_AROUND = frozenset(_CUES["around_corrections"])
_COUNTED = (*_CUES["counted"], *_CUES["guessed"])
_PUNCTUATION = " ,.!?;:-\u2013\u2014…"
_WORD = re.compile(r"[^\s,.!?;:…–—-]+")
_ALIKE = {"cardinal": "count", "digits": "count", "money": "count", "ordinal": "count", "people": "count"}
"""Kinds that may stand for one another: of "five hundred rupees, no, six hundred" the second is money as well."""
_FAR = 60
"""Characters between a value and its correction."""


def may_correct(text: str) -> bool:
    """Some word of correction is in the text; a quick look."""
    return any(mark in text for mark in _MARK)


def without_corrections(text: str, numbers: Sequence[Number]) -> str:
    """`text` with each number that was taken back replaced by the one that follows the correction.

    A correction is one of the words of cues.toml with nothing but a few fillers between it and the new number. One or
    two digits behind three or more correct the last of them: ನಾಲ್ಕು ಐದು ಎರಡು, ಅಲ್ಲ, ಒಂದು is 451.
    """
    kept: Number | None = None
    pieces: list[str] = []
    tail = ""
    """What stood behind the number that was taken back."""
    at = 0
    for number in numbers:
        mark = _mark(text, kept.end, number.start) if kept else None
        if kept is None or mark is None or not _alike(kept, number, text):
            pieces += [text[at : number.start], text[number.start : number.end]]
            kept, tail, at = number, "", number.end
            continue
        tail += text[kept.end : mark].rstrip(_PUNCTUATION)
        said, kept = _merged(text, kept, number)
        pieces[-1] = said + tail
        at = number.end + _repeated(tail, text[number.end :])
    return "".join([*pieces, text[at:]])


def _repeated(tail: str, following: str) -> int:
    """The length of what is said again behind the new number: ಹತ್ತು ಗಂಟೆಗೆ ಬನ್ನಿ, ಅಲ್ಲ, ಹನ್ನೊಂದು ಗಂಟೆಗೆ."""
    length = 0
    for old, new in zip(_WORD.finditer(tail), _WORD.finditer(following), strict=False):
        if old[0] != new[0]:
            break
        length = new.end()
    return length


def _mark(text: str, start: int, end: int) -> int | None:
    """Where the correction between two numbers begins, if what is behind it is nothing but fillers."""
    if end - start > _FAR:
        return None
    found = None
    for match in _WORD.finditer(text[start:end]):
        if match[0] in _MARK:
            found = match.start() if found is None else found
        elif found is not None and match[0] not in _AROUND:
            found = None
    return None if found is None else start + found


def _alike(old: Number, new: Number, text: str) -> bool:
    if old.kind == "money" and text[new.end :].lstrip().startswith(_COUNTED):
        return False  # a bare number is money too, but six days are not
    return _ALIKE.get(old.kind, old.kind) == _ALIKE.get(new.kind, new.kind)


def _merged(text: str, old: Number, new: Number) -> tuple[str, Number]:
    """The new value in the place of the old one."""
    said = text[new.start : new.end]
    if old.kind == "money" and new.kind == "cardinal":
        return f"{said} ರೂಪಾಯಿ", replace(new, kind="money")
    before, after = _digits(old), _digits(new)
    if old.kind == "digits" and len(before) >= 3 and len(after) <= 2:
        said = before[: -len(after)] + after
        return said, replace(new, kind="digits", value=said)
    return said, new


def _digits(number: Number) -> str:
    return number.value if isinstance(number.value, str) else str(number.value)
