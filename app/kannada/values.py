"""What a number in a text is: its kind, its value, and where it stands."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["cardinal", "ordinal", "digits", "money", "percent", "date", "time", "duration", "range", "people"]


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it was said."""

    day: int | None
    month: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day."""

    hour: int
    """0 to 23 when the part of the day was said, else 1 to 12."""
    minute: int
    known: bool
    """The part of the day was said, or the hour leaves no doubt."""


Value = int | Decimal | str | Day | Clock | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text, `text[start:end]`, and how it is written."""

    kind: Kind
    value: Value
    """cardinal: int, or Decimal with a fraction; ordinal, people: int; digits: str; money: Decimal, rupees;
    percent: Decimal; date: Day; time: Clock; duration: int, minutes; range: its two ends."""
    start: int
    end: int
    written: str


def grouped(value: int | Decimal) -> str:
    """1250 as 1250, 125300 as 1,25,300: Indian groups from five digits on, so that a year keeps its shape."""
    sign = "-" if value < 0 else ""
    whole, _, fraction = f"{abs(value):f}".partition(".")
    fraction = fraction.rstrip("0")
    if len(whole) > 4:
        whole = in_lakhs(whole)
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def in_lakhs(digits: str) -> str:
    """125300 as 1,25,300: the last three digits, then pairs."""
    head, tail = digits[:-3], digits[-3:]
    pairs = []
    while head:
        head, pair = head[:-2], head[-2:]
        pairs.append(pair)
    return ",".join([*reversed(pairs), tail])
