"""Numbers that are in digits already, such as a recogniser may write: ₹5,000, 10:30, 15/01/2026, 98450 12345, 10%."""

import re
from collections.abc import Sequence
from decimal import Decimal

from app.kannada.values import Clock, Day, Number

_NUMBER = r"\d{1,20}(?:,\d{2,3}){0,6}(?:\.\d{1,6})?"
_ANY = re.compile(
    rf"₹\s?(?P<rupees>{_NUMBER})|(?P<behind>{_NUMBER})(?=\s?ರೂ)"
    rf"|(?P<percent>{_NUMBER})\s?%"
    r"|(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})(?!\d)"
    r"|(?P<hour>\d{1,2}):(?P<minute>\d\d)(?!\d)"
    r"|(?P<low>\d[\d,]{0,12})-(?P<high>\d[\d,]{0,12})(?![-\d])"
    r"|(?P<digits>0\d+|\d{7,20}|\d{5} \d{5})(?![\d,.:/])"
    rf"|(?P<plain>{_NUMBER})",
    re.ASCII,
)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def numerals(text: str, taken: Sequence[Number]) -> list[Number]:
    """The numbers in digits outside of those that are `taken`."""
    found = []
    for match in _ANY.finditer(text):
        start, end = match.span()
        if not any(start < other.end and other.start < end for other in taken):
            found.append(_number(match, start, end))
    return [number for number in found if number]


def _number(match: re.Match[str], start: int, end: int) -> Number | None:
    written = match[0]
    if amount := match["rupees"] or match["behind"]:
        return Number("money", _decimal(amount), start, end, written)
    if match["percent"]:
        return Number("percent", _decimal(match["percent"]), start, end, written)
    if match["day"] and 1 <= (month := int(match["month"])) <= 12 and 1 <= int(match["day"]) <= _DAYS[month - 1]:
        return Number("date", Day(int(match["day"]), month, int(match["year"])), start, end, written)
    if match["hour"] and int(match["hour"]) < 24 and int(match["minute"]) < 60:
        hour = int(match["hour"])
        return Number("time", Clock(hour, int(match["minute"]), known=hour > 12 or hour == 0), start, end, written)
    if match["low"] and (low := _decimal(match["low"])) < (high := _decimal(match["high"])):
        return Number("range", (int(low), int(high)), start, end, written)
    if match["plain"]:
        value = _decimal(match["plain"])
        return Number("cardinal", int(value) if value == int(value) else value, start, end, written)
    if not match["digits"]:
        return None
    return Number("digits", re.sub(r"\D", "", written), start, end, written)


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
