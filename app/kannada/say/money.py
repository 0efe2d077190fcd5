"""₹1,25,300.50, Rs. 500, ರೂ. 75/-, 500 ರೂ., ₹2.5 ಕೋಟಿ, ₹500-1000, ₹7.50/kWh."""

import re

from app.kannada.endings import BEHIND_DIGITS, LETTER, join
from app.kannada.numbers import cardinal
from app.kannada.say.rule import END, NUMBER, SCALE, Rule, in_scale, number, rule, value
from app.kannada.say.units import UNIT, unit_words

_DASH = r"\s*[-–—]\s*"
_RUPEES = rf"(?:ರೂಪಾಯಿಗಳು|ರೂಪಾಯಿ|ರುಪಾಯಿ|ರೂ{END}|[Rr]s\.?{END}|INR{END})"
_BEFORE = r"(?P<sign>[-−])?(?:₹|[Rr]s\.?(?![A-Za-z])|INR\b|ರೂಪಾಯಿ(?=\s?\d)|(?P<foreign>[$€£]))\s*(?P<minus>[-−])?"
_FOREIGN = {"$": ("ಡಾಲರ್", "ಸೆಂಟ್"), "€": ("ಯೂರೋ", "ಸೆಂಟ್"), "£": ("ಪೌಂಡ್", "ಪೆನ್ಸ್")}
_HOME = ("ರೂಪಾಯಿ", "ಪೈಸೆ")


def amount(text: str, scale: str | None = None, coins: tuple[str, str] = _HOME) -> str:
    """1250.50 as ಒಂದು ಸಾವಿರದ ಇನ್ನೂರ ಐವತ್ತು ರೂಪಾಯಿ ಐವತ್ತು ಪೈಸೆ. More than two decimals are a number of rupees."""
    if scale:
        return f"{in_scale(text, scale)} {coins[0]}"
    whole, _, fraction = text.replace(",", "").partition(".")
    if len(fraction) > 2 or len(whole) > 15:
        return f"{number(text)} {coins[0]}"
    small = int(fraction.ljust(2, "0")) if fraction else 0
    large = int(whole)
    parts = [f"{cardinal(large)} {coins[0]}"] if large or not small else []
    return " ".join([*parts, f"{cardinal(small)} {coins[1]}"] if small else parts)


def _money(match: re.Match[str]) -> str | None:
    coins = _FOREIGN[match["foreign"]] if match["foreign"] else _HOME
    words = amount(match["number"], match["scale"], coins)
    if match["of"]:
        words = join(words, "ರ")
    if match["sign"] or match["minus"]:
        words = f"ಮೈನಸ್ {words}"
    if match["unit"]:
        words = f"ಪ್ರತಿ {join(unit_words(match['unit']), 'ಕ್ಕೆ')} {words}"
    return join(words, match["ending"])


def _range(match: re.Match[str]) -> str | None:
    if value(match["number"]) >= value(match["last"]):
        return None
    return f"{join(number(match['number']), 'ರಿಂದ')} {join(amount(match['last'], match['scale']), match['ending'])}"


def _rupees_behind(match: re.Match[str]) -> str | None:
    words = amount(match["number"], match["scale"])
    return join(f"ಮೈನಸ್ {words}" if match["sign"] else words, match["ending"])


_SLASH = r"(?:\s?/[-–=])?"
_PER = rf"(?:\s?/\s?(?P<unit>{UNIT}|[{LETTER}]+))?"
BEFORE: tuple[Rule, ...] = (
    rule(rf"(?:₹|[Rr]s\.?|ರೂಪಾಯಿ)\s*(?P<number>{NUMBER}){_DASH}₹?(?P<last>{NUMBER}){SCALE}{BEHIND_DIGITS}", _range),
    rule(
        rf"{_BEFORE}(?P<number>{NUMBER}){_SLASH}{SCALE}(?:\s?/\s?(?P<unit>{UNIT}|[{LETTER}]+))?{BEHIND_DIGITS}", _money
    ),
)
"""The currency comes first."""
BEHIND: tuple[Rule, ...] = (
    rule(rf"(?P<number>{NUMBER}){_DASH}(?P<last>{NUMBER}){SCALE}\s*{_RUPEES}{BEHIND_DIGITS}", _range),
    rule(rf"(?P<sign>[-−])?(?P<number>{NUMBER}){SCALE}{_SLASH}\s*{_RUPEES}{_SLASH}{BEHIND_DIGITS}", _rupees_behind),
    rule(rf"(?P<sign>[-−])?(?P<number>{NUMBER}){SCALE}\s?/[-–=]{BEHIND_DIGITS}", _rupees_behind),
)
