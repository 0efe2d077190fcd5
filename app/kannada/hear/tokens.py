"""A text as words with their readings, and what stands between them."""

import re
from dataclasses import dataclass
from decimal import Decimal

from app.kannada.endings import FORMS, LETTER, behind_digits
from app.kannada.hear.vocabulary import Reading, parts, read

_TOKEN = re.compile(
    rf"[{LETTER}]+"
    r"|(?<![\w:/₹$@%.-])(?P<digits>[0-9]+(?:,[0-9]+)*(?:\.[0-9]+)?)"
    rf"(?P<ending>{'|'.join(FORMS)})?(?![\w:/%@-]|[.,]\d|[{LETTER}])"
    r"|\w+"  # digits that are something else, and words in Latin letters
)
_MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int
    end: int
    gap: str
    """What stands between the token before and this one."""
    reading: Reading | None

    @property
    def tight(self) -> bool:
        """Only a space before it, so that it may go on with a number."""
        return not self.gap.strip(" ")


Tokens = tuple[Token, ...]


def tokens_of(text: str) -> Tokens:
    """Words and digits; punctuation is in the gaps."""
    found: list[Token] = []
    at = 0
    for match in _TOKEN.finditer(text):
        word = match[0]
        pieces = parts(word) if len(word) > 4 and read(word) is None else None
        start = match.start()
        for piece in pieces or (word,):
            reading = _numeral(match["digits"], match["ending"]) if match["digits"] else read(piece)
            found.append(Token(piece, start, start + len(piece), text[at:start], reading))
            at = start = start + len(piece)
    return tuple(found)


def _numeral(word: str, ending: str | None) -> Reading | None:
    if len(word) > _MOST_DIGITS:
        return None
    number = Decimal(word.replace(",", ""))
    value = int(number) if "." not in word else number
    return Reading("numeral", value, behind_digits(ending) if ending else "")


def kind(tokens: Tokens, at: int) -> str | None:
    """The kind of the reading at `at`; None for another word or no word at all."""
    if 0 <= at < len(tokens) and (reading := tokens[at].reading) is not None:
        return reading.kind
    return None


def follows(tokens: Tokens, at: int, *kinds: str) -> Reading | None:
    """The reading at `at` when it is of these kinds and nothing but a space is before it."""
    if at < len(tokens) and (reading := tokens[at].reading) and reading.kind in kinds and tokens[at].tight:
        return reading
    return None
