"""What a sentence of the agent wants to hear: yes or no, digits, a name, anything. The cues are in tables/asked.toml.

... ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು ಸರಿಯೇ?      yes_no
ನಿಮ್ಮ ಫೋನ್ ಸಂಖ್ಯೆ ಹೇಳಿ.               digits, ten of them
ದಯವಿಟ್ಟು ನಿಮ್ಮ ಜಿಲ್ಲೆ ಹೇಳಿ.            value
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal
from unicodedata import normalize

from app.kannada.hear.vocabulary import read
from app.kannada.tables import table

Kind = Literal["", "yes_no", "digits", "value", "open", "menu"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the agent asked last. Nothing of it is personal, so a trace may keep it."""

    kind: Kind = ""
    """Empty: it asked nothing."""
    digits: int = 0
    """How many were asked for; 0 when that is not known."""


NOTHING = Asked()
_TABLE = table("asked")
_JOINERS = str.maketrans("", "", "\u200c\u200d")
_SENTENCE_END = re.compile(r"[.?!।]+\s*")


def asked(text: str) -> Asked:
    """What the last sentence of `text`, which the agent says, asks for."""
    sentences = [part for part in _SENTENCE_END.split(_plain(text)) if part.strip()]
    if not sentences:
        return NOTHING
    words = sentences[-1].replace(",", " ").split()
    for row in _TABLE["asked"]:
        if _fits(row, words):
            digits = _length(words) or row.get("digits", 0)
            return Asked(row["kind"], digits if row["kind"] == "digits" else 0)
    if _length(words):
        return Asked("digits", _length(words))
    return Asked("yes_no") if text.rstrip().endswith("?") and words[-1].endswith(("ಾ", "ೇ")) else NOTHING


def in_kannada(kannada: str, english: str) -> Asked:
    """What a clause asks for, of which both languages are known: it goes by what the caller hears."""
    return asked(kannada)


def _plain(text: str) -> str:
    return normalize("NFC", text).translate(_JOINERS)


def _fits(row: dict[str, Any], words: list[str]) -> bool:
    sentence = " " + " ".join(words)
    if (listed := row.get("words")) and not any(f" {_plain(word)}" in sentence for word in listed):
        return False
    if (last := row.get("last")) and not sentence.endswith(tuple(map(_plain, last))):
        return False
    return not row.get("needs_request") or words[-1] in _TABLE["requests"]


def _length(words: list[str]) -> int:
    """ಹತ್ತು ಅಂಕಿಯ: the number before a word that counts digits."""
    lengths = tuple(_TABLE["lengths"])
    for word, following in pairwise(words):
        if following.startswith(lengths):
            reading = read(word)
            if word.isdecimal() and int(word) <= 32:
                return int(word)
            if reading is not None and reading.kind == "small":
                return int(reading.value)
    return 0
