"""Whether a sentence tells a value, in whatever form the two are written: 4521 and 4 5 2 1, 1250 and Rs. 1,250.00,
2026-11-15 and Sunday, 15th November, 16:30 and 4:30 in the evening.

Sentences are English, or Kannada where a model speaks that itself; numbers in Kannada words are read as digits.
"""

import re

from app.agents.phrases import contains
from app.kannada.entities import with_ascii_numerals
from app.kannada.tables import table
from app.kannada.values import Day
from app.kannada.written import written

_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGITS = {"oh": "0"} | {name: str(digit) for digit, name in enumerate(_NAMES)}
_REPEATED = {"double": 2, "triple": 3}
_SPELT = re.compile(rf"(?:\b(?:{'|'.join((*_DIGITS, *_REPEATED))})\b[ ,-]*){{3,}}")
"""Digits in English words: three at least, since "one" by itself is seldom a number."""

_CALENDAR = table("calendar")
_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {form: number for number, forms in enumerate(_CALENDAR["months"], 1) for form in forms} | {
    name: number for number, name in enumerate(_ENGLISH_MONTHS, 1)
}
_MONTH = rf"(?<![a-z])(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})[a-z]{{0,6}}"
_YEAR = r"(?:,? (?P<year>\d{4}))?(?!\d)"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})-(?P<number>\d\d)-(?P<day>\d\d)(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})[-/.](?P<number>\d{1,2})[-/.](?P<year>\d{4})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}{_YEAR}",
        rf"{_MONTH} (?P<day>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?{_YEAR}",
    )
)

_PARTS = [(form, part["hours"][0] < 12) for part in _CALENDAR["parts"] for form in part["forms"]]
_MORNING = ("am", "morning", *(form for form, morning in _PARTS if morning))
_LATER = ("pm", "noon", "evening", "night", *(form for form, morning in _PARTS if not morning))
_BEFORE = "|".join(sorted((form for form, _ in _PARTS), key=len, reverse=True))
_TIME = re.compile(
    rf"(?:(?P<before>{_BEFORE}) )?(?<![\d.:])(?P<hour>\d{{1,2}})(?:[:.](?P<minute>[0-5]\d))?(?::\d\d)?(?![\d:])"
    r"(?P<after> ?(?:[ap]\.?m\b|(?:o'?clock )?(?:in the (?:morning|afternoon|evening)|at night)|o'?clock|noon|ಗಂಟೆ))?"
)
_Time = tuple[int, int, bool | None]
"""Hour 0 to 11, minute, and whether it is before noon; None when that was not said."""
_APART = "|"
"""Stands between what must not be read together."""


def tells(sentence: str, value: str) -> bool:
    """A date or a time is told by any way to write it, what has digits by the same ones, anything else by its words."""
    said, meant = _plain(sentence), _plain(value)
    (days, times, rest), (wanted_days, wanted_times, _) = _taken_apart(said), _taken_apart(meant)
    if wanted_days or wanted_times:
        return all(any(_same_day(day, other) for other in days) for day in wanted_days) and all(
            any(_same_time(time, other) for other in times) for time in wanted_times
        )
    if not re.search(r"\d", meant):
        return contains(said, meant)
    listed = [re.sub(r", +", _APART, text) for text in (said, rest)]  # "4521, 3 units", yet also "4, 5, 2, 1"
    wanted = re.compile(rf"(?<![\d.]){re.escape(_squeezed(meant))}(?!\.?\d)")
    return any(wanted.search(_squeezed(text)) for text in (said, rest, *listed))


def _plain(text: str) -> str:
    """Lower case, with numbers in digits, and those of phones without India's +91."""
    text = re.sub(r"\+91[ -]?(?=\d)", "", written(with_ascii_numerals(text)).lower())
    return _SPELT.sub(lambda words: f"{_spelt(words[0])} ", text)


def _spelt(words: str) -> str:
    digits, times = "", 1
    for word in re.findall(r"[a-z]+", words):
        if word in _REPEATED:
            times = _REPEATED[word]
        else:
            digits, times = digits + _DIGITS[word] * times, 1
    return digits


def _squeezed(text: str) -> str:
    """Letters and digits alone, so that it does not matter how digits are grouped; a fraction keeps its point."""
    text = re.sub(r"(\d)\.0+(?![\d.])|(\.\d*[1-9])0+(?!\d)", r"\1\2", text)
    return re.sub(rf"(?!(?<=\d)\.(?=\d))[^\w{_APART}]|_", "", text)


def _taken_apart(text: str) -> tuple[list[Day], list[_Time], str]:
    """The dates of a text, its times, and the text without them."""
    days: list[Day] = []
    times: list[_Time] = []

    def date(found: re.Match[str]) -> str:
        parts = found.groupdict()
        month = _MONTHS[parts["month"]] if parts.get("month") else int(parts["number"])
        days.append(Day(int(parts["day"]), month, int(parts["year"]) if parts["year"] else None))
        return _APART

    def time(found: re.Match[str]) -> str:
        part, hour = found["before"] or found["after"], int(found["hour"])
        if hour > 24 or not (part or (found["minute"] and ":" in found[0])):
            return found[0]
        morning = True if found["hour"][0] == "0" else False if hour > 12 else _before_noon(part or "")
        times.append((hour % 12, int(found["minute"] or 0), morning))
        return _APART

    for pattern in _DATES:
        text = pattern.sub(date, text)
    return days, times, _TIME.sub(time, text)


def _before_noon(part: str) -> bool | None:
    part = part.replace(".", "")
    if any(word in part for word in _MORNING):
        return True
    return False if any(word in part for word in _LATER) else None


def _same_day(one: Day, other: Day) -> bool:
    years = {one.year, other.year} - {None}
    return (one.day, one.month) == (other.day, other.month) and len(years) < 2


def _same_time(one: _Time, other: _Time) -> bool:
    return one[:2] == other[:2] and (None in (one[2], other[2]) or one[2] == other[2])
