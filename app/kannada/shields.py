"""Shields: what translation must not touch is replaced by placeholders before it, and put back after it.

The placeholders, <ID1>, <ID2> and so on, are those IndicTrans2 was trained with. Models lose and double them all the
same: `restored` gives a translation only if each came through once, `repaired` whatever happened. All of it is pure.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.kannada.entities import Language, find_entities, with_ascii_numerals
from app.kannada.names import Names

PLACEHOLDER = re.compile(r"<ID\d+>")
_LOOKALIKE = re.compile(r"<\s*(ID)\s*(\d+)\s*>", re.IGNORECASE)
_KEY = r"I\s?D|ಐ\.?\s?ಡಿ\.?|ಐಡೀ|ಆಯ್?\.?\s?ಡಿ\.?"
"""ID, and what it becomes when a model spells it in Kannada."""
_RETURNED = re.compile(
    rf"(?P<open>[<\[({{][\s.,:;'\"-]*)?(?<![A-Za-z])(?:{_KEY})[\s.,:;_#-]*(?P<number>\d{{1,4}})"
    r"(?:[\s.,:;'\"-]*[>\])}]|(?![A-Za-z\d]))",
    re.IGNORECASE,
)
_JOINS = re.compile(r"_$|\S[-/.,:@]$")
"""A value after it would become a part of what is before."""
_ENDS = " \t\n.?!।॥"


@dataclass(frozen=True, slots=True)
class Shielded:
    text: str
    """With placeholders, ready to be translated."""
    values: tuple[str, ...]
    """What each placeholder stands for, in the language of the translation; that of <ID1> first."""


def shield(text: str, into: Language, names: Names) -> Shielded:
    """`text`, which is to be translated into `into`, with its entities behind placeholders."""
    text = _LOOKALIKE.sub(r"\1 \2", with_ascii_numerals(text))
    pieces: list[str] = []
    values: list[str] = []
    at = 0
    for entity in find_entities(text, into, names):
        values.append(entity.value)
        pieces += [text[at : entity.start], f"<ID{len(values)}>{entity.ending}"]
        at = entity.end
    return Shielded("".join([*pieces, text[at:]]), tuple(values))


def restored(translation: str, values: Sequence[str]) -> str | None:
    """`translation` with the values in place of their placeholders; None unless each came through exactly once."""
    pieces = _pieces(translation)
    numbers = [piece for piece in pieces if isinstance(piece, int)]
    return _written(pieces, values) if sorted(numbers) == list(range(1, len(values) + 1)) else None


def holds(translation: str, values: Sequence[str]) -> bool:
    """A translation made without placeholders has every value as often as it should."""
    text = with_ascii_numerals(translation)
    return all(occurrences(text, value) == count for value, count in Counter(values).items())


def repaired(translation: str, values: Sequence[str]) -> str:
    """`translation` with every value exactly once, whatever became of its placeholder.

    The second of two goes. A lost one is put between its neighbours where they still follow each other, or at the end.
    """
    pieces: list[str | int] = []
    for piece in _pieces(translation):
        known = isinstance(piece, str) or (1 <= piece <= len(values) and piece not in pieces)
        if known:
            pieces.append(piece)
    for number in range(1, len(values) + 1):
        if number not in pieces:
            _put_back(pieces, number)
    return _written(pieces, values)


def occurrences(text: str, value: str) -> int:
    """How often `value` stands in `text` by itself: not inside a longer word or number."""
    before, after = r"(?<![\w])(?<!\d[-/.,:@])", r"(?![A-Za-z0-9])(?![-/.,:@]\d)"
    return len(re.findall(before + re.escape(value) + after, text))


def _pieces(translation: str) -> list[str | int]:
    """Text and placeholders' numbers in turn."""
    text = with_ascii_numerals(translation)
    pieces: list[str | int] = []
    at = 0
    for match in _RETURNED.finditer(text):
        pieces += [text[at : match.start()], int(match["number"])]
        at = match.end()
    return [*pieces, text[at:]]


def _put_back(pieces: list[str | int], number: int) -> None:
    before = pieces.index(number - 1) if number - 1 in pieces else None
    after = pieces.index(number + 1) if number + 1 in pieces else None
    if before is not None and after is not None and before < after:
        pieces.insert(before + 1, number)
        return
    last = str(pieces.pop()) if pieces and isinstance(pieces[-1], str) else ""
    cut = len(last.rstrip(_ENDS))
    pieces += [last[:cut], number, last[cut:]]


def _written(pieces: Sequence[str | int], values: Sequence[str]) -> str:
    """One text; values are kept apart from words and numbers before them, and from Latin letters and numerals after."""
    text = ""
    apart = False
    for piece in pieces:
        if isinstance(piece, int):
            text += (" " if apart or _JOINS.search(text) or _in_word(text[-1:]) else "") + values[piece - 1]
            apart = True
        elif piece:
            text += (" " if apart and piece[0].isascii() and piece[0].isalnum() else "") + piece
            apart = False
    return " ".join(text.split())


def _in_word(char: str) -> bool:
    return bool(char) and unicodedata.category(char)[0] in "LMN"
