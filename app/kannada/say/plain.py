"""Numbers that are nothing else, and symbols."""

import re

from app.kannada.endings import BEHIND_DIGITS, LETTER, join
from app.kannada.say.rule import NUMBER, SCALE, Rule, in_scale, number, rule
from app.kannada.tables import table

_SYMBOLS: dict[str, str] = table("units")["symbols"]
_FRACTIONS = {"1/2": "ಅರ್ಧ", "1/4": "ಕಾಲು", "3/4": "ಮುಕ್ಕಾಲು", "½": "ಅರ್ಧ", "¼": "ಕಾಲು", "¾": "ಮುಕ್ಕಾಲು"}


def _cardinal(match: re.Match[str]) -> str:
    sign = {"-": "ಮೈನಸ್ ", "−": "ಮೈನಸ್ ", "+": "ಪ್ಲಸ್ "}.get(match["sign"] or "", "")
    return join(sign + number(match["number"]), match["ending"])


def _scaled(match: re.Match[str]) -> str:
    return in_scale(match["number"], match["scale"]) + (match["of"] or "")


def _by(match: re.Match[str]) -> str:
    """5/8, a part of an address: ಐದು ಬೈ ಎಂಟು."""
    if match[0] in _FRACTIONS:
        return _FRACTIONS[match[0]]
    return join(f"{number(match['number'])} ಬೈ {number(match['last'])}", match["ending"])


def _symbol(match: re.Match[str]) -> str:
    """A symbol that is not said still keeps what is around it apart."""
    if words := _SYMBOLS.get(match[0]) or _FRACTIONS.get(match[0]):
        return words
    around = match.string[max(0, match.start() - 1) : match.start()], match.string[match.end() : match.end() + 1]
    return " " if all(side and not side.isspace() for side in around) else ""


def _as_written(match: re.Match[str]) -> str:
    return match[0]


HYPHENS: tuple[Rule, ...] = (rule(rf"[-−](?![\d₹])|(?<=[{LETTER}A-Za-z\d])[-−]", _as_written),)
SYMBOLS: tuple[Rule, ...] = (rule(r"(?s:.)", _symbol),)
RULES: tuple[Rule, ...] = (
    rule(rf"(?P<number>\d{{1,4}})/(?P<last>\d{{1,4}})(?![/\d]){BEHIND_DIGITS}", _by),
    rule(rf"(?P<number>{NUMBER}){SCALE}(?<!\d)", _scaled),
    rule(rf"(?P<sign>[-−+])?(?P<number>{NUMBER}){BEHIND_DIGITS}", _cardinal),
    *SYMBOLS,
)
