"""A folder of .md and .txt files as passages: a few paragraphs under one heading, short enough for a hurried model."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.config import ConfigError

_MOST_CHARACTERS = 800
"""Of a passage."""
_MOST_FILES = 1000
_MOST_BYTES = 32 * 1024 * 1024
"""Of all files together."""

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
_BLANK = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Passage:
    title: str
    """The headings above it, outermost first; a file without headings is named by its file name."""
    text: str


def passages(folder: Path) -> list[Passage]:
    """Of all files in the folder and below it, in the order of their names. Raises ConfigError."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder")
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".md", ".txt"} and path.is_file())
    if not files:
        raise ConfigError(f"{folder}: no .md or .txt file in it")
    if len(files) > _MOST_FILES or sum(path.stat().st_size for path in files) > _MOST_BYTES:
        raise ConfigError(f"{folder}: more than {_MOST_FILES} files or {_MOST_BYTES // 1024 // 1024} MiB")
    found: list[Passage] = []
    for path in files:
        try:
            found += _of(path.stem, path.read_text(encoding="utf-8-sig"), headings=path.suffix == ".md")
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: must be UTF-8 text") from None
    return found


def _of(name: str, text: str, *, headings: bool) -> Iterator[Passage]:
    titles: dict[int, str] = {}
    for section in re.split(r"(?m)^(?=#{1,6}\s)", text) if headings else [text]:
        first, _, rest = section.partition("\n")
        if headings and (heading := _HEADING.fullmatch(first)):
            depth = len(heading[1])
            titles = {level: title for level, title in titles.items() if level < depth} | {depth: heading[2]}
        else:
            rest = section
        title = ", ".join(titles[level] for level in sorted(titles)) or name
        yield from (Passage(title, part) for part in _parts(rest))


def _parts(text: str) -> Iterator[str]:
    """Paragraphs, joined while they are short, cut between words where one is too long."""
    joined = ""
    for paragraph in filter(None, map(str.strip, _BLANK.split(text))):
        if joined and len(joined) + len(paragraph) + 1 > _MOST_CHARACTERS:
            yield joined
            joined = ""
        joined = f"{joined}\n{paragraph}".strip()
        while len(joined) > _MOST_CHARACTERS:
            end = joined.rfind(" ", 1, _MOST_CHARACTERS)
            end = end if end > 0 else _MOST_CHARACTERS
            yield joined[:end].strip()
            joined = joined[end:].strip()
    if joined:
        yield joined
