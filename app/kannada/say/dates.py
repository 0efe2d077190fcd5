"""Dates in digits, the day first as in India: 15/01/2026, 15-1-26, 2026-01-15, 15.1.2026, 15-1, 15/1."""

import re

from app.kannada.endings import BEHIND_DIGITS, join
from app.kannada.numbers import cardinal
from app.kannada.say.rule import Rule, rule
from app.kannada.tables import table

MONTHS: tuple[str, ...] = tuple(forms[0] for forms in table("calendar")["months"])
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CENTURY_WORDS = range(1100, 2000)


def is_day(day: int, month: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]


def year_words(year: int) -> str:
    """1998 is ಸಾವಿರದ ಒಂಬೈನೂರ ತೊಂಬತ್ತೆಂಟು, without the ಒಂದು of the cardinal."""
    words = cardinal(year)
    return words.removeprefix("ಒಂದು ") if year in _CENTURY_WORDS else words


def _date(match: re.Match[str]) -> str | None:
    day, month, year = int(match["day"]), int(match["month"]), match["year"]
    if not is_day(day, month):
        return None
    words = f"{MONTHS[month - 1]} {cardinal(day)}"
    if year:
        whole = int(year) + (2000 if len(year) == 2 else 0)
        words = f"{words}, {year_words(whole)}"
    return join(words, match["ending"])


def _short(match: re.Match[str]) -> str | None:
    """Day and month alone are a date when they cannot be a range or a fraction, or when the ending says "on"."""
    day, month = int(match["day"]), int(match["month"])
    on = match["ending"] in ("ರಂದು", "ರಂದೇ")
    if not is_day(day, month) or not (on or day > 12):
        return None
    return join(f"{MONTHS[month - 1]} {cardinal(day)}", match["ending"])


def _year(match: re.Match[str]) -> str:
    """ಜನವರಿ 15, 1998: behind a month's name the year is said as one."""
    return join(year_words(int(match["year"])), match["ending"])


_DAY, _MONTH, _YEAR = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"(?P<year>\d{4}|\d{2})(?!\d)"
_STOP = r"(?![-/.]?\d)"
_MONTH_BEFORE = "|".join(rf"(?<={month} )" for month in MONTHS)
RULES: tuple[Rule, ...] = (
    rule(rf"{_DAY}(?P<mark>[-/.])\s?{_MONTH}(?P=mark)\s?{_YEAR}{_STOP}{BEHIND_DIGITS}", _date),
    rule(rf"(?P<year>\d{{4}})(?P<mark>[-/]){_MONTH}(?P=mark){_DAY}(?!\d){BEHIND_DIGITS}", _date),
    rule(rf"{_DAY}[-/]{_MONTH}(?!\d){_STOP}{BEHIND_DIGITS}", _short),
    rule(rf"(?:{_MONTH_BEFORE}|(?<=\d, ))(?P<year>1[1-9]\d\d)(?![\d,.])(?!-\d){BEHIND_DIGITS}", _year),
)
