"""Times of day and how long it took: 10:30 AM, 18:05, 6.45 ಗಂಟೆಗೆ, 10:00-11:30, 9 am, 1:20:05."""

import re

from app.kannada.endings import BEHIND_DIGITS, join
from app.kannada.numbers import cardinal
from app.kannada.say.rule import QUARTERS, Rule, rule
from app.kannada.tables import table

_PARTS: tuple[tuple[str, int, int], ...] = tuple((row["name"], *row["hours"]) for row in table("calendar")["parts"])
_PART_FORMS = tuple(form for row in table("calendar")["parts"] for form in row["forms"])


def part_of_day(hour: int) -> str:
    """ಬೆಳಿಗ್ಗೆ from four, ಮಧ್ಯಾಹ್ನ from noon, ಸಂಜೆ from four in the afternoon, ರಾತ್ರಿ from eight."""
    return next(name for name, first, end in _PARTS if first <= hour < end or first <= hour + 24 < end)


def clock_words(hour: int, minute: int, *, bare: bool = False) -> str:
    """A time on the twelve-hour clock. `bare`: the word ಗಂಟೆ follows a whole hour or a quarter by itself."""
    words = cardinal(hour % 12 or 12)
    if minute in QUARTERS:
        return words.removesuffix("ು") + QUARTERS[minute]
    if not minute:
        return words if bare else f"{words} ಗಂಟೆ"
    return f"{words} ಗಂಟೆ {cardinal(minute)} ನಿಮಿಷ"


def _words(hour_text: str, minute_text: str | None, half_day: str | None, *, bare: bool) -> str | None:
    hour, minute = int(hour_text), int(minute_text or 0)
    if hour > 23 or minute > 59 or (half_day and not 1 <= hour <= 12):
        return None
    if half_day:
        hour = hour % 12 + (12 if half_day[0] in "Pp" else 0)
    known = bool(half_day) or hour > 12 or hour == 0 or (hour_text[0] == "0" and minute_text is not None)
    words = clock_words(hour, minute, bare=bare)
    return f"{part_of_day(hour)} {words}" if known else words


def _time(match: re.Match[str]) -> str | None:
    hours = match["hours"].strip()
    bare = bool(hours) and int(match["minute"] or 0) in (0, *QUARTERS)
    words = _words(match["hour"], match["minute"], match["half"], bare=bare)
    if words is None:
        return None
    if match.string[: match.start()].rstrip().endswith(_PART_FORMS):  # the writer has named the part of the day
        words = words.removeprefix(next((f"{name} " for name, *_ in _PARTS if words.startswith(name)), ""))
    if bare:
        return f"{words} {hours}"
    if hours:
        case = hours.removeprefix("ಗಂಟೆ")
        return words + _MINUTE_CASES.get(case, case)
    return join(words, match["ending"])


def _span(match: re.Match[str]) -> str | None:
    """In 9-11 AM the first has the half of the day of the second, and the part of the day is said once."""
    half = match["half"]
    if not half and match["half2"] and int(match["hour"]) % 12 < int(match["hour2"]) % 12:
        half = match["half2"]
    first = _words(match["hour"], match["minute"], half, bare=False)
    last = _words(match["hour2"], match["minute2"], match["half2"], bare=False)
    if first is None or last is None:
        return None
    part = first.partition(" ")[0]
    if part in _PART_FORMS:
        last = last.removeprefix(f"{part} ")
    return f"{join(first, 'ರಿಂದ')} {join(last, match['ending'])}"


def _long(match: re.Match[str]) -> str | None:
    hour, minute, second = (int(match[name]) for name in ("hour", "minute", "second"))
    if minute > 59 or second > 59 or hour > 99:
        return None
    words = f"{cardinal(hour)} ಗಂಟೆ {cardinal(minute)} ನಿಮಿಷ {cardinal(second)} ಸೆಕೆಂಡ್"
    return join(words, match["ending"])


_MINUTE_CASES = {"ಗೆ": "ಕ್ಕೆ", "ಯಿಂದ": "ದಿಂದ", "ಯವರೆಗೆ": "ದವರೆಗೆ", "ವರೆಗೆ": "ದವರೆಗೆ", "ಯ": "ದ", "ಯೊಳಗೆ": "ದೊಳಗೆ"}
"""ಗಂಟೆಗೆ turns into ನಿಮಿಷಕ್ಕೆ."""
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?!\d)"
_HALF = r"\s?(?P<half>[AaPp]\.?[Mm](?:\.(?!\s*$)|(?![A-Za-z])))"
_HOURS = r"(?P<hours>\s?ಗಂಟೆ(?:ಗೆ|ಯಿಂದ|ಯವರೆಗೆ|ವರೆಗೆ|ಯೊಳಗೆ|ಯ)?(?![\u0c80-\u0cff])|)"
_CLOCK2 = r"(?P<hour2>\d{1,2})(?::(?P<minute2>\d\d))?(?!\d)"
_HALF2 = _HALF.replace("half", "half2")
_HOUR = r"(?P<hour>\d{1,2})"
_DASH = r"\s?[-–—]\s?"
RULES: tuple[Rule, ...] = (
    rule(rf"{_CLOCK}:(?P<second>\d\d)(?!\d){BEHIND_DIGITS}", _long),
    rule(rf"{_HOUR}(?::(?P<minute>\d\d))?(?:{_HALF})?{_DASH}{_CLOCK2}{_HALF2}{BEHIND_DIGITS}", _span),
    rule(rf"{_CLOCK}(?P<half>){_DASH}(?P<hour2>\d{{1,2}}):(?P<minute2>\d\d)(?P<half2>)(?!\d){BEHIND_DIGITS}", _span),
    rule(rf"{_HOUR}(?:[:.](?P<minute>\d\d))?{_HALF}{_HOURS}{BEHIND_DIGITS}", _time),
    rule(rf"{_CLOCK}(?P<half>){_HOURS}{BEHIND_DIGITS}", _time),
    rule(rf"{_HOUR}\.(?P<minute>[0-5]\d)(?P<half>)(?=\s?ಗಂಟೆ){_HOURS}{BEHIND_DIGITS}", _time),
)
