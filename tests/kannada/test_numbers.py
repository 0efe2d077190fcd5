"""Numbers in Kannada words, against the brief of the language and against their own inverse."""

import pytest
from hypothesis import given, strategies as st

from app.kannada.numbers import DIGITS, HUNDREDS, TEENS, TENS, cardinal, digit_by_digit, ordinal


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "ಸೊನ್ನೆ"),
        (7, "ಏಳು"),
        (10, "ಹತ್ತು"),
        (19, "ಹತ್ತೊಂಬತ್ತು"),
        (21, "ಇಪ್ಪತ್ತೊಂದು"),
        (23, "ಇಪ್ಪತ್ತಮೂರು"),
        (29, "ಇಪ್ಪತ್ತೊಂಬತ್ತು"),
        (40, "ನಲವತ್ತು"),
        (100, "ನೂರು"),
        (101, "ನೂರ ಒಂದು"),
        (250, "ಇನ್ನೂರ ಐವತ್ತು"),
        (999, "ಒಂಬೈನೂರ ತೊಂಬತ್ತೊಂಬತ್ತು"),
        (1000, "ಒಂದು ಸಾವಿರ"),
        (1250, "ಒಂದು ಸಾವಿರದ ಇನ್ನೂರ ಐವತ್ತು"),
        (125_300, "ಒಂದು ಲಕ್ಷದ ಇಪ್ಪತ್ತೈದು ಸಾವಿರದ ಮುನ್ನೂರು"),
        (1_000_000, "ಹತ್ತು ಲಕ್ಷ"),
        (10_000_001, "ಒಂದು ಕೋಟಿಯ ಒಂದು"),
    ],
)
def test_cardinals_as_they_are_written(number: int, words: str) -> None:
    assert cardinal(number) == words


def below_a_thousand() -> dict[str, int]:
    """Every word a number below a thousand ends with or begins with, and what it adds."""
    values = {word: n for n, word in enumerate(DIGITS)} | {word: 10 + n for n, word in enumerate(TEENS)}
    values |= {cardinal(n): n for n in range(20, 100)}
    values |= {word: 100 * n for n, word in enumerate(HUNDREDS) if word}
    return values | {word[:-1]: 100 * n for n, word in enumerate(HUNDREDS) if word}


VALUES = below_a_thousand()
UNITS = {"ಸಾವಿರ": 10**3, "ಸಾವಿರದ": 10**3, "ಲಕ್ಷ": 10**5, "ಲಕ್ಷದ": 10**5, "ಕೋಟಿ": 10**7, "ಕೋಟಿಯ": 10**7}


def understood(words: str) -> int:
    total = group = 0
    for word in words.split():
        if word in UNITS:
            total, group = total + group * UNITS[word], 0
        else:
            group += VALUES[word]
    return total + group


@given(st.integers(0, 10**9 - 1))
def test_a_cardinal_means_its_number(number: int) -> None:
    assert understood(cardinal(number)) == number


def test_every_number_below_ten_thousand_has_its_own_words() -> None:
    assert len({cardinal(number) for number in range(10_000)}) == 10_000
    assert len(set(TENS[2:])) == 8


def test_a_cardinal_is_not_negative() -> None:
    with pytest.raises(ValueError, match="not negative"):
        cardinal(-1)


def test_ordinals_and_digits() -> None:
    assert [ordinal(n) for n in (1, 5, 10, 21)] == ["ಒಂದನೇ", "ಐದನೇ", "ಹತ್ತನೇ", "ಇಪ್ಪತ್ತೊಂದನೇ"]
    assert digit_by_digit("4521") == "ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು"
