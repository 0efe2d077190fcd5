"""The values that sentences carry, in both languages: numbers, dates and times, and what names.py has.

Callers say a value in several ways (ನಲ್ವತ್ತು beside ನಲವತ್ತು, digits in pairs or with "double"), the agent in one.
"""

import random
from collections.abc import Callable, Mapping

from app.kannada.numbers import DIGITS, cardinal, digit_by_digit, ordinal
from app.models.training.grammar import Slot
from app.models.training.names import (
    DAYS,
    DEVICES,
    DISTRICTS,
    HOMES,
    MONTHS,
    PARTS_OF_DAY,
    PEOPLE,
    SERVICES,
    SINCE,
    TOWNS,
    WAYS,
    WEEKDAYS,
    Names,
)

MOST_RUPEES = 999_999
ENGLISH_DIGITS = ("ಜೀರೋ", "ಒನ್", "ಟೂ", "ತ್ರೀ", "ಫೋರ್", "ಫೈವ್", "ಸಿಕ್ಸ್", "ಸೆವೆನ್", "ಎಯ್ಟ್", "ನೈನ್")
COLLOQUIAL: Mapping[str, str] = {
    "ನಲವತ್ತು": "ನಲ್ವತ್ತು", "ಇಪ್ಪತ್ತಮೂರು": "ಇಪ್ಪತ್ಮೂರು", "ಇಪ್ಪತ್ತನಾಲ್ಕು": "ಇಪ್ಪತ್ನಾಲ್ಕು", "ನೂರ": "ನೂರಾ", "ಇಂದು": "ಇವತ್ತು",
    "ಬೆಳಿಗ್ಗೆಯಿಂದ": "ಬೆಳಗ್ಗೆಯಿಂದ", "ಹೊಸ ಸಂಪರ್ಕ": "ಹೊಸ ಕನೆಕ್ಷನ್", "ವಿಳಾಸ ಬದಲಾವಣೆ": "ಅಡ್ರೆಸ್ ಬದಲಾವಣೆ", "ವಿದ್ಯುತ್ ಕಂಬ": "ಕರೆಂಟ್ ಕಂಬ",
    "ಬೀದಿ ದೀಪ": "ಸ್ಟ್ರೀಟ್ ಲೈಟ್", "ನಗದು": "ಕ್ಯಾಶ್", "ಬಿಲ್ ಪ್ರತಿ": "ಬಿಲ್ ಕಾಪಿ",
}  # fmt: skip
"""What is said beside what is written."""


def written(kind: str, form: str, rng: random.Random) -> Slot:
    """A value as the agent says it."""
    kannada, english = _VALUES[kind](rng)
    return Slot(kind, FORMS[form](kannada)[0], english)


def spoken(kind: str, form: str, rng: random.Random) -> Slot:
    """A value as some caller says it."""
    kannada, english = (_SPOKEN.get(kind) or _VALUES[kind])(rng)
    return Slot(kind, _colloquial(rng.choice(FORMS[form](kannada)), rng), english)


# Values.


def _money(rng: random.Random) -> tuple[str, str]:
    length = rng.choices(range(1, len(str(MOST_RUPEES)) + 1), (7, 14, 26, 30, 13, 10))[0]
    amount = rng.randint(10 ** (length - 1), 10**length - 1)
    dice = rng.random()
    if dice < 0.3:  # round sums are said more often
        step = 10 if amount < 1000 else rng.choice((10, 50, 100, 500, 1000))
        amount = amount // step * step or 10
    elif dice < 0.5 and length > 2:  # a zero within is what translators lose
        place = 10 ** rng.randint(0, length - 2)
        amount -= amount // place % 10 * place
    return cardinal(amount), str(amount)


def _units(rng: random.Random) -> tuple[str, str]:
    units = rng.randint(1, 999)
    return cardinal(units), str(units)


def _up_to(least: int, most: int) -> Callable[[random.Random], tuple[str, str]]:
    def value(rng: random.Random) -> tuple[str, str]:
        number = rng.randint(least, most)
        return cardinal(number), str(number)

    return value


def _identifier(*lengths: int) -> Callable[[random.Random], tuple[str, str]]:
    def value(rng: random.Random) -> tuple[str, str]:
        digits = "".join(rng.choices("0123456789", k=rng.choice(lengths)))
        if len(digits) > 1 and rng.random() < 0.25:  # doubled digits are what recognisers lose
            at = rng.randrange(len(digits) - 1)
            digits = digits[:at] + digits[at] * 2 + digits[at + 2 :]
        return digit_by_digit(digits), digits

    return value


def _date(rng: random.Random) -> tuple[str, str]:
    (kannada, english), day = rng.choice(MONTHS), rng.randint(1, 31)
    return f"{kannada} {cardinal(day)}", f"{english} {day}"


def _time(rng: random.Random) -> tuple[str, str]:
    (kannada, english), hour = rng.choice(PARTS_OF_DAY), rng.randint(1, 12)
    return f"{kannada} {cardinal(hour)} ಗಂಟೆಗೆ", f"at {hour} {english}"


def _one_of(names: Names) -> Callable[[random.Random], tuple[str, str]]:
    return lambda rng: rng.choice(names)


_VALUES: Mapping[str, Callable[[random.Random], tuple[str, str]]] = {
    "amt": _money,
    "unit": _units,
    "days": _up_to(2, 30),
    "cust": _identifier(4, 4, 5, 6),
    "comp": _identifier(5, 5, 4, 6),
    "phone": _identifier(10),
    "read": _identifier(3, 4, 5, 6),
    "date": _date,
    "time": _time,
    "dist": _one_of(DISTRICTS + DISTRICTS + TOWNS),
    "mon": _one_of(MONTHS),
    "wday": _one_of(WEEKDAYS),
    "name": _one_of(PEOPLE),
    "rel": _one_of(DAYS),
    "dur": _one_of(SINCE),
    "place": _one_of(HOMES),
    "svc": _one_of(SERVICES),
    "dev": _one_of(DEVICES),
    "way": _one_of(WAYS),
}


# How callers say them.


def _said_identifier(*lengths: int) -> Callable[[random.Random], tuple[str, str]]:
    plain = _identifier(*lengths)

    def value(rng: random.Random) -> tuple[str, str]:
        digits = plain(rng)[1]
        way = rng.random()
        if way < 0.62:
            return digit_by_digit(digits), digits
        if way < 0.76:
            return _doubled(digits, DIGITS), digits
        if way < 0.9:
            return _doubled(digits, ENGLISH_DIGITS) if rng.random() < 0.4 else _english(digits), digits
        return _in_pairs(digits), digits

    return value


def _english(digits: str) -> str:
    return " ".join(ENGLISH_DIGITS[int(digit)] for digit in digits)


def _doubled(digits: str, words: tuple[str, ...]) -> str:
    """The first pair of equal digits as ಡಬಲ್: 4552 is ನಾಲ್ಕು ಡಬಲ್ ಐದು ಎರಡು."""
    for at in range(len(digits) - 1):
        if digits[at] == digits[at + 1]:
            parts = [words[int(digit)] for digit in digits]
            return " ".join([*parts[:at], "ಡಬಲ್", *parts[at + 1 :]])
    return " ".join(words[int(digit)] for digit in digits)


def _in_pairs(digits: str) -> str:
    """4521 is ನಲವತ್ತೈದು ಇಪ್ಪತ್ತೊಂದು; a pair with a zero, and an odd digit at the end, digit by digit."""
    pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    return " ".join(digit_by_digit(pair) if "0" in pair or len(pair) == 1 else cardinal(int(pair)) for pair in pairs)


def _said_money(rng: random.Random) -> tuple[str, str]:
    if rng.random() < 0.04:
        words, halves = rng.choice((("ಒಂದೂವರೆ", 3), ("ಎರಡೂವರೆ", 5), ("ಮೂರೂವರೆ", 7), ("ನಾಲ್ಕೂವರೆ", 9)))
        unit, value = rng.choice((("ಸಾವಿರ", 1000), ("ಸಾವಿರ", 1000), ("ಲಕ್ಷ", 100_000)))
        return f"{words} {unit}", str(halves * value // 2)
    kannada, english = _money(rng)
    if rng.random() < 0.3:  # ಸಾವಿರದ ಐನೂರು is 1500 as well
        kannada = kannada.removeprefix("ಒಂದು ") if kannada.startswith("ಒಂದು ಸಾವಿರ") else kannada
    return kannada, english


def _said_reading(rng: random.Random) -> tuple[str, str]:
    if rng.random() < 0.35:
        reading = rng.randint(100, 99_999)
        return cardinal(reading), str(reading)
    return _said_identifier(3, 4, 5, 6)(rng)


def _said_date(rng: random.Random) -> tuple[str, str]:
    (kannada, english), day = rng.choice(MONTHS), rng.randint(1, 31)
    way = rng.random()
    words = cardinal(day) if way < 0.6 else ordinal(day) + (" ತಾರೀಖು" if way < 0.85 else "")
    return f"{kannada} {words}", f"{english} {day}"


_SPOKEN: Mapping[str, Callable[[random.Random], tuple[str, str]]] = {
    "amt": _said_money,
    "cust": _said_identifier(4, 4, 5, 6),
    "comp": _said_identifier(5, 5, 4, 6),
    "phone": _said_identifier(10),
    "read": _said_reading,
    "date": _said_date,
}


def _colloquial(kannada: str, rng: random.Random) -> str:
    if rng.random() > 0.3:
        return kannada
    if kannada in COLLOQUIAL:
        return COLLOQUIAL[kannada]
    return " ".join(COLLOQUIAL.get(word, word) for word in kannada.split())


# Forms of values: the written one first, then what else is said.


def stem(place: str) -> str:
    """What case endings are joined to: ಮೈಸೂರು and ಮೈಸೂರಿನ, ಹಾಸನ and ಹಾಸನದ, ಬಳ್ಳಾರಿ and ಬಳ್ಳಾರಿಯ, ಬೀದರ್ and ಬೀದರ್‌ನ."""
    match place[-1]:
        case "ು":
            return place[:-1] + "ಿನ"
        case "್":
            return place + "\u200cನ"
        case "ಿ" | "ೆ" | "ೇ":
            return place + "ಯ"
        case _:
            return place + "ದ"


def _in(place: str) -> list[str]:
    short = [place[:-1] + "ಲ್ಲಿ"] if place.endswith("ು") else []
    return [stem(place) + "ಲ್ಲಿ", place + " ನಲ್ಲಿ", *short]


def _from(place: str) -> list[str]:
    return [stem(place) + "ಿಂದ", place + " ಇಂದ"]


def _to(thing: str) -> list[str]:
    """ಸಂಪರ್ಕಕ್ಕೆ, ಬದಲಾವಣೆಗೆ, ಮೀಟರ್‌ಗೆ."""
    match thing[-1]:
        case "್":
            return [thing + "\u200cಗೆ"]
        case "ಿ" | "ೆ":
            return [thing + "ಗೆ"]
        case _:
            return [thing + "ಕ್ಕೆ"]


def _on(date: str) -> list[str]:
    """ಮೇ ಹದಿನೈದರಂದು for ಮೇ ಹದಿನೈದು."""
    return [date.removesuffix("ು") + "ರಂದು"]


FORMS: Mapping[str, Callable[[str], list[str]]] = {
    "": lambda value: [value],
    "to": _to,
    "on": _on,
    "before": lambda date: [date.removesuffix("ು") + "ರ ಮೊದಲು"],
    "in": _in,
    "from": _from,
}
