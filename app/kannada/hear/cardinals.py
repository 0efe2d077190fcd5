"""Cardinals in words: ಒಂದು ಲಕ್ಷದ ಇಪ್ಪತ್ತೈದು ಸಾವಿರದ ಮುನ್ನೂರು, ಸಾವಿರದ ಐನೂರು, ಎರಡೂವರೆ ಲಕ್ಷ, ಫೈವ್ ಹಂಡ್ರೆಡ್, 5 ಸಾವಿರ."""

from dataclasses import dataclass
from decimal import Decimal

from app.kannada.hear.tokens import Tokens, follows, kind
from app.kannada.hear.vocabulary import Reading

_CRORE = 10**7
_LARGEST = 10**15
_MOST_BEFORE_SCALE = 1000


@dataclass(frozen=True, slots=True)
class Cardinal:
    value: int | Decimal
    next: int
    """The token behind it."""
    ending: str


def cardinal(tokens: Tokens, at: int) -> Cardinal | None:
    """The longest cardinal that begins at `at`. The scales fall; only ಕೋಟಿ multiplies all before it."""
    total: int | Decimal = 0
    limit, here, ending, is_open = _LARGEST, at, "", False
    while here == at or (here < len(tokens) and tokens[here].tight):
        group = _group(tokens, here) or (_bare_scale(tokens, here) if here == at or is_open else None)
        if group is None:
            break
        scale = _scale_behind(tokens, here, group)
        if scale and group.value >= _MOST_BEFORE_SCALE:
            scale = None
        if scale is None and here > at and kind(tokens, here) == "numeral":
            break  # digits are no rest of words
        value = scale.value if scale else 1
        if scale and value == _CRORE > limit and is_open:  # ಒಂದು ಸಾವಿರದ ಒಂದು ಕೋಟಿ
            total = (total + group.value) * _CRORE
        elif group.value * value >= limit or value >= limit:
            break
        else:
            total += group.value * value
        if scale is None:
            return _whole(total, group.next, group.ending)
        here, limit, is_open, ending = group.next + 1, int(value), scale.open, scale.ending
        if limit < _CRORE and not ending and (crore := follows(tokens, here, "scale")) and crore.value == _CRORE:
            total, here, limit, is_open, ending = total * _CRORE, here + 1, _CRORE, crore.open, crore.ending
        if ending:
            break
    return _whole(total, here, "ರ" if is_open else ending) if here > at else None


def _whole(total: int | Decimal, after: int, ending: str) -> Cardinal:
    return Cardinal(int(total) if total == int(total) else total, after, ending)


def _scale_behind(tokens: Tokens, at: int, group: Cardinal) -> Reading | None:
    if group.next == at:
        return tokens[at].reading
    return None if group.ending else follows(tokens, group.next, "scale")


def small(tokens: Tokens, at: int) -> Cardinal | None:
    """0 to 99, in one word or two: ಇಪ್ಪತ್ತೈದು, ಇಪ್ಪತ್ತ ಐದು, ಟ್ವೆಂಟಿ ಫೈವ್; or digits."""
    if at >= len(tokens) or (reading := tokens[at].reading) is None:
        return None
    if reading.kind == "numeral" and isinstance(reading.value, int) and reading.value < 100:
        return Cardinal(reading.value, at + 1, reading.ending)
    if reading.kind != "small":
        return None
    if reading.value in range(20, 100, 10) and not reading.ending:
        one = follows(tokens, at + 1, "small")
        if one and 1 <= one.value <= 9:
            return Cardinal(reading.value + one.value, at + 2, one.ending)
    return Cardinal(reading.value, at + 1, reading.ending)


def _group(tokens: Tokens, at: int) -> Cardinal | None:
    """What may stand before a scale: up to 999, a number with a half, digits."""
    if at >= len(tokens) or (reading := tokens[at].reading) is None:
        return None
    match reading.kind:
        case "small":
            if not reading.ending and 1 <= reading.value <= 9 and (hundred := _hundred_behind(tokens, at + 1)):
                return _with_rest(tokens, at + 1, int(reading.value) * 100, hundred)
            return small(tokens, at)
        case "hundred":
            return _with_rest(tokens, at, int(reading.value), reading.ending)
        case "composite" | "half" | "numeral":
            return Cardinal(reading.value, at + 1, reading.ending)
        case "part" if follows(tokens, at + 1, "scale"):
            return Cardinal(reading.value, at + 1, "")
        case _:
            return None


def _hundred_behind(tokens: Tokens, at: int) -> str | None:
    """ಐದು ನೂರು, ಫೈವ್ ಹಂಡ್ರೆಡ್: the ending of the hundred, with a space for none."""
    reading = follows(tokens, at, "hundred", "scale")
    return (reading.ending or " ") if reading and reading.value == 100 else None


def _with_rest(tokens: Tokens, at: int, hundreds: int, ending: str) -> Cardinal:
    """A hundred at `at` and what follows it below a hundred."""
    if not ending.strip() and follows(tokens, at + 1, "small"):
        rest = small(tokens, at + 1)
        if rest and rest.value:
            return Cardinal(hundreds + rest.value, rest.next, rest.ending)
    return Cardinal(hundreds, at + 1, ending.strip())


def _bare_scale(tokens: Tokens, at: int) -> Cardinal | None:
    """ಸಾವಿರದ ಐನೂರು: the one before ಸಾವಿರ is not said. It takes no token, so the scale is still to come."""
    if at < len(tokens) and (reading := tokens[at].reading) and reading.kind == "scale" and reading.value > 100:
        return Cardinal(1, at, "")
    return None
