"""Abbreviations in Kannada letters: ಡಾ. ರಮೇಶ್, 5 ಕಿ.ಮೀ., ರೂ. 75, ಶೇ 10."""

import re

from app.kannada.endings import FORMS, LETTER
from app.kannada.tables import table

_LONG: dict[str, str] = table("units")["abbreviations"]
_CASE = rf"(?:(?:{'|'.join(FORMS)}|ಗಳ[{LETTER}]*)?(?![{LETTER}]))"
"""What may be joined to an abbreviation: ರೂ.ಗೆ, ಕಿ.ಮೀ.ಗಳು."""


def _any(forms: list[str]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))


_FORM = re.compile(
    rf"(?<![{LETTER}])(?:{_any(list(_LONG))}"
    rf"|(?:{_any([form[:-1] for form in _LONG if '.' in form[:-1]])})(?={_CASE})"
    r"|(?:ರೂ|ಶೇ)(?=\s?\d))"
)
_JOINED = re.compile(_CASE)


def without_abbreviations(text: str) -> str:
    """`text` with the words in full. A last dot may be missing where there is another, or where a number follows ರೂ."""
    return _FORM.sub(_in_full, text)


def _in_full(match: re.Match[str]) -> str:
    words = _LONG.get(match[0]) or _LONG[f"{match[0]}."]
    return words if _JOINED.match(match.string, match.end()) else f"{words} "
