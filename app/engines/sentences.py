"""Text as a translation model wants it: one sentence at a time, and in the form it was trained on."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.engines.base import EngineFailed
from app.kannada.entities import Language
from app.kannada.shields import PLACEHOLDER

_END = re.compile(r"(?<=[.?!।॥])\s+|\n+")
_ABBREVIATIONS = frozenset(("mr", "mrs", "ms", "dr", "no", "rs", "st", "vs", "ರೂ", "ಡಾ", "ಶ್ರೀ", "ನಂ", "ಕಿ.ಮೀ"))
_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]")
_JOINED = re.compile(r"(?<=\d),(?=\d)|['’]")

_MOST_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    end: str = ""
    """The mark to put after the translation, where the model never sees marks."""


Normaliser = Callable[[str, Mapping[str, str]], Sentence]
"""Takes a sentence and the model's proper names by their lower-case form."""


def refuse_too_long(text: str) -> None:
    """Raises EngineFailed for a text that nobody said on the telephone."""
    if len(text) > _MOST_CHARACTERS:
        raise EngineFailed(f"a text of {len(text)} characters is no sentence of a phone call")


def abbreviated(before: str) -> bool:
    """A full stop after the text `before` belongs to its last word: Rs. 500, 5 p.m. today, K.R. Puram."""
    *_, word = ("", *before.lower().split())
    return word in _ABBREVIATIONS or _INITIALS.fullmatch(word) is not None


def split_sentences(text: str) -> list[str]:
    """`text` cut after . ? ! and the danda, and at new lines; empty pieces are left out."""
    sentences: list[str] = []
    for piece in _END.split(text):
        if sentences and sentences[-1].endswith(".") and abbreviated(sentences[-1][:-1]):
            sentences[-1] += " " + piece
        elif piece.strip(" .?!।॥"):
            sentences.append(piece.strip())
    return sentences


def needs_translation(sentence: str, into: Language) -> bool:
    """Whether `sentence` has words of the other language to translate; what is in the right one stays as it is.

    A Kannada sentence may have English words in it, spelled in Latin letters: it is Kannada all the same.
    """
    words = PLACEHOLDER.sub("", sentence)
    kannada = sum("\u0c80" <= char <= "\u0cff" for char in words)
    latin = sum(char.isascii() and char.isalpha() for char in words)
    return kannada > 0 if into == "english" else latin > kannada


def as_it_is(sentence: str, names: Mapping[str, str]) -> Sentence:
    """For models trained on ordinary text."""
    return Sentence(sentence)


def lower_no_punctuation(sentence: str, names: Mapping[str, str]) -> Sentence:
    """For models trained on lower-case words without marks, proper names excepted: the demo pack's translators."""
    end = ""
    if sentence[-1:] in ".?!।॥":
        end = sentence[-1] if sentence[-1] in "?!" else "."
    kept = _JOINED.sub("", sentence).lower()  # 1,25,000 and don't stay one word
    words = "".join(" " if unicodedata.category(char)[0] in "PS" else char for char in kept).split()
    return Sentence(" ".join(names.get(word, word) for word in words), end)


NORMALISERS: Mapping[str, Normaliser] = {"none": as_it_is, "lower_no_punctuation": lower_no_punctuation}
