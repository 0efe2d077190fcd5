"""Cardinals with what is behind them: money, percentages, decimals, ordinals, people, and two numbers in a row."""

from decimal import Decimal

from app.kannada.endings import join
from app.kannada.hear.calendar import Found
from app.kannada.hear.cardinals import Cardinal, cardinal, small
from app.kannada.hear.digits import counted, guessed
from app.kannada.hear.tokens import Tokens, follows, kind
from app.kannada.tables import table
from app.kannada.values import Kind, Number, Value, grouped, in_lakhs

_IDIOMS = tuple(table("cues")["idioms"])
_FILLERS = frozenset(table("cues")["fillers"])
_CORRECTIONS = frozenset(table("cues")["corrections"])
_ARTICLES = frozenset(["ಒಂದು", "ಒಂದ್", "ಒನ್", "ವನ್", "ಟೂ", "ಟು"])
"""Words that are numbers only where something is counted, or where nothing else is said."""
_ORDINALS = ("ನೇ", "ನೆಯ")


def people(tokens: Tokens, at: int) -> Found | None:
    """ಮೂವರು is 3 ಜನ, ಮೂವರಿಗೆ 3 ಜನರಿಗೆ."""
    reading = tokens[at].reading
    if reading is None or reading.kind != "people":
        return None
    written = f"{reading.value} ಜನ{reading.ending}"
    return _found("people", int(reading.value), tokens, at, at + 1, written)


def either(tokens: Tokens, at: int) -> Found | None:
    """ಎರಡು ಮೂರು ದಿನ is 2-3 ದಿನ, ಹತ್ತು ಹದಿನೈದು ಸಾವಿರ 10,000-15,000. The second is larger, and something is counted."""
    first = cardinal(tokens, at)
    if first is None or first.next != at + 1 or first.ending or kind(tokens, at) == "numeral":
        return None
    last = cardinal(tokens, first.next) if first.next < len(tokens) and tokens[first.next].tight else None
    if last is None or last.ending or kind(tokens, first.next) == "numeral":
        return None
    if not isinstance(first.value, int) or not isinstance(last.value, int) or first.value < 1:
        return None
    low, high = first.value, last.value
    scale = tokens[last.next - 1].reading
    if scale and scale.kind == "scale" and last.next == first.next + 2 and low < scale.value:
        low *= int(scale.value)
    elif not guessed(tokens, last.next):
        return None
    if not low < high <= 3 * low + 2:
        return None
    return _found("range", (low, high), tokens, at, last.next, f"{grouped(low)}-{grouped(high)}")


def percent(tokens: Tokens, at: int) -> Found | None:
    """ಶೇಕಡಾ ಹತ್ತರಷ್ಟು is 10%ರಷ್ಟು."""
    if kind(tokens, at) != "percent_before" or at + 1 >= len(tokens) or not tokens[at + 1].tight:
        return None
    amount = _amount(tokens, at + 1)
    if amount is None:
        return None
    written = f"{grouped(amount.value)}%{amount.ending}"
    return _found("percent", Decimal(amount.value), tokens, at, amount.next, written)


def amount(tokens: Tokens, at: int) -> Found | None:
    """A cardinal, and a unit that changes how it is written."""
    found = _amount(tokens, at)
    if found is None:
        return None
    if not found.ending:
        if follows(tokens, found.next, "rupees"):
            return _rupees(tokens, at, found)
        if follows(tokens, found.next, "paise"):
            return _found("money", Decimal(found.value) / 100, tokens, at, found.next, str(found.value))
        if unit := follows(tokens, found.next, "percent_after"):
            after = found.next if unit.ending else found.next + 1
            written = grouped(found.value) + ("" if unit.ending else "%")
            return _found("percent", Decimal(found.value), tokens, at, after, written)
    if found.next == at + 1 and not _counts(tokens, at, found):
        return None
    kind_: Kind = "ordinal" if found.ending in _ORDINALS else "cardinal"
    return _found(kind_, found.value, tokens, at, found.next, grouped(found.value) + found.ending)


def _amount(tokens: Tokens, at: int) -> Cardinal | None:
    """A cardinal with its sign and decimals: ಮೈನಸ್ ಎರಡು ಪಾಯಿಂಟ್ ಐದು."""
    minus = kind(tokens, at) == "minus"
    first = at + 1 if minus else at
    whole = cardinal(tokens, first) if first < len(tokens) and (not minus or tokens[first].tight) else None
    if whole is None:
        return None
    value, after, ending = whole.value, whole.next, whole.ending
    if not ending and isinstance(value, int) and follows(tokens, after, "point"):
        digits, here = "", after + 1
        while not ending and here < len(tokens) and tokens[here].tight and (part := small(tokens, here)):
            digits, here, ending = digits + str(part.value), part.next, part.ending
        if digits:
            value, after = Decimal(f"{value}.{digits}"), here
    return Cardinal(-value if minus else value, after, ending)


def _rupees(tokens: Tokens, at: int, found: Cardinal) -> Found:
    """₹ when the word is bare; with a case the word stays, since the case is its: 5,000 ರೂಪಾಯಿಗೆ."""
    value, after = Decimal(found.value), found.next + 1
    word, ending = tokens[found.next], follows(tokens, found.next, "rupees")
    case = ending.ending if ending else ""
    paise = small(tokens, after) if not case and after < len(tokens) and tokens[after].tight else None
    coin = follows(tokens, paise.next, "paise") if paise and not paise.ending else None
    if paise and coin:
        value, after, case = value + Decimal(paise.value) / 100, paise.next + 1, coin.ending
    amount = in_rupees(value)
    if case and not coin:
        return _found("money", value, tokens, at, after, f"{amount} {word.text}")
    written = f"{amount} {join('ರೂಪಾಯಿ', case)}" if case else f"₹{amount}".replace("₹-", "-₹")
    return _found("money", value, tokens, at, after, written)


def in_rupees(value: Decimal) -> str:
    """1,250 and 1,250.50: always in groups, paise in two digits."""
    whole, _, fraction = f"{value:f}".partition(".")
    sign = "-" if whole.startswith("-") else ""
    whole, fraction = in_lakhs(whole.lstrip("-")), fraction.rstrip("0")
    return f"{sign}{whole}.{fraction.ljust(2, '0')}" if fraction else sign + whole


def _counts(tokens: Tokens, at: int, found: Cardinal) -> bool:
    """A single word is a number, except for ಒಂದು and its like, which may be an article, and a bare ಸಾವಿರ."""
    token, reading = tokens[at], tokens[at].reading
    alone = all(other is token or other.text in _FILLERS for other in tokens)
    if alone or _corrects(tokens, at) or (counted(tokens, found.next) and not _idiom(tokens, at)):
        return True
    if reading and reading.kind == "scale":
        return bool(reading.ending)
    if found.ending and found.value == 1:
        return found.ending in _ORDINALS or bool(found.ending == "ರಿಂದ" and small(tokens, found.next))
    return token.text not in _ARTICLES


def _corrects(tokens: Tokens, at: int) -> bool:
    return at > 0 and tokens[at - 1].text in _CORRECTIONS


def _idiom(tokens: Tokens, at: int) -> bool:
    return at + 1 < len(tokens) and f"{tokens[at].text} {tokens[at + 1].text}".startswith(_IDIOMS)


def _found(kind_: Kind, value: Value, tokens: Tokens, at: int, after: int, written: str) -> Found:
    return Found(Number(kind_, value, tokens[at].start, tokens[after - 1].end, written), after)
