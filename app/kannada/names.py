"""Names of the lexicon found in a text, also where Kannada has joined a case ending to them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from app.kannada.lexicon import MOST_CHARACTERS

_Word = tuple[int, int, str]
"""Where it begins and ends in its text, and its letters in lower case."""
_WORD = re.compile(r"[\w\u0c80-\u0cff\u200c\u200d]+")
_ENDINGS = frozenset(
    (
        "ದ", "ದಲ್ಲಿ", "ದಿಂದ", "ಕ್ಕೆ", "ವನ್ನು", "ವು", "ನ", "ನಲ್ಲಿ", "ನಿಂದ", "ನಿಗೆ", "ನನ್ನು", "ನು", "ರ", "ರಲ್ಲಿ", "ರಿಂದ", "ರಿಗೆ", "ರನ್ನು",
        "ಯ", "ಯಲ್ಲಿ", "ಯಿಂದ", "ಯನ್ನು", "ಯು", "ಗೆ", "ಅವರು", "ಅವರ", "ಅವರಿಗೆ",
    )
)  # fmt: skip
"""What a name that ends in a vowel takes."""
_SIGNED_ENDINGS = frozenset(("ಿನ", "ಿನಲ್ಲಿ", "ಿನಿಂದ", "ಿಗೆ", "ನ್ನು"))
"""What takes the place of a last ು: ಬೆಂಗಳೂರು, ಬೆಂಗಳೂರಿನಲ್ಲಿ."""
_VOWEL_U = "ು"
_VOWEL_I = "ಿ"


@dataclass(frozen=True, slots=True)
class Found:
    start: int
    end: int
    translation: str
    ending: str = ""
    """A case ending that belongs to the name, as a word of its own."""


@dataclass(frozen=True, slots=True)
class _Name:
    words: list[str]
    marks: list[str]
    """Between each two words: K.R. Puram has two full stops."""
    translation: str


@dataclass(frozen=True, slots=True)
class Names:
    """Names and their translations, ready to be looked for. English ones are found in any case."""

    translations: Mapping[str, str] = field(default_factory=dict)
    _by_first_word: Mapping[str, list[_Name]] = field(init=False)

    def __post_init__(self) -> None:
        table: dict[str, list[_Name]] = {}
        for name, translation in self.translations.items():
            words = _words(name)
            table.setdefault(words[0][2], []).append(
                _Name([word for *_, word in words], list(_between(words, name)), translation)
            )
        for names in table.values():
            names.sort(key=lambda name: -len(name.words))
        object.__setattr__(self, "_by_first_word", table)

    def find(self, text: str) -> Iterator[Found]:
        """The names in `text` from left to right, the one of most words where several begin."""
        if not self.translations:
            return
        words = _words(text)
        at = 0
        while at < len(words):
            found = self._at(words, at, text)
            if found:
                yield found
            end = found.end if found else words[at][1]
            while at < len(words) and words[at][0] < end:
                at += 1

    def _at(self, words: list[_Word], at: int, text: str) -> Found | None:
        for first in _beginnings(words[at][2]):
            for name in self._by_first_word.get(first, ()):
                here = words[at : at + len(name.words)]
                if _same(here, name, text):
                    ending = _ending(here[-1][2], name.words[-1])
                    if ending is not None:
                        return Found(here[0][0], here[-1][1], name.translation, ending)
        return None


def _words(text: str) -> list[_Word]:
    return [(match.start(), match.end(), match[0].casefold()) for match in _WORD.finditer(text)]


def _between(words: list[_Word], text: str) -> Iterator[str]:
    """What stands between the words besides spaces."""
    return (text[one[1] : other[0]].strip() for one, other in pairwise(words))


def _beginnings(word: str) -> Iterator[str]:
    """What a name that begins `word` may be: all of it, or less with an ending after it."""
    yield word
    for length in range(min(len(word) - 1, MOST_CHARACTERS), 1, -1):
        yield word[:length]
        if word[length:] in _SIGNED_ENDINGS:
            yield word[:length] + _VOWEL_U


def _same(here: list[_Word], name: _Name, text: str) -> bool:
    """The words are those of the name but for the last one's ending, with nothing or the name's marks between."""
    if len(here) < len(name.words) or [word for *_, word in here[:-1]] != name.words[:-1]:
        return False
    return all(found in ("", mark) for found, mark in zip(_between(here, text), name.marks, strict=True))


def _ending(word: str, name: str) -> str | None:
    """What `word` adds to `name`; None when it is another word."""
    if word == name:
        return ""
    rest = word.removeprefix(name)
    if rest != word and rest in _ENDINGS:
        return rest
    stem = name.removesuffix(_VOWEL_U)
    rest = word.removeprefix(stem)
    if stem != name and rest != word and rest in _SIGNED_ENDINGS:
        return rest.removeprefix(_VOWEL_I)
    return None
