"""Small words that decide a turn: hums, "stop", "wait", "again", "a person". They are in tables/small_words.toml.

    ಹಾಂ ಸರಿ ಸರ್              backchannel          ಸರಿ, ನನ್ನ ಬಿಲ್ ಎಷ್ಟು      nothing: a turn like any other
    ಹಾಂ, ಒಂದು ನಿಮಿಷ          wait                 ಮತ್ತೆ ಹೇಳಿ              repeat

It judges all of an utterance: one word that no row knows, and it is not small.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Literal

from app.kannada.own_words import is_echo
from app.kannada.tables import table
from app.kannada.words import plain_words

SmallWord = Literal["", "backchannel", "stop", "wait", "repeat", "person", "hello", "echo"]

_KINDS: tuple[SmallWord, ...] = ("person", "stop", "wait", "repeat", "hello", "backchannel")
"""Of rows that are joined the first one of these decides."""
_NEVER_ECHO = frozenset(("person", "stop", "wait"))
_MOST_CHARACTERS = 400
_MOST_WORDS = 12
"""Nothing longer is small, however often a caller says hello."""


def small_word(text: str, saying: str = "") -> SmallWord:
    """What all of `text`, which a caller said, is; empty when it is no small word.

    `saying` is what the agent was saying meanwhile, as it is spoken: words of it that come back are its echo.
    """
    if len(text) > _MOST_CHARACTERS:
        return ""
    words = plain_words(text)
    kind = _kind(words)
    if saying and len(words) > 1 and kind not in _NEVER_ECHO and is_echo(words, saying):
        return "echo"
    return kind


def _kind(words: list[str]) -> SmallWord:
    """Every word must belong to a row's saying, or may stand beside one of the sayings that are there."""
    if len(words) > _MOST_WORDS:
        return ""
    found: set[SmallWord] = set()
    beside: list[frozenset[SmallWord]] = []
    at = 0
    while at < len(words):
        word = words[at]
        for length in range(_LONGEST.get(word, 0), 0, -1):
            if kind := _SAYINGS.get(" ".join(words[at : at + length])):
                found.add(kind)
                at += length
                break
        else:
            if word not in _BESIDE:
                return ""
            beside.append(_BESIDE[word])
            at += 1
    if not found or any(found.isdisjoint(kinds) for kinds in beside):
        return ""
    return min(found, key=_KINDS.index)


# The table, laid out for looking up.


def _expanded(saying: str, row: Mapping[str, Any]) -> Iterator[str]:
    """All that "ಎ|ಬಿ <name>" stands for."""
    choices = [
        [each for saying in row[word[1:-1]] for each in _expanded(saying, row)] if word[0] == "<" else word.split("|")
        for word in saying.split()
    ]
    return (" ".join(chosen) for chosen in product(*choices))


def _rows() -> Iterator[dict[str, Any]]:
    return (row for row in table("small_words").values() if isinstance(row, dict))


def _sayings() -> dict[str, SmallWord]:
    """Each saying, its words plain and one space apart, and its kind."""
    return {
        " ".join(plain_words(one)): row["is"]
        for row in _rows()
        for saying in row["says"]
        for one in _expanded(saying, row)
    }


def _besides() -> dict[str, frozenset[SmallWord]]:
    """Words that may stand beside sayings, and of which kinds."""
    besides: dict[str, set[SmallWord]] = {}
    for row in _rows():
        for word in row.get("beside", ()):
            besides.setdefault("".join(plain_words(word)), set()).add(row["is"])
    for word in table("small_words")["beside"]:
        besides.setdefault("".join(plain_words(word)), set()).update(_KINDS)
    return {word: frozenset(kinds) for word, kinds in besides.items()}


def _longest() -> dict[str, int]:
    """How many words the longest saying has that begins with a word."""
    longest: dict[str, int] = {}
    for saying in _SAYINGS:
        words = saying.split()
        longest[words[0]] = max(len(words), longest.get(words[0], 0))
    return longest


_SAYINGS = _sayings()
_BESIDE = _besides()
_LONGEST = _longest()
