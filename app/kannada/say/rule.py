"""What a rule is, and the numbers that all topics are made of."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from app.kannada.endings import LETTER
from app.kannada.numbers import cardinal, digit_by_digit

NUMBER = r"(?:\d{1,3}(?:,\d{2})*,\d{3}(?![\d,]*\d)|\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
"""1250, 1,25,300.50 in Indian or Western groups."""

SCALE = r"(?:\s*(?P<scale>ಸಾವಿರ|ಲಕ್ಷ|ಕೋಟಿ)(?P<of>ದ|ಯ)?(?![\u0c80-\u0cff]))?"
"""₹2.5 ಕೋಟಿ. In ಲಕ್ಷದ the oblique belongs to a rest, or is a genitive."""

END = rf"(?![{LETTER}A-Za-z0-9])"
"""The word ends here."""

QUARTERS = {15: "ೂಕಾಲು", 30: "ೂವರೆ", 45: "ೂಮುಕ್ಕಾಲು"}
"""What minutes of an hour, or of anything that has sixty, turn the ು of a number into: ಹತ್ತೂವರೆ."""

_LONGEST_CARDINAL = 15
"""Digits; nobody counts further."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` is tried where something begins that cannot be read as it stands; `say` may still decline."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str | None]


def rule(pattern: str, say: Callable[[re.Match[str]], str | None]) -> Rule:
    return Rule(re.compile(pattern), say)


def number(text: str) -> str:
    """The words of what NUMBER matched: 2.50 is ಎರಡು ಪಾಯಿಂಟ್ ಐದು ಸೊನ್ನೆ. Digit by digit when nobody counts so far."""
    whole, _, fraction = text.replace(",", "").partition(".")
    words = cardinal(int(whole)) if len(whole) <= _LONGEST_CARDINAL else digit_by_digit(whole)
    return f"{words} ಪಾಯಿಂಟ್ {digit_by_digit(fraction)}" if fraction else words


def in_scale(text: str, scale: str) -> str:
    """2.5 ಲಕ್ಷ is ಎರಡೂವರೆ ಲಕ್ಷ."""
    whole, _, fraction = text.replace(",", "").partition(".")
    minutes = {"25": 15, "5": 30, "50": 30, "75": 45}.get(fraction)
    if minutes is None or not 0 < int(whole) < 100:
        return f"{number(text)} {scale}"
    return f"{cardinal(int(whole)).removesuffix('ು')}{QUARTERS[minutes]} {scale}"


def value(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
