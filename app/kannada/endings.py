"""Case endings of numbers: 5ರಿಂದ is ಐದರಿಂದ, 1000ರಿಂದ ಒಂದು ಸಾವಿರದಿಂದ, 1,00,00,000ರಿಂದ ಒಂದು ಕೋಟಿಯಿಂದ."""

import re

LETTER = "\u0c80-\u0cff\u200c\u200d"
"""A character class of the letters of Kannada: Python's own \\w leaves vowel signs out."""

_TABLE = """
ಐದು -ು      ಸಾವಿರ -      ಕೋಟಿ -       ಮೀಟರ್ -      ಕಾಲು -ು
ಕ್ಕೆ          ಕ್ಕೆ           ಗೆ           ಗೆ           ಿಗೆ
ಕ್ಕೂ          ಕ್ಕೂ           ಗೂ           ಗೂ           ಿಗೂ
ಕ್ಕಿಂತ        ಕ್ಕಿಂತ         ಗಿಂತ         ಗಿಂತ         ಿಗಿಂತ
ಕ್ಕಾಗಿ        ಕ್ಕಾಗಿ         ಗಾಗಿ         ಗಾಗಿ         ಿಗಾಗಿ
ರ            ದ             ಯ            ನ            ಿನ
ರಿಂದ         ದಿಂದ          ಯಿಂದ         ನಿಂದ         ಿನಿಂದ
ರಿಂದಲೂ      ದಿಂದಲೂ       ಯಿಂದಲೂ      ನಿಂದಲೂ      ಿನಿಂದಲೂ
ರಿಂದಲೇ      ದಿಂದಲೇ       ಯಿಂದಲೇ      ನಿಂದಲೇ      ಿನಿಂದಲೇ
ರಲ್ಲಿ         ದಲ್ಲಿ          ಯಲ್ಲಿ         ನಲ್ಲಿ         ಿನಲ್ಲಿ
ರಲ್ಲೇ         ದಲ್ಲೇ          ಯಲ್ಲೇ         ನಲ್ಲೇ         ಿನಲ್ಲೇ
ರಲ್ಲೂ         ದಲ್ಲೂ          ಯಲ್ಲೂ         ನಲ್ಲೂ         ಿನಲ್ಲೂ
ರಂದು         ದಂದು          ಯಂದು         ನಂದು         ಿನಂದು
ರಂದೇ         ದಂದೇ          ಯಂದೇ         ನಂದೇ         ಿನಂದೇ
ರವರೆಗೆ       ದವರೆಗೆ        ಯವರೆಗೆ       ನವರೆಗೆ       ಿನವರೆಗೆ
ರವರೆಗೂ       ದವರೆಗೂ        ಯವರೆಗೂ       ನವರೆಗೂ       ಿನವರೆಗೂ
ರತನಕ        ದತನಕ         ಯತನಕ        ನತನಕ        ಿನತನಕ
ರೊಳಗೆ       ದೊಳಗೆ        ಯೊಳಗೆ       ನೊಳಗೆ       ಿನೊಳಗೆ
ರಷ್ಟು        ದಷ್ಟು         ಯಷ್ಟು        ನಷ್ಟು        ಿನಷ್ಟು
ರಂತೆ         ದಂತೆ          ಯಂತೆ         ನಂತೆ         ಿನಂತೆ
ನ್ನು          ವನ್ನು          ಯನ್ನು         ಅನ್ನು         ನ್ನು
ನ್ನೂ          ವನ್ನೂ          ಯನ್ನೂ         ಅನ್ನೂ         ನ್ನೂ
ನೇ           ನೇ            ನೇ           ನೇ           ನೇ
ನೆಯ          ನೆಯ           ನೆಯ          ನೆಯ          ನೆಯ
"""
"""A row is one case, by the word it is joined to: written behind digits it has the first form. The first two and the
last word lose or keep their last vowel as the head of the column says. Behind ್ stands a zero-width non-joiner."""

_ROWS = tuple(tuple(line.split()) for line in _TABLE.strip().splitlines()[1:])
_NUMBER, _OPEN, _FRONT, _CONSONANT, _NOUN = range(5)

_JOIN = {form: row for row in reversed(_ROWS) for form in row}
_JOIN |= {row[_NUMBER]: row for row in _ROWS}
_CASE: tuple[dict[str, str], ...] = tuple({row[column]: row[_NUMBER] for row in _ROWS} for column in range(5))

FORMS = sorted({form for form in _JOIN if form[0] != "ಿ"}, key=len, reverse=True)
BEHIND_DIGITS = rf"(?:[ \u200c\u200d-]?(?P<ending>{'|'.join(FORMS)})(?![{LETTER}]))?"
"""A pattern for the ending that may follow digits, joined or apart."""

_SPOKEN = re.compile(rf"(?<=.)(?:\u200c?)({'|'.join(sorted(_JOIN, key=len, reverse=True))})$")


def join(words: str, ending: str | None) -> str:
    """`words`, a number or a unit, with a case ending as it is written behind digits: ಐದು and ರಿಂದ are ಐದರಿಂದ."""
    if not ending:
        return words
    column = _column(words)
    form = _JOIN[ending][column]
    if column == _CONSONANT:
        return words + ("\u200c" if form[0] != "ಅ" else " ") + form
    return (words[:-1] if column in (_NUMBER, _NOUN) else words) + form


def behind_digits(form: str) -> str:
    """The ending as it is written behind digits: ರಿಂದ for the ದಿಂದ of 1000ದಿಂದ."""
    return _JOIN[form][_NUMBER]


def split(word: str) -> list[tuple[str, str]]:
    """What `word` may be made of, the longest ending first: a stem and the ending as it is written behind digits.

    ಐದರಿಂದ is ಐದು and ರಿಂದ. The stem need not be a word.
    """
    found = []
    start = 1
    while match := _SPOKEN.search(word, start):
        stem, form = word[: match.start()], match[1]
        for column, cases in enumerate(_CASE):
            whole = stem + "ು" if column in (_NUMBER, _NOUN) else stem
            if form in cases and _column(whole) == column:
                found.append((whole, cases[form]))
        start = match.start(1) + 1
    return found


def _column(words: str) -> int:
    if words.endswith(("ಕಾಲು", "ತಿಂಗಳು", "ತಾರೀಖು")):
        return _NOUN
    match words[-1:]:
        case "ು":
            return _NUMBER
        case "್":
            return _CONSONANT
        case "ಿ" | "ೀ" | "ೆ" | "ೇ" | "ೈ" | "ಐ":
            return _FRONT
        case _:
            return _OPEN
