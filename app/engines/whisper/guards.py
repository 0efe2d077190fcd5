"""What Whisper writes is not always what was said: it falls into loops, fills silence and changes the language.

These are the tests a transcript has to pass. The thresholds of silence and compression are those of Whisper's authors
(Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022, section 4.5).
"""

import re
import unicodedata
import zlib

_NO_SPEECH = 0.6
_UNSURE = -1.0
_MOST_COMPRESSION = 2.4
_LETTERS_PER_S = 30
_LETTERS_AT_LEAST = 10
"""Fast Kannada has under 20 characters a second, vowel signs and spaces among them."""

_LOOPS = (
    re.compile(r"(?P<unit>\S.{0,39}?)(?:\s*(?P=unit)){7,}"),
    re.compile(r"(?<!\S)(?P<unit>\S+(?:\s+\S+){1,7}?)(?:\s+(?P=unit)){3,}(?!\S)"),
)
"""Anything that comes eight times in a row, or words that come four times. Callers repeat digits, hardly that often."""

FOREIGN_BYTES = re.compile(rb"[\xc4-\xdf\xe1\xe3-\xf4]|\xe0[^\xb2\xb3]")
"""UTF-8 of letters that are neither Latin (one byte, or led by C2 or C3) nor Kannada (E0 B2, E0 B3). E2 is signs."""


def nobody_spoke(no_speech: float, mean_log_probability: float) -> bool:
    """Whisper's own rule: it says that it heard no speech, and is unsure of what it wrote all the same."""
    return no_speech > _NO_SPEECH and mean_log_probability < _UNSURE


def cut_loops(text: str) -> str:
    """The text with every loop cut to its first round."""
    for loop in _LOOPS:
        text = loop.sub(r"\g<unit>", text)
    return text


def believable(text: str, seconds: float) -> bool:
    """A person can have said `text` in that time, and it is no monotonous filling."""
    return len(text) <= _LETTERS_AT_LEAST + _LETTERS_PER_S * seconds and _compression(text) <= _MOST_COMPRESSION


def is_foreign(text: str) -> bool:
    """Some of its letters are of another script than Kannada and Latin, which is what callers mix into Kannada."""
    return any(not _is_ours(letter) for letter in text)


def _is_ours(letter: str) -> bool:
    if letter.isascii() or "\u0c80" <= letter <= "\u0cff" or unicodedata.category(letter)[0] not in "LM":
        return True
    return unicodedata.name(letter, "").startswith(("LATIN", "COMBINING"))


def _compression(text: str) -> float:
    """How much shorter zlib makes it, at a byte a letter.

    In UTF-8, as Whisper measures it, two bytes of three are the same in all Kannada: a plain sentence of 190 characters
    comes to 2.3 and ten digits in words to 3.0, where it is 1.2 and 1.9 like this.
    """
    letters = bytes(ord(letter) & 0xFF for letter in text)
    return len(letters) / len(zlib.compress(letters)) if letters else 0.0
