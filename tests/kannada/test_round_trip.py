"""What is said is understood: numbers, dates and times go through both directions and come back."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from app.kannada.numbers import cardinal
from app.kannada.say.dates import MONTHS
from app.kannada.spoken import spoken
from app.kannada.values import Clock, Day, grouped
from app.kannada.written import numbers_in, written

DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
EVERY_DAY = [(day, month) for month, last in enumerate(DAYS, 1) for day in range(1, last + 1)]


def around_powers() -> Iterator[int]:
    for power in range(1, 14):
        for near in (-101, -11, -2, -1, 0, 1, 2, 9, 10, 11, 99, 100, 101, 110):
            if (number := 10**power + near) >= 0:
                yield from (number, number * 5, number * 9)


def test_every_number_below_ten_thousand() -> None:
    assert [n for n in range(10_000) if written(cardinal(n)) != str(n)] == []
    not_said = [n for n in range(10_000) if spoken(f"{n} ಜನ") != f"{cardinal(n)} ಜನ"]
    assert not_said == [1912]  # the electricity companies' number to call


def test_a_sample_up_to_a_crore_and_the_borders_of_every_power() -> None:
    sample = [*range(10_000, 10_000_001, 3331), *around_powers()]
    assert [n for n in sample if written(spoken(f"₹{grouped(n)}")) != f"₹{rupees(n)}"] == []
    assert [n for n in sample if [number.value for number in numbers_in(cardinal(n))] != [n]] == []


def rupees(number: int) -> str:
    """₹1,250: the groups of money begin at a thousand."""
    return grouped(number) if number >= 10_000 else f"{number:,}"


@given(st.integers(0, 10**13))
def test_a_cardinal_comes_back(number: int) -> None:
    assert written(spoken(grouped(number))) == grouped(number)


@given(st.integers(1, 10**9), st.integers(0, 99))
def test_an_amount_comes_back_with_its_paise(amount: int, paise: int) -> None:
    (number,) = numbers_in(spoken(f"₹{amount}.{paise:02}"))
    assert (number.kind, number.value) == ("money", Decimal(f"{amount}.{paise:02}"))


@given(st.text("0123456789", min_size=3, max_size=16))
def test_digits_come_back(digits: str) -> None:
    assert written(spoken(f"ಖಾತೆ ಸಂಖ್ಯೆ {digits}")) == f"ಖಾತೆ ಸಂಖ್ಯೆ {digits}"


@pytest.mark.parametrize("ending", ["ಕ್ಕೆ", "ರಿಂದ", "ರಲ್ಲಿ", "ರವರೆಗೆ", "ನ್ನು", "ಕ್ಕಿಂತ", "ರಷ್ಟು", "ನೇ"])
def test_case_endings_come_back(ending: str) -> None:
    numbers = [n for n in range(2, 1100) if n != 1000] + [1000, 2500, 10_000, 100_000, 5_00_000, 10_000_000, 125_300]
    texts = [f"{grouped(n)}{ending} ಬಂತು" for n in numbers]
    assert [text for text in texts if written(spoken(text)) != text] == []


def test_every_day_of_a_leap_year() -> None:
    for day, month in EVERY_DAY:
        (number,) = numbers_in(spoken(f"{day:02}/{month:02}/2028"))
        assert (number.kind, number.value) == ("date", Day(day, month, 2028))
        text = f"{day} {MONTHS[month - 1]} 2028ರಂದು"
        assert written(spoken(text)) == text


@pytest.mark.parametrize("year", [1900, 1947, 1999, 2000, 2001, 2019, 2026, 2100])
def test_every_day_with_its_month_in_front(year: int) -> None:
    texts = [f"{MONTHS[month - 1]} {day}, {year}" for day, month in EVERY_DAY]
    assert [text for text in texts if written(spoken(text)) != text] == []


@pytest.mark.parametrize("hour", range(24))
def test_every_minute_of_a_day(hour: int) -> None:
    for minute in range(60):
        clock = ("time", Clock(hour, minute, known=True))
        (number,) = numbers_in(spoken(f"{hour % 12 or 12}:{minute:02} {'AM' if hour < 12 else 'PM'}"))
        assert (number.kind, number.value) == clock
        if not 10 <= hour <= 12:  # 10:30 may be in the evening
            (number,) = numbers_in(spoken(f"{hour:02}:{minute:02}"))
            assert (number.kind, number.value) == clock


def test_a_time_on_the_twelve_hour_clock_is_written_as_it_was() -> None:
    texts = [f"ಸಂಜೆ {hour}:{minute:02}ಕ್ಕೆ ಬನ್ನಿ" for hour in range(4, 8) for minute in range(1, 60)]
    assert [text for text in texts if written(spoken(text)) != text] == []
