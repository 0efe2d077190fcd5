"""Latin script inside Kannada: e-mail and web addresses, words, acronyms; the names of the letters for the rest."""

import re
import unicodedata

from app.kannada.endings import LETTER
from app.kannada.numbers import digit_by_digit
from app.kannada.say.rule import Rule, rule
from app.kannada.tables import table

_ENGLISH = table("english")
_LETTERS: dict[str, str] = _ENGLISH["letters"]
_WORDS: dict[str, str] = {**_ENGLISH["words"], **_ENGLISH["acronyms"]}
_FIXED: dict[str, str] = _ENGLISH["fixed"]
_IN_ADDRESSES = {"@": "ಅಟ್", ".": "ಡಾಟ್", "_": "ಅಂಡರ್‌ಸ್ಕೋರ್", "-": "ಹೈಫನ್", "/": "ಸ್ಲ್ಯಾಷ್", "+": "ಪ್ಲಸ್"}
_DOMAINS = "com|org|net|gov|edu|info|co|in|io"


def letters(text: str) -> str:
    """The names of the letters: KA is ಕೆ ಎ."""
    return " ".join(_LETTERS[letter] for letter in text.lower() if letter in _LETTERS)


def word(text: str) -> str:
    """A word by the table, its English plural too, or else its letters."""
    key = _plain(text)
    if found := _WORDS.get(key):
        return found
    if key.endswith("s") and (found := _WORDS.get(key[:-1])) and found.endswith("್"):
        return found + "ಸ್"
    return letters(key)


def _plain(text: str) -> str:
    """Small letters without accents."""
    if text.isascii():
        return text.lower()
    return "".join(letter for letter in unicodedata.normalize("NFKD", text).lower() if letter.isascii())


def _address(match: re.Match[str]) -> str:
    text = re.sub(r"^https?://", "", match[0]).rstrip("/")
    parts = re.findall(r"[A-Za-z]+|\d+|[^A-Za-z\d]", text)
    return " ".join(filter(None, map(_part_of_address, parts)))


def _part_of_address(part: str) -> str:
    if part.isalpha():
        return word(part)
    return digit_by_digit(part) if part.isdigit() else _IN_ADDRESSES.get(part, "")


def _dotted(match: re.Match[str]) -> str:
    """K.E.B. is ಕೆ ಇ ಬಿ."""
    return word(match[0].replace(".", ""))


def _word(match: re.Match[str]) -> str:
    """An ending is joined as it is written: ATMನಲ್ಲಿ, appಗೆ, which takes a zero-width non-joiner behind ್."""
    said = word(match["word"])
    following = match["following"] or ""
    joiner = "\u200c" if said.endswith("್") and following and following[0] >= "ಕ" else ""
    return said + joiner + following


def _fixed(match: re.Match[str]) -> str:
    return _FIXED[match[0]]


_ACCENTED = "À-ÖØ-öø-ɏ"
_FOLLOWING = rf"(?:[\u200c\u200d-]?(?P<following>[\u0c80-\u0cff][{LETTER}]*))?"
_LABEL = "[A-Za-z0-9-]{1,63}"
"""Labels of domains are no longer (RFC 1035), and there are no more than a few."""
RULES: tuple[Rule, ...] = (
    rule(rf"[A-Za-z0-9][\w.%+-]{{0,63}}@{_LABEL}(?:\.{_LABEL}){{0,8}}", _address),
    rule(r"(?:https?://|www\.)[A-Za-z0-9._~/?#&=%+:-]*[A-Za-z0-9/]", _address),
    rule(rf"{_LABEL}(?:\.{_LABEL}){{0,8}}\.(?:{_DOMAINS})(?![A-Za-z0-9])(?:/[\w./?=&%-]*[A-Za-z0-9/])?", _address),
    rule("(?:" + "|".join(re.escape(text) for text in _FIXED) + r")(?![A-Za-z0-9])", _fixed),
)  # fmt: skip
WORDS: tuple[Rule, ...] = (
    rule(r"(?P<word>(?:Dr|Mr|Mrs|Ms|No)(?=\.))\.(?P<following>)", _word),
    rule(r"[A-Za-z](?:\.[A-Za-z])+(?![A-Za-z])\.?", _dotted),
    rule(rf"(?P<word>[A-Za-z{_ACCENTED}]+)(?:['’]s\b)?{_FOLLOWING}", _word),
)
