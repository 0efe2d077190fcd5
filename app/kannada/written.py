"""What a caller said to how it is written: numbers in words, in all the ways they are said, become digits.

    ಐದು ಸಾವಿರ ರೂಪಾಯಿ          ₹5,000            ನೈನ್ ಎಯ್ಟ್ ಡಬಲ್ ಫೋರ್        9844
    ಬೆಳಿಗ್ಗೆ ಹತ್ತೂವರೆಗೆ           ಬೆಳಿಗ್ಗೆ 10:30ಕ್ಕೆ      ನಾಲ್ಕು ಐದು, ಅಲ್ಲ, ನಾಲ್ಕು ಆರು   46

It is careful. Left as words are ಒಂದು where it may be an article (ಒಂದು ಬಿಲ್) or an idiom (ಒಂದು ನಿಮಿಷ, ಒಂದು ಸಲ), ಎರಡೂ
(both), ಒಬ್ಬರು (somebody), ಒಂದೆರಡು (a few), ಅರ್ಧ and ಕಾಲು by themselves; digits that are written already stay as they are.
ಏಳು and ಹತ್ತು are taken for 7 and 10, though they are "get up" and "climb" as well.
"""

from app.kannada.hear import amounts, calendar, digits
from app.kannada.hear.calendar import Found
from app.kannada.hear.corrections import may_correct, without_corrections
from app.kannada.hear.numerals import numerals
from app.kannada.hear.tokens import Token, Tokens, tokens_of
from app.kannada.values import Number

__all__ = ["corrected", "numbers_in", "written"]


_NUMBER_WORDS = frozenset(["small", "hundred", "composite", "scale", "half", "part", "repeat", "people"])


def written(text: str) -> str:
    """`text` with its numbers in digits and corrections carried out. Text without numbers comes back as it is."""
    return _replaced(corrected(text))


def corrected(text: str) -> str:
    """`text` where a number that the caller took back is replaced by the next one of its kind: see corrections.py."""
    return without_corrections(text, numbers_in(text)) if may_correct(text) else text


def numbers_in(text: str) -> tuple[Number, ...]:
    """Every number of `text`, in words or in digits, in order. None overlaps another."""
    found = [number for number, in_words in _read(text) if in_words or number.kind not in ("cardinal", "digits")]
    return tuple(sorted((*found, *numerals(text, found)), key=lambda number: number.start))


def _replaced(text: str) -> str:
    pieces, at = [], 0
    for number, in_words in _read(text):
        if in_words:
            pieces += [text[at : number.start], number.written]
            at = number.end
    return "".join([*pieces, text[at:]])


def _read(text: str) -> list[tuple[Number, bool]]:
    """The numbers that are words or have words beside them, and whether the number itself has a word in it."""
    tokens = tokens_of(text)
    numbers, at = [], 0
    while at < len(tokens):
        found = _at(text, tokens, at) if tokens[at].reading else None
        if found:
            numbers.append((found.number, any(map(_number_word, tokens[at : found.next]))))
        at = found.next if found else at + 1
    return numbers


def _number_word(token: Token) -> bool:
    return token.reading is not None and token.reading.kind in _NUMBER_WORDS


def _at(text: str, tokens: Tokens, at: int) -> Found | None:
    """What begins at token `at`; the most particular first."""
    return (
        calendar.date(text, tokens, at)
        or calendar.time(text, tokens, at)
        or amounts.people(tokens, at)
        or amounts.percent(tokens, at)
        or amounts.either(tokens, at)
        or _digits(tokens, at)
        or amounts.amount(tokens, at)
    )


def _digits(tokens: Tokens, at: int) -> Found | None:
    """Three digits and more are a string of them; two where nothing else is said, or behind a cue such as ಸಂಖ್ಯೆ."""
    run = digits.run(tokens, at)
    if run is None or (run.pieces < 2 and not (run.surely and len(run.digits) > 1)):
        return None
    alone = at == 0 and run.next == len(tokens)
    if len(run.digits) < 3 and not (run.surely or alone or digits.cued(tokens, at)):
        return None
    end = tokens[run.next - 1].end
    return Found(Number("digits", run.digits, tokens[at].start, end, run.digits + run.ending), run.next)
