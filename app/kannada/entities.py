"""What translation must not touch: numbers, money, dates, ids, addresses and the lexicon's names, found in a text."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from app.kannada.names import Names

Language = Literal["english", "kannada"]
"""What a text is translated into."""

_AMOUNT = r"(?>\d+(?:,\d+)*(?:\.\d+)?)"
_NO_COUNT = r"(?!\s?(?:lakh|crore|thousand|million|ಲಕ್ಷ|ಕೋಟಿ|ಸಾವಿರ))"
"""Rs. 5 lakh is no 5 rupees."""
_HALF_DAY = r"\s?(?:[AaPp][Mm]|[AaPp]\.[Mm]\.)"
_RUPEES: Mapping[Language, str] = {"english": "rupees", "kannada": "ರೂಪಾಯಿ"}
_NUMERALS = str.maketrans("೦೧೨೩೪೫೬೭೮೯०१२३४५६७८९", "01234567890123456789")


def _as_it_is(found: str, language: Language) -> str:
    return found


def _in_rupees(found: str, language: Language) -> str:
    amount = re.search(_AMOUNT, found)
    return f"{amount[0]} {_RUPEES[language]}" if amount else found


_RULES: tuple[tuple[str, str, Callable[[str, Language], str]], ...] = (
    ("email", r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}", _as_it_is),
    ("url", r"(?:https?://|www\.)[^\s<>\"']{1,500}(?<![.,;:?!)])", _as_it_is),
    (
        "site",
        r"(?:[A-Za-z0-9-]{1,63}\.){1,8}(?:com|in|org|net|gov|edu|io)(?:/[^\s<>\"']{1,500}(?<![.,;:?!)]))?",
        _as_it_is,
    ),
    ("money", rf"(?:₹|(?:Rs|INR)\.?|ರೂ\.)\s?{_AMOUNT}(?:/-)?{_NO_COUNT}", _in_rupees),
    ("amount", rf"{_AMOUNT}/-", _in_rupees),
    ("date", r"\d{1,4}(?P<mark>[-/.])\d{1,2}(?P=mark)\d{2,4}", _as_it_is),
    ("time", rf"\d{{1,2}}(?:[:.]\d{{2}})?{_HALF_DAY}|\d{{1,2}}:\d{{2}}(?::\d{{2}})?", _as_it_is),
    ("phone", r"\+?\d(?:[ -]?\d){7,18}", _as_it_is),
    (
        "id",
        r"(?=[a-z0-9/-]{0,40}[A-Z])(?=[A-Za-z/-]{0,40}\d)[A-Za-z0-9]{1,40}(?:[-/][A-Za-z0-9]{1,40}){0,8}",
        _as_it_is,
    ),
    ("percent", rf"{_AMOUNT}\s?%", _as_it_is),
    ("number", r"(?>\d+(?:[-/.,]\d+)*)", _as_it_is),
)
"""Kind, pattern, and what stands in the translation; of several that fit the first one counts."""
_ANY = re.compile(
    r"(?<![A-Za-z0-9])(?:" + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern, _ in _RULES) + r")(?![A-Za-z0-9])"
)
_RENDER = {kind: render for kind, _, render in _RULES}


@dataclass(frozen=True, slots=True)
class Entity:
    start: int
    end: int
    value: str
    """As it stands in the translation."""
    ending: str = ""
    """A Kannada case ending that was joined to it."""


def with_ascii_numerals(text: str) -> str:
    return text.translate(_NUMERALS)


def find_entities(text: str, into: Language, names: Names) -> list[Entity]:
    """All of `text`, whose numerals are ASCII, from left to right; they do not overlap."""
    entities = list(_by_rules(text, into))
    taken = [(entity.start, entity.end) for entity in entities]
    entities += [
        Entity(name.start, name.end, name.translation, name.ending)
        for name in names.find(text)
        if all(name.end <= start or end <= name.start for start, end in taken)
    ]
    return sorted(entities, key=lambda entity: entity.start)


def _by_rules(text: str, into: Language) -> Iterator[Entity]:
    for match in _ANY.finditer(text):
        kind = match.lastgroup or ""
        yield Entity(match.start(), match.end(), _RENDER[kind](match[0], into))
