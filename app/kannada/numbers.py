"""Cardinal numbers in Kannada words, with Indian grouping: ಸಾವಿರ (thousand), ಲಕ್ಷ (10^5), ಕೋಟಿ (10^7)."""

DIGITS = ("ಸೊನ್ನೆ", "ಒಂದು", "ಎರಡು", "ಮೂರು", "ನಾಲ್ಕು", "ಐದು", "ಆರು", "ಏಳು", "ಎಂಟು", "ಒಂಬತ್ತು")
TEENS = (
    "ಹತ್ತು", "ಹನ್ನೊಂದು", "ಹನ್ನೆರಡು", "ಹದಿಮೂರು", "ಹದಿನಾಲ್ಕು", "ಹದಿನೈದು", "ಹದಿನಾರು", "ಹದಿನೇಳು", "ಹದಿನೆಂಟು", "ಹತ್ತೊಂಬತ್ತು",
)  # fmt: skip
TENS = ("", "", "ಇಪ್ಪತ್ತು", "ಮೂವತ್ತು", "ನಲವತ್ತು", "ಐವತ್ತು", "ಅರವತ್ತು", "ಎಪ್ಪತ್ತು", "ಎಂಬತ್ತು", "ತೊಂಬತ್ತು")
_AFTER_TEN = ("", "ೊಂದು", "ೆರಡು", "ಮೂರು", "ನಾಲ್ಕು", "ೈದು", "ಾರು", "ೇಳು", "ೆಂಟು", "ೊಂಬತ್ತು")
"""What follows a ten that has lost its final vowel: ಇಪ್ಪತ್ತು and ಒಂದು make ಇಪ್ಪತ್ತೊಂದು."""
HUNDREDS = ("", "ನೂರು", "ಇನ್ನೂರು", "ಮುನ್ನೂರು", "ನಾನೂರು", "ಐನೂರು", "ಆರುನೂರು", "ಏಳುನೂರು", "ಎಂಟುನೂರು", "ಒಂಬೈನೂರು")
_GROUPS = ((10_000_000, "ಕೋಟಿ", "ಕೋಟಿಯ"), (100_000, "ಲಕ್ಷ", "ಲಕ್ಷದ"), (1000, "ಸಾವಿರ", "ಸಾವಿರದ"))
"""Value, the word when nothing follows, and the word before a rest."""


def cardinal(number: int) -> str:
    """`number` in words, as it is written: 1250 is ಒಂದು ಸಾವಿರದ ಇನ್ನೂರ ಐವತ್ತು. Raises ValueError below zero."""
    if number < 0:
        raise ValueError("a cardinal is not negative")
    for value, last, before_rest in _GROUPS:
        count, rest = divmod(number, value)
        if count:
            return f"{cardinal(count)} {before_rest} {cardinal(rest)}" if rest else f"{cardinal(count)} {last}"
    hundreds, rest = divmod(number, 100)
    if hundreds:
        return f"{HUNDREDS[hundreds][:-1]} {cardinal(rest)}" if rest else HUNDREDS[hundreds]
    if number < 10:
        return DIGITS[number]
    if number < 20:
        return TEENS[number - 10]
    tens, ones = divmod(number, 10)
    return TENS[tens][:-1] + _AFTER_TEN[ones] if ones else TENS[tens]


def ordinal(number: int) -> str:
    """ಐದನೇ for 5: the last vowel gives way to -ನೇ."""
    return cardinal(number).removesuffix("ು") + "ನೇ"


def digit_by_digit(digits: str) -> str:
    """The words of "4521" are ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು."""
    return " ".join(DIGITS[int(digit)] for digit in digits)
