"""Dates and times of day: ಜನವರಿ ಹದಿನೈದು, ಹದಿನೈದನೇ ತಾರೀಖು, ಬೆಳಿಗ್ಗೆ ಹತ್ತೂವರೆಗೆ, ಸಂಜೆ ಆರು ಗಂಟೆ ಐದು ನಿಮಿಷ."""

from dataclasses import dataclass

from app.kannada.hear.cardinals import Cardinal, cardinal, small
from app.kannada.hear.tokens import Tokens, follows, kind
from app.kannada.values import Clock, Day, Number

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_YEARS = range(1900, 2101)
_MORNING, _NOON, _EVENING, _NIGHT = range(4)
"""The parts of the day, in the order of calendar.toml."""


@dataclass(frozen=True, slots=True)
class Found:
    """A number, and the token behind it."""

    number: Number
    next: int


def date(text: str, tokens: Tokens, at: int) -> Found | None:
    """A day with its month in either order, a month with a year, or a day with ತಾರೀಖು."""
    if kind(tokens, at) == "month":
        return _month_first(text, tokens, at)
    day = small(tokens, at)
    if day is None or day.ending not in ("", "ನೇ", "ನೆಯ") or not 1 <= day.value <= 31:
        return None
    after = day.next + 1 if follows(tokens, day.next, "day_word") else day.next
    month = follows(tokens, after, "month")
    if month is None:
        named = after > day.next
        return _found(text, tokens, at, [(at, day)], Day(int(day.value)), after) if named else None
    if day.value > _DAYS[int(month.value) - 1]:
        return None
    year = _year(tokens, after + 1)
    value = Day(int(day.value), int(month.value), int(year.value) if year else None)
    pieces = [(at, day), (after + 1, year)] if year else [(at, day)]
    return _found(text, tokens, at, pieces, value, year.next if year else after + 1)


def _month_first(text: str, tokens: Tokens, at: int) -> Found | None:
    named = tokens[at].reading
    month = int(named.value) if named else 0
    if not follows(tokens, at + 1, "small", "numeral", "scale"):
        return None
    if year := _year(tokens, at + 1):  # ಜನವರಿ ಎರಡು ಸಾವಿರದ ಇಪ್ಪತ್ತಾರು
        return _found(text, tokens, at, [(at + 1, year)], Day(None, month, int(year.value)), year.next)
    day = _day(tokens, at + 1)
    if day is None or not 1 <= day.value <= _DAYS[month - 1]:
        return None
    after = day.next + 1 if follows(tokens, day.next, "day_word") else day.next
    year = None if day.ending else _year(tokens, after)
    value = Day(int(day.value), month, int(year.value) if year else None)
    pieces = [(at + 1, day), (after, year)] if year else [(at + 1, day)]
    return _found(text, tokens, at, pieces, value, year.next if year else after)


def _day(tokens: Tokens, at: int) -> Cardinal | None:
    """One word when a year follows it, as in ಜನವರಿ ಇಪ್ಪತ್ತು ಎರಡು ಸಾವಿರದ ಇಪ್ಪತ್ತಾರು."""
    day = small(tokens, at)
    if day and day.next == at + 2 and _year(tokens, at + 1):
        return Cardinal(day.value // 10 * 10, at + 1, "")
    return day


def _year(tokens: Tokens, at: int) -> Cardinal | None:
    """A year, with or without a comma before it."""
    if at >= len(tokens) or tokens[at].gap.strip() not in ("", ","):
        return None
    year = cardinal(tokens, at)
    return year if year and year.value in _YEARS else None


def _found(text: str, tokens: Tokens, at: int, pieces: "list[tuple[int, Cardinal]]", value: Day, after: int) -> Found:
    """The text from `at` to `after`, with digits in place of the pieces."""
    written, here = [], tokens[at].start
    for first, piece in pieces:
        written += [text[here : tokens[first].start], f"{piece.value}{piece.ending}"]
        here = tokens[piece.next - 1].end
    end = tokens[after - 1].end
    written.append(text[here:end])
    return Found(Number("date", value, tokens[at].start, end, "".join(written)), after)


def time(text: str, tokens: Tokens, at: int) -> Found | None:
    """A time of day: after its part of the day, with ಗಂಟೆಗೆ, or a half with -ಗೆ. Else hours and minutes that it took."""
    hour = _hour(tokens, at)
    if hour is None:
        return None
    part = tokens[at - 1].reading if kind(tokens, at - 1) == "part_of_day" and tokens[at].tight else None
    whole, minute = int(hour.value), int((hour.value % 1) * 60)
    word = follows(tokens, hour.next, "hour") if not hour.ending else None
    if word is None:
        return _without_hour_word(tokens, at, hour, part.value if part else None)
    after = hour.next + 1
    more = small(tokens, after) if not minute and not word.ending and after < len(tokens) else None
    last = follows(tokens, more.next, "minute") if more and not more.ending and tokens[after].tight else None
    if more and last and 0 < more.value < 60:
        minute, after = int(more.value), more.next + 1
    ending = last.ending if last else word.ending
    if part is None and ending != "ಕ್ಕೆ":
        return _duration(text, tokens, at, hour, more) if more and last else None
    if whole > 12:
        return None
    clock = _clock(whole, minute, part.value if part else None)
    if not minute:
        return Found(Number("time", clock, tokens[at].start, tokens[hour.next - 1].end, str(whole)), hour.next)
    return _at(tokens, at, after, clock, f"{whole}:{minute:02}{ending}")


def _hour(tokens: Tokens, at: int) -> Cardinal | None:
    """1 to 24, and 1.25 to 12.75."""
    reading = tokens[at].reading
    if reading is None or reading.kind not in ("small", "half", "numeral"):
        return None
    hour = small(tokens, at) or Cardinal(reading.value, at + 1, reading.ending)
    return hour if 1 <= hour.value < 25 else None


def _without_hour_word(tokens: Tokens, at: int, hour: Cardinal, part: object) -> Found | None:
    """ಹತ್ತೂವರೆಗೆ, ಬೆಳಿಗ್ಗೆ ಹತ್ತೂವರೆ, ಬೆಳಿಗ್ಗೆ ಹತ್ತಕ್ಕೆ, ಬೆಳಿಗ್ಗೆ ಹತ್ತು ಇಪ್ಪತ್ತಕ್ಕೆ."""
    whole, minute = int(hour.value), int((hour.value % 1) * 60)
    if whole > 12 or kind(tokens, at) == "numeral":
        return None
    if minute and (part is not None or hour.ending == "ಕ್ಕೆ"):
        return _at(tokens, at, hour.next, _clock(whole, minute, part), f"{whole}:{minute:02}{hour.ending}")
    if minute or part is None:
        return None
    if hour.ending == "ಕ್ಕೆ":
        return _at(tokens, at, hour.next, _clock(whole, 0, part), f"{whole}{hour.ending}")
    more = small(tokens, hour.next) if not hour.ending and follows(tokens, hour.next, "small") else None
    if more and more.ending == "ಕ್ಕೆ" and 0 < more.value < 60:
        return _at(tokens, at, more.next, _clock(whole, int(more.value), part), f"{whole}:{more.value:02}{more.ending}")
    return None


def _duration(text: str, tokens: Tokens, at: int, hour: Cardinal, more: Cardinal) -> Found:
    between = text[tokens[hour.next - 1].end : tokens[hour.next + 1].start]
    written = f"{hour.value}{between}{more.value}"
    minutes = int(hour.value * 60 + more.value)
    return Found(Number("duration", minutes, tokens[at].start, tokens[more.next - 1].end, written), more.next)


def _at(tokens: Tokens, at: int, after: int, clock: Clock, written: str) -> Found:
    return Found(Number("time", clock, tokens[at].start, tokens[after - 1].end, written), after)


def _clock(hour: int, minute: int, part: object) -> Clock:
    """On the clock of 24 hours. ರಾತ್ರಿ is before and after midnight."""
    if part is None:
        return Clock(hour, minute, known=False)
    late = (part == _NOON and hour < 11) or (part == _EVENING and hour < 12) or (part == _NIGHT and 6 <= hour < 12)
    if late:
        hour += 12
    elif part == _NIGHT and hour == 12:
        hour = 0
    return Clock(hour, minute, known=True)
