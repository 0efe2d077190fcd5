"""The lexicon: names and places that translation must not touch, in a text file that a Kannada speaker can read.

A line is a name in Kannada, a tab, the name in English. Lines that begin with # and empty lines mean nothing. Two
Kannada spellings may share an English name; the first of them is the one that is spoken.
"""

from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 1_000_000
MOST_NAMES = 5000
MOST_CHARACTERS = 64
MOST_WORDS = 6


class LexiconError(ValueError):
    """The file cannot be used; the message has its name, the line's number, and what to do."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    names: tuple[tuple[str, str], ...] = ()
    """Kannada and English of each name."""

    @property
    def to_english(self) -> dict[str, str]:
        return dict(self.names)

    @property
    def to_kannada(self) -> dict[str, str]:
        return {english: kannada for kannada, english in reversed(self.names)}


def load_lexicon(file: Path) -> Lexicon:
    """Read `file`. Raises LexiconError."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise LexiconError(f"{file}: longer than {MOST_BYTES} bytes")
        return parse_lexicon(content.decode("utf-8-sig"), str(file))
    except OSError as error:
        raise LexiconError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LexiconError(f"{file}: not UTF-8: byte {error.start}") from error


def parse_lexicon(content: str, file: str) -> Lexicon:
    """The lexicon in `content`; `file` is what errors call it. Raises LexiconError."""
    names: dict[str, str] = {}
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = [" ".join(column.split()) for column in line.split("\t")]
        if problem := name_problem(columns, names):
            raise LexiconError(f"{file}:{number}: {problem}")
        names[columns[0]] = columns[1]
    return Lexicon(tuple(names.items()))


def name_problem(columns: list[str], names: dict[str, str]) -> str:
    """What is wrong with a name in Kannada and English, beside `names`; empty: nothing."""
    if len(columns) != 2 or not all(columns):
        return "a line must be a Kannada name, a tab, an English name"
    kannada, english = columns
    if not has_kannada(kannada) or has_kannada(english):
        return "the Kannada name comes first, then the English one"
    if any(len(name) > MOST_CHARACTERS or len(name.split()) > MOST_WORDS for name in columns):
        return f"a name has at most {MOST_CHARACTERS} characters and {MOST_WORDS} words"
    if not any(char.isalpha() for char in english):
        return "a name has letters"
    if kannada in names:
        return "this Kannada name is in the file already"
    if len(names) == MOST_NAMES:
        return f"more than {MOST_NAMES} names"
    return ""


def has_kannada(text: str) -> bool:
    return any("\u0c80" <= char <= "\u0cff" for char in text)
