"""The text around IndicTrans2, in Kannada and English: what its published IndicProcessor does, without any state.

All Indian scripts reach the model as Devanagari. Unicode gives them the same layout, so a Kannada letter is the
Devanagari one of the same place in its block. Every function here is pure, so calls share them.
"""

import re
import string
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.engines.indictrans2 import english
from app.kannada.entities import Language

_KANNADA, _DEVANAGARI = 0x0C80, 0x0900
_SHARED = range(0x70)
"""Places of a block that scripts have in common."""
_DANDAS = ("\u0964", "\u0965")
"""Devanagari's full stops serve every script."""

_TO_DEVANAGARI = {_KANNADA + place: _DEVANAGARI + place for place in _SHARED if chr(_DEVANAGARI + place) not in _DANDAS}
_NEAREST: Mapping[int, str] = {
    0x090D: "ಎ", 0x0911: "ಆ", 0x0945: "ೆ", 0x0949: "ಾ", 0x0929: "ನ", 0x0934: "ಳ", 0x0950: "ಓಂ", 0x0958: "ಕ಼", 0x0959: "ಖ಼",
    0x095A: "ಗ಼", 0x095B: "ಜ಼", 0x095C: "ಡ಼", 0x095F: "ಯ಼", **dict.fromkeys((0x093A, 0x093B, 0x0957), ""),
    **dict.fromkeys((0x094E, 0x094F, *range(0x0951, 0x0955)), ""),
}  # fmt: skip
"""Devanagari without a Kannada letter at its place, mostly sounds of English and Urdu words."""
_TO_KANNADA: dict[int, str] = {there: chr(here) for here, there in _TO_DEVANAGARI.items()} | dict(_NEAREST)

_DIGITS = {code: str(unicodedata.decimal(chr(code))) for code in range(0x660, 0xE00) if chr(code).isdecimal()}
_MARKS = str.maketrans(
    {
        **dict.fromkeys("`´‘‚’", "'"),
        **dict.fromkeys("„“”«»", '"'),
        **dict.fromkeys("–—", "-"),
        **dict.fromkeys("\ufeff\ufffe\u2060\u00ad\u200c\u200d\r", ""),
        **dict.fromkeys("\u200b\u00a0\t\n", " "),
        "…": "...",
        "\u0ce4": "\u0964",
        "\u0ce5": "\u0965",
    }
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_QUOTE_BEFORE_STOP = re.compile(r'"([,.]+)')
_ALONE = re.compile(rf"[{re.escape(string.punctuation)}।॥]")
_NUMBER = re.compile(r"(?:\d+ [,.:/] )+\d+", re.ASCII)

_BOTH_SIDES = re.compile(r" ([-/\\]) ")
_LEFT = re.compile(r" ([!%)\]},.:;>?।॥])")
_RIGHT = re.compile(r"([#$(\[{<@]) ")


@dataclass(frozen=True, slots=True)
class Direction:
    """What one direction of translation does with its text."""

    into: Language
    tags: tuple[str, str]
    """Language and script of source and target, the first two tokens of the model's input."""
    prepare: Callable[[str], str]
    """A sentence as the model wants it, without the tags."""
    restore: Callable[[str], str]
    """The sentence that a model's output means."""


def to_devanagari(text: str) -> str:
    return text.translate(_TO_DEVANAGARI)


def to_kannada(text: str) -> str:
    """Undoes `to_devanagari`; letters that Kannada lacks become the nearest it has."""
    return text.translate(_TO_KANNADA)


def prepare_kannada(text: str) -> str:
    """A Kannada sentence in Devanagari, numerals in ASCII, a space on both sides of each mark."""
    text = _ALONE.sub(r" \g<0> ", unicodedata.normalize("NFC", _plain(text)))
    text = _NUMBER.sub(lambda number: number[0].replace(" ", ""), " ".join(text.split()))
    return to_devanagari(text)


def prepare_english(text: str) -> str:
    """An English sentence in Moses' tokens."""
    return english.tokenise(_plain(text))


def restore_kannada(text: str) -> str:
    """The Kannada sentence of a model's output: Kannada letters, marks joined to their words."""
    text = _NUMBER.sub(lambda number: number[0].replace(" ", ""), to_kannada(" ".join(text.split())))
    text = _RIGHT.sub(r"\1", _LEFT.sub(r"\1", _BOTH_SIDES.sub(r"\1", text)))
    for quote in "'\"":
        text = _quotes_joined(text, quote)
    return text


def restore_english(text: str) -> str:
    return english.detokenise(text)


TO_ENGLISH = Direction("english", ("kan_Knda", "eng_Latn"), prepare_kannada, restore_english)
TO_KANNADA = Direction("kannada", ("eng_Latn", "kan_Knda"), prepare_english, restore_kannada)


def _plain(text: str) -> str:
    """One form of each mark, ASCII numerals, no invisible letters."""
    text = _CONTROL.sub("", text.translate(_MARKS)).translate(_DIGITS).replace("''", '"')
    return _QUOTE_BEFORE_STOP.sub(r'\1"', text).strip()


def _quotes_joined(text: str, quote: str) -> str:
    """Every first `quote` of a pair joined to the word after it, every second one to the word before."""
    pieces = text.split(quote)
    joined = pieces[0]
    for number, piece in enumerate(pieces[1:]):
        joined = joined + quote + piece.lstrip(" ") if number % 2 == 0 else joined.rstrip(" ") + quote + piece
    return joined
