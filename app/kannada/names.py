"""Names of the lexicon found in a text, also where Kannada has joined a case ending to them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.kannada.lexicon import MOST_CHARACTERS

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
class Names:
    """Names and their translations, ready to be looked for. English ones are found in any case."""

    translations: Mapping[str, str] = field(default_factory=dict)
    _by_first_word: Mapping[str, list[tuple[list[str], str]]] = field(init=False)

    def __post_init__(self) -> None:
        table: dict[str, list[tuple[list[str], str]]] = {}
        for name, translation in self.translations.items():
            words = name.casefold().split()
            table.setdefault(words[0], []).append((words, translation))
        for names in table.values():
            names.sort(key=lambda name: -len(name[0]))
        object.__setattr__(self, "_by_first_word", table)

    def find(self, text: str) -> Iterator[Found]:
        """The names in `text` from left to right, the one of most words where several begin."""
        if not self.translations:
            return
        words = [(match.start(), match.end(), match[0].casefold()) for match in _WORD.finditer(text)]
        at = 0
        while at < len(words):
            found = self._at(words, at, text)
            if found:
                yield found
            end = found.end if found else words[at][1]
            while at < len(words) and words[at][0] < end:
                at += 1

    def _at(self, words: list[tuple[int, int, str]], at: int, text: str) -> Found | None:
        for first in _beginnings(words[at][2]):
            for name, translation in self._by_first_word.get(first, ()):
                if len(name) == 1 or first == words[at][2]:
                    last = at + len(name) - 1
                    if last < len(words) and _same([word for _, _, word in words[at:last]], name[:-1], text, words, at):
                        ending = _ending(words[last][2], name[-1])
                        if ending is not None:
                            return Found(words[at][0], words[last][1], translation, ending)
        return None


def _beginnings(word: str) -> Iterator[str]:
    """What a name that begins `word` may be: all of it, or less with an ending after it."""
    yield word
    for length in range(min(len(word) - 1, MOST_CHARACTERS), 1, -1):
        yield word[:length]
        if word[length:] in _SIGNED_ENDINGS:
            yield word[:length] + _VOWEL_U


def _same(here: list[str], name: list[str], text: str, words: list[tuple[int, int, str]], at: int) -> bool:
    """The words are those of the name, with nothing but spaces between."""
    between = (text[words[at + n][1] : words[at + n + 1][0]] for n in range(len(name)))
    return here == name and not any(gap.strip() for gap in between)


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
