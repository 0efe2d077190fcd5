"""Units, percentages and ranges: 250 kWh, 5.5%, 10-12 km, 60 km/h."""

import re

from app.kannada.endings import BEHIND_DIGITS, join
from app.kannada.say.rule import NUMBER, Rule, number, rule, value
from app.kannada.tables import table

_UNITS: dict[str, str] = table("units")["units"]
UNIT = "(?:" + "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True)) + r")(?![A-Za-z0-9])"
_NUMBER = rf"(?P<sign>[-−+])?(?P<number>{NUMBER})"
_LAST = rf"\s*[-–—]\s*(?P<last>{NUMBER})"
_SHORT = {"A", "h", "s"}
"""These count only when they touch the number: 5 A may be an address."""


def unit_words(unit: str) -> str:
    """The words of a unit, which may be in Kannada already."""
    return _UNITS.get(unit, unit)


def with_unit(words: str, unit: str, case: str | None) -> str:
    """ಹತ್ತು and km are ಹತ್ತು ಕಿಲೋಮೀಟರ್; a percentage comes first, so that its ending is the number's."""
    template = _UNITS[unit]
    if template.endswith("{}"):
        return template.format(join(words, case))
    return join(template.format(words) if "{}" in template else f"{words} {template}", case)


def _measure(match: re.Match[str]) -> str | None:
    unit, space = match["unit"], match["space"]
    if unit in _SHORT and space:
        return None
    words = number(match["number"])
    if match["last"]:
        if value(match["number"]) >= value(match["last"]):
            return None
        words = f"{join(words, 'ರಿಂದ')} {number(match['last'])}"
    if unit == "%" and match.string[: match.start()].rstrip().endswith("ಶೇಕಡಾ"):
        return join(words, match["ending"])
    sign = {"-": "ಮೈನಸ್ ", "−": "ಮೈನಸ್ ", "+": "ಪ್ಲಸ್ "}.get(match["sign"] or "", "")
    return with_unit(sign + words, unit, match["ending"])


def _range(match: re.Match[str]) -> str | None:
    """10-12 is from ten to twelve. 2025-26 and the like are read side by side."""
    first, last = value(match["number"]), value(match["last"])
    words = number(match["number"])
    first_words = join(words, "ರಿಂದ") if first < last else words
    return f"{first_words} {join(number(match['last']), match['ending'])}"


RULES: tuple[Rule, ...] = (
    rule(rf"{_NUMBER}(?:{_LAST})?(?P<space>\s?)(?P<unit>{UNIT})\.?{BEHIND_DIGITS}", _measure),
    rule(rf"(?P<number>{NUMBER}){_LAST}(?![-–—]?\d){BEHIND_DIGITS}", _range),
)
