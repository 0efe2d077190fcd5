"""What a word that a caller said means as a part of a number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal
from unicodedata import normalize

from app.kannada.endings import split
from app.kannada.tables import table

Kind = Literal[
    "small", "hundred", "composite", "scale", "half", "part", "numeral", "repeat", "people",
    "point", "minus", "percent_before", "percent_after", "rupees", "paise",
    "month", "day_word", "part_of_day", "hour", "minute",
]  # fmt: skip
"""small: 0 to 99. hundred: 100, 200 ... composite: 101 to 999 in one word. scale: ಸಾವಿರ and above. half: a number with a
quarter, a half or three quarters. part: less than one. repeat: ಡಬಲ್."""


@dataclass(frozen=True, slots=True)
class Reading:
    kind: Kind
    value: int | Decimal = 0
    ending: str = ""
    """The case ending, as it is written behind digits."""
    open: bool = False
    """An oblique, ಸಾವಿರದ, which a rest should follow."""


_VOWELS = {"ಾ": "ಆ", "ಿ": "ಇ", "ೆ": "ಎ", "ೇ": "ಏ", "ೈ": "ಐ", "ೊ": "ಒ"}
"""Signs to the letters that they are at the beginning of a word."""
_JOINERS = str.maketrans("", "", "\u200c\u200d")
_NUMBERS = table("numbers")
_CALENDAR = table("calendar")


@lru_cache(maxsize=4096)
def read(word: str) -> Reading | None:
    """The meaning of one word; None for what is no part of a number. ನೂರೈವತ್ತಕ್ಕೆ is 150 with the ending ಕ್ಕೆ."""
    word = normalize("NFC", word).translate(_JOINERS)
    if found := _whole(word):
        return found
    for stem, ending in split(word):
        if (found := _whole(stem)) and not found.open and found.kind not in ("repeat", "point", "minus", "part"):
            return replace(found, ending=ending)
    return None


def _whole(word: str) -> Reading | None:
    return _words().get(word) or _composite(word)


def _composite(word: str) -> Reading | None:
    """A hundred and a rest in one word: ನೂರೈದು, ನೂರಾಐದು, ನೂರಹತ್ತು, ನೂರಾಹತ್ತು. ನೂರಾರು is not 106 but "hundreds of"."""
    if "ನೂರ" not in word:
        return None
    head, _, rest = word.partition("ನೂರ")
    hundred, small = _words().get(f"{head}ನೂರ"), _small_forms()
    if not rest or hundred is None or hundred.kind != "hundred":
        return None
    candidates = [rest, rest.removeprefix("ಾ"), _VOWELS.get(rest[0], "ಅ" + rest[0]) + rest[1:]]
    value = next((small[form] for form in candidates if form in small), 0)
    return Reading("composite", int(hundred.value) + value) if value and word != "ನೂರಾರು" else None


@lru_cache(maxsize=4096)
def parts(word: str) -> tuple[str, str] | None:
    """Two numbers in one word, such as ಐದುಸಾವಿರ."""
    for scale in ("ಸಾವಿರ", "ಲಕ್ಷ", "ಕೋಟಿ"):
        at = word.find(scale)
        if at > 0 and (head := read(word[:at])) and head.kind in ("small", "hundred", "composite", "half"):
            rest = read(word[at:])
            return (word[:at], word[at:]) if rest and rest.kind == "scale" and not head.ending else None
    return None


@cache
def _words() -> dict[str, Reading]:
    """Every word without its case ending. Forms in earlier tables win."""
    words: dict[str, Reading] = {}
    for form, reading in (*_listed(), *_smalls(), *_hundreds(), *_halves()):
        words.setdefault(form.translate(_JOINERS), reading)
    return words


def _listed() -> Iterator[tuple[str, Reading]]:
    for kind in ("point", "minus", "percent_before", "percent_after", "rupees", "paise"):
        yield from ((form, Reading(kind)) for form in _NUMBERS["words"][kind])
    for value, forms in _NUMBERS["scales"].items():
        yield from ((form, Reading("scale", int(value))) for form in forms)
    for value, forms in _NUMBERS["open_scales"].items():
        yield from ((form, Reading("scale", int(value), open=True)) for form in forms)
    for value, forms in _NUMBERS["parts"].items():
        yield from ((form, Reading("part", Decimal(value) / 4)) for form in forms)
    for value, forms in _NUMBERS["repeats"].items():
        yield from ((form, Reading("repeat", int(value))) for form in forms)
    for value, forms in _NUMBERS["people"].items():
        yield from ((form, Reading("people", int(value))) for form in forms)
        for form in forms:  # they are declined as persons are
            for written, said in (("ರಿಗೆ", "ರಿಗೆ"), ("ರನ್ನು", "ರನ್ನು"), ("ರಿಂದ", "ರಿಂದ"), ("ರಲ್ಲಿ", "ರಲ್ಲಿ"), ("ರ", "ರ")):
                yield form.removesuffix("ರು") + said, Reading("people", int(value), written)
    for month, forms in enumerate(_CALENDAR["months"], 1):
        yield from ((form, Reading("month", month)) for form in forms)
    for part, row in enumerate(_CALENDAR["parts"]):
        yield from ((form, Reading("part_of_day", part)) for form in row["forms"])
    yield from ((form, Reading("day_word")) for form in _CALENDAR["day_words"])
    yield from (("ಗಂಟೆ", Reading("hour")), ("ನಿಮಿಷ", Reading("minute")), ("ನಿಮಿಷಗಳು", Reading("minute")))
    yield "ಗಂಟೆವರೆಗೆ", Reading("hour", ending="ರವರೆಗೆ")


def _smalls() -> Iterator[tuple[str, Reading]]:
    for form, value in _small_forms().items():
        yield form, Reading("small", value)


@cache
def _small_forms() -> dict[str, int]:
    """0 to 99. The ten of a compound may lose its ು, or ತು as well: ಇಪ್ಪತ್ತಮೂರು, ಇಪ್ಪತ್ತ್ಮೂರು, ಇಪ್ಪತ್ಮೂರು, ಇಪ್ಪತ್ತುಮೂರು."""
    forms = {form: int(value) for value, listed in _NUMBERS["small"].items() for form in listed}
    for ten in range(20, 100, 10):
        for form in _NUMBERS["small"][str(ten)]:
            if not form.endswith("ತ್ತು"):
                continue
            stem = form.removesuffix("ು")
            for one, joins in _NUMBERS["after_ten"].items():
                for join in joins:
                    forms.setdefault(stem + join, ten + int(one))
                    if join[0] in "ಮನ":
                        for loose in (stem.removesuffix("ತ") + join, stem + "್" + join, form + join):
                            forms.setdefault(loose, ten + int(one))
            forms.setdefault(stem, ten)  # ಇಪ್ಪತ್ತ ಐದು
    return forms


def _hundreds() -> Iterator[tuple[str, Reading]]:
    """ನೂರು and its obliques ನೂರ and ನೂರಾ."""
    for value, forms in _NUMBERS["hundreds"].items():
        for form in forms:
            stem = form.removesuffix("ು").removesuffix("್")
            yield form, Reading("hundred", int(value))
            yield from ((open_form, Reading("hundred", int(value), open=True)) for open_form in (stem, stem + "ಾ"))


def _halves() -> Iterator[tuple[str, Reading]]:
    """ಎರಡೂವರೆ, ಹತ್ತೂಕಾಲು."""
    for form, small in _small_forms().items():
        if small and form.endswith("ು"):
            for quarters, forms in _NUMBERS["quarters"].items():
                for quarter in forms:
                    yield form[:-1] + quarter, Reading("half", small + Decimal(quarters) / 4)
