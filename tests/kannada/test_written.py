"""Spoken to written, beyond the table of spoken_forms.tsv: kinds, values and places, and what holds for any text."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from app.kannada.hear.vocabulary import read
from app.kannada.values import Clock, Day, Value
from app.kannada.written import corrected, numbers_in, written

TEXT = """
ಒಂದು ಎರಡು ಐದು ಹತ್ತು ಇಪ್ಪತ್ತು ಇಪ್ಪತ್ತೈದು ನೂರು ನೂರ ಸಾವಿರ ಸಾವಿರದ ಲಕ್ಷ ಲಕ್ಷದ ಕೋಟಿ ಕೋಟಿಯ ಎರಡೂವರೆ ಅರ್ಧ ಡಬಲ್ ಸೆವೆನ್
ರೂಪಾಯಿ ಪೈಸೆ ರೂಪಾಯಿಗೆ ಗಂಟೆ ಗಂಟೆಗೆ ನಿಮಿಷ ಬೆಳಿಗ್ಗೆ ಜನವರಿ ತಾರೀಖು ಪಾಯಿಂಟ್ ಮೈನಸ್ ಶೇಕಡಾ ಪರ್ಸೆಂಟ್ ಮೂವರು ಐದನೇ ಐದಕ್ಕೆ
ಹತ್ತರಿಂದ ಅಲ್ಲ ದಿನ ಬಿಲ್ ಸಂಖ್ಯೆ 12 2026 5,000 10:30 ₹500 , . - %
"""
WORDS = tuple(TEXT.split())
mixed = st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join) | st.text(max_size=30)


PHRASES = """
ಐದು ಸಾವಿರ ರೂಪಾಯಿ | ಎರಡೂವರೆ ಲಕ್ಷ | ಬೆಳಿಗ್ಗೆ ಹತ್ತೂವರೆಗೆ | ಸಂಜೆ ಆರು ಗಂಟೆ ಐದು ನಿಮಿಷಕ್ಕೆ | ಜನವರಿ ಹದಿನೈದು | ಹದಿನೈದನೇ ತಾರೀಖು
ನೈನ್ ಎಯ್ಟ್ ಡಬಲ್ ಫೋರ್ | ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು | ಶೇಕಡಾ ಹತ್ತರಷ್ಟು | ಎರಡು ಮೂರು ದಿನ | ಮೂವರಿಗೆ | ಒಂದು ಬಿಲ್ | ಐದರಿಂದ ಹತ್ತು
ಒಂದು ನಿಮಿಷ | ₹500 | 10:30ಕ್ಕೆ | 98450 12345 | 5 ಸಾವಿರ | ಸಾವಿರದ ಐನೂರು ರೂಪಾಯಿಗೆ | ಎರಡು ಪಾಯಿಂಟ್ ಐದು | ಎರಡನೇ ಮಹಡಿ
""".replace("\n", "|")
said = st.lists(st.sampled_from([phrase.strip() for phrase in PHRASES.split("|")]), max_size=4)


@given(st.sampled_from([" ಮತ್ತು ", ", ", ", ಅಲ್ಲ, ", " ಬಂದಿದೆ. "]), said)
def test_what_is_written_stays_as_it_is(between: str, phrases: list[str]) -> None:
    once = written(between.join(phrases))
    assert written(once) == once


@given(mixed)
def test_numbers_have_their_places_in_order(text: str) -> None:
    numbers = numbers_in(text)
    places = [place for number in numbers for place in (number.start, number.end)]
    assert places == sorted(places)
    assert all(0 <= number.start < number.end <= len(text) for number in numbers)


ORDINARY = """
ನಮಸ್ಕಾರ | ಒಂದು ನಿಮಿಷ ಇರಿ | ಎರಡೂ ಬೇಕು | ಒಂದು ಬಿಲ್ ಬಂದಿದೆ | ಒಬ್ಬರು ಬಂದರು | ಒಂದೆರಡು ದಿನ | ಸಾವಿರಾರು ಜನ | ಅರ್ಧ ಗಂಟೆ
ಕಾಲು ನೋವು | ನನ್ನ ಹತ್ತಿರ ಇಲ್ಲ | ₹5,000 ಕಟ್ಟಿದೆ | 10:30ಕ್ಕೆ ಬನ್ನಿ | ಒಂದು ಸಲ ಹೇಳಿ | ಒಂದು ವೇಳೆ ಬಂದರೆ | ಐದಾರು ಜನ
ಮತ್ತೊಂದು ಬಿಲ್ | ಇನ್ನೊಂದು ಬೇಕು | ಒಂದೇ ಬಿಲ್ | ಲಕ್ಷಣ ಏನು | ಆರೋಗ್ಯ | ಕೋಟಿ ನಮಸ್ಕಾರ | ಮೇ ತಿಂಗಳು | ಡಬಲ್ ಬೆಡ್
""".replace("\n", "|")


@pytest.mark.parametrize("text", [text.strip() for text in ORDINARY.split("|")])
def test_ordinary_words_stay(text: str) -> None:
    assert written(text) == text


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("ನಲವತ್ತೈದು ಇಪ್ಪತ್ತೊಂದು", "digits", "4521"),
        ("ಐದು ಸಾವಿರ ರೂಪಾಯಿ", "money", Decimal(5000)),
        ("ಐವತ್ತು ಪೈಸೆ", "money", Decimal("0.5")),
        ("ಎರಡೂವರೆ ಲಕ್ಷ", "cardinal", 250_000),
        ("ಮೈನಸ್ ಎರಡು ಪಾಯಿಂಟ್ ಐದು", "cardinal", Decimal("-2.5")),
        ("ಐದನೇ", "ordinal", 5),
        ("ಶೇಕಡಾ ಹತ್ತೂವರೆ", "percent", Decimal("10.5")),
        ("ಹದಿನೈದನೇ ತಾರೀಖು", "date", Day(15)),
        ("ಜನವರಿ ಎರಡು ಸಾವಿರದ ಇಪ್ಪತ್ತಾರು", "date", Day(None, 1, 2026)),
        ("ರಾತ್ರಿ ಹನ್ನೆರಡು ಗಂಟೆಗೆ", "time", Clock(0, 0, known=True)),
        ("ಹತ್ತೂಕಾಲಿಗೆ", "time", Clock(10, 15, known=False)),
        ("ಎರಡು ಗಂಟೆ ಹತ್ತು ನಿಮಿಷ", "duration", 130),
        ("ಎರಡು ಮೂರು ದಿನ", "range", (2, 3)),
        ("ಮೂವರಿಗೆ", "people", 3),
        ("₹5,000", "money", Decimal(5000)),
        ("500 ರೂಪಾಯಿ", "money", Decimal(500)),
        ("12.5%", "percent", Decimal("12.5")),
        ("15/01/2026", "date", Day(15, 1, 2026)),
        ("18:05", "time", Clock(18, 5, known=True)),
        ("98450 12345", "digits", "9845012345"),
        ("0123", "digits", "0123"),
        ("1,25,300", "cardinal", 125_300),
    ],
)
def test_kinds_and_values(text: str, kind: str, value: Value) -> None:
    number = numbers_in(text)[0]
    assert (number.kind, number.value) == (kind, value)


def test_a_day_or_a_time_that_there_is_not_is_no_number() -> None:
    assert numbers_in("31/02/2026 25:61") == ()


def test_numbers_are_found_in_their_sentence() -> None:
    text = "ನನ್ನ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು, ಬಿಲ್ ₹500 ಬಂದಿದೆ"
    assert [text[number.start : number.end] for number in numbers_in(text)] == ["ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", "₹500"]
    assert [number.written for number in numbers_in(text)] == ["4521", "₹500"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("ನಾಲ್ಕು ಐದು ಎರಡು, ಅಲ್ಲ, ನಾಲ್ಕು ಐದು ಒಂದು", "ನಾಲ್ಕು ಐದು ಒಂದು"),
        ("ಐದು ಸಾವಿರ ಅಲ್ಲ ಅಲ್ಲ ಆರು ಸಾವಿರ ಕಟ್ಟಿದೆ", "ಆರು ಸಾವಿರ ಕಟ್ಟಿದೆ"),
        ("ಐನೂರು ರೂಪಾಯಿ, ಸಾರಿ, ಆರುನೂರು", "ಆರುನೂರು ರೂಪಾಯಿ"),
        ("ಜನವರಿ ಹದಿನೈದು, ಕ್ಷಮಿಸಿ, ಜನವರಿ ಹದಿನಾರು", "ಜನವರಿ ಹದಿನಾರು"),
        ("ಬೆಳಿಗ್ಗೆ ಹತ್ತು ಗಂಟೆಗೆ, ಅಲ್ಲ, ಹನ್ನೊಂದು ಗಂಟೆಗೆ", "ಬೆಳಿಗ್ಗೆ ಹನ್ನೊಂದು ಗಂಟೆಗೆ"),
        ("ನಾಲ್ಕು ಐದು ಎರಡು, ಅಲ್ಲ, ಒಂದು", "451"),
        ("ಒಂದು ಸಾವಿರ ಕಟ್ಟಿದೆ, ತಪ್ಪು, ಎರಡು ಸಾವಿರ, ಅಲ್ಲ, ಮೂರು ಸಾವಿರ", "ಮೂರು ಸಾವಿರ ಕಟ್ಟಿದೆ"),
        ("4521, ಅಲ್ಲ, 4522", "4522"),
        ("ಹತ್ತು ಗಂಟೆಗೆ ಬನ್ನಿ, ಅಲ್ಲ, ಹನ್ನೊಂದು ಗಂಟೆಗೆ", "ಹನ್ನೊಂದು ಗಂಟೆಗೆ ಬನ್ನಿ"),
        ("ಐದು ಅಲ್ಲ", "ಐದು ಅಲ್ಲ"),
        ("ಐದು ಸಾವಿರ ಕಟ್ಟಿದೆ, ಅಲ್ಲ, ಜನವರಿ ಹದಿನೈದು", "ಐದು ಸಾವಿರ ಕಟ್ಟಿದೆ, ಅಲ್ಲ, ಜನವರಿ ಹದಿನೈದು"),
        ("ಐದು ದಿನ ಅಲ್ಲ, ನನ್ನ ಮಗನಿಗೆ ಆರು ವರ್ಷ", "ಐದು ದಿನ ಅಲ್ಲ, ನನ್ನ ಮಗನಿಗೆ ಆರು ವರ್ಷ"),
    ],
)
def test_a_correction_takes_the_place_of_what_was_taken_back(text: str, right: str) -> None:
    assert corrected(text) == right


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("ಇಪ್ಪತ್ಮೂರು", 23),
        ("ಇಪ್ಪತ್ತ್ಮೂರು", 23),
        ("ನಲ್ವತ್ತೊಂಭತ್ತು", 49),
        ("ನೂರೈದು", 105),
        ("ಇನ್ನೂರೈವತ್ತು", 250),
        ("ನೂರಾಹತ್ತು", 110),
        ("ಹತ್ತೂವರೆ", Decimal("10.5")),
    ],
)
def test_joined_words(word: str, value: int | Decimal) -> None:
    reading = read(word)
    assert reading is not None
    assert reading.value == value


def test_a_decomposed_vowel_is_the_same_word() -> None:
    assert read("ಒಂಬತ್ತು") == read("ಒ\u0c82ಬತ್ತು")
    assert read("ಹತ್ತ\u0cc6\u0cc2\u0cd5ಂ") is None
    assert read("ಇಪ್ಪತ್ತ\u0cc6\u0cc2ಂದು") == read("ಇಪ್ಪತ್ತೊಂದು")
