"""What is said digit by digit: telephone, account and vehicle numbers, OTPs and PIN codes, in groups with a pause."""

import re

from app.kannada.endings import BEHIND_DIGITS, join
from app.kannada.numbers import digit_by_digit
from app.kannada.say.latin import letters
from app.kannada.say.rule import Rule, rule
from app.kannada.tables import table

_CUES = table("cues")
_GROUPS = {5: (5,), 6: (3, 3), 7: (3, 4), 9: (3, 3, 3), 10: (3, 3, 4), 11: (4, 3, 4)}
"""How long the groups are. Other lengths are cut in fours."""
_LONG = 7
"""From so many digits on nobody means an amount, unless it is a round one."""
_LOOK_BACK = 40
"""Characters in front of a number in which a cue may stand."""


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_CUES_BEFORE = tuple(_CUES["digits"])
_BETWEEN = frozenset(_CUES["between"])
_CUE_AFTER = re.compile(rf"\s?(?:{_any(_CUES['digits_after'])}|(?:ಗೆ|ಕ್ಕೆ)?\s?(?:{_any(_CUES['calling'])}))")


def in_groups(digits: str) -> str:
    """98450 12345 without the writer's own groups: ಒಂಬತ್ತು ಎಂಟು ನಾಲ್ಕು, ಐದು ಸೊನ್ನೆ ಒಂದು, ಎರಡು ಮೂರು ನಾಲ್ಕು ಐದು."""
    groups, at = [], 0
    for length in _lengths(len(digits)):
        groups.append(digit_by_digit(digits[at : at + length]))
        at += length
    return ", ".join(groups)


def _lengths(count: int) -> tuple[int, ...]:
    """No group stands for one digit alone."""
    if found := _GROUPS.get(count):
        return found
    fours, rest = divmod(count, 4)
    return (4,) * (fours - 1) + (3, 2) if rest == 1 and fours else (4,) * fours + (rest,) * bool(rest)


def _international(match: re.Match[str]) -> str | None:
    digits = re.sub(r"\D", "", match["digits"])
    if not 7 <= len(digits) <= 15:
        return None
    country, rest = (digits[:2], digits[2:]) if digits.startswith("91") and len(digits) == 12 else ("", digits)
    parts = [digit_by_digit(country), in_groups(rest)] if country else [in_groups(rest)]
    return join("ಪ್ಲಸ್ " + ", ".join(parts), match["ending"])


def _grouped(match: re.Match[str]) -> str | None:
    """The writer's groups are kept: 1800-425-1912, 98450 12345, 080 2222 5555. Fewer than eight digits are a date."""
    groups = re.findall(r"\d+", match["digits"])
    if not 8 <= sum(map(len, groups)) <= 20 or (len(groups) == 2 and groups[0][0] not in "06789"):
        return None
    return join(", ".join(in_groups(group) for group in groups), match["ending"])


def _pin_code(match: re.Match[str]) -> str:
    return join(in_groups(match["digits"].replace(" ", "")), match["ending"])


def _vehicle(match: re.Match[str]) -> str:
    series = f"{letters(match['series'])}, " if match["series"] else ""
    numbers = [digit_by_digit(match[name]) for name in ("district", "digits")]
    return join(f"{letters(match['state'])} {numbers[0]}, {series}{numbers[1]}", match["ending"])


def _mixed(match: re.Match[str]) -> str:
    """An identifier of capitals and digits, such as a meter's: E4-1023 is ಇ ನಾಲ್ಕು, ಒಂದು ಸೊನ್ನೆ ಎರಡು ಮೂರು."""
    parts = re.findall(r"[A-Z]+|\d+|[-/]", match["digits"])
    words = [", " if part in "-/" else letters(part) if part.isalpha() else in_groups(part) for part in parts]
    return join(re.sub(r" *, +", ", ", " ".join(words)), match["ending"])


def _plain(match: re.Match[str]) -> str | None:
    digits = match["digits"]
    if not _one_by_one(digits, match):
        return None
    return join(in_groups(digits), match["ending"])


def _one_by_one(digits: str, match: re.Match[str]) -> bool:
    if digits in _CUES["short_codes"] or (len(digits) > 1 and digits[0] == "0"):
        return True
    if len(digits) >= _LONG and (not digits.endswith("000") or len(digits) == 10):
        return True
    if len(digits) < 3:
        return False
    text, start = match.string, match.start()
    behind = match.start("ending") if match["ending"] else match.end("digits")
    return _cue_before(text, start) or _CUE_AFTER.match(text, behind) is not None


def _cue_before(text: str, start: int) -> bool:
    for word in reversed(text[max(0, start - _LOOK_BACK) : start].split()):
        bare = word.strip(" .,:#=-\u2013()'\"")
        if bare.startswith(_CUES_BEFORE):
            return True
        if bare and bare not in _BETWEEN:
            return False
    return False


_NOT_MORE = r"(?![-.,/:]?\d)(?![A-Za-z])"
LETTERED: tuple[Rule, ...] = (
    rule(r"(?P<state>[A-Z]{2})[ -]?(?P<district>\d{1,2})[ -]?(?P<series>[A-Z]{1,3})?[ -]?(?P<digits>\d{4})(?!\d)"
         + BEHIND_DIGITS, _vehicle),
    rule(rf"(?P<digits>(?:[A-Z]{{1,4}}[-/]?\d+)(?:[-/]?[A-Z0-9])*)(?![A-Za-z]){BEHIND_DIGITS}", _mixed),
)  # fmt: skip
PLUS: tuple[Rule, ...] = (rule(rf"\+\s?(?P<digits>\d[\d -]{{6,18}}\d)(?!\d){BEHIND_DIGITS}", _international),)
RULES: tuple[Rule, ...] = (
    rule(rf"(?P<digits>\d{{2,8}}(?:[ -]\d{{2,8}}){{1,6}})(?![-.,/:]?\d){BEHIND_DIGITS}", _grouped),
    rule(rf"(?P<digits>(?<=[\u0c80-\u0cff]-)[1-9]\d{{5}}|[1-9]\d\d 0\d\d){_NOT_MORE}{BEHIND_DIGITS}", _pin_code),
    rule(rf"(?P<digits>\d+[A-Z]{{1,3}}\d+(?:[-/]?[A-Z0-9])*)(?![A-Za-z]){BEHIND_DIGITS}", _mixed),
    rule(rf"(?P<digits>\d+){_NOT_MORE}{BEHIND_DIGITS}", _plain),
)
