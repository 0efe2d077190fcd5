"""Who is at work: weekdays, holidays, nights that cross midnight, and clocks that are put forward and back."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.hours import Hours, closed

INDIA = ZoneInfo("Asia/Kolkata")
LONDON = ZoneInfo("Europe/London")
WEEK = frozenset(range(6))
OFFICE = Hours(WEEK, time(10), time(17, 30), INDIA, frozenset({date(2027, 1, 26)}))
NIGHT = Hours(frozenset({4, 5}), time(22), time(6), INDIA, frozenset({date(2026, 11, 27)}))
ALWAYS = Hours(frozenset(range(7)), time(0), time(0), INDIA)


def india(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=INDIA)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("hours", "at", "open_"),
    [
        (OFFICE, india(2026, 11, 26, 10), True),
        (OFFICE, india(2026, 11, 26, 9, 59, 59), False),
        (OFFICE, india(2026, 11, 26, 17, 29, 59), True),
        (OFFICE, india(2026, 11, 26, 17, 30), False),
        (OFFICE, india(2026, 11, 29, 12), False),  # a Sunday
        (OFFICE, india(2027, 1, 26, 12), False),  # Republic Day, a Tuesday
        (OFFICE, datetime(2026, 11, 26, 4, 30, tzinfo=UTC), True),  # 10:00 in India
        (OFFICE, datetime(2026, 11, 26, 4, 29, tzinfo=UTC), False),
        (OFFICE, datetime(2026, 11, 28, 19, 0, tzinfo=UTC), False),  # Sunday there, Saturday here
        (NIGHT, india(2026, 12, 4, 22), True),  # Friday
        (NIGHT, india(2026, 12, 5, 5, 59), True),  # of Friday's night
        (NIGHT, india(2026, 12, 5, 6), False),
        (NIGHT, india(2026, 12, 6, 5, 59), True),  # of Saturday's
        (NIGHT, india(2026, 12, 6, 22), False),
        (NIGHT, india(2026, 12, 4, 5), False),  # Thursday has no night
        (NIGHT, india(2026, 11, 27, 23), False),  # the holiday is Friday the 27th,
        (NIGHT, india(2026, 11, 28, 3), False),  # all of its night,
        (NIGHT, india(2026, 11, 28, 23), True),  # and nothing after
        (ALWAYS, india(2026, 11, 29, 0), True),
        (ALWAYS, india(2026, 11, 29, 23, 59, 59), True),
    ],
)
def test_at_work(hours: Hours, at: datetime, open_: bool) -> None:
    assert hours.at_work(at) is open_


@pytest.mark.parametrize(
    ("utc", "open_"),
    [
        (datetime(2027, 3, 26, 9, 0, tzinfo=UTC), True),  # Friday, winter time: 9 o'clock
        (datetime(2027, 3, 26, 8, 0, tzinfo=UTC), False),
        (datetime(2027, 3, 29, 8, 0, tzinfo=UTC), True),  # Monday, summer time: 9 o'clock
        (datetime(2027, 3, 29, 16, 0, tzinfo=UTC), False),
        (datetime(2027, 10, 29, 8, 0, tzinfo=UTC), True),  # Friday, still summer time
        (datetime(2027, 11, 1, 8, 0, tzinfo=UTC), False),  # Monday, winter time again
    ],
)
def test_hours_go_by_the_clock_on_the_wall(utc: datetime, open_: bool) -> None:
    assert Hours(WEEK, time(9), time(17), LONDON).at_work(utc) is open_


def test_a_night_in_which_the_clock_changes_ends_when_the_clock_says_so() -> None:
    night = Hours(frozenset({5}), time(22), time(6), LONDON)  # Saturday's: clocks change on Sunday at 1 o'clock UTC
    assert night.at_work(datetime(2027, 3, 28, 4, 59, tzinfo=UTC))
    assert not night.at_work(datetime(2027, 3, 28, 5, 0, tzinfo=UTC))  # 6 o'clock summer time
    assert night.at_work(datetime(2027, 10, 31, 5, 59, tzinfo=UTC))
    assert not night.at_work(datetime(2027, 10, 31, 6, 0, tzinfo=UTC))


def test_who_is_not_there() -> None:
    saturday = Hours(frozenset({5}), time(18), time(20), INDIA)
    people = {"office": (OFFICE,), "clerk": (OFFICE, saturday), "emergency": ()}
    assert closed(people, india(2026, 11, 28, 12)) == ()
    assert closed(people, india(2026, 11, 28, 19)) == ("office",)
    assert closed(people, india(2026, 11, 29, 19)) == ("office", "clerk")
